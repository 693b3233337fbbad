"""Read parts of a JSON value of any shape."""

from collections.abc import Iterator
from typing import Any

from conformance.protocol.exchange import Json


def dict_items(value: Json) -> list[dict[str, Any]]:
    """Return the objects of a list; [] for a value that is not a list.

    Malformed items are skipped; other code reports them.
    """
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def get_path(value: Json, *keys: str) -> Json:
    """Return the value under ``keys`` in nested objects; None if one of them is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def objects_in(value: Json) -> Iterator[dict[str, Any]]:
    """Yield all objects in a value, at any depth, an outer one before those inside it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from objects_in(item)


def resolved(value: Json, pointer: str) -> Json:
    """Return the value at a JSON pointer (RFC 6901).

    Raises:
        LookupError, ValueError, TypeError: The pointer leads to nothing.
    """
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
