"""Parts of a JSON value, whatever its shape: what is mis-shaped is passed over, as others speak of
it."""

from typing import Any

from conformance.protocol.exchange import Json


def dict_items(value: Json) -> list[dict[str, Any]]:
    """The objects of a list, none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def get_path(value: Json, *keys: str) -> Json:
    """The value under these keys of objects in objects, None where it is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
