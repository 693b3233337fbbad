"""JSON values so vast that nothing may be held for each part of one, and their beginnings."""

from conformance.exchange import Json

MOST = 20_000
"""Members and items; a value with more is vast."""

_ITEMS = 100
"""Items of an array that belong to its beginning."""


def is_vast(value: Json) -> bool:
    """Whether a value has more than ``MOST`` members and items, however deep they are."""
    left = MOST
    below = [value]
    while below:
        parts = _parts(below.pop())
        left -= len(parts)
        if left < 0:
            return True
        below += [part for part in parts if isinstance(part, dict | list)]
    return False


def _parts(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def beginning_of(value: Json) -> Json:
    """The value with the first items of each array; every object keeps its members."""
    if isinstance(value, list):
        return [beginning_of(item) for item in value[:_ITEMS]]
    return {key: beginning_of(item) for key, item in value.items()} if isinstance(value, dict) else value
