"""Twins: two requests to one target that mean the same, whose answers are judged together."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_twins(conformance_items: list[Item], conformance_judge: Judge) -> None:
    """The answers to twins agree where they must."""
    conformance_judge.twins(conformance_items)
