"""For any request the answer conforms or is a documented error; never a 5xx, never an exception."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.rules.errors import error_message
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Finding, Json, Request

Unexpected = Callable[[Exchange, str], dict[str, Finding]]

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3)
    ),
    max_leaves=12,
)
MEDIA = st.sampled_from(
    [
        "data:image/png;base64,aGVsbG8=",
        "data:,",
        "gs://bucket/a.png",
        "https://example.com/a.png",
        "DATA:text/plain;base64,%%%",
        "data:image/png;base64,aGVsbG8",
    ]
)
PART = (
    st.builds(lambda text: {"type": "text", "text": text}, TEXT)
    | st.builds(
        lambda url, detail: {"type": "image_url", "image_url": {"url": url, "detail": detail}},
        MEDIA,
        st.sampled_from(["low", "high", None, "x"]),
    )
    | st.builds(lambda url: {"type": "image_url", "image_url": url}, MEDIA)
    | st.builds(
        lambda data: {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}, MEDIA
    )
)
CALL = st.builds(
    lambda number, signature: {
        "id": f"call_{number}",
        "type": "function",
        "function": {"name": "get_weather", "arguments": "{}"},
        "extra_content": {"google": signature},
    },
    st.integers(0, 2),
    st.sampled_from(
        [
            {},
            {"thought_signature": "skip_thought_signature_validator"},
            {"thought_signature": "x"},
            {"thought_signature": None},
        ]
    ),
)
RESULT = st.builds(
    lambda number, content: {"role": "tool", "tool_call_id": f"call_{number}", "content": content},
    st.integers(0, 2),
    TEXT,
)
MESSAGE = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["user", "system", "developer", "assistant"]),
    TEXT | st.lists(PART, max_size=3),
)
STEP = st.builds(  # calls and their results
    lambda calls: [
        {"role": "assistant", "content": None, "tool_calls": calls},
        *({"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls),
    ],
    st.lists(CALL, min_size=1, max_size=2, unique_by=lambda call: call["id"]),
)
TURNS = st.lists(
    MESSAGE.map(lambda message: [message])
    | STEP
    | st.one_of(MESSAGE, RESULT, STEP.map(lambda step: step[0])).map(lambda one: [one]),
    max_size=3,
)
MESSAGES = TURNS.map(
    lambda turns: [
        {"role": "user", "content": "The weather and a ping?"},
        *(message for turn in turns for message in turn),
    ]
)
SCHEMA = st.sampled_from(
    [
        {
            "type": "object",
            "properties": {
                "city": {"type": "string", "maxLength": 8},
                "days": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["city"],
        },
        {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
        {"type": "object", "properties": {"next": {"$ref": "#"}}},
        {
            "type": "object",
            "properties": {"a": {"anyOf": [{"const": 1}, {"enum": ["x"]}, {"type": "null"}]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        {"type": "object", "required": ["a"], "additionalProperties": False},
        {"type": "nothing"},
        {},
    ]
)
FUNCTION = st.builds(
    lambda name, parameters: {"name": name, "parameters": parameters},
    st.sampled_from(["get_weather", "ping", "a b"]),
    SCHEMA,
)
GOOGLE = st.fixed_dictionaries(
    {},
    optional={
        "thinking_config": st.fixed_dictionaries(
            {},
            optional={
                "thinking_budget": st.integers(-2, 40),
                "thinking_level": st.sampled_from(["low", "x"]),
                "includeThoughts": st.just(False),
            },
        ),
        "thought_tag_marker": st.sampled_from(["think", "<x>", ""]),
        "stream_function_call_arguments": st.booleans(),
        "cached_content": st.sampled_from(["cachedContents/1", "x"]),
        "safety_settings": st.just([]),
        "unknown": JSON,
    },
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "n": st.integers(0, 3),
    "max_tokens": st.integers(0, 30),
    "max_completion_tokens": st.integers(1, 30),
    "stop": st.sampled_from(["e", " ", "stop now", "", "\n"]) | st.lists(TEXT, max_size=4),
    "stream": st.booleans(),
    "stream_options": st.fixed_dictionaries({"include_usage": st.booleans()}),
    "seed": st.integers(),
    "temperature": st.floats(0, 2),
    "logprobs": st.booleans(),
    "top_logprobs": st.integers(0, 20),
    "tools": st.lists(
        st.builds(lambda function: {"type": "function", "function": function}, FUNCTION), max_size=3
    ),
    "tool_choice": st.sampled_from(
        [
            "none",
            "auto",
            "required",
            "validated",
            {"type": "function", "function": {"name": "get_weather"}},
            {"type": "x"},
        ]
    ),
    "parallel_tool_calls": st.booleans(),
    "functions": st.lists(FUNCTION, min_size=1, max_size=2),
    "function_call": st.sampled_from(["auto", "none", {"name": "get_weather"}, "x"]),
    "response_format": (
        st.sampled_from(
            [{"type": "text"}, {"type": "json_object"}, {"type": "application/json"}, {"type": "x"}]
        )
        | st.builds(
            lambda schema: {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": schema},
            },
            SCHEMA,
        )
    ),
    "reasoning_effort": st.sampled_from(["none", "minimal", "low", "high", "x"]),
    "modalities": st.sampled_from([["text"], ["image"], ["text", "image"], []]),
    "extra_body": st.fixed_dictionaries({"google": GOOGLE}),
    "unknown_field": JSON,
}


def requests(profile: str) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly valid requests: a conversation and a few of the fields."""
    names = st.lists(st.sampled_from([*FIELDS]), unique=True, max_size=5).filter(
        lambda names: not {"tools", "functions"} <= {*names}
    )
    fields = names.flatmap(
        lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in names})
    )
    model = st.sampled_from([*dialect_of(profile).listed * 9, "no-such-model"])
    return st.builds(
        lambda model, messages, stream, more: (
            {"model": model, "messages": messages, "stream": stream} | more
        ),
        model,
        MESSAGES,
        st.booleans(),
        fields,
    )


STATUSES = (200, 400, 403, 404)


def sent(body: Json, profile: str) -> Exchange:
    request = Request(
        url=dialect_of(profile).example + "/chat/completions",
        headers=(("authorization", f"Bearer {TOKEN}"),),
        body=body,
    )
    return Exchange("fuzzed", request, answer(request, profile), {"provenance": "emulated"})


def broken_by_its_own_stop(exchange: Exchange) -> bool:
    """Return whether a request asks for JSON and has stop strings that may truncate it.

    The endpoint cannot avoid findings about such JSON."""
    body = exchange.request.body
    return (
        isinstance(body, dict)
        and bool(body.get("stop"))
        and "json" in str(body.get("response_format"))
    )


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=60)
@given(body=JSON)
def test_any_json_is_answered_by_a_documented_error(
    profile: str, body: Json, unexpected: Unexpected
) -> None:
    exchange = sent(body, profile)
    assert exchange.response.status == 400
    assert unexpected(exchange, profile) == {}
    assert error_message(fold(exchange))


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_any_request_is_answered_as_documented(
    profile: str, data: st.DataObject, unexpected: Unexpected
) -> None:
    exchange = sent(data.draw(requests(profile)), profile)
    assert exchange.response.status in STATUSES
    assert exchange.response == sent(exchange.request.body, profile).response
    if not broken_by_its_own_stop(exchange):
        assert unexpected(exchange, profile) == {}


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data(), name=st.sampled_from(["model", "messages", *FIELDS]), value=JSON)
def test_any_request_with_a_broken_field_is_answered(
    profile: str, data: st.DataObject, name: str, value: Json, unexpected: Unexpected
) -> None:
    exchange = sent(data.draw(requests(profile)) | {name: value}, profile)
    assert exchange.response.status in STATUSES
    assert fold(exchange).kind in ("completion", "stream", "error")
    if exchange.response.status != 200:
        assert unexpected(exchange, profile) == {}
