"""What a condition of a deviation looks at: the server, the request and the answer."""

import re
import time
from datetime import date
from typing import Any

import pytest

from conformance.judging.deviations import applicable, explains, explanation, matches
from conformance.judging.profiles import Condition, Deviation
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Finding, Json
from tests.judging.conftest import ENVELOPE, chunks, completion, streamed


def holds(exchange: Exchange, **condition: Any) -> bool:
    return matches(Condition(**condition), fold(exchange))


def from_server(pattern: str, exchange: Exchange) -> bool:
    return holds(exchange, server=re.compile(pattern))


@pytest.mark.parametrize("key", ["server", "server_version", "target"])
def test_the_recording_names_the_server(key: str) -> None:
    assert from_server("^llama 7$", completion("Hi", meta={key: "llama 7"}))
    assert from_server("^7$", completion("Hi", meta={key: 7}))
    assert not from_server(".", completion("Hi", meta={key: None}))
    assert not from_server("llama", completion("Hi", meta={"case": "llama"}))


@pytest.mark.parametrize("name", ["server", "x-powered-by"])
def test_headers_name_the_server(name: str) -> None:
    assert from_server("^uvicorn$", completion("Hi", headers={name: "uvicorn"}))
    assert not from_server("uvicorn", completion("Hi", headers={"via": "uvicorn"}))


def test_a_header_of_litellm_stands_for_its_name_once() -> None:
    headers = {"x-litellm-version": "1", "x-litellm-model-id": "2"}
    assert from_server("^LiteLLM$", completion("Hi", headers=headers))
    assert not from_server("LiteLLM", completion("Hi", headers={"x-litellmversion": "1"}))


def test_what_names_the_server_is_joined_by_a_blank() -> None:
    exchange = completion(
        "Hi",
        meta={"server": "a", "server_version": "b", "target": "c"},
        headers={"server": "d", "x-powered-by": "e", "x-litellm-version": "f"},
    )
    assert from_server("^a b c d e LiteLLM$", exchange)
    assert from_server("^$", completion("Hi"))


@pytest.mark.parametrize(("n", "several"), [(None, False), (1, False), (2, True), (3, True)])
def test_several_choices_are_requested(n: Json, several: bool) -> None:
    request = {} if n is None else {"n": n}
    assert holds(completion("Hi", request=request), request=("n",)) is several
    assert holds(completion("Hi", request=request), unless_request=("n",)) is not several


@pytest.mark.parametrize(
    ("value", "holds_"), [(True, True), (False, False), ("true", False), (1, False)]
)
def test_streamed_arguments_are_requested_by_true_alone(value: Json, holds_: bool) -> None:
    google = {"extra_body": {"google": {"stream_function_call_arguments": value}}}
    exchange = completion("Hi", request=google)
    assert holds(exchange, request=("stream-function-call-arguments",)) is holds_


def test_a_prompt_filter_is_seen_in_a_body_and_in_a_chunk() -> None:
    asked = {"answer": ("prompt-filter-results",)}
    assert holds(completion("Hi", prompt_filter_results=[]), **asked)
    assert not holds(completion("Hi"), **asked)
    first = {**ENVELOPE, "object": "chat.completion.chunk", "choices": []}
    assert holds(streamed([{**first, "prompt_filter_results": []}, *chunks("Hi")]), **asked)
    assert not holds(streamed(chunks("Hi")), **asked)


def test_only_an_applicable_deviation_of_the_requirement_explains_a_finding() -> None:
    def deviation(requirement: str, **condition: Any) -> Deviation:
        return Deviation(requirement, "seen", "sometimes", Condition(**condition), ("here",))

    other = deviation("ENV-005")
    streams, numbers = (
        deviation("ENV-004", kind="stream"),
        deviation("ENV-004", actual=re.compile("^[0-9]+$")),
    )
    every = [other, streams, numbers]
    facts = fold(completion("Hi"))
    assert applicable(every, "ENV-004", [facts]) == [numbers]
    assert applicable(every, "ENV-004", [facts, fold(streamed(chunks("Hi")))]) == [streams, numbers]
    assert applicable(every, "ENV-004", []) == []
    assert explanation([numbers], Finding("", "wrong", actual=12)) is numbers
    assert explanation([numbers], Finding("", "wrong", actual="12")) is None
    assert explanation([], Finding("", "wrong", actual=12)) is None
    deep: Json = 1
    for _ in range(300):
        deep = [deep]
    assert not explains(numbers.condition, Finding("", "wrong", actual=deep))
    assert explains(Condition(actual=re.compile("^$")), Finding("", "wrong", actual=deep))


def test_several_chunks_or_one_of_an_unknown_end() -> None:
    condition = {"answer": ("several-chunks",)}
    first, second = chunks("a", "b", finish=...)[:2]
    assert holds(streamed([first, second]), **condition)
    assert not holds(streamed([first]), **condition)
    assert holds(streamed([first], False, truncated=True), **condition)
    assert not holds(streamed([], False, truncated=True), **condition)
    assert holds(streamed([first, {"error": {"message": "No."}}], False), **condition)


def test_chunks_of_several_choices_are_not_several_chunks_of_one() -> None:
    condition = {"answer": ("several-chunks",)}
    first = chunks("a", finish=...)[0]
    (entry,) = first["choices"]
    other = {**first, "choices": [{**entry, "index": 1}]}
    without_choice = {**first, "choices": []}
    finish = {**first, "choices": [{"index": 0, "finish_reason": "stop"}]}
    assert not holds(streamed([first, other, without_choice]), **condition)
    assert holds(streamed([first, other, other]), **condition)
    assert holds(streamed([first, finish]), **condition)


def test_a_condition_may_exclude_answers() -> None:
    cut, whole = completion("Hi", finish="length"), completion("Hi")
    assert holds(whole, unless_answer=("cut", "tool-calls"))
    assert not holds(cut, unless_answer=("cut", "tool-calls"))


@pytest.mark.parametrize(
    ("reason", "filtered"),
    [("content_filter", True), ("function_call_filter: X", True), ("stop", False), (None, False)],
)
def test_a_filtered_answer_names_a_filter(reason: Json, filtered: bool) -> None:
    exchange = streamed(chunks("Hi", finish=... if reason is None else reason))
    assert holds(exchange, answer=("filtered",)) is filtered


FLAG = {"extra_content": {"google": {"thought": True}}}


@pytest.mark.parametrize(
    ("deltas", "silent"),
    [
        ([{"content": ""}], True),
        ([{"content": "I think", **FLAG}], True),
        ([{"content": "<thought>I think", **FLAG}, {"content": "</thought>"}], True),
        ([{"content": "<think>I think"}], True),
        ([{"content": "<thought>I think</thought>\n", **FLAG}], True),
        ([{"content": "<thought>I think</thought>Hi", **FLAG}], False),
        ([{"content": "<thought>I think", **FLAG}, {"content": "</thought>Hi"}], False),
        ([{"content": "I think", **FLAG}, {"content": "Hi"}], False),
        ([{"content": "Use <think>."}], False),
        ([{"content": "The prompt could not be submitted."}], True),
        ([{"refusal": "The prompt could not be submitted."}], True),
        ([{"content": "I think", **FLAG}, {"refusal": "No."}], False),
    ],
)
def test_thoughts_alone_or_a_blocked_prompt_are_a_silent_answer(
    deltas: list[Any], silent: bool
) -> None:
    assert holds(streamed(chunks(*deltas)), answer=("silent",)) is silent
    if len(deltas) == 1:
        assert holds(completion(*deltas), answer=("silent",)) is silent


def test_a_signature_is_seen_in_the_answer() -> None:
    signed = {"content": "Hi", "extra_content": {"google": {"thought_signature": "c2ln"}}}
    assert holds(completion(signed), answer=("signature",))
    assert not holds(completion("Hi"), answer=("signature",))


def test_an_actual_value_that_json_does_not_have_is_read_as_text() -> None:
    day = Condition(actual=re.compile("2026-01-01"))
    assert explains(day, Finding("", "wrong", actual=date(2026, 1, 1)))


def test_the_day_of_an_answer_is_that_of_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    late = completion("Hi", created=1_767_225_599)  # the last second of 2025 in UTC
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert holds(late, until=date(2025, 12, 31))
        assert not holds(late, since=date(2026, 1, 1))
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("created", [..., None, 0, -1, True, "1767225599", 10**18])
def test_an_answer_without_a_day_meets_every_day(created: Json) -> None:
    exchange = completion("Hi", created=created)
    assert holds(exchange, since=date(2026, 1, 1))
    assert holds(exchange, until=date(1999, 1, 1))
    dated = completion("Hi", created=created, headers={"date": "Fri, 02 Jan 2026 03:04:05 GMT"})
    assert holds(dated, since=date(2026, 1, 2))
    assert holds(dated, since=date(2026, 1, 3)) is (created == 10**18)


def test_the_first_second_of_the_epoch_is_a_day() -> None:
    assert not holds(completion("Hi", created=1), since=date(2026, 1, 1))
