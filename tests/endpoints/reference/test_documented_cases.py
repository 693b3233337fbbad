"""The reference endpoint passes the rules with every documented case under every served profile."""

from collections.abc import Iterator

import pytest

from conformance.cases import DOCUMENTED, Case, read_cases
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import Verdict
from conformance.protocol.exchange import Exchange, Request

DOCUMENTED_HABITS = {
    "vertex-gemini": {"ERR-018"},  # errors in an array of one
    "gemini-api": {"ERR-018", "USG-003"},  # and thinking in total_tokens only
    "vertex-vllm": set(),
    "openai": set(),
}
"""The known deviations that the endpoint shares with the documented samples of a profile; it has no
others."""

CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
    "basic": f"Basic {TOKEN}",
    "none": None,
}
CASES = tuple(read_cases(DOCUMENTED))
GEMINI_3 = {
    "vertex-gemini": "google/gemini-3.1-pro-preview",
    "gemini-api": "gemini-3-flash-preview",
}


def asked(case: Case, profile: str, model: str) -> Exchange:
    credential = CREDENTIALS[case.auth]
    headers = (
        ("content-type", "application/json"),
        *((("authorization", credential),) if credential else ()),
    )
    request = Request(
        case.method, dialect_of(profile).example + case.path, headers, case.request_for(model)
    )
    return Exchange(
        case.id,
        request,
        answer(request, profile),
        {"provenance": "emulated", "case": case.id, "probes": list(case.probes)},
    )


def verdicts(exchange: Exchange, profile: str) -> Iterator[Verdict]:
    return (
        verdict
        for verdict in judge_for(profile_named(profile), shipped_suite()).verdicts(exchange)
        if verdict.level != "may"
    )


def says_nothing_unexpected(exchange: Exchange, profile: str) -> None:
    found = [
        verdict
        for verdict in verdicts(exchange, profile)
        if verdict.outcome in ("fail", "error", "known")
    ]
    assert {
        verdict.requirement: verdict.found for verdict in found if verdict.outcome != "known"
    } == {}
    assert {verdict.requirement for verdict in found} <= DOCUMENTED_HABITS[profile]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_answer_to_a_documented_case_conforms(case: Case, profile: str) -> None:
    says_nothing_unexpected(asked(case, profile, dialect_of(profile).listed[0]), profile)


@pytest.mark.parametrize("profile", GEMINI_3)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_gemini_3_conforms_also_where_it_demands_the_signature_that_a_case_leaves_out(
    case: Case, profile: str
) -> None:
    exchange = asked(case, profile, GEMINI_3[profile])
    if replays_an_unsigned_call(case):
        assert exchange.response.status == 400
        assert b"thought_signature" in (exchange.response.body or b"")
    says_nothing_unexpected(exchange, profile)


def replays_an_unsigned_call(case: Case) -> bool:
    """Return whether a call after the last user message has no signature.

    Cases that probe TOOL-018 do not count: they are rejected for another reason."""
    messages = case.body.get("messages") if isinstance(case.body, dict) else None
    if not isinstance(messages, list) or "TOOL-018" in case.probes:
        return False
    last = max(
        (
            number
            for number, message in enumerate(messages)
            if isinstance(message, dict) and message.get("role") == "user"
        ),
        default=-1,
    )
    return any(
        "tool_calls" in message and "skip_thought" not in str(message)
        for message in messages[last + 1 :]
    )


FIRST_LISTED = {profile: dialect_of(profile).listed[0] for profile in PROFILES}


@pytest.mark.parametrize(("profile", "model"), [*FIRST_LISTED.items(), *GEMINI_3.items()])
def test_every_probe_that_a_case_makes_is_answered_rightly(profile: str, model: str) -> None:
    levels = profile_named(profile).levels
    probed = {probe for case in CASES for probe in case.probes if levels.get(probe, "may") != "may"}
    passed = {
        verdict.requirement
        for case in CASES
        for verdict in verdicts(asked(case, profile, model), profile)
        if verdict.outcome == "pass"
    }  # a case answered with the right error passes too
    assert probed - passed == NOT_SHOWN.get(model, set())


NOT_SHOWN = {"google/gemini-2.5-flash": {"THK-013"}, "gemini-2.5-flash": {"THK-013"}}
"""What models before Gemini 3 do not show."""
