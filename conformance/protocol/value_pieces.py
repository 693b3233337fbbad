"""Split a large JSON value into small ones, to look at all of it in bounded memory."""

from collections.abc import Iterator

from conformance.protocol.exchange import Json

_DEEPEST = 12
"""The levels that are split; our schemas describe nothing below them."""


def pieces(value: Json, most: int, levels: int = _DEEPEST) -> Iterator[Json]:
    """Yield values with the structure of ``value`` that together have all its items and members.

    Each has some of the items of a long array, at least one, and all members of an object. A value
    with at most ``most`` members and items, at any depth, is yielded as it is. A piece is larger
    only if an object has many members, or below 12 levels.
    """
    if not levels or is_within(value, most):
        yield value
    elif isinstance(value, list):
        yield from _of_array(value, most, levels)
    else:
        yield from _of_object(value, most, levels)


def _of_array(items: list[Json], most: int, levels: int) -> Iterator[Json]:
    run: list[Json] = []
    room = most
    for item in items:
        size = 1 + _size(item, most)
        if size > room and run:
            yield run
            run, room = [], most
        if size > most:
            yield from ([piece] for piece in pieces(item, most, levels - 1))
        else:
            run.append(item)
            room -= size
    if run:
        yield run


def _of_object(members: dict[str, Json], most: int, levels: int) -> Iterator[Json]:
    large = [key for key, value in members.items() if not is_within(value, most)]
    if not large:
        yield members
    first = members | {key: next(pieces(members[key], most, levels - 1)) for key in large}
    for key in large:
        for piece in pieces(members[key], most, levels - 1):
            yield first | {key: piece}


def is_within(value: Json, most: int) -> bool:
    """Return whether a value has at most ``most`` members and items, at any depth."""
    return _size(value, most) <= most


def _size(value: Json, most: int) -> int:
    """Return the number of members and items of a value, or some number above ``most``."""
    size = 0
    below = [value]
    while below and size <= most:
        parts = _parts(below.pop())
        size += len(parts)
        if size <= most:
            below += [part for part in parts if isinstance(part, dict | list)]
    return size


def _parts(value: Json) -> list[Json]:
    """Return the values of an object or the items of an array; [] for any other value."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
