"""Newly generated requests in addition to the cases; ``--variants N`` sends N per feature."""

from random import randrange

import pytest

from conformance._text import one_line
from conformance.cases.features import completed
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.in_process import NAME, embedded
from conformance.judging.profiles import profile
from conformance.runs.selection import Selection
from conformance.suites.target import SuiteTarget

SHRINK_REQUESTS = 100
"""The maximum number of additional requests, which shrink the ones that fail."""


def show_variants(
    feature: str,
    given: SuiteTarget | None,
    selection: Selection,
    number: int,
    subtests: pytest.Subtests,
) -> None:
    """Send generated requests with a feature; each broken requirement fails a subtest.

    The subtest shows the smallest request that breaks the requirement. The test is skipped if the
    profile does not support the feature, or if all requests get an error.
    """
    from conformance.reports.text.hunt import shown
    from conformance.runs.hunt import hunt

    name = (
        given.profile
        if given
        else selection.profile or next((name for name in PROFILES if _supports(name, feature)), "")
    )
    if not name or not _supports(name, feature):
        pytest.skip(f"not supported by {name or 'any served profile'}")
    endpoint = given.endpoint if given else embedded(name)
    seed = randrange(1 << 32)
    result = hunt(
        endpoint,
        profile(name),
        given.model if given else "",
        most=number + SHRINK_REQUESTS,
        examples=number,
        seed=seed,
        wanted=(feature,),
        only=selection.requirements,
        suite=selection.suite,
    )
    for failure in result.failures:
        with subtests.test(failure.requirement):
            pytest.fail(
                f"{given.name if given else NAME}, seed {seed}: {shown(failure)}", pytrace=False
            )
    if result.ended:
        pytest.fail(one_line(result.ended), pytrace=False)
    if result.in_vain:
        pytest.skip("all requests were answered with an error")


def _supports(name: str, feature: str) -> bool:
    return completed((feature,), profile(name).capabilities) is not None
