"""Read parts of a JSON value of any shape; skip malformed parts, which other code reports."""

from typing import Any

from conformance.protocol.exchange import Json


def dict_items(value: Json) -> list[dict[str, Any]]:
    """Return the objects of a list; [] for a value that is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def get_path(value: Json, *keys: str) -> Json:
    """Return the value under ``keys`` in nested objects; None if one of them is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
