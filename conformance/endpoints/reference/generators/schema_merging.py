"""Two schemas that both hold, as one: as far as keywords of the same name can be put together."""

from collections.abc import Mapping
from typing import Any

_HIGHER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_LOWER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def merged(one: Mapping[str, Any], other: Any) -> dict[str, Any]:
    """A schema for what satisfies both."""
    result = dict(one)
    for key, value in other.items() if isinstance(other, dict) else ():
        result[key] = _both(key, result[key], value) if key in result else value
    return result


def _both(key: str, one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict) and key == "properties":
        return one | {
            name: merged(one[name], each) if isinstance(one.get(name), dict) else each
            for name, each in other.items()
        }
    if isinstance(one, list) and isinstance(other, list):
        if key in ("required", "allOf"):
            return [*one, *other]
        if key in ("enum", "type"):
            return [each for each in one if each in other]
    if isinstance(one, int | float) and isinstance(other, int | float) and key in _HIGHER + _LOWER:
        return max(one, other) if key in _HIGHER else min(one, other)
    if isinstance(one, list) and other in one:  # a type beside several
        return other
    return one if key == "additionalProperties" and one is False else other
