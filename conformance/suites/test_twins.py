"""Twins: requests of one target that must mean the same, each pair judged together."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_twins(conformance_items: list[Item], conformance_judge: Judge) -> None:
    """What twins are answered is alike where it must be."""
    conformance_judge.twins(conformance_items)
