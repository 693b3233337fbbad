"""Bytes to events: "Interpreting an event stream" of the WHATWG HTML standard (9.2.6), to the
letter."""

import codecs
from dataclasses import dataclass

from conformance.protocol.exchange import Event

FIELDS = frozenset({"data", "event", "id", "retry"})
"""The names of the fields that the standard knows."""

OPENINGS = (b":", *(f"{name}:".encode() for name in sorted(FIELDS)))
"""How a body that looks like an event stream begins: with a comment or a field."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What the body of an event stream holds.

    ``fields`` are the names of all fields met; a comment is none. ``unterminated`` says that the
    body ends inside an event, which the standard drops: with data that no blank line follows, or
    inside a line that is no comment. ``replaced`` says that a byte was not UTF-8 and became U+FFFD;
    a character that the end of the body cuts in two does not count.
    """

    events: tuple[Event, ...]
    fields: frozenset[str] = frozenset()
    unterminated: bool = False
    replaced: bool = False


class EventStream:
    """Reads an event stream as it arrives: the events are the same however the bytes were split
    into reads."""

    __slots__ = ("_after_cr", "_begun", "_data", "_fields", "_name", "_replaced", "_rest")

    def __init__(self) -> None:
        self._rest: list[
            bytes
            # the line that has not ended yet, in pieces: joining them at every read would be
            # quadratic
        ] = []
        self._begun = (
            False  # whether the first line was read, before which a byte order mark may stand
        )
        # whether the last read ended with CR, of which a coming LF would be the second half
        self._after_cr = False
        self._data: list[str] = []
        self._name = ""
        self._fields: set[str] = set()
        self._replaced = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes and give the events that they complete."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not cut:
            self._rest.append(data)
            return []
        self._after_cr = data.endswith(b"\r")
        lines = b"".join((*self._rest, data[:cut]))
        self._rest = [data[cut:]]
        text = self._decode(lines)
        payloads = _payloads(text)
        if payloads is None or self._data or self._name:
            return self._interpret(text)
        self._fields.add("data")
        make = (
            tuple.__new__
        )  # half the price of calling Event, which counts where there are millions
        return [make(Event, (payload, "message")) for payload in payloads]

    def _decode(self, lines: bytes) -> str:
        """Decode whole lines, which gives what decoding the whole stream gives: no line end is ever
        part of a longer sequence of bytes."""
        try:
            text = lines.decode()
        except UnicodeDecodeError:
            self._replaced = True
            text = lines.decode(errors="replace")
        if not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return text

    def _interpret(self, text: str) -> list[Event]:
        """Process whole lines, as the standard says."""
        events = []
        for line in text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n"):
            if not line:
                if self._data:
                    events.append(Event("\n".join(self._data), self._name or "message"))
                self._data, self._name = [], ""
                continue
            field, _, value = line.partition(":")
            if field:
                self._fields.add(field)
            if field == "data":
                self._data.append(value.removeprefix(" "))
            elif field == "event":
                self._name = value.removeprefix(" ")
        return events

    def _end(self, events: list[Event]) -> Stream:
        """Say what the stream held, now that no more bytes come."""
        rest = b"".join(self._rest)
        if not self._begun:
            rest = rest.removeprefix(codecs.BOM_UTF8)
        unterminated = bool(self._data) or rest[:1] not in (b"", b":")
        return Stream(
            tuple(events),
            frozenset(self._fields),
            unterminated,
            self._replaced or not _begins_utf8(rest),
        )


def parse(body: bytes) -> Stream:
    """Read the whole body of an event stream."""
    stream = EventStream()
    return stream._end(stream.feed(body))


def event_ends(body: bytes) -> tuple[int, ...]:
    """Tell how many bytes of the body each event of ``parse(body)`` needs, its blank line
    included."""
    ends, offset, data = [], 0, False
    for line in body.splitlines(keepends=True):
        content = line.rstrip(b"\r\n")
        if not offset:
            content = content.removeprefix(codecs.BOM_UTF8)
        offset += len(line)
        if content:
            data = data or content.partition(b":")[0] == b"data"
        elif data:
            ends.append(offset)
            data = False
    return tuple(ends)


def _payloads(text: str) -> list[str] | None:
    """Take the data out of a text that is nothing but blocks of one ``data: `` line, as most are;
    None for any other."""
    if not text.startswith("data: ") or not text.endswith("\n\n") or "\r" in text:
        return None
    payloads = text[len("data: ") : -len("\n\n")].split("\n\ndata: ")
    return None if "\n" in "".join(payloads) else payloads


def _begins_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8, of which the last character may be incomplete."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return True
