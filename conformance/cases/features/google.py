"""Google's extensions: thinking, ``extra_body.google`` and ``extra_content.google``."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.media import IMAGES
from conformance.cases.features.request_access import (
    calls,
    extra,
    google,
    in_range,
    messages,
    parts,
    thinking_config,
)

_TOOL = ("one-tool", "several-tools")
_CALLED = ("call-result", "parallel-results", "reversed-results")
_ONLY_VERTEX = (  # for keys that only Vertex AI documents, like safety_settings
    "extra-body safety-settings"
)


def _effort(effort: str, source: str) -> Feature:
    return Feature(
        f"effort-{effort}",
        "thinking",
        f"reasoning_effort {effort}",
        source,
        lambda body: body.get("reasoning_effort") == effort,
        words("reasoning-effort"),
        "effort",
        words("include-thoughts thinking-budget thinking-level thinking-off"),
    )


def _amount(
    name: str,
    phrase: str,
    source: str,
    is_in: Callable[[Body], bool],
    excludes: str = "",
    need: str = "",
) -> Feature:
    return Feature(
        name,
        "thinking",
        phrase,
        source,
        is_in,
        words(f"extra-body thinking {need}"),
        "amount",
        words(excludes),
    )


def _budgets(low: int, high: float) -> Callable[[Body], bool]:
    return lambda body: in_range(thinking_config(body).get("thinking_budget"), low, high)


def _of_vertex(
    name: str, phrase: str, source: str, key: str, kind: type, excludes: str = ""
) -> Feature:
    return Feature(
        name,
        "extra-body",
        phrase,
        source,
        lambda body: isinstance(google(body).get(key), kind),
        words(_ONLY_VERTEX),
        excludes=words(excludes),
    )


def _marks_message(body: Body) -> bool:
    return any(
        "thought" in extra(message)
        for message in messages(body)
        if isinstance(message.get("content"), str)
    )


def _marks_call(body: Body) -> bool:
    return any(
        "thought_signature" in extra(call) for tool_calls in calls(body) for call in tool_calls
    )


FEATURES = (
    _effort("none", "2, 2.1, OA-SPEC"),
    _effort("low", "2, 2.1, V-OV, OA-SPEC"),
    _effort("high", "2, 2.1, V-OV, OA-SPEC"),
    _amount("thinking-budget", "a thinking budget", "4.6", _budgets(1, float("inf"))),
    _amount(
        "thinking-level",
        "a thinking level",
        "4.6",
        lambda body: isinstance(thinking_config(body).get("thinking_level"), str),
        need="thinking-level",
    ),
    _amount(
        "thinking-off", "a thinking budget of 0", "2.1, G-OAI", _budgets(0, 0), "include-thoughts"
    ),
    Feature(
        "include-thoughts",
        "thinking",
        "include_thoughts",
        "4.6",
        lambda body: thinking_config(body).get("include_thoughts") is True,
        words("extra-body thinking"),
    ),
    Feature(
        "thought-tag",
        "thinking",
        "a thought tag marker",
        "4.8",
        lambda body: isinstance(google(body).get("thought_tag_marker"), str),
        words("extra-body thinking thought-tag-marker"),
        implies=(("include-thoughts",),),
    ),
    _of_vertex("safety-settings", "safety settings", "4.3", "safety_settings", list),
    Feature(
        "media-resolution",
        "extra-body",
        "media_resolution",
        "4.3",
        lambda body: isinstance(google(body).get("media_resolution"), str),
        words(f"{_ONLY_VERTEX} image"),
        implies=(IMAGES,),
    ),
    _of_vertex("google-tools", "Google's own tools", "4.3", "tools", list, "declared"),
    Feature(
        "stream-arguments",
        "extra-body",
        "arguments in fragments",
        "4.9, V-EX",
        lambda body: google(body).get("stream_function_call_arguments") is True,
        words("extra-body stream stream-function-call-arguments tools"),
        implies=(("stream",), _TOOL),
    ),
    Feature(
        "cached-content",
        "extra-body",
        "cached content",
        "4.3, 4.5",
        lambda body: isinstance(google(body).get("cached_content"), str),
        words("cached-content extra-body"),
        excludes=words("instruction declared google-tools"),
    ),
    Feature(
        "extra-message",
        "extra-content",
        "extra_content on a message",
        "4.11",
        _marks_message,
        words("extra-content"),
        implies=(("several-turns",),),
    ),
    Feature(
        "extra-part",
        "extra-content",
        "extra_content on a content part",
        "4.11",
        lambda body: any("thought" in extra(part) for part in parts(body)),
        words("extra-content"),
    ),
    Feature(
        "extra-call",
        "extra-content",
        "extra_content on a tool call",
        "4.11, V-TS",
        _marks_call,
        words("extra-content tools"),
        implies=(_TOOL, _CALLED),
    ),
    Feature(
        "extra-result",
        "extra-content",
        "an image in a tool result",
        "3.10, V-EX",
        lambda body: any("parts" in extra(message) for message in messages(body, "tool")),
        words("extra-content gcs image tools"),
        implies=(_TOOL, _CALLED, ("json-result",)),
    ),
)
"""From simple to special. A cache contains the instruction and the tools, so a request that uses
one must not have its own."""
