"""All findings of a requirement are counted; one is kept: the first, in the order of the stream,
that no known deviation explains."""

import re

import pytest

from conformance.judging.expectations import Expectation
from conformance.judging.finding_group import FindingGroup
from conformance.judging.profiles import Condition, Deviation
from conformance.protocol.exchange import Finding

KNOWN = Deviation(
    "SEQ-003", "`id` is empty", "sometimes", Condition(actual=re.compile('^""$')), ("reports",)
)


def finding(event: int | None, actual: str = "x") -> Finding:
    return Finding("", "wrong", actual=actual, event=event)


@pytest.mark.parametrize(
    ("findings", "kept", "known"),
    [
        ([(1, "x")], 1, False),
        ([(1, "x"), (2, "x")], 1, False),
        ([(2, "x"), (1, "x")], 1, False),
        ([(0, ""), (3, "x"), (2, "x"), (1, "")], 2, False),
        ([(2, "x"), (0, "")], 2, False),
        ([(2, ""), (1, ""), (3, "")], 1, True),
        ([(1, "x"), (None, "x")], None, False),
    ],
)
def test_the_first_that_is_not_known_is_kept_and_all_are_counted(
    findings: list[tuple[int | None, str]], kept: int | None, known: bool
) -> None:
    judged = FindingGroup("SEQ-003", "must", [KNOWN]).of(
        finding(event, actual) for event, actual in findings
    )
    assert (judged.finding.event, judged.known is KNOWN) == (kept, known)
    assert (judged.finding.requirement, judged.finding.count, judged.level) == (
        "SEQ-003",
        len(findings),
        "must",
    )


def test_what_only_the_user_accepts_is_kept_before_what_is_known() -> None:
    own = Expectation(
        "SEQ-003", "always", "ours", "e.toml:1", condition=Condition(actual=re.compile("own"))
    )
    for findings, kept, outcome in (
        ([(1, ""), (2, "own")], 2, "accepted"),
        ([(1, "own"), (2, ""), (3, "own")], 1, "accepted"),
        ([(1, "own"), (2, "x")], 2, "fail"),
        ([(1, "")], 1, "known"),
    ):
        judged = FindingGroup("SEQ-003", "must", [KNOWN], [own]).of(
            finding(event, actual) for event, actual in findings
        )
        assert (judged.finding.event, judged.outcome) == (kept, outcome)
        assert (judged.accepted is own) is (outcome == "accepted")


def test_of_two_at_one_place_the_first_is_kept() -> None:
    judged = FindingGroup("SEQ-003", "must", []).of([finding(1, "first"), finding(1, "second")])
    assert judged.finding.actual == "first"
