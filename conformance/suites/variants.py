"""Fresh requests beside the frozen ones: as many for each feature as ``--variants`` says."""

from random import randrange

import pytest

from conformance.cases.features import completed
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.in_process import NAME, embedded
from conformance.judging.profiles import profile
from conformance.runs.selection import Selection
from conformance.suites.target import SuiteTarget

ROOM = 100
"""Requests that may be sent beside the fresh ones, to shrink what fails."""


def show_variants(
    feature: str,
    given: SuiteTarget | None,
    selection: Selection,
    number: int,
    subtests: pytest.Subtests,
) -> None:
    """Ask that many requests with a feature; each requirement that is broken fails as a subtest
    with the smallest request."""
    from conformance.reports.text.hunt import shown
    from conformance.runs.hunt import hunt

    name = (
        given.profile
        if given
        else selection.profile
        or next(each for each in (*PROFILES, "") if not each or _can(each, feature))
    )
    if not name or not _can(name, feature):
        pytest.skip(f"not supported by {name or 'any served profile'}")
    endpoint = given.endpoint if given else embedded(name)
    seed = randrange(1 << 32)
    found = hunt(
        endpoint,
        profile(name),
        most=number + ROOM,
        examples=number,
        seed=seed,
        wanted=(feature,),
        only=selection.requirements,
    )
    for failure in found.failures:
        with subtests.test(failure.requirement):
            pytest.fail(
                f"{given.name if given else NAME}, seed {seed}: {shown(failure)}", pytrace=False
            )
    if found.ended:
        pytest.fail(found.ended, pytrace=False)
    if found.in_vain:
        pytest.skip("each request was answered by an error")


def _can(name: str, feature: str) -> bool:
    return completed((feature,), profile(name).capabilities) is not None
