"""Text: stop strings, limits, several choices, streams, usage and log-probabilities."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Exchange, Finding, Json

Ask = Callable[..., Facts]
Unexpected = Callable[[Exchange, str], dict[str, Finding]]

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

REQUESTS: Mapping[str, Mapping[str, Json]] = {
    "plain": {},
    "usage": {"stream_options": {"include_usage": True}},
    "choices": {"n": 3},
    "choices with usage": {"n": 2, "stream_options": {"include_usage": True}},
    "stop": {"stop": ["please stop"]},
    "stop at once": {"stop": "T"},
    "limit": {"max_tokens": 5},
    "one token": {"max_completion_tokens": 1},
    "seed": {"seed": 3},
    "call": {"content": "What is the weather in Rome?", "tools": [WEATHER]},
    "calls": {"content": "What is the weather in Rome and in Oslo?", "tools": [WEATHER]},
    "call with usage": {
        "content": "What is the weather in Rome?",
        "tools": [WEATHER],
        "stream_options": {"include_usage": True},
    },
    "calls of two choices": {
        "content": "What is the weather in Rome and in Oslo?",
        "tools": [WEATHER],
        "n": 2,
    },
    "required": {"tools": [WEATHER], "tool_choice": "required"},
    "named": {
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    },
    "none": {"content": "What is the weather in Rome?", "tools": [WEATHER], "tool_choice": "none"},
    "cut call": {"content": "What is the weather in Rome?", "tools": [WEATHER], "max_tokens": 9},
    "cut name": {"content": "What is the weather in Rome?", "tools": [WEATHER], "max_tokens": 1},
    "legacy": {"content": "What is the weather in Rome?", "functions": [WEATHER["function"]]},
    "legacy named": {"functions": [WEATHER["function"]], "function_call": {"name": "get_weather"}},
    "object": {"response_format": {"type": "json_object"}},
    "schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": SCHEMA},
        }
    },
    "cut schema": {
        "max_tokens": 4,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": SCHEMA},
        },
    },
    "effort": {"reasoning_effort": "high"},
    "no effort": {"reasoning_effort": "none"},
    "effort with little room": {"reasoning_effort": "low", "max_completion_tokens": 2},
    "logprobs": {"logprobs": True, "top_logprobs": 2},
}


def said(choice: Choice, finishes_stop: bool) -> object:
    """What a choice says; with ``finishes_stop``, ``tool_calls`` counts as ``stop``."""
    calls = [(call.name, call.arguments) for call in choice.calls]
    return (
        choice.text,
        choice.reasoning,
        "stop" if finishes_stop and choice.calls else choice.finish_reason,
        calls,
        choice.function_call,
        choice.tokens,
    )


OLDER = {
    "vertex-gemini": {"model": "google/gemini-2.5-flash"},
    "gemini-api": {"model": "gemini-2.5-flash"},
}
"""The models before Gemini 3, of Google."""


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("older", [False, True], ids=["newest", "older"])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_stream_says_what_its_plain_twin_says_and_both_conform(
    profile: str, older: bool, name: str, ask: Ask, unexpected: Unexpected
) -> None:
    fields = {**REQUESTS[name], **(OLDER.get(profile, {}) if older else {})}
    plain, streamed = ask(profile, **fields), ask(profile, **fields, stream=True)
    if profile == "gemini-api" and ("logprobs" in fields or ("n" in fields and not older)):
        assert plain.status == streamed.status == 400
        return
    assert (plain.kind, streamed.kind) == ("completion", "stream")
    finishes_stop = profile == "gemini-api" and not older  # 6.8
    assert [said(choice, finishes_stop) for choice in plain.choices] == [
        said(choice, finishes_stop) for choice in streamed.choices
    ]
    assert not streamed.usages or streamed.usages[-1].value == plain.usages[0].value
    assert unexpected(plain.exchange, profile) == unexpected(streamed.exchange, profile) == {}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_answer_gets_to_the_stop_string_and_ends_before_it(profile: str, ask: Ask) -> None:
    free = ask(profile, stop=["please stop", "never"]).choices[0]
    assert free.finish_reason == "stop"
    assert free.text
    assert "please" not in free.text
    assert len(free.text) < len(ask(profile).choices[0].text)


def test_one_stop_string_is_the_same_as_a_list_of_it(ask: Ask) -> None:
    assert ask(stop="stop here").choices[0].text == ask(stop=["stop here"]).choices[0].text


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_limit_cuts(profile: str, limit: str, ask: Ask) -> None:
    thoughtless = {"reasoning_effort": "none", **OLDER.get(profile, {})}
    whole, cut = ask(profile, **thoughtless), ask(profile, **thoughtless, **{limit: 6})
    assert cut.choices[0].finish_reason == "length"
    assert whole.choices[0].text.startswith(cut.choices[0].text)
    assert 1 <= len(tokens(cut.choices[0].text)) <= 6


def test_choices_differ_and_come_by_turns(ask: Ask) -> None:
    facts = ask(n=3, stream=True)
    assert len({choice.text for choice in facts.choices}) == 3
    assert [chunk["choices"][0]["index"] for chunk in facts.chunks[:6]] == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_read_is_an_event(profile: str, ask: Ask) -> None:
    response = ask(profile, stream=True).exchange.response
    body, place = response.body or b"", 0
    for _, size in response.reads:
        piece = body[place : place + size]
        assert piece.startswith(b"data: ")
        assert piece.endswith(b"\n\n")
        place += size
    assert place == len(body)


def usage(facts: Facts) -> dict[str, Any]:
    (only,) = facts.usages
    return dict(only.value)


def test_vertex_counts_thinking_beside_the_answer(ask: Ask) -> None:
    counted = usage(ask("vertex-gemini"))
    thought = counted["completion_tokens_details"]["reasoning_tokens"]
    assert thought > 0
    assert (
        counted["total_tokens"] == counted["prompt_tokens"] + counted["completion_tokens"] + thought
    )
    assert counted["extra_properties"] == {"google": {"traffic_type": "ON_DEMAND"}}


def test_the_gemini_api_counts_thinking_in_the_total_only(ask: Ask) -> None:
    counted = usage(ask("gemini-api"))
    assert counted.keys() == {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert counted["total_tokens"] > counted["prompt_tokens"] + counted["completion_tokens"]


@pytest.mark.parametrize("profile", ["openai", "vertex-vllm"])
def test_others_count_thinking_as_part_of_the_answer(profile: str, ask: Ask) -> None:
    thinking, plain = usage(ask(profile, reasoning_effort="high")), usage(ask(profile))
    assert thinking["completion_tokens"] > plain["completion_tokens"]
    assert thinking["total_tokens"] == thinking["prompt_tokens"] + thinking["completion_tokens"]


@pytest.mark.parametrize("profile", PROFILES)
def test_all_choices_are_counted(profile: str, ask: Ask) -> None:
    facts = ask(profile, n=3, reasoning_effort="none", **OLDER.get(profile, {}))
    assert len(facts.choices) == 3
    assert usage(facts)["completion_tokens"] == sum(
        len(tokens(choice.text)) for choice in facts.choices
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_a_prompt_costs_the_same_however_it_is_written(profile: str, ask: Ask) -> None:
    spelt = [
        ask(profile, content)
        for content in (
            "Say hello.",
            [{"type": "text", "text": "Say hello."}],
            [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello."}],
        )
    ]
    assert len({usage(facts)["prompt_tokens"] for facts in spelt}) == 1
    assert len({facts.choices[0].text for facts in spelt}) == 1


@pytest.mark.parametrize(
    ("profile", "asked", "own_chunk", "count"),
    [
        ("openai", True, True, 1),
        ("openai", False, False, 0),
        ("vertex-vllm", True, True, 1),
        ("gemini-api", True, False, 1),
        ("gemini-api", False, False, 0),
        ("vertex-gemini", True, False, 1),
        ("vertex-gemini", False, False, 1),
    ],
)
def test_streamed_usage_comes_as_the_profile_has_it(
    profile: str, asked: bool, own_chunk: bool, count: int, ask: Ask
) -> None:
    facts = ask(profile, stream=True, stream_options={"include_usage": asked})
    assert len(facts.usages) == count
    assert ("choices" in facts.chunks[-1] and facts.chunks[-1]["choices"] == []) is own_chunk


@pytest.mark.parametrize("profile", OLDER)
def test_google_repeats_the_role_and_keeps_the_finish_reason_for_the_end(
    profile: str, ask: Ask
) -> None:
    facts = ask(profile, stream=True, **OLDER[profile])
    *early, last = [chunk["choices"][0] for chunk in facts.chunks]
    assert early
    assert all(
        choice["delta"]["role"] == "assistant" and "finish_reason" not in choice for choice in early
    )
    assert last["finish_reason"] == "stop"
    assert last["delta"]["content"]


@pytest.mark.parametrize("profile", ["openai", "vertex-vllm"])
@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities_spell_the_text(profile: str, stream: bool, ask: Ask) -> None:
    facts = ask(profile, "One.", logprobs=True, top_logprobs=3, stream=stream, seed=5)
    (choice,) = facts.choices
    assert b"".join(bytes(entry["bytes"]) for entry in choice.tokens).decode() == choice.text
    for entry in choice.tokens:
        assert entry["top_logprobs"][0]["token"] == entry["token"]
        assert len({each["token"] for each in entry["top_logprobs"]}) == 3
    assert len({orjson.dumps(entry["top_logprobs"]) for entry in choice.tokens}) > 1


def test_log_probabilities_without_alternatives(ask: Ask) -> None:
    assert all(entry["top_logprobs"] == [] for entry in ask(logprobs=True).choices[0].tokens)


@pytest.mark.parametrize(
    ("profile", "status"),
    [("openai", 400), ("vertex-vllm", 400), ("vertex-gemini", 200), ("gemini-api", 400)],
)
def test_alternatives_alone_are_refused_where_log_probabilities_are_known(
    profile: str, status: int, ask: Ask
) -> None:
    assert ask(profile, top_logprobs=2).status == status
