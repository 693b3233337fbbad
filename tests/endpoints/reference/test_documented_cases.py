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
    "vertex-gemini": {
        "ERR-001",  # a page for an unknown route
        "ERR-018",  # errors in an array of one
        "ERR-021",  # 400 for a model without its publisher
        "MSG-009",  # no content without text
        "THK-009",  # Gemini 3 always thinks
        "TOOL-007",  # no index in the deltas of calls
        "USG-001",  # no completion_tokens without an answer
        "USG-005",  # Gemini 3 always thinks
    },
    "gemini-api": {
        "AUTH-007",  # 400 without a key
        "AUTH-008",  # and for a wrong key
        "ERR-018",
        "ERR-030",  # an unknown field at the top
        "MSG-009",
        "SEQ-008",  # a role in each delta
        "SEQ-009",  # no finish_reason before the end
        "SEQ-015",  # usage on the last chunk
        "TOOL-007",
        "TOOL-012",  # stop after the calls of Gemini 3
        "USG-001",
        "USG-003",  # thinking in total_tokens only
        "USG-005",
    },
    "vertex-vllm": set(),
    "openai": set(),
}
"""The known deviations that the endpoint shares with genuine answers of a profile; it has no
others."""

CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
    "basic": f"Basic {TOKEN}",
    "none": None,
}
CASES = tuple(read_cases(DOCUMENTED))
REFUSED = frozenset(
    {"extra-body-google", "extra-body-unknown-key", "image-detail-mixed", "json-media-type"}
    | {"json-schema-recursive", "chat-unknown-fields"}
)
"""Cases that some services answer and others refuse."""
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


@pytest.mark.parametrize(
    ("profile", "model"),
    [(profile, model) for profile in PROFILES for model in dialect_of(profile).listed],
)
def test_the_answer_to_a_documented_case_conforms(profile: str, model: str) -> None:
    able = profile_named(profile).capabilities_of(model)
    chosen = [case for case in CASES if case.needs <= able]
    assert len(chosen) > 60
    for case in chosen:
        exchange = asked(case, profile, model)
        refused = exchange.response.status != 200
        assert not refused or may_be_refused(case, exchange.response.status), case.id
        says_nothing_unexpected(exchange, profile)


def may_be_refused(case: Case, status: int) -> bool:
    """Return whether a case may get an error: it wants one, or has a field that is not known."""
    return status in (400, 401, 404) and (
        case.wants_refusal or case.auth != "right" or case.id in REFUSED
    )


@pytest.mark.parametrize("profile", GEMINI_3)
def test_gemini_3_demands_the_signature_that_a_case_leaves_out(profile: str) -> None:
    able = profile_named(profile).capabilities_of(GEMINI_3[profile])
    chosen = [case for case in CASES if case.needs - able == {"unsigned-calls"}]
    unsigned = [case for case in chosen if replays_an_unsigned_call(case)]
    assert unsigned
    for case in unsigned:
        response = asked(case, profile, GEMINI_3[profile]).response
        assert response.status == 400
        assert case.wants_refusal or b"thought_signature" in (response.body or b"")


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
    served = profile_named(profile)
    chosen = [case for case in CASES if case.needs <= served.capabilities_of(model)]
    probed = {
        probe
        for case in chosen
        for probe in case.probes
        if served.levels.get(probe, "may") != "may"
    }
    shown = {
        verdict.requirement
        for case in chosen
        for verdict in verdicts(asked(case, profile, model), profile)
        if verdict.outcome in ("pass", "known")
    }  # a case answered with the right error passes too
    assert probed - shown == NOT_SHOWN.get(model, set())


NOT_SHOWN = {"google/gemini-2.5-flash": {"THK-013"}, "gemini-2.5-flash": {"THK-013"}}
"""What models before Gemini 3 do not show."""
