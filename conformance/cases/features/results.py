"""Features of tool calls and their results: number, order and format."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.request_access import (
    Object,
    calling_messages,
    calls,
    is_json_object,
    messages,
)
from conformance.protocol.json_access import dict_items

_TOOL = ("one-tool", "several-tools")
_CALLED = ("call-result", "parallel-results", "reversed-results")
_REPLAYED = ("null-content", "empty-content", "absent-content")


def _called_once(body: Body) -> bool:
    return any(len(tool_calls) == 1 for tool_calls in calls(body))


def _in_order(expected: bool) -> Callable[[Body], bool]:
    def test(body: Body) -> bool:
        answered = [message.get("tool_call_id") for message in messages(body, "tool")]
        return any(
            len(tool_calls) > 1
            and ([call.get("id") for call in tool_calls] == answered) is expected
            for tool_calls in calls(body)
        )

    return test


def _ends(body: Body) -> bool:
    return bool(messages(body)) and messages(body)[-1].get("role") == "tool"


def _replays(test: Callable[[Object], bool]) -> Callable[[Body], bool]:
    return lambda body: any(test(message) for message in calling_messages(body))


def _arrangement(
    name: str, phrase: str, source: str, is_in: Callable[[Body], bool], needs: str = "tools"
) -> Feature:
    return Feature(
        name,
        "histories",
        phrase,
        source,
        is_in,
        words(needs),
        "arrangement",
        implies=(_TOOL, _REPLAYED),
    )


def _replay(name: str, phrase: str, is_in: Callable[[Object], bool]) -> Feature:
    return Feature(
        name,
        "histories",
        phrase,
        "3.2, OA-SPEC",
        _replays(is_in),
        words("tools"),
        "replay",
        implies=(_TOOL, _CALLED),
    )


def _form(name: str, phrase: str, source: str, is_in: Callable[[Object], bool]) -> Feature:
    def test(body: Body) -> bool:
        return any(is_in(message) for message in messages(body, "tool"))

    return Feature(
        name, "histories", phrase, source, test, words("tools"), "result", implies=(_TOOL, _CALLED)
    )


FEATURES = (
    _arrangement("call-result", "a call and its result", "3.10, OA-SPEC", _called_once),
    _arrangement(
        "parallel-results",
        "two calls and their results",
        "2, OA-SPEC",
        _in_order(True),
        "tools parallel-tools",
    ),
    _arrangement(
        "reversed-results",
        "the results of two calls in the other order",
        "reports",
        _in_order(False),
        "tools parallel-tools",
    ),
    _replay(
        "null-content",
        "content null beside a call",
        lambda message: "content" in message and message["content"] is None,
    ),
    _replay(
        "empty-content",
        "an empty content beside a call",
        lambda message: message.get("content") == "",
    ),
    _replay("absent-content", "no content beside a call", lambda message: "content" not in message),
    Feature(
        "results-last",
        "histories",
        "results at the end",
        "3.10, OA-SPEC",
        _ends,
        words("tools"),
        implies=(_TOOL, _CALLED),
    ),
    _form(
        "json-result",
        "a result in JSON",
        "3.10, OA-SPEC",
        lambda message: is_json_object(message.get("content")),
    ),
    _form(
        "parts-result",
        "a result in text parts",
        "OA-SPEC",
        lambda message: bool(dict_items(message.get("content"))),
    ),
)
"""From simple to special."""
