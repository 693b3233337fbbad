"""Read parts of a request body; malformed parts are skipped and never raise an error."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.cases.features.feature import Body
from conformance.protocol.chat.chat_request import ChatRequest, image_of
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import dict_items, get_path

Object = dict[str, Any]


def messages(body: Body, role: str = "") -> list[Object]:
    """Return the messages, or only those of one role."""
    return [
        message for message in ChatRequest(body).messages if not role or message.get("role") == role
    ]


def parts(body: Body, kind: str = "", role: str = "") -> list[Object]:
    """Return the content parts of the messages, optionally of one type and of one role."""
    return [
        part
        for message in messages(body, role)
        for part in dict_items(message.get("content"))
        if not kind or part.get("type") == kind
    ]


def texts(body: Body) -> list[str]:
    """Return the texts of all messages, those of content parts last."""
    values = [message.get("content") for message in messages(body)] + [
        part.get("text") for part in parts(body, "text")
    ]
    return [text for text in values if isinstance(text, str)]


def images(body: Body) -> list[Object]:
    """Return the ``image_url`` of the image parts; a string becomes an object with this URL."""
    return [image for part in parts(body, "image_url") if (image := image_of(part))]


def image_urls(body: Body) -> list[str]:
    """Return the URLs of the images."""
    return [image["url"] for image in images(body)]


def sounds(body: Body) -> list[tuple[str, str]]:
    """Return the format and the data of each sound."""
    audio = [
        (get_path(part, "input_audio", "format"), get_path(part, "input_audio", "data"))
        for part in parts(body, "input_audio")
    ]
    return [(kind, data) for kind, data in audio if isinstance(kind, str) and isinstance(data, str)]


def functions(body: Body) -> list[Object]:
    """Return the functions that are declared as tools."""
    return ChatRequest(body).tool_functions


def calls(body: Body) -> list[list[Object]]:
    """Return a list of tool calls for each assistant message that has some."""
    return [
        tool_calls
        for message in messages(body, "assistant")
        if (tool_calls := dict_items(message.get("tool_calls")))
    ]


def calling_messages(body: Body) -> list[Object]:
    """Return the assistant messages with tool calls."""
    return [
        message for message in messages(body, "assistant") if dict_items(message.get("tool_calls"))
    ]


def google(body: Body) -> Object:
    """Return ``extra_body.google``, or {} if it is missing or malformed."""
    return ChatRequest(body).google_options


def thinking_config(body: Body) -> Object:
    """Return ``extra_body.google.thinking_config``, or {} if it is missing or malformed."""
    return ChatRequest(body).thinking_config


def extra(value: Object) -> Object:
    """Return ``extra_content.google`` of a message, part or call, or {} if there is none."""
    content = get_path(value, "extra_content", "google")
    return content if isinstance(content, dict) else {}


def asked_schema(body: Body) -> Object:
    """Return the schema of a json_schema response_format, or {} if there is none."""
    request = ChatRequest(body)
    schema = request.asked_schema if request.response_format == "json_schema" else None
    return schema if isinstance(schema, dict) else {}


def subschemas(schema: Json) -> Iterator[Object]:
    """Yield the schemas below a schema, recursively.

    Leaves out the schema itself and its definitions, which have no effect until they are
    referenced.
    """
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    below = [
        *(properties.values() if isinstance(properties, dict) else ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ]
    for subschema in dict_items([*below, *dict_items(schema.get("anyOf"))]):
        yield subschema
        yield from subschemas(subschema)


def is_json_object(text: Json) -> bool:
    """Return whether a value is a string that contains a JSON object."""
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def in_range(value: Json, low: float, high: float = float("inf")) -> bool:
    """Return whether a value is a number from ``low`` to ``high``, both included."""
    return is_number(value) and low <= value <= high


def is_number(value: Json) -> bool:
    """Return whether a value is a number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
