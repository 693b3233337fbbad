"""JSON text on indented lines, with those marked that a JSON pointer names.

The text is not parsed and written again, so repeated keys and the form of numbers stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import orjson

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++')
_DEEPEST = 40  # levels that are indented
_WIDTH = 88  # characters of a line that takes a whole object or array
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line of JSON; ``path`` is the JSON pointer, in parts, of the value that begins there."""

    text: str
    path: tuple[str, ...]


def json_lines(text: str, pointer: str = "") -> list[JsonLine] | None:
    """Return JSON text on indented lines, None if it is not the JSON of an object or array.

    Short objects and arrays stay on one line, except those around the value at ``pointer``.
    """
    if text.lstrip()[:1] not in _CLOSING:
        return None
    try:
        orjson.loads(text)
    except ValueError:
        return None
    return _folded([*_lines(_TOKEN.findall(text))], _parts(pointer))


def marked(lines: list[JsonLine], pointer: str) -> frozenset[int]:
    """Return the numbers of the lines of the value at a pointer.

    If there is no such value, it is the first line of the innermost value that should contain it.
    """
    wanted = _parts(pointer)
    if not wanted:
        return frozenset()
    inside = [number for number, line in enumerate(lines) if line.path[: len(wanted)] == wanted]
    if inside:
        return frozenset(inside)
    for length in range(len(wanted) - 1, -1, -1):
        for number, line in enumerate(lines):
            if line.path == wanted[:length]:
                return frozenset({number})
    return frozenset()


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _folded(lines: list[JsonLine], wanted: tuple[str, ...]) -> list[JsonLine]:
    """Join the lines of each short object or array that is not around the wanted value."""
    made, opened = list[JsonLine](), list[int]()
    for line in lines:
        made.append(line)
        if line.text[-1] in _CLOSING:
            opened.append(len(made) - 1)
        elif line.text.strip()[0] in ("}", "]"):
            first = opened.pop()
            start, *rest = made[first:]
            around = wanted[: len(start.path)] == start.path and len(wanted) > len(start.path)
            inner = " ".join(each.text.strip() for each in rest[:-1])
            text = f"{start.text}{inner}{line.text.strip()}"
            if len(text) <= _WIDTH and not around and start.path:
                made[first:] = [JsonLine(text, start.path)]
    return made


def _lines(tokens: list[str]) -> Iterator[JsonLine]:
    """Yield the lines. ``place`` has the current key or number in each open object or array."""
    place = list[str | int]()
    line, path = "", tuple[str, ...]()
    for token, following in pairwise([*tokens, ""]):
        closes = token in ("}", "]")
        if closes:
            place.pop()
        elif not line and place and isinstance(place[-1], str):
            place[-1] = _key(token)
        if not line:
            line, path = "  " * min(len(place), _DEEPEST), tuple(map(str, place))
        line += ": " if token == ":" else token
        if token == "," and isinstance(number := place[-1], int):
            place[-1] = number + 1
        elif token in _CLOSING:
            place.append("" if token == "{" else 0)
        empty = _CLOSING.get(token) == following
        if token == "," or (not empty and (token in _CLOSING or following in ("}", "]", ""))):
            yield JsonLine(line, path)
            line = ""


def _key(token: str) -> str:
    try:
        return str(orjson.loads(token))
    except ValueError:  # half of a surrogate pair
        return token
