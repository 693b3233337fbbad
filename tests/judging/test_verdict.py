"""How judging ends, and which verdicts make a run fail."""

import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.profiles import Condition, Deviation
from conformance.judging.requirements import Level, requirements
from conformance.judging.verdict import Outcome, RuleCrash, Verdict, crash, fails_run, verdict
from conformance.protocol.exchange import Finding

PROTOCOL, MODEL = requirements()["ENV-004"], requirements()["SO-002"]
ABSENT = (Deviation("ENV-004", "seen", "always", Condition(), ("here",)),)


@pytest.mark.parametrize(
    ("level", "outcome", "fail_on", "fails"),
    [
        ("must", "fail", ("must",), True),
        ("should", "fail", ("must",), False),
        ("should", "fail", ("must", "should"), True),
        ("must", "fail", (), False),
        ("should", "stale", ("must",), False),
        ("must", "accepted", ("must", "should"), False),
        ("must", "known", ("must", "should"), False),
        ("must", "pass", ("must",), False),
        ("must", "error", ("must",), False),
        ("must", "not exercised", ("must",), False),
    ],
)
def test_what_fails_a_run(
    level: Level, outcome: Outcome, fail_on: tuple[Level, ...], fails: bool
) -> None:
    assert MODEL.about == "model"
    assert fails_run(PROTOCOL, level, outcome, fail_on) is fails
    assert fails_run(MODEL, level, outcome, fail_on) is False


def test_what_is_stale_fails_only_if_asked_for() -> None:
    assert fails_run(PROTOCOL, "should", "stale", (), stale=True)
    assert not fails_run(MODEL, "must", "stale", stale=True)
    assert not fails_run(PROTOCOL, "must", "pass", stale=True)


def test_a_must_fails_a_run_unless_said_otherwise() -> None:
    assert fails_run(PROTOCOL, "must", "fail")
    assert not fails_run(PROTOCOL, "should", "fail")


def test_what_should_have_occurred_is_asked_only_if_nothing_was_found() -> None:
    def never(_: str) -> tuple[Deviation, ...]:
        raise AssertionError

    made = verdict("ENV-004", "must", None, exercised=False, stale=never)
    assert made == Verdict("ENV-004", "must", "not exercised")
    broken = RuleCrash("ENV-004", "KeyError: 'x'")
    assert crash("ENV-004", KeyError("x")) == broken
    made = verdict("ENV-004", "must", broken, exercised=True, stale=never)
    assert made == Verdict("ENV-004", "must", "error", broken)
    for known, outcome in ((None, "fail"), (ABSENT[0], "known")):
        found = JudgedFinding(Finding("ENV-004", "wrong"), "must", known)
        made = verdict("ENV-004", "must", found, exercised=True, stale=never)
        assert made == Verdict("ENV-004", "must", outcome, found)  # type: ignore[arg-type]


def test_a_stale_verdict_carries_the_deviations_that_should_have_occurred() -> None:
    made = verdict("ENV-004", "must", None, exercised=True, stale=lambda _: ABSENT)
    assert made == Verdict("ENV-004", "must", "stale", stale=ABSENT)
    made = verdict("ENV-004", "must", None, exercised=True, stale=lambda _: ())
    assert made == Verdict("ENV-004", "must", "pass")
