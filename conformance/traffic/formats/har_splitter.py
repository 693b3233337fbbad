"""Split a HAR file of any size into the JSON texts of its entries.

The splitter only distinguishes strings from brackets, so an error in one entry does not hide the
others, and every entry goes through the same JSON parser as the other formats. (ijson does not work
here: a number out of range ends the file, a lone surrogate becomes a question mark, and memory
grows with the square of the nesting depth.)
"""

import re
from collections.abc import Iterator

from conformance.traffic.files import BROKEN, Stream
from conformance.traffic.formats.record_fields import ShapeError

MAX_ENTRY = 16 << 20
"""The most bytes of an entry; larger ones are not held in memory."""

_CHUNK = 1 << 20
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)|[][{},]', re.DOTALL)
"""A bracket, brace or comma, or a string, whose group is empty if its end is not yet read."""
_REST_OF_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)

_QUOTE, _COMMA = b'",'
_OPENING, _CLOSING = b"{[", b"}]"
_DEPTH = 3
"""The number of open brackets inside the array: the file, ``log`` and the array itself."""


def entries(stream: Stream) -> Iterator[bytes | None]:
    """Yield the JSON text of each element of ``log.entries``, None for one that is too large.

    Raises:
        ShapeError: the file has no such array, or ends inside it. Elements before the error are
            yielded first.
    """
    splitter = _Splitter()
    for chunk in _chunks(stream):
        yield from splitter.elements(chunk)
        if splitter.inside and splitter.depth < _DEPTH:
            return
        if len(splitter.buffer) > MAX_ENTRY + _CHUNK:
            raise ShapeError(
                f"the file contains a value larger than {MAX_ENTRY >> 20} MB that is not an entry,"
                " so the rest is not read"
            )
    raise ShapeError(
        "the file ends before the end of log.entries"
        if splitter.inside
        else "the file has no log.entries, so it is not a HAR file"
    )


class _Splitter:
    """Splits the array and keeps its state between two chunks of the file."""

    def __init__(self) -> None:
        self.buffer = b""  # the unprocessed data, from the start of the current element on
        self.at = 0  # how much of the buffer has been scanned
        self.depth = 0  # how many brackets are open
        self.inside = False  # whether the array has begun
        # whether the chunk ended in a string of an element; a string before the array is scanned
        # again
        self.in_string = False
        self.too_large = False  # whether the current element is too large to be kept
        self.last = b""  # the last string before the array

    def elements(self, chunk: bytes) -> Iterator[bytes | None]:
        """Yield the elements that end in this chunk."""
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
                self._find_array(mark)
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

    def _find_array(self, mark: int) -> None:
        self.depth += (mark in _OPENING) - (mark in _CLOSING)
        self.inside = self.depth == _DEPTH and mark == _OPENING[1] and self.last == b'"entries"'
        self.last = b""  # a string before a comma is not a key

    def _ends_element(self, mark: int) -> bool:
        self.depth += (mark in _OPENING) - (mark in _CLOSING)
        return self.depth < _DEPTH or (mark == _COMMA and self.depth == _DEPTH)


def _chunks(stream: Stream) -> Iterator[bytes]:
    """Yield the content in chunks of about 1 MB.

    If the stream is damaged, the data before the damage is yielded before the error is raised.
    (Large chunks matter: an unfinished token is scanned again with the next chunk.)
    """
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
