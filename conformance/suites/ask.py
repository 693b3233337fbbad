"""Send cases to the target of a project."""

from collections.abc import Iterator

import pytest

from conformance.endpoints.endpoint import converse
from conformance.runs.live.asking import answer_of, case_for, reason_to_leave
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection
from conformance.suites.target import SuiteTarget


def send_case(name: str, given: SuiteTarget, selection: Selection) -> Iterator[Answer | Unanswered]:
    """Send all turns of a case and yield the answers, or one Unanswered if the case is skipped.

    If the target does not answer, the test fails.
    """
    case = selection.corpus.cases[name]
    profile = selection.suite.profile(given.profile)
    why = reason_to_leave(case, profile, given.model, keyed=given.keyed)
    if not why and given.core_only and name not in selection.corpus.core_of(given.profile):
        why = "not a core case: `conformance run --live --all` sends it"
    if why:
        yield Unanswered(given.name, name, why)
        return
    for turn, outcome in enumerate(
        converse(case_for(case, profile, given.model), given.endpoint), 1
    ):
        answer = answer_of(given.name, case, turn, outcome)
        if isinstance(answer, Unanswered):
            pytest.fail(f"{given.name} did not answer {answer.case}: {answer.why}", pytrace=False)
        yield answer
