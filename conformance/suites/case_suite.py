"""The test function of a suite: one item for each case of one feature."""

from collections.abc import Callable
from typing import TypeAlias

from conformance.suites.parametrize import Item
from conformance.suites.subtests import Judge

CaseTest: TypeAlias = Callable[[Item, Judge], None]


def case_suite(feature: str) -> CaseTest:
    """Return the test function ``test_<feature>``; the plugin gives it the cases of the feature.

    ``feature`` is a key of ``case_feature.CASE_FEATURES``, or ``"others"``.
    """

    def test(conformance_item: Item, conformance_judge: Judge) -> None:
        """The answers to the case meet the requirements."""
        conformance_judge.item(conformance_item)

    test.__name__ = test.__qualname__ = f"test_{feature}"
    return test
