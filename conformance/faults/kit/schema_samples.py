"""Sample values that an ordinary JSON Schema of a request allows or forbids."""

from collections.abc import Iterator, Mapping

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
    """Return a small value that matches the schema.

    Covers constants, enums, the first branch of `anyOf` and `oneOf`, simple types and objects with
    all their properties. A schema that is not an object gives "a".
    """
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
    """Return the names of the required properties; an empty list if there are none."""
    required = get_path(schema, "required")
    return (
        [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    )


def properties_of(schema: Json) -> dict[str, Json]:
    """Return the schemas of an object's properties, by name; an empty dict if there are none."""
    properties = get_path(schema, "properties")
    return properties if isinstance(properties, dict) else {}


def forbidden(schema: Json) -> Iterator[Json]:
    """Iterate over values that break the enum, the maximum or the type of the schema."""
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
