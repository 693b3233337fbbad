"""Merge two JSON Schemas into one for values that satisfy both, as far as that is possible."""

from collections.abc import Mapping
from typing import Any

_HIGHER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LOWER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def merged(one: Mapping[str, Any], other: Any) -> dict[str, Any]:
    """Return a schema for values that satisfy both.

    Of two values of a keyword that cannot be combined, the second wins. A second schema that is not
    an object changes nothing.
    """
    result = dict(one)
    for key, value in other.items() if isinstance(other, dict) else ():
        result[key] = _both(key, result[key], value) if key in result else value
    return result


def _both(key: str, one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict) and key == "properties":
        return one | {
            name: merged(one[name], schema) if isinstance(one.get(name), dict) else schema
            for name, schema in other.items()
        }
    if isinstance(one, list) and isinstance(other, list):
        if key in ("required", "allOf"):
            return [*one, *other]
        if key in ("enum", "type"):
            return [value for value in one if value in other]
    if isinstance(one, int | float) and isinstance(other, int | float) and key in _HIGHER + _LOWER:
        return max(one, other) if key in _HIGHER else min(one, other)
    if isinstance(one, list) and other in one:  # a single type that is among several
        return other
    return one if key == "additionalProperties" and one is False else other
