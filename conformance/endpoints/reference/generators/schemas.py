"""Read the JSON Schemas of a request: their type names, their references and recursion."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from conformance.protocol.exchange import Json

_OPENAPI_TYPES = {
    "STRING": "string",
    "NUMBER": "number",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "ARRAY": "array",
    "OBJECT": "object",
    "NULL": "null",
}
_OF_VALUES = ("enum", "const", "default", "examples", "required", "example")


def plain(schema: Json) -> Json:
    """Return a schema with OpenAPI types of Gemini, such as "STRING", in lower case."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    lowered = {key: value if key in _OF_VALUES else plain(value) for key, value in schema.items()}
    kind = lowered.get("type")
    return (
        lowered | {"type": _OPENAPI_TYPES[kind]}
        if isinstance(kind, str) and kind in _OPENAPI_TYPES
        else lowered
    )


def target(reference: Json, root: Json) -> Json:
    """Return the subschema that a reference names. Raises LookupError if there is none."""
    start, *steps = unquote(str(reference)).split("/")
    if start != "#":
        raise LookupError(f"{reference} is not a reference into this schema")
    value = root
    for step in steps:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise LookupError(f"there is nothing at {reference}")
    return value


def is_recursive(schema: Mapping[str, Any]) -> bool:
    """Return whether a reference leads back to itself. Raises LookupError for a broken one."""
    below: dict[str, list[str]] = {}
    waiting = list(_references(schema))
    while waiting:
        reference = waiting.pop()
        if reference not in below:
            below[reference] = list(_references(target(reference, schema)))
            waiting += below[reference]
    if "#" in below:
        return True
    free = {reference for reference, others in below.items() if not others}
    while more := {
        reference
        for reference, others in below.items()
        if reference not in free and free.issuperset(others)
    }:
        free |= more
    return len(free) < len(below)


def _references(node: Json) -> Iterator[str]:
    """Yield the references in a schema, without following them."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key, value in node.items():
            if key not in _OF_VALUES and key not in ("$defs", "definitions"):
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
