"""Decide whether a response is well formed, so that faults can be put into it."""

from functools import lru_cache

import orjson

from conformance.protocol.event_stream import parse
from conformance.protocol.exchange import Exchange, Json

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_DONE = "[DONE]"


def is_well_formed(exchange: Exchange) -> bool:
    """Return whether the parts of a response have the types that the protocol gives them.

    Checks choices, messages, deltas, tool calls and usage; missing parts are accepted. False if the
    body, or the data of an event, is not a JSON object.
    """
    return _is_well_formed(exchange.response.body or b"")


@lru_cache(maxsize=4096)
def _is_well_formed(body: bytes) -> bool:
    try:
        texts = (
            [body]
            if body.lstrip()[:1] in (b"{", b"[")
            else [event.data.encode() for event in parse(body).events if event.data != _DONE]
        )
        return all(_is_envelope(orjson.loads(text)) for text in texts)
    except orjson.JSONDecodeError:
        return False


def _is_envelope(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    choices = value.get("choices")
    return (
        choices is None or (isinstance(choices, list) and all(map(_is_choice, choices)))
    ) and _is_usage(value.get("usage"))


def _is_choice(value: Json) -> bool:
    if not (
        isinstance(value, dict)
        and isinstance(value.get("index"), int)
        and isinstance(value.get("finish_reason"), str | None)
    ):
        return False
    return all(_is_message(value.get(key)) for key in ("message", "delta")) and _are_logprobs(
        value.get("logprobs")
    )


def _is_message(value: Json) -> bool:
    if not isinstance(value, dict | None):
        return False
    message = value or {}
    objects = all(
        isinstance(message.get(key), dict | None)
        for key in ("function_call", "audio", "extra_content")
    )
    calls = message.get("tool_calls")
    return (
        objects
        and isinstance(message.get("content"), str | None)
        and (calls is None or (isinstance(calls, list) and all(map(_is_call, calls))))
    )


def _is_call(value: Json) -> bool:
    if not (
        isinstance(value, dict)
        and all(isinstance(value.get(key), dict | None) for key in ("function", "extra_content"))
    ):
        return False
    function = value.get("function") or {}
    return isinstance(value.get("id"), str | None) and all(
        isinstance(function.get(key), str | None) for key in ("name", "arguments")
    )


def _are_logprobs(value: Json) -> bool:
    if not isinstance(value, dict | None):
        return False
    content = (value or {}).get("content")
    keys = {"token", "logprob", "top_logprobs"}
    return content is None or (
        isinstance(content, list)
        and all(isinstance(entry, dict) and keys <= entry.keys() for entry in content)
    )


def _is_usage(value: Json) -> bool:
    if not isinstance(value, dict | None):
        return False
    usage = value or {}
    details = ("prompt_tokens_details", "completion_tokens_details")
    return not usage or (
        all(isinstance(usage.get(key), int) for key in COUNTS)
        and all(isinstance(usage.get(key), dict | None) for key in details)
    )
