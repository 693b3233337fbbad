"""The official SDK: what it makes of each answer. It is no judge, so an answer that breaks it is an
expected failure."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_sdk(conformance_sdk_item: Item, conformance_judge: Judge) -> None:
    """The SDK reads what is answered to the case, and loses nothing of it."""
    conformance_judge.by_sdk(conformance_sdk_item)
