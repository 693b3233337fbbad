"""Parts of a request body, whatever its shape: what is mis-shaped is passed over."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.cases.features.feature import Body
from conformance.protocol.chat.chat_request import ChatRequest, image_of
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import dict_items, get_path

Object = dict[str, Any]


def messages(body: Body, role: str = "") -> list[Object]:
    """The messages, of one role where one is given."""
    return [
        message for message in ChatRequest(body).messages if not role or message.get("role") == role
    ]


def parts(body: Body, kind: str = "", role: str = "") -> list[Object]:
    """The content parts of the messages, of one type and of messages of one role where they are
    given."""
    return [
        part
        for message in messages(body, role)
        for part in dict_items(message.get("content"))
        if not kind or part.get("type") == kind
    ]


def texts(body: Body) -> list[str]:
    """The texts of all messages."""
    said = [message.get("content") for message in messages(body)] + [
        part.get("text") for part in parts(body, "text")
    ]
    return [text for text in said if isinstance(text, str)]


def images(body: Body) -> list[Object]:
    """The ``image_url`` of the image parts, one that is a string as an object with this URL."""
    return [image for part in parts(body, "image_url") if (image := image_of(part))]


def image_urls(body: Body) -> list[str]:
    """The URLs of the images."""
    return [image["url"] for image in images(body)]


def sounds(body: Body) -> list[tuple[str, str]]:
    """Format and data of the sounds."""
    found = [
        (get_path(part, "input_audio", "format"), get_path(part, "input_audio", "data"))
        for part in parts(body, "input_audio")
    ]
    return [(kind, data) for kind, data in found if isinstance(kind, str) and isinstance(data, str)]


def functions(body: Body) -> list[Object]:
    """The functions that are declared as tools."""
    return ChatRequest(body).tool_functions


def calls(body: Body) -> list[list[Object]]:
    """The tool calls of each assistant message that has some."""
    return [
        made
        for message in messages(body, "assistant")
        if (made := dict_items(message.get("tool_calls")))
    ]


def calling(body: Body) -> list[Object]:
    """The assistant messages with tool calls."""
    return [
        message for message in messages(body, "assistant") if dict_items(message.get("tool_calls"))
    ]


def google(body: Body) -> Object:
    """What stands in ``extra_body.google``."""
    return ChatRequest(body).google_options


def thinking_config(body: Body) -> Object:
    """What stands in ``extra_body.google.thinking_config``."""
    return ChatRequest(body).thinking_config


def extra(value: Object) -> Object:
    """What stands in the ``extra_content.google`` of a message, a part or a call."""
    found = get_path(value, "extra_content", "google")
    return found if isinstance(found, dict) else {}


def asked_schema(body: Body) -> Object:
    """The schema of a json_schema response_format."""
    request = ChatRequest(body)
    schema = request.asked_schema if request.response_format == "json_schema" else None
    return schema if isinstance(schema, dict) else {}


def subschemas(schema: Json) -> Iterator[Object]:
    """The schemas below one, without itself and without definitions, which are nothing until they
    are referred to."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    below = [
        *(properties.values() if isinstance(properties, dict) else ()),
        schema.get("items"),
        schema.get("additionalProperties"),
    ]
    for each in dict_items([*below, *dict_items(schema.get("anyOf"))]):
        yield each
        yield from subschemas(each)


def is_json_object(text: Json) -> bool:
    """Whether a text is a JSON object."""
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def lies(value: Json, low: float, high: float = float("inf")) -> bool:
    """Whether a value is a number within bounds, both included."""
    return is_number(value) and low <= value <= high


def is_number(value: Json) -> bool:
    """Whether a value is a number, which a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
