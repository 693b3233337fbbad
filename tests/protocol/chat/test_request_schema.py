"""Legal requests, by the documentation of OpenAI or Google, and invalid ones."""

from typing import Any

import pytest

from conformance.protocol.chat.request_schema import breaks_schema, legal_parameters
from conformance.protocol.exchange import Json

HELLO = {"role": "user", "content": "Hello."}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
ANSWERED = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
    },
}
SCHEMA = {"name": "city", "schema": {"type": "object"}, "strict": True}


def saying(*content: Json) -> dict[str, Any]:
    """Return a request whose message has these parts."""
    return {"messages": [{"role": "user", "content": [*content]}]}


def with_messages(*messages: Json) -> dict[str, Any]:
    return {"messages": [HELLO, *messages]}


def asking(**fields: Json) -> dict[str, Any]:
    return {"model": "google/gemini-2.5-flash", "messages": [HELLO], **fields}


LEGAL: dict[str, dict[str, Any]] = {
    "nothing but messages": {"messages": [HELLO]},
    "every role": with_messages(
        {"role": "developer", "content": "Be brief."},
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "Hi."},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        ANSWERED,
        {"role": "function", "name": "f", "content": "{}"},
    ),
    "an assistant that calls, content null": with_messages(
        {"role": "assistant", "content": None, "tool_calls": [CALL]}, ANSWERED
    ),
    "an assistant that calls, content absent": with_messages(
        {"role": "assistant", "tool_calls": [CALL]}, ANSWERED
    ),
    "an assistant that calls, content empty": with_messages(
        {"role": "assistant", "content": "", "tool_calls": [CALL]}, ANSWERED
    ),
    "an assistant that refused": with_messages({"role": "assistant", "refusal": "No."}),
    "an assistant of the old kind": with_messages(
        {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}
    ),
    "a custom call": with_messages(
        {
            "role": "assistant",
            "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "run", "input": "ls"}}],
        },
        ANSWERED,
    ),
    "a named user": with_messages({"role": "user", "name": "Ada", "content": "Hi."}),
    "text parts": saying({"type": "text", "text": "Hello."}),
    "text parts of a tool": with_messages(
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "sunny"}]}
    ),
    "an image as object": saying(
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"},
        }
    ),
    "an image as text": saying(
        {"type": "image_url", "image_url": "gs://cloud-samples-data/image.png"}
    ),
    "sound": saying({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}),
    "sound of a MIME type": saying(
        {
            "type": "input_audio",
            "input_audio": {"data": "gs://cloud-samples-data/sound.mp3", "format": "audio/mp3"},
        }
    ),
    "a file": saying({"type": "file", "file": {"file_id": "file-1"}}),
    "extra_content everywhere": with_messages(
        {"role": "assistant", "content": "Hi.", "extra_content": {"google": {"thought": True}}},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Hi.", "extra_content": {"google": {"thought": True}}}
            ],
        },
        {
            "role": "assistant",
            "tool_calls": [CALL | {"extra_content": {"google": {"thought_signature": "c2ln"}}}],
        },
        ANSWERED
        | {
            "extra_content": {
                "google": {
                    "parts": [{"file_data": {"mime_type": "image/png", "file_uri": "gs://b/i.png"}}]
                }
            }
        },
    ),
    "extra_body": asking(
        extra_body={
            "google": {
                "thinking_config": {"include_thoughts": True},
                "safety_settings": [],
                "cached_content": "c",
            }
        }
    ),
    "a bare google": asking(google={"thinking_config": {}}),
    "fields that nobody knows": asking(x_unknown={"a": 1}),
    "tools of Google's dialect": asking(tools=[WEATHER], tool_choice="validated"),
    "a function without parameters": asking(
        tools=[{"type": "function", "function": {"name": "now"}}]
    ),
    "a custom tool": asking(
        tools=[{"type": "custom", "custom": {"name": "run"}}],
        tool_choice={"type": "custom", "custom": {"name": "run"}},
    ),
    "a tool of the server": asking(tools=[{"type": "web_search"}]),
    "a named function": asking(
        tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "get_weather"}}
    ),
    "allowed tools": asking(
        tools=[WEATHER],
        tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}},
    ),
    "functions": asking(functions=[{"name": "f", "parameters": {}}], function_call={"name": "f"}),
    "a text": asking(response_format={"type": "text"}),
    "a JSON object": asking(response_format={"type": "json_object"}),
    "a schema": asking(response_format={"type": "json_schema", "json_schema": SCHEMA}),
    "another MIME type": asking(response_format={"type": "application/json"}),
    "modalities": asking(modalities=["text", "image"]),
    "limits at their ends": asking(
        temperature=2,
        top_p=0,
        n=128,
        top_logprobs=20,
        frequency_penalty=-2,
        presence_penalty=2,
        logit_bias={"1": -100},
    ),
    "whole numbers written as floats": asking(max_completion_tokens=64.0, n=1.0),
    "a stop": asking(stop="\n"),
    "several stops": asking(stop=["a", "b", "c", "d", "e"]),
    "everything null": asking(
        **dict.fromkeys(
            [
                "audio",
                "frequency_penalty",
                "function_call",
                "functions",
                "logit_bias",
                "logprobs",
                "max_completion_tokens",
                "max_tokens",
                "metadata",
                "modalities",
                "n",
                "parallel_tool_calls",
                "prediction",
                "presence_penalty",
                "prompt_cache_key",
                "prompt_cache_retention",
                "reasoning_effort",
                "response_format",
                "safety_identifier",
                "seed",
                "service_tier",
                "stop",
                "store",
                "stream",
                "stream_options",
                "temperature",
                "tool_choice",
                "tools",
                "top_logprobs",
                "top_p",
                "user",
                "verbosity",
                "web_search_options",
                "extra_body",
            ]
        )
    ),
} | {
    f"effort {effort}": asking(reasoning_effort=effort)
    for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max")
}

BROKEN: dict[str, Json] = {
    "no JSON": '{"messages": [',
    "a list": [HELLO],
    "a number": 1,
    "no messages": {"model": "gpt-4o"},
    "messages null": {"messages": None},
    "no message": {"messages": []},
    "messages as text": {"messages": "Hello."},
    "a message as text": {"messages": ["Hello."]},
    "no role": {"messages": [{"content": "Hello."}]},
    "another role": {"messages": [{"role": "model", "content": "Hello."}]},
    "a user who says nothing": {"messages": [{"role": "user"}]},
    "a user who says null": {"messages": [{"role": "user", "content": None}]},
    "a number as content": {"messages": [{"role": "user", "content": 1}]},
    "a tool result of no call": with_messages({"role": "tool", "content": "sunny"}),
    "a call without id": with_messages(
        {
            "role": "assistant",
            "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}],
        }
    ),
    "arguments as object": with_messages(
        {"role": "assistant", "tool_calls": [CALL | {"function": {"name": "f", "arguments": {}}}]}
    ),
    "a part without type": saying({"text": "Hello."}),
    "a part as text": saying("Hello."),
    "a text part without text": saying({"type": "text"}),
    "an image part without image": saying({"type": "image_url"}),
    "an image without URL": saying({"type": "image_url", "image_url": {"detail": "low"}}),
    "an image as list": saying(
        {"type": "image_url", "image_url": ["https://example.invalid/i.png"]}
    ),
    "sound without data": saying({"type": "input_audio", "input_audio": {"format": "wav"}}),
    "sound without format": saying({"type": "input_audio", "input_audio": {"data": "UklGRg=="}}),
    "extra_content as text": with_messages(
        {"role": "assistant", "content": "Hi.", "extra_content": "google"}
    ),
    "extra_content of a text": with_messages(
        {"role": "assistant", "content": "Hi.", "extra_content": {"google": True}}
    ),
    "extra_body as text": asking(extra_body="google"),
    "extra_body of a text": asking(extra_body={"google": "thinking"}),
    "a model as number": asking(model=4),
    "temperature as text": asking(temperature="hot"),
    "too hot": asking(temperature=3),
    "top_p above 1": asking(top_p=1.5),
    "n 0": asking(n=0),
    "n as text": asking(n="2"),
    "no token": asking(max_tokens=0),
    "half a token": asking(max_completion_tokens=1.5),
    "stream as text": asking(stream="yes"),
    "include_usage as text": asking(stream_options={"include_usage": "yes"}),
    "a stop as number": asking(stop=1),
    "a stop of numbers": asking(stop=[1]),
    "another effort": asking(reasoning_effort="some"),
    "another tool_choice": asking(tool_choice="sometimes"),
    "a tool_choice without type": asking(tool_choice={"function": {"name": "f"}}),
    "a tool without function": asking(tools=[{"type": "function"}]),
    "a tool without type": asking(tools=[{"function": {"name": "f"}}]),
    "a function without name": asking(tools=[{"type": "function", "function": {"parameters": {}}}]),
    "parameters as text": asking(
        tools=[{"type": "function", "function": {"name": "f", "parameters": "{}"}}]
    ),
    "tools as object": asking(tools=WEATHER),
    "a format as text": asking(response_format="json"),
    "a format without type": asking(response_format={}),
    "a schema left out": asking(response_format={"type": "json_schema"}),
    "a schema without name": asking(
        response_format={"type": "json_schema", "json_schema": {"schema": {}}}
    ),
    "top_logprobs above 20": asking(top_logprobs=21),
    "logprobs as number": asking(logprobs=5),
    "a bias above 100": asking(logit_bias={"1": 101}),
    "metadata of numbers": asking(metadata={"a": 1}),
}


@pytest.mark.parametrize("case", LEGAL)
def test_a_documented_request_is_legal(case: str) -> None:
    assert not breaks_schema(LEGAL[case])


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_request_is_not(case: str) -> None:
    assert breaks_schema(BROKEN[case])


def test_a_request_that_was_not_recorded_breaks_nothing() -> None:
    assert not breaks_schema(None)


def test_the_parameters_with_legal_values_are_named() -> None:
    body = asking(
        logprobs=True,
        top_logprobs=21,
        seed=None,
        temperature=0.5,
        x_unknown=1,
        extra_body={"google": {}},
        stream=True,
    )
    assert legal_parameters(body) == ["logprobs", "temperature"]


def test_a_parameter_is_legal_whatever_else_is_not() -> None:
    assert legal_parameters({"user": "ada", "n": 0}) == ["user"]
