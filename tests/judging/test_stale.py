"""A verdict is stale for the deviations that should have occurred, and for no others."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from conformance.judging.group_judge import verdicts_of_twins
from conformance.judging.judge import judge_for
from conformance.judging.profiles import (
    Condition,
    Deviation,
    Profile,
    UnknownProfile,
    profile,
)
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Json
from conformance.runs.case_judging import judge_case
from conformance.runs.lint import AUTO, Tally, lint
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from tests.judging.conftest import ENVELOPE, chunks, completion, error, stream, streamed

OPENAI = profile("openai")


def with_always(requirement: str, *conditions: Condition) -> Profile:
    return replace(
        OPENAI,
        deviations=tuple(
            Deviation(requirement, f"seen under {condition.kind}", "always", condition, ("here",))
            for condition in conditions
        ),
    )


def stale_entries(by: Profile, exchange: Exchange, requirement: str) -> list[str]:
    (verdict,) = (
        each
        for each in judge_for(by, shipped_suite()).verdicts(exchange)
        if each.requirement == requirement
    )
    assert bool(verdict.stale) is (verdict.outcome == "stale")
    return [deviation.seen for deviation in verdict.stale]


def test_only_deviations_whose_condition_holds_are_stale() -> None:
    by = with_always("ENV-004", Condition(kind="stream"), Condition(kind="completion"))
    assert stale_entries(by, completion("Hi"), "ENV-004") == ["seen under completion"]


def test_a_report_names_only_the_deviations_that_the_verdict_names() -> None:
    meta = {"profile": "openai-compatible", "server": "llama.cpp"}
    body = {"error": {"message": "No.", "type": "invalid", "param": None, "code": None}}
    verdicts = judge_case(Answer("t", "case", error(400, body, meta=meta)), Selection()).verdicts
    findings = [
        each for verdict in verdicts if verdict.verdict == "stale" for each in verdict.findings
    ]
    entries = [
        each
        for each in profile("openai-compatible").deviations
        if any(each.described in finding.message for finding in findings)
    ]
    assert "ERR-007" in {each.requirement for each in entries}
    assert len(entries) == len(findings)
    servers = [each.condition.server for each in entries if each.condition.server]
    assert all(pattern.search("llama.cpp") for pattern in servers)


TWIN = {"model": "m", "messages": [{"role": "user", "content": "Hello."}]}


@pytest.mark.parametrize(("provenance", "outcome"), [("recorded", "stale"), ("emulated", "pass")])
def test_answers_of_the_reference_endpoint_make_no_deviation_of_twins_stale(
    provenance: str, outcome: str
) -> None:
    by = with_always("META-001", Condition(kind="stream"))
    meta = {"provenance": provenance}
    plain = completion("Hello!", request=TWIN, meta=meta)
    streaming = stream("Hello!", request={**TWIN, "stream": True}, meta=meta)
    verdicts = {
        each.requirement: each.outcome
        for each in verdicts_of_twins(by, shipped_suite(), plain, streaming)
    }
    assert verdicts["META-001"] == outcome


def tgi_answer(
    finish: str, tool_choice: Json, streaming: bool, make: Any
) -> Exchange:  # as TGI writes it: `stop` beside tool calls
    request = {"tools": make.tools(), "tool_choice": tool_choice}
    if streaming:
        deltas = [{"tool_calls": [make.call(index=0)]}]
        return streamed(chunks(*deltas, finish=finish), request={**request, "stream": True})
    return completion({"tool_calls": [make.call()]}, finish=finish, request=request)


NAMED = {"type": "function", "function": {"name": "get_weather"}}


@pytest.mark.parametrize(("streaming", "requirement"), [(False, "CHO-009"), (True, "TOOL-012")])
@pytest.mark.parametrize(
    ("finish", "tool_choice", "outcome"),
    [
        ("stop", "auto", "known"),
        ("tool_calls", "auto", "stale"),
        ("length", "auto", "pass"),
        ("stop", NAMED, "pass"),
        ("tool_calls", NAMED, "pass"),
    ],
)
def test_a_deviation_that_is_legal_under_this_request_is_not_stale(
    finish: str, tool_choice: Json, outcome: str, streaming: bool, requirement: str, make: Any
) -> None:
    exchange = tgi_answer(finish, tool_choice, streaming, make)
    verdicts = judge_for(profile("vertex-tgi"), shipped_suite()).verdicts(exchange)
    assert {each.requirement: each.outcome for each in verdicts}[requirement] == outcome


def test_an_answer_that_does_not_say_its_day_makes_no_dated_deviation_stale() -> None:
    since, until = Condition(since=date(2020, 1, 1)), Condition(until=date(2040, 1, 1))
    assert len(stale_entries(with_always("ENV-004", since, until), completion(), "ENV-004")) == 2
    undated = completion(created=...)
    assert stale_entries(with_always("ENV-004", since), undated, "ENV-004") == []
    assert stale_entries(with_always("ENV-004", until), undated, "ENV-004") == []


def test_a_stream_that_an_error_ended_makes_no_deviation_stale() -> None:
    by = with_always("ENV-004", Condition(kind="stream"))
    whole = chunks("Hi")
    assert stale_entries(by, streamed(whole), "SEQ-003") == []
    by = with_always("SEQ-003", Condition(kind="stream"))
    assert len(stale_entries(by, streamed(whole), "SEQ-003")) == 1
    assert stale_entries(by, streamed([*whole, {"error": {"message": "No."}}]), "SEQ-003") == []


ONE_CHUNK = {"index": 0, "delta": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
USAGE_CHUNK: dict[str, Any] = {
    "choices": [],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


@pytest.mark.parametrize(
    "parts",
    [
        [{"choices": [ONE_CHUNK]}, {"choices": [{**ONE_CHUNK, "index": 1}]}],
        [{"choices": [ONE_CHUNK]}, USAGE_CHUNK],
    ],
    ids=["one chunk of each choice", "one chunk and usage"],
)
def test_a_choice_of_one_chunk_has_no_chunk_before_its_last(parts: list[dict[str, Any]]) -> None:
    exchange = streamed(
        [{**ENVELOPE, "object": "chat.completion.chunk", **part} for part in parts],
        request={"stream": True, "n": 2},
    )
    by = with_always("SEQ-009", Condition(answer=("several-chunks",)))
    assert stale_entries(by, exchange, "SEQ-009") == []
    assert len(stale_entries(by, streamed(chunks("Hi")), "SEQ-009")) == 1


def gemini_like_openai(make: Any) -> list[Exchange]:
    """Answers of the Gemini API in the form of OpenAI's."""
    request = {"model": "gemini-3-flash", "tools": make.tools()}
    usage = {"prompt_tokens": 1, "completion_tokens": 9, "total_tokens": 10}
    thought = {**usage, "completion_tokens_details": {"reasoning_tokens": 8}}
    asked = {**request, "stream_options": {"include_usage": True}}
    return [
        error(400, {"error": {"message": "No.", "type": "x", "param": None, "code": None}}),
        completion({"tool_calls": [make.call()]}, usage=thought, request=request),
        completion("", finish="content_filter", request=request),
        stream(
            {"tool_calls": [make.call(index=0)]}, finish="tool_calls", usage=thought, request=asked
        ),
    ]


def test_an_answer_of_the_gemini_api_in_the_form_of_openai_is_not_stale(make: Any) -> None:
    judge = judge_for(profile("gemini-api"), shipped_suite())
    for exchange in gemini_like_openai(make):
        assert [each.requirement for each in judge.verdicts(exchange) if each.stale] == []


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "No.", "type": "x", "param": None, "code": None}},
        [{"error": {"code": 401, "message": "No.", "status": "UNAUTHENTICATED"}}],
    ],
    ids=["vLLM behind another check", "Google"],
)
def test_a_401_of_a_vllm_container_has_more_than_one_form(body: Json) -> None:
    assert stale_entries(profile("vertex-vllm"), error(401, body), "ERR-003") == []


def test_an_id_of_another_publisher_may_have_the_form_of_google() -> None:
    exchange = completion(
        id="Zm9vYmFyYmF6cXV4MTIzNA", model="meta/llama", request={"model": "meta/llama"}
    )
    assert stale_entries(profile("vertex-gemini"), exchange, "ENV-005") == []


MISSPELT = {"profile": "vertex-gemni"}


def test_a_profile_that_does_not_exist_makes_a_record_unreadable() -> None:
    tally = Tally()
    assert (
        list(
            lint([completion("Hi", meta=MISSPELT), completion("Hi")], AUTO, tally, shipped_suite())
        )
        == []
    )
    assert tally.exchanges == 1
    (unreadable,) = tally.unreadable
    assert unreadable.why.startswith(
        "the recording names an unknown profile 'vertex-gemni' (did you mean vertex-gemini"
    )


def test_a_profile_chosen_by_the_user_goes_before_the_recording() -> None:
    chosen = shipped_suite().choose_profile(completion("Hi", meta=MISSPELT), "openai")
    assert (chosen.profile, chosen.assumed) == (OPENAI, False)
    with pytest.raises(UnknownProfile, match="did you mean vertex-gemini"):
        shipped_suite().choose_profile(completion("Hi", meta=MISSPELT))
