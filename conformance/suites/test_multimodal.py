"""Multimodal: images, sounds and documents, by URI and as data, and answers that are more than
text."""

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge


def test_multimodal(conformance_item: Item, conformance_judge: Judge) -> None:
    """What is answered to the case is as expected."""
    conformance_judge.item(conformance_item)
