"""Edits for Google's extensions: thinking, extra_body and extra_content."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.cases.strategies.edits import (
    Edit,
    Edits,
    always,
    google,
    last_user_message,
    one_of,
    option,
    thinking_config,
)
from conformance.protocol.exchange import Json

# the signature that Google documents for calls that its model did not make
_DUMMY = "skip_thought_signature_validator"
_FILE = {
    "mime_type": "image/jpeg",
    "display_name": "sky.jpg",
    "file_uri": "gs://cloud-samples-data/generative-ai/image/scones.jpg",
}
_SETTINGS = (
    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"},
    {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"},
)


def _set(place: Callable[[Body], dict[str, Any]], key: str, *values: Json) -> SearchStrategy[Edit]:
    return one_of(lambda body, value: place(body).update({key: value}), *values)


def _mark_message(body: Body, thought: bool) -> None:
    message = next(
        message
        for message in body["messages"]
        if message["role"] == "assistant" and isinstance(message.get("content"), str)
    )
    message["extra_content"] = {"google": {"thought": thought}}


def _mark_part(body: Body) -> None:
    message = last_user_message(body)
    if isinstance(message["content"], str):
        message["content"] = [{"type": "text", "text": message["content"]}]
    message["content"][-1]["extra_content"] = {"google": {"thought": False}}


def _sign(body: Body) -> None:
    message = next(message for message in body["messages"] if "tool_calls" in message)
    first = message["tool_calls"][0]
    first["extra_content"] = {"google": {"thought_signature": _DUMMY}}


def _show(body: Body) -> None:
    result = next(message for message in body["messages"] if message["role"] == "tool")
    result["content"] = json.dumps(
        json.loads(result["content"]) | {"picture": {"$ref": _FILE["display_name"]}}
    )
    result["extra_content"] = {"google": {"parts": [{"file_data": _FILE}]}}


EDITS: Edits = {
    "effort-none": option("reasoning_effort", "none"),
    "effort-low": option("reasoning_effort", "low"),
    "effort-high": option("reasoning_effort", "high"),
    "include-thoughts": _set(thinking_config, "include_thoughts", True),
    "thinking-budget": _set(thinking_config, "thinking_budget", 128, 1024),
    "thinking-level": _set(thinking_config, "thinking_level", "low", "high"),
    "thinking-off": _set(thinking_config, "thinking_budget", 0),
    "thought-tag": _set(google, "thought_tag_marker", "think", "reflection"),
    "safety-settings": _set(google, "safety_settings", list(_SETTINGS[:1]), list(_SETTINGS)),
    "media-resolution": _set(
        google, "media_resolution", "MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_HIGH"
    ),
    "google-tools": _set(google, "tools", [{"google_search": {}}]),
    "stream-arguments": _set(google, "stream_function_call_arguments", True),
    "cached-content": _set(
        google, "cached_content", "cachedContents/0000aaaa1111bbbb2222cccc3333dddd4444eeee"
    ),
    "extra-message": one_of(_mark_message, False, True),
    "extra-part": always(_mark_part),
    "extra-call": always(_sign),
    "extra-result": always(_show),
}
