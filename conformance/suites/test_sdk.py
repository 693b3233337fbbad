"""The official openai SDK parses each answer; one that breaks it is an expected failure."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_sdk(conformance_sdk_item: Item, conformance_judge: Judge) -> None:
    """The SDK parses the answers to the case without losing anything."""
    conformance_judge.by_sdk(conformance_sdk_item)
