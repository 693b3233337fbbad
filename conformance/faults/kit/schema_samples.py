"""Values that a schema of a request allows, and values that it forbids, for schemas of the ordinary
kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.protocol.exchange import Json
from conformance.protocol.json_access import get_path

_PLAIN: Mapping[str, Json] = {
    "string": "a",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "array": [],
    "null": None,
}


def instance(schema: Json) -> Json:
    """The smallest value that the schema asks for."""
    if not isinstance(schema, dict):
        return "a"
    if "const" in schema or schema.get("enum"):
        return schema.get("const", (schema.get("enum") or [None])[0])
    if isinstance(branches := schema.get("anyOf") or schema.get("oneOf"), list):
        return instance(branches[0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if isinstance(kind, str) and kind in _PLAIN:
        return _PLAIN[kind]
    properties = schema.get("properties")
    return (
        {name: instance(of) for name, of in properties.items()}
        if isinstance(properties, dict)
        else {}
    )


def required_of(schema: Json) -> list[str]:
    """The properties that an object must have."""
    required = get_path(schema, "required")
    return (
        [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    )


def properties_of(schema: Json) -> dict[str, Json]:
    """The properties of an object, by name."""
    properties = get_path(schema, "properties")
    return properties if isinstance(properties, dict) else {}


def forbidden(schema: Json) -> Iterator[Any]:
    """Values that break what the schema says of a single value: its enum, its bounds, its type."""
    if not isinstance(schema, dict):
        return
    if schema.get("enum"):
        yield "none of those" if all(isinstance(value, str) for value in schema["enum"]) else ""
    if isinstance(schema.get("maximum"), int | float):
        yield schema["maximum"] + 1000
    if schema.get("type") in ("integer", "number"):
        yield "many"
    if schema.get("type") == "string":
        yield 12
    if schema.get("type") in ("array", "object", "boolean"):
        yield "a"
