"""The request of an exchange as somebody asks it with the SDK."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import openai
import pydantic

from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import get_path

_TYPES: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Any],
    "object": dict[str, Any],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to call the SDK with.

    ``arguments`` are those of every call: the body goes as ``extra_body``, so that it is sent as it
    was recorded, and what only looks at the answer sees it all the same. ``tools`` are those the
    SDK can parse the arguments of, if all of them are. ``answer_class`` is a class for what
    ``.parse()`` makes of the content, None where the request does not demand a schema.
    """

    arguments: dict[str, Any]
    streams: bool
    tools: Any
    answer_class: type[pydantic.BaseModel] | None

    @property
    def parsing(self) -> dict[str, Any]:
        """The arguments of a call that parses what is answered."""
        return {
            **self.arguments,
            "tools": self.tools,
            "response_format": self.answer_class or openai.NOT_GIVEN,
        }


def asked(facts: Facts) -> Asked:
    """The request of an exchange; where it was not recorded, the plain one that this answer
    answers."""
    body = facts.request
    arguments = {"model": "unknown", "messages": [], "extra_body": dict(body)}
    streams = body.get("stream") is True if body else facts.kind == "stream"
    return Asked(
        arguments, streams, _tools(body.get("tools")), _answer_class(body.get("response_format"))
    )


def _tools(tools: Json) -> Any:
    """The tools, where all of them are what the SDK parses the arguments of; it refuses to be asked
    with others."""
    given = tools if isinstance(tools, list) else []
    strict = [
        tool
        for tool in given
        if isinstance(tool, dict)
        and tool.get("type") == "function"
        and _strict(tool.get("function"))
    ]
    return strict if strict and len(strict) == len(given) else openai.NOT_GIVEN


def _strict(function: Json) -> bool:
    return (
        isinstance(function, dict)
        and function.get("strict") is True
        and isinstance(function.get("name"), str)
    )


def _answer_class(response_format: Json) -> type[pydantic.BaseModel] | None:
    """The class that somebody writes for the schema of a request: the fields of an object with
    plain types; any JSON for what is none."""
    if get_path(response_format, "type") != "json_schema":
        return None
    schema = get_path(response_format, "json_schema", "schema")
    properties = get_path(schema, "properties")
    if not isinstance(properties, dict) or not properties:
        return pydantic.create_model("Answer", __base__=pydantic.RootModel[Any])
    required = get_path(schema, "required")
    demanded = required if isinstance(required, list) else []
    fields: dict[str, Any] = {
        f"field_{number}": (
            _type_of(of),
            pydantic.Field(... if name in demanded else None, alias=name),
        )
        for number, (name, of) in enumerate(properties.items())
    }
    return pydantic.create_model("Answer", **fields)


def _type_of(schema: Json) -> Any:
    kind = get_path(schema, "type")
    return _TYPES.get(kind, Any) if isinstance(kind, str) else Any
