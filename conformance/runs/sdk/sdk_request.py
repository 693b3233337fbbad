"""Build the SDK call arguments for the request of an exchange."""

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
    """The arguments for SDK calls.

    ``arguments`` are those of every call; the recorded body is passed as ``extra_body``, so it is
    sent unchanged. ``tools`` are the strict functions, whose arguments the SDK can parse, and
    NOT_GIVEN unless all tools are strict functions. ``answer_class`` is the class that ``parse()``
    creates from the content, None if the request has no JSON Schema.
    """

    arguments: dict[str, Any]
    streams: bool
    tools: Any
    answer_class: type[pydantic.BaseModel] | None

    @property
    def parsing(self) -> dict[str, Any]:
        """The arguments of a call that parses the answer: ``parse()`` and ``stream()``."""
        return {
            **self.arguments,
            "tools": self.tools,
            "response_format": self.answer_class or openai.NOT_GIVEN,
        }


def asked(facts: Facts) -> Asked:
    """Build the arguments for an exchange.

    If the request was not recorded, a minimal one is used; it streams if the answer is a stream.
    """
    body = facts.request
    arguments = {"model": "unknown", "messages": [], "extra_body": dict(body)}
    streams = body.get("stream") is True if body else facts.kind == "stream"
    return Asked(
        arguments, streams, _tools(body.get("tools")), _answer_class(body.get("response_format"))
    )


def _tools(tools: Json) -> Any:
    """Return the tools if all are strict functions, else NOT_GIVEN; the SDK rejects others."""
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
    """Create a class like a user would write for the schema of the request.

    Its fields are the properties with simple types; a schema without properties allows any JSON.
    Returns None if the request has no JSON Schema.
    """
    if get_path(response_format, "type") != "json_schema":
        return None
    schema = get_path(response_format, "json_schema", "schema")
    properties = get_path(schema, "properties")
    if not isinstance(properties, dict) or not properties:
        return pydantic.create_model("Answer", __base__=pydantic.RootModel[Any])
    required = get_path(schema, "required")
    required_names = required if isinstance(required, list) else []
    fields: dict[str, Any] = {
        f"field_{number}": (
            _type_of(of),
            pydantic.Field(... if name in required_names else None, alias=name),
        )
        for number, (name, of) in enumerate(properties.items())
    }
    return pydantic.create_model("Answer", **fields)


def _type_of(schema: Json) -> Any:
    kind = get_path(schema, "type")
    return _TYPES.get(kind, Any) if isinstance(kind, str) else Any
