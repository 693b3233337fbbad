"""Tools: functions that are called, their choice, their arguments and results, and the deprecated
functions."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_tools(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
