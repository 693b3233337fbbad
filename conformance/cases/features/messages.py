"""Features of messages: their characters, and conversations without tools."""

import unicodedata

from conformance.cases.features.feature import Body, Feature
from conformance.cases.features.request_access import messages, parts, texts
from conformance.protocol.json_access import dict_items

LONG = 1500
"""The least characters of a long text."""


def _letters(body: Body) -> set[str]:
    return set().union(*texts(body))


def _has_emoji(body: Body) -> bool:
    return any(ord(letter) >= 0x1F000 for letter in _letters(body))


def _has_combining(body: Body) -> bool:
    return any(unicodedata.combining(letter) for letter in _letters(body))


def _is_rtl(body: Body) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in _letters(body))


def _answers_before(body: Body) -> bool:
    return any(
        message.get("content") and not message.keys() & {"tool_calls", "function_call"}
        for message in messages(body, "assistant")
    )


def _has_text_parts(body: Body) -> bool:
    return any(
        len([part for part in dict_items(message.get("content")) if part.get("type") == "text"]) > 1
        for message in messages(body, "user")
    )


FEATURES = (
    Feature("emoji", "text", "emoji", "RFC 8259", _has_emoji),
    Feature("combining", "text", "combining marks", "RFC 8259", _has_combining),
    Feature("rtl", "text", "writing from right to left", "RFC 8259", _is_rtl),
    Feature("nul", "text", "a NUL character", "RFC 8259", lambda body: "\0" in _letters(body)),
    Feature(
        "long",
        "text",
        "a long text",
        "OA-SPEC",
        lambda body: any(len(text) >= LONG for text in texts(body)),
    ),
    Feature(
        "system",
        "histories",
        "a system message",
        "3.1, OA-SPEC",
        lambda body: bool(messages(body, "system")),
        factor="instruction",
    ),
    Feature(
        "developer",
        "histories",
        "a developer message",
        "3.1, OA-SPEC",
        lambda body: bool(messages(body, "developer")),
        factor="instruction",
    ),
    Feature(
        "system-parts",
        "histories",
        "a system message in text parts",
        "OA-SPEC",
        lambda body: bool(parts(body, "text", "system")),
        implies=(("system",),),
    ),
    Feature("several-turns", "histories", "several turns", "3.1, OA-SPEC", _answers_before),
    Feature("text-parts", "histories", "several text parts", "OA-SPEC", _has_text_parts),
)
"""From simple to special."""
