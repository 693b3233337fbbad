"""The entries of a HAR file one after the other, each as the bytes of its own JSON, however large
the file.

Cutting the array into its elements, for which strings have to be told from brackets and no more,
keeps what is wrong with one entry from hiding the others, and gives each entry to the same parser
as everything else. (ijson was tried: a number out of range ends the file, a lone surrogate becomes
a question mark, and memory grows with the square of the depth of nesting.)
"""

import re
from collections.abc import Iterator

from conformance.traffic.files import BROKEN, Stream
from conformance.traffic.formats.record_fields import ShapeError

MAX_ENTRY = 16 << 20
"""Bytes; a larger entry is not held in memory."""

_CHUNK = 1 << 20
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[][{},]', re.DOTALL)
"""A string, whose group is empty where its end is still to come, or a mark of structure."""
_REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)

_QUOTE, _COMMA = b'",'
_OPENING, _CLOSING = b"{[", b"}]"
_DEPTH = 3
"""How many brackets are open in the array: those of the file, of ``log`` and its own."""


def entries(stream: Stream) -> Iterator[bytes | None]:
    """Each element of ``log.entries``, not yet parsed, None for one that is too large; raises
    ``ShapeError`` where there is no such array or no end to it."""
    cutter = _Cutter()
    for chunk in _chunks(stream):
        yield from cutter.elements(chunk)
        if cutter.inside and cutter.depth < _DEPTH:
            return
        if len(cutter.buffer) > MAX_ENTRY + _CHUNK:
            raise ShapeError(
                "the file holds something that is too large and no entry, so the rest is not read"
            )
    raise ShapeError(
        "the file ends before its entries do"
        if cutter.inside
        else "the file holds no log.entries, so it is no HAR file"
    )


class _Cutter:
    """Where the cutting stands between one piece of the file and the next."""

    def __init__(self) -> None:
        self.buffer = b""  # what was read, from the start of the current element on
        self.at = 0  # how much of the buffer has been looked at
        self.depth = 0  # how many brackets are open
        self.inside = False  # whether the array has begun
        # whether the piece ended in a string of an element; a string before the array is looked at
        # anew
        self.in_string = False
        self.too_large = False  # whether the start of the current element has been let go
        self.last = b""  # the last string before the array

    def elements(self, chunk: bytes) -> Iterator[bytes | None]:
        """The elements that end in this piece."""
        buffer, start = self.buffer + chunk, 0
        if self.in_string and (rest := _REST_OF_STRING.match(buffer, self.at)):
            self.at, self.in_string = rest.end(), not rest[1]
        for token in () if self.in_string else _TOKEN.finditer(buffer, self.at):
            mark = buffer[token.start()]
            if mark == _QUOTE and not token[1]:
                self.in_string = self.inside
                self.at = token.end() if self.inside else token.start()
                break
            self.at = token.end()
            if mark == _QUOTE:
                self.last = b"" if self.inside else token[0]
            elif not self.inside:
                self._look_for_array(mark)
                start = self.at
            elif self._ends_element(mark):
                element = None if self.too_large else buffer[start : token.start()].strip()
                if element != b"":
                    yield element
                start, self.too_large = self.at, False
                if self.depth < _DEPTH:
                    break
        self.too_large = self.inside and (self.too_large or self.at - start > MAX_ENTRY)
        kept = start if self.inside and not self.too_large else self.at
        self.buffer, self.at = buffer[kept:], self.at - kept

    def _look_for_array(self, mark: int) -> None:
        self.depth += (mark in _OPENING) - (mark in _CLOSING)
        self.inside = self.depth == _DEPTH and mark == _OPENING[1] and self.last == b'"entries"'
        self.last = b""  # a string before a comma is no key of what comes next

    def _ends_element(self, mark: int) -> bool:
        self.depth += (mark in _OPENING) - (mark in _CLOSING)
        return self.depth < _DEPTH or (mark == _COMMA and self.depth == _DEPTH)


def _chunks(stream: Stream) -> Iterator[bytes]:
    """The content in pieces of a megabyte, as each is looked at from where the last token ended;
    what came before a broken end is handed out first."""
    parts: list[bytes] = []
    size = 0
    try:
        while part := stream.read1(_CHUNK):
            parts.append(part)
            size += len(part)
            if size >= _CHUNK:
                yield b"".join(parts)
                parts, size = [], 0
    except BROKEN:
        yield b"".join(parts)
        raise
    yield b"".join(parts)
