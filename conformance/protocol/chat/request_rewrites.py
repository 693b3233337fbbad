"""Rewrite requests: remove what twins may differ in, so that the rest can be compared.

No rewriting changes its argument.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from conformance.protocol import schema
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import dict_items

Body: TypeAlias = dict[str, Any]
"""A request body, which is a JSON object."""

Rewriting: TypeAlias = Callable[[Body], Body]

_DEFAULTS: Mapping[str, Json] = {
    "stream": False,
    "n": 1,
    "logprobs": False,
    "tool_choice": "auto",
    "function_call": "auto",
}
_BOOKKEEPING = frozenset(
    {
        "user",
        "store",
        "metadata",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "verbosity",
    }
)
_OF_MESSAGES = frozenset(
    {
        "tool_call_id",
        "refusal",
        "audio",
        "function_call",
        "annotations",
        "reasoning",
        "reasoning_content",
    }
)


def without_defaults(body: Body) -> Body:
    """Return a request without the fields that only repeat a default or are null."""
    rest = {
        key: value
        for key, value in body.items()
        if value is not None and _DEFAULTS.get(key, ...) != value
    }
    options = rest.pop("stream_options", None)
    if (
        rest.get("stream")
        and isinstance(options, dict)
        and (switched_on := {key: value for key, value in options.items() if value})
    ):
        rest["stream_options"] = switched_on
    return rest


def without(*keys: str) -> Rewriting:
    """Return a rewriting that leaves these fields out."""
    return lambda body: {key: value for key, value in body.items() if key not in keys}


def renamed(old: str, new: str) -> Rewriting:
    """Return a rewriting that renames a field; it does nothing if ``new`` is already there."""
    return lambda body: (
        body if new in body else {new if key == old else key: value for key, value in body.items()}
    )


def of_messages(change: Rewriting) -> Rewriting:
    """Return a rewriting that changes each message that is an object."""

    def rewritten(body: Body) -> Body:
        messages = body.get("messages")
        if not isinstance(messages, list):
            return body
        return body | {
            "messages": [
                change(message) if isinstance(message, dict) else message for message in messages
            ]
        }

    return rewritten


def texts(message: Body) -> list[str]:
    """Return the texts of a message: its content, or those of its content parts."""
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    return [text for part in dict_items(content) if isinstance(text := part.get("text"), str)]


def _is_lone_text(content: Json) -> bool:
    return (
        isinstance(content, list)
        and len(content) == 1
        and isinstance(content[0], dict)
        and content[0].keys() == {"type", "text"}
    )


def text_by_itself(message: Body) -> Body:
    """Return a message with its only part, if that is text, as a string; others as they are."""
    return (
        message | {"content": message["content"][0]["text"]}
        if _is_lone_text(message.get("content"))
        else message
    )


def has_lone_text(request: ChatRequest) -> bool:
    """Return whether a message has a text part and no other part."""
    return any(_is_lone_text(message.get("content")) for message in request.messages)


def stop_in_a_list(body: Body) -> Body:
    """Return a request with a stop string that is not in a list put into one."""
    return body | {"stop": [body["stop"]]} if isinstance(body.get("stop"), str) else body


def has_image_as_string(request: ChatRequest) -> bool:
    """Return whether an ``image_url`` of the request is a string."""
    return any(isinstance(part["image_url"], str) for part in request.image_parts)


def images_as_objects(message: Body) -> Body:
    """Return a message with every ``image_url`` that is a string turned into an object."""

    def rewritten(part: Json) -> Json:
        return (
            part | {"image_url": {"url": part["image_url"]}}
            if isinstance(part, dict) and isinstance(part.get("image_url"), str)
            else part
        )

    content = message.get("content")
    return (
        message | {"content": list(map(rewritten, content))}
        if isinstance(content, list)
        else message
    )


def images(request: ChatRequest) -> list[Json]:
    """Return the different image URLs; for a malformed image the value in place of its URL."""
    urls = [
        image.get("url") if isinstance(image := part["image_url"], dict) else image
        for part in request.image_parts
    ]
    return list({json.dumps(url, sort_keys=True): url for url in urls}.values())


def without_images(body: Body, kept: int = 0) -> Body:
    """Return a request without its images except the first ``kept``.

    Text that is then the only part of a message becomes a string.
    """
    dropped = set(map(id, ChatRequest(body).image_parts[kept:]))

    def rewritten(message: Body) -> Body:
        content = message.get("content")
        if not isinstance(content, list):
            return message
        return text_by_itself(
            message | {"content": [part for part in content if id(part) not in dropped]}
        )

    return of_messages(rewritten)(body)


def functions_as_tools(body: Body) -> Body:
    """Return a request with the older ``functions`` turned into tools."""
    functions, choice = body.get("functions"), body.get("function_call")
    if not isinstance(functions, list):
        return body
    named = {"type": "function", "function": choice} if isinstance(choice, dict) else choice
    rewritten = without("functions", "function_call")(body) | {
        "tools": [{"type": "function", "function": function} for function in functions]
    }
    return rewritten | ({} if named is None else {"tool_choice": named})


def without_thinking(body: Body) -> Body:
    """Return a request without ``reasoning_effort`` and thinking_config."""
    rest = without("reasoning_effort", "extra_body")(body)
    extra = body.get("extra_body")
    google = extra.get("google") if isinstance(extra, dict) else None
    if not isinstance(extra, dict) or not isinstance(google, dict):
        return rest | ({"extra_body": extra} if extra else {})
    kept = without("google")(extra) | (
        {"google": other} if (other := without("thinking_config", "thinkingConfig")(google)) else {}
    )
    return rest | ({"extra_body": kept} if kept else {})


@cache
def _documented() -> tuple[frozenset[str], frozenset[str]]:
    """Return the documented fields on which an answer depends: of a request, and of a message."""
    parts = schema.document("request")["$defs"]
    return (
        frozenset({*parts["openai"]["properties"], *parts["google"]["properties"]} - _BOOKKEEPING),
        _OF_MESSAGES | parts["message"]["properties"].keys(),
    )


def without_extra_fields(body: Body) -> Body:
    """Return a request without the fields on which no answer depends.

    These are undocumented fields, and those for OpenAI's own bookkeeping.
    """
    of_request, of_message = _documented()
    kept = {key: value for key, value in body.items() if key in of_request}
    return of_messages(
        lambda message: {key: value for key, value in message.items() if key in of_message}
    )(kept)


def has_extra_field(request: ChatRequest) -> bool:
    """Return whether a request has a field on which no answer depends."""
    of_request, of_message = _documented()
    return bool(request.body.keys() - of_request) or any(
        message.keys() - of_message for message in request.messages
    )
