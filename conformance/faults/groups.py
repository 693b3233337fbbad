"""Conforming twins and conversations, made from goldens.

A golden is an exchange that conforms, written from the documentation: the files of the folder
``golden``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from conformance.faults.kit.fault import Group
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Exchange, Json

_SAMPLED = {"temperature": 0, "seed": 1}
_USAGE = {"stream": True, "stream_options": {"include_usage": True}}
_URL = "https://example.com/boardwalk.jpg"
_IMAGE: dict[str, Json] = {"type": "image_url", "image_url": {"url": _URL}}
_OTHER_IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/tower.png"}}


class _Goldens:
    """The goldens by id, and what is made of them."""

    def __init__(self, goldens: Iterable[Exchange]) -> None:
        self.by_id = {each.id: each for each in goldens}

    def asking(self, identifier: str, request: Mapping[str, Json], *gone: str) -> Exchange:
        """Use the golden as the response to this request, without the keys in `gone`."""
        golden = self.by_id[identifier]
        body = {key: value for key, value in request.items() if key not in gone}
        return replace(golden, request=replace(golden.request, body=body))

    def request(self, identifier: str) -> dict[str, Any]:
        """Return the body of the golden's own request."""
        return dict(self.by_id[identifier].request.body)

    def twin(
        self,
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
        asked = self.request(first) | dict(both or {})
        return self.asking(first, asked), self.asking(second, asked | dict(difference), *gone)

    def turns(self, first: str, second: str, content: str | None = "It is clear.") -> Group:
        """Make a conversation: a golden with tool calls, then one that answers the tool results."""
        asked, called = self.request(first), self.message(first)
        results = [
            {"role": "tool", "tool_call_id": call["id"], "content": content}
            for call in called["tool_calls"]
        ]
        return self.by_id[first], self.asking(
            second, asked | {"messages": [*asked["messages"], called, *results]}
        )

    def message(self, identifier: str) -> dict[str, Any]:
        """Return the message of the golden's first choice."""
        body = orjson.loads(self.by_id[identifier].response.body or b"")
        message: dict[str, Any] = body["choices"][0]["message"]
        return message


def _said(content: Json) -> dict[str, Json]:
    return {"messages": [{"role": "user", "content": content}]}


def timed(group: Group) -> Group:
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


def groups(goldens: Iterable[Exchange]) -> dict[str, Group]:
    """Make all groups, by what they differ in, from all goldens."""
    made = _Goldens(goldens)
    text, version = {"content": "Say hi."}, made.by_id["vertex-gemini/plain"]
    return {
        "text, streamed": made.twin("openai/plain", "openai/stream-usage", _USAGE, both=_SAMPLED),
        "json, streamed": made.twin(
            "openai/json-schema", "openai/stream-json-schema", {"stream": True}, both=_SAMPLED
        ),
        "forced call, streamed": made.twin(
            "openai/tools-required", "openai/stream-tools-required", {"stream": True}, both=_SAMPLED
        ),
        "named call, streamed": made.twin(
            "openai/tools-named", "openai/stream-tools-named", {"stream": True}
        ),
        "signed call, streamed": made.twin(
            "vertex-gemini/tools", "vertex-gemini/stream-tools", {"stream": True}
        ),
        "newer limit": made.twin(
            "openai/plain-cut-older",
            "openai/plain-cut-older",
            {"max_completion_tokens": 6},
            "max_tokens",
        ),
        "text as a part": made.twin(
            "openai/parts",
            "openai/parts",
            _said([{"type": "text", "text": text["content"]}]),
            both=_said(text["content"]),
        ),
        "image as a string": made.twin(
            "vertex-gemini/image",
            "vertex-gemini/image",
            _said([_IMAGE | {"image_url": _URL}]),
            both=_said([_IMAGE]),
        ),
        "unsupported field": made.twin(
            "vertex-gemini/plain", "vertex-gemini/plain", {"store": True}
        ),
        "stop in a list": made.twin("openai/stop-text", "openai/stop-text", {"stop": ["###END"]}),
        "another version": (
            version,
            replace(
                version,
                request=replace(
                    version.request, url=version.request.url.replace("/v1/", "/v1beta1/")
                ),
            ),
        ),
        "older functions": made.twin(
            "openai/tools",
            "openai/functions",
            {"functions": [made.request("openai/tools")["tools"][0]["function"]]},
            "tools",
            "tool_choice",
        ),
        "thinking off": made.twin(
            "vertex-gemini/plain", "vertex-gemini/plain-no-thinking", {"reasoning_effort": "none"}
        ),
        "usage in a stream of a call": timed(
            made.twin("openai/stream-tools", "openai/stream-tools-usage", _USAGE)
        ),
        "tools beside streamed text": timed(
            made.twin(
                "openai/stream-tools-none",
                "openai/stream-tools-none",
                {},
                both={"tool_choice": "auto"},
            )
        ),
        "an image": made.twin(
            "openai/parts",
            "openai/image",
            _said([{"type": "text", "text": "Say hi."}, _IMAGE]),
            both=_said("Say hi."),
        ),
        "a second image": made.twin(
            "openai/image", "openai/image-tall", _said([_IMAGE, _OTHER_IMAGE]), both=_said([_IMAGE])
        ),
        "a call and its result": made.turns("openai/tools", "openai/tools-result"),
        "a signed call and its result": made.turns("vertex-gemini/tools", "vertex-gemini/plain"),
        "a call after another": made.turns("openai/tools-required", "openai/tools-required-twice"),
    }
