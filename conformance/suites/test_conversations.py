"""Conversations: several turns, each of which sends back what was answered."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_conversations(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
