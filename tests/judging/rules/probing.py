"""Answers to probes, built by functions of the fixture ``make``, not recorded."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from conformance.judging.profiles import profile, profile_names
from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]
Outcomes: TypeAlias = Callable[..., dict[str, str]]

IMAGE = {"data": "iVBORw0KGgo=", "extra_content": {"google": {"mime_type": "image/png"}}}


def heard_by(row: str) -> str:
    """Return a profile in which the level of the requirement is above may."""
    return next(name for name in profile_names() if profile(name).levels.get(row, "may") != "may")


def asked(exchange: Exchange, *rows: str) -> Exchange:
    return replace(exchange, meta={**exchange.meta, "probes": rows})


def told(status: int, message: str = "No.", /, **error: Any) -> Build:
    """Return an error with this message and these other keys."""
    return lambda make: make.error(status, {"error": {"message": message, **error}})


def answer(*messages: Any, **rest: Any) -> Build:
    return lambda make: make.completion(*messages, **rest)


def stream(*deltas: Any, **rest: Any) -> Build:
    return lambda make: make.stream(*deltas, **rest)


def other(status: int) -> Build:
    return lambda make: make.raw(b"", status=status)


def told_under_200(make: Any) -> Exchange:
    exchange: Exchange = make.raw(b'{"error": {"message": "No."}}')
    return exchange


def told_in_a_stream(make: Any) -> Exchange:
    exchange: Exchange = make.streamed([{"error": {"message": "No."}}])
    return exchange


def broken_off(make: Any) -> Exchange:
    exchange: Exchange = make.streamed(
        [*make.chunks("Hel", finish=...), {"error": {"message": "No."}}]
    )
    return exchange


def no_choice(make: Any) -> Exchange:
    exchange: Exchange = make.raw(b"{}")
    return exchange


def page(status: int) -> Build:
    return lambda make: make.raw("<!doctype html>", "text/html", status=status)


def schema_of_a_tree(text: str, finish: str = "stop") -> Build:
    node = {
        "type": "object",
        "properties": {"leaves": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["leaves"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "tree", "schema": node}}
    return answer(text, finish=finish, request={"response_format": wanted})


def image(audio: Any, content: Any = None) -> Build:
    return answer({"audio": audio, "content": content}, request={"modalities": ["image"]})


def model(name: str, build: Build) -> Build:
    def built(make: Any) -> Exchange:
        exchange = build(make)
        return replace(exchange, request=replace(exchange.request, body={"model": name}))

    return built


def replayed(
    build: Build, *signatures: Any, model: str = "google/gemini-3-pro", said_after: bool = False
) -> Build:
    """The answer to a replayed step of parallel calls with these signatures, to which the user said
    something more or not."""
    calls = [
        {
            "id": str(number),
            "type": "function",
            "function": {"name": "f", "arguments": "{}"},
            "extra_content": {"google": {"thought_signature": signature}},
        }
        for number, signature in enumerate(signatures)
    ]
    messages = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "tool_calls": calls},
        *([{"role": "user", "content": "And?"}] * said_after),
    ]

    def built(make: Any) -> Exchange:
        exchange = build(make)
        return replace(
            exchange, request=replace(exchange.request, body={"model": model, "messages": messages})
        )

    return built


def remembered(build: Build, messages: Any) -> Build:
    """The answer of a Gemini 3 to these messages."""

    def built(make: Any) -> Exchange:
        exchange = build(make)
        return replace(
            exchange,
            request=replace(
                exchange.request, body={"model": "google/gemini-3-pro", "messages": messages}
            ),
        )

    return built


def spent(tokens: int, text: str, finish: str = "length", thought: int = 0) -> Build:
    """An answer to a request with the stop string 5 and a limit of 40 tokens."""
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens + thought}
    return answer(text, finish=finish, usage=usage, request={"stop": "5", "max_tokens": 40})
