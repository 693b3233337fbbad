"""Streaming: event streams, their usage and their end."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_streaming(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
