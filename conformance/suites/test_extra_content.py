"""extra_content: what Google lets stand beside a message, a content part and a tool call."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_extra_content(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
