"""Conforming twins and conversations, made from goldens."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from conformance.faults import Group
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Exchange, Json
from tests.faults.bases import goldens

_SAMPLED = {"temperature": 0, "seed": 1}
_USAGE = {"stream": True, "stream_options": {"include_usage": True}}
_URL = "https://example.com/boardwalk.jpg"
_IMAGE: dict[str, Json] = {"type": "image_url", "image_url": {"url": _URL}}
_OTHER_IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/tower.png"}}


@cache
def _golden(identifier: str) -> Exchange:
    return next(base.exchange for base in goldens() if base.exchange.id == identifier)


def _asking(identifier: str, request: Mapping[str, Json], *gone: str) -> Exchange:
    """Use the golden as the response to this request, without the keys in `gone`."""
    golden = _golden(identifier)
    body = {key: value for key, value in request.items() if key not in gone}
    return replace(golden, request=replace(golden.request, body=body))


def _own(identifier: str) -> dict[str, Any]:
    return dict(_golden(identifier).request.body)


def _said(content: Json) -> dict[str, Json]:
    return {"messages": [{"role": "user", "content": content}]}


def _twin(
    first: str,
    second: str,
    difference: Mapping[str, Json],
    *gone: str,
    both: Mapping[str, Json] | None = None,
) -> Group:
    """Use two goldens as the responses to the first one's request and to a variant of it.

    `difference` is added to the second request, and the keys in `gone` are removed from it.
    `both` is added to both requests.
    """
    asked = _own(first) | dict(both or {})
    return _asking(first, asked), _asking(second, asked | dict(difference), *gone)


def _timed(group: Group) -> Group:
    """Add arrival times to the streams: one event every 40 ms."""
    return tuple(
        replace(each, response=replace(each.response, reads=_reads(each.response.body or b"")))
        for each in group
    )


def _reads(body: bytes) -> tuple[tuple[float, int], ...]:
    ends = event_ends(body)
    return tuple(
        (100.0 + 40 * number, end - start)
        for number, (start, end) in enumerate(zip((0, *ends), ends, strict=False))
    )


def _turn(first: str, second: str, content: str | None = "It is clear.") -> Group:
    """Make a conversation: a golden with tool calls, then one that answers the tool results."""
    asked, called = _own(first), _message(first)
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": content}
        for call in called["tool_calls"]
    ]
    return _golden(first), _asking(
        second, asked | {"messages": [*asked["messages"], called, *results]}
    )


def _message(identifier: str) -> dict[str, Any]:
    import json

    message: dict[str, Any] = json.loads(_golden(identifier).response.body or b"")["choices"][0][
        "message"
    ]
    return message


@cache
def groups() -> dict[str, Group]:
    """Return all groups by what they differ in."""
    text, version = {"content": "Say hi."}, _golden("vertex-gemini/plain")
    return {
        "text, streamed": _twin("openai/plain", "openai/stream-usage", _USAGE, both=_SAMPLED),
        "json, streamed": _twin(
            "openai/json-schema", "openai/stream-json-schema", {"stream": True}, both=_SAMPLED
        ),
        "forced call, streamed": _twin(
            "openai/tools-required", "openai/stream-tools-required", {"stream": True}, both=_SAMPLED
        ),
        "named call, streamed": _twin(
            "openai/tools-named", "openai/stream-tools-named", {"stream": True}
        ),
        "signed call, streamed": _twin(
            "vertex-gemini/tools", "vertex-gemini/stream-tools", {"stream": True}
        ),
        "newer limit": _twin(
            "openai/plain-cut-older",
            "openai/plain-cut-older",
            {"max_completion_tokens": 6},
            "max_tokens",
        ),
        "text as a part": _twin(
            "openai/parts",
            "openai/parts",
            _said([{"type": "text", "text": text["content"]}]),
            both=_said(text["content"]),
        ),
        "image as a string": _twin(
            "vertex-gemini/image",
            "vertex-gemini/image",
            _said([_IMAGE | {"image_url": _URL}]),
            both=_said([_IMAGE]),
        ),
        "unsupported field": _twin("vertex-gemini/plain", "vertex-gemini/plain", {"store": True}),
        "stop in a list": _twin("openai/stop-text", "openai/stop-text", {"stop": ["###END"]}),
        "another version": (
            version,
            replace(
                version,
                request=replace(
                    version.request, url=version.request.url.replace("/v1/", "/v1beta1/")
                ),
            ),
        ),
        "older functions": _twin(
            "openai/tools",
            "openai/functions",
            {"functions": [_own("openai/tools")["tools"][0]["function"]]},
            "tools",
            "tool_choice",
        ),
        "thinking off": _twin(
            "vertex-gemini/plain", "vertex-gemini/plain-no-thinking", {"reasoning_effort": "none"}
        ),
        "usage in a stream of a call": _timed(
            _twin("openai/stream-tools", "openai/stream-tools-usage", _USAGE)
        ),
        "tools beside streamed text": _timed(
            _twin(
                "openai/stream-tools-none",
                "openai/stream-tools-none",
                {},
                both={"tool_choice": "auto"},
            )
        ),
        "an image": _twin(
            "openai/parts",
            "openai/image",
            _said([{"type": "text", "text": "Say hi."}, _IMAGE]),
            both=_said("Say hi."),
        ),
        "a second image": _twin(
            "openai/image", "openai/image-tall", _said([_IMAGE, _OTHER_IMAGE]), both=_said([_IMAGE])
        ),
        "a call and its result": _turn("openai/tools", "openai/tools-result"),
        "a signed call and its result": _turn("vertex-gemini/tools", "vertex-gemini/plain"),
        "a call after another": _turn("openai/tools-required", "openai/tools-required-twice"),
    }
