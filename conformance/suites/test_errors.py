"""Errors: requests that are to be refused, and how."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_errors(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
