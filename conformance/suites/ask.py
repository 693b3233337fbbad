"""Cases asked of the target that a project gives."""

from collections.abc import Iterator

import pytest

from conformance.cases import cases
from conformance.endpoints.endpoint import converse
from conformance.runs.live.asking import answer_of, reason_to_leave
from conformance.runs.results import Answer, Unanswered
from conformance.suites.target import SuiteTarget


def asked(name: str, given: SuiteTarget) -> Iterator[Answer | Unanswered]:
    """All turns of a case, or why it is not asked; where the target does not answer, the test
    fails."""
    case = next(each for each in cases() if each.id == name)
    why = reason_to_leave(case, given.profile, keyed=given.keyed)
    if not why and given.core_only and not case.core:
        why = "not a core case: `conformance run --live --all` sends it"
    if why:
        yield Unanswered(given.name, name, why)
        return
    for turn, outcome in enumerate(converse(case, given.endpoint), 1):
        found = answer_of(given.name, case, turn, outcome)
        if isinstance(found, Unanswered):
            pytest.fail(f"{given.name} did not answer {found.case}: {found.why}", pytrace=False)
        yield found
