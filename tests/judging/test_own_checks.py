"""What a user's case checks is a requirement that fails the run."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.extended_suite import extended
from conformance.judging.judge import judge_for
from conformance.judging.own_checks import CHECK, REQUIREMENTS, with_own_checks
from conformance.judging.rule import ANY, Rule
from conformance.judging.suite import shipped_suite
from conformance.protocol.chat.answer_check import KINDS, AnswerCheck
from conformance.protocol.exchange import Json
from tests.judging.conftest import completion, error

SUITE = with_own_checks(shipped_suite())


def outcomes(exchange: Any, check: dict[str, Json] | None) -> dict[str, str]:
    """Return the outcomes of the checks that were judged, by requirement."""
    if check is not None:
        exchange = replace(exchange, meta={**exchange.meta, CHECK: AnswerCheck(check)})
    verdicts = judge_for(SUITE.profile("openai"), SUITE).verdicts(exchange)
    own = {entry.id for entry in REQUIREMENTS}
    return {
        each.requirement: each.outcome
        for each in verdicts
        if each.requirement in own and each.outcome != "not exercised"
    }


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ({"value": "Hello!"}, {"CHECK-005": "pass"}),
        ({"value": "Bye"}, {"CHECK-005": "fail"}),
        ({"tool": "f", "pattern": "Hel"}, {"CHECK-001": "fail", "CHECK-004": "pass"}),
        ({"tool": "f", "arguments": {}}, {"CHECK-001": "fail", "CHECK-002": "fail"}),
        ({"json_schema": {}}, {"CHECK-003": "fail"}),
        (None, {}),
    ],
)
def test_only_what_is_checked_is_judged(
    check: dict[str, Json] | None, expected: dict[str, str]
) -> None:
    assert outcomes(completion("Hello!"), check) == expected


def test_an_error_is_not_the_answer_that_is_expected() -> None:
    assert outcomes(error(400), {"value": "x"}) == {"CHECK-005": "fail"}


def test_a_check_that_a_recording_claims_is_not_believed() -> None:
    exchange = completion("Hello!")
    exchange = replace(exchange, meta={**exchange.meta, CHECK: {"value": "x"}})
    assert outcomes(exchange, None) == {}


def test_each_kind_has_a_requirement_that_every_profile_demands() -> None:
    assert len(REQUIREMENTS) == len(KINDS)
    for profile in SUITE.profiles.values():
        assert {profile.levels[entry.id] for entry in REQUIREMENTS} == {"must"}
    assert not {entry.id for entry in REQUIREMENTS} & shipped_suite().requirements.keys()


def test_a_suite_is_extended_once() -> None:
    assert with_own_checks(shipped_suite()) is SUITE


def test_what_does_not_fit_together_is_refused() -> None:
    entry = replace(REQUIREMENTS[0], id="MY-001")
    rule = Rule("MY-001", lambda facts: iter(()), ANY, (), frozenset())
    assert "MY-001" in extended(SUITE, [entry], [rule]).requirements
    with pytest.raises(ValueError, match="MY-001 has no rule"):
        extended(SUITE, [entry], [])
    with pytest.raises(ValueError, match="a rule checks MY-001"):
        extended(SUITE, [], [rule])
    with pytest.raises(ValueError, match="CHECK-001 is a requirement of the suite already"):
        extended(SUITE, REQUIREMENTS[:1], [replace(rule, requirement="CHECK-001")])
