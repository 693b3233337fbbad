"""Read the escapes of JSON, URLs and HTML in a text, and find where each character came from.

The result is for searching only. Which escape belongs to which layer is not known, so all are read,
again and again, as long as that changes something.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from html.entities import html5
from typing import NamedTuple

MOST_LAYERS = 8
"""How many times an escape may be escaped again, apart from backslashes, ``%25`` and ``&amp;``."""

_ESCAPE = re.compile(
    r"\\(?<!\\\\)\\*+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))"
    r"|%(?:25)*([0-9a-f]{2})"
    r"|&(?:amp;)*(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z][a-z0-9]{1,30}));",
    re.ASCII | re.IGNORECASE,
)
_BACKSLASHES = re.compile(r"\\+")


class Span(NamedTuple):
    """A part of a text, from ``start`` up to ``end``."""

    start: int
    end: int


@dataclass(slots=True)
class _Layer:
    """What was read in one pass: ``size`` (0 or 1) characters at ``at`` for each escape, which
    stood at ``start`` to ``end`` before."""

    size: int
    at: "array[int]" = field(default_factory=lambda: array("q"))
    start: "array[int]" = field(default_factory=lambda: array("q"))
    end: "array[int]" = field(default_factory=lambda: array("q"))

    def source(self, span: Span) -> Span:
        return Span(self._start(span.start), self._end(span.end - 1))

    def _start(self, position: int) -> int:
        following = bisect_left(self.at, position)
        if following < len(self.at) and self.at[following] == position:
            return self.start[following]
        return self._plain(following - 1, position)

    def _end(self, position: int) -> int:
        last = bisect_right(self.at, position) - 1
        if last >= 0 and self.size and self.at[last] == position:
            return self.end[last]
        return self._plain(last, position) + 1

    def _plain(self, last: int, position: int) -> int:
        """The source of a character that was not escaped, after the escape ``last``."""
        if last < 0:
            return position
        return self.end[last] + position - self.at[last] - self.size


def plain(text: str) -> str:
    """Return the text with all escapes read, and without backslashes."""
    if not any(map(text.__contains__, "\\%&")):
        return text
    for _ in range(MOST_LAYERS):
        if (read := _ESCAPE.sub(_character, text)) == text:
            break
        text = read
    return text.replace("\\", "")


class Sources:
    """Where the characters of ``plain(text)`` stand in the text itself."""

    def __init__(self, text: str) -> None:
        self._layers: list[_Layer] = []
        for _ in range(MOST_LAYERS):
            text, layer = _read(text)
            if not layer.at:
                break
            self._layers.append(layer)
        self._layers.append(_without_backslashes(text))

    def source(self, span: Span) -> Span:
        """Return the part of the text that became this part, which is not empty.

        The backslashes before its first character belong to it.
        """
        for layer in reversed(self._layers):
            span = layer.source(span)
        return span


def _character(match: re.Match[str]) -> str:
    """Return the character that an escape stands for, the escape itself if there is none."""
    escaped = match[0]
    if match[6]:
        named = html5.get(f"{match[6]};") or html5.get(f"{match[6].lower()};", "")
        return named if len(named) == 1 and named.isascii() else escaped
    digits = match[1] or match[2] or match[3] or match[4]
    code = int(digits, 16) if digits else int(match[5])
    return chr(code) if code <= 0x10FFFF else escaped


def _read(text: str) -> tuple[str, _Layer]:
    pieces: list[str] = []
    layer, end, shift = _Layer(1), 0, 0
    for match in _ESCAPE.finditer(text):
        if (read := _character(match)) != match[0]:
            layer.at.append(match.start() - shift)
            layer.start.append(match.start())
            layer.end.append(match.end())
            pieces += text[end : match.start()], read
            end = match.end()
            shift += match.end() - match.start() - 1
    return "".join((*pieces, text[end:])), layer


def _without_backslashes(text: str) -> _Layer:
    layer, shift = _Layer(0), 0
    for match in _BACKSLASHES.finditer(text):
        layer.at.append(match.start() - shift)
        layer.start.append(match.start())
        layer.end.append(match.end())
        shift += match.end() - match.start()
    return layer
