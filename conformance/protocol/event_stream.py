"""Parse an event stream exactly as the WHATWG HTML standard says (9.2.6)."""

import codecs
from dataclasses import dataclass

from conformance.protocol.exchange import Event

FIELDS = frozenset({"data", "event", "id", "retry"})
"""The field names that the standard defines."""

OPENINGS = (b":", *(f"{name}:".encode() for name in sorted(FIELDS)))
"""The possible beginnings of an event stream: a comment or a field."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The content of the body of an event stream.

    ``fields`` are the names of all fields in the body; a comment is not a field. ``unterminated``
    is true if the body ends inside an event, which the standard drops: with data that no blank line
    follows, or inside a line that is not a comment. ``replaced`` is true if a byte was not UTF-8
    and became U+FFFD; an incomplete last character of the body does not count.
    """

    events: tuple[Event, ...]
    fields: frozenset[str] = frozenset()
    unterminated: bool = False
    replaced: bool = False


class EventStream:
    """Parse an event stream while it arrives; the events do not depend on the reads."""

    __slots__ = ("_after_cr", "_begun", "_data", "_fields", "_name", "_replaced", "_rest")

    def __init__(self) -> None:
        self._rest: list[
            bytes
            # the pieces of a line that has not ended yet; joining them at every read would take
            # quadratic time
        ] = []
        self._begun = False  # whether the first line was read; a byte order mark may precede it
        # whether the last read ended with CR; a following LF would belong to the same line end
        self._after_cr = False
        self._data: list[str] = []
        self._name = ""
        self._fields: set[str] = set()
        self._replaced = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes and return the events that they complete."""
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
        make = tuple.__new__  # takes half the time of calling Event, and there may be millions
        return [make(Event, (payload, "message")) for payload in payloads]

    def _decode(self, lines: bytes) -> str:
        """Decode whole lines.

        The result is that of decoding the whole stream, as a line end is never part of a longer
        sequence of UTF-8 bytes.
        """
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
        """Process whole lines as the standard says and return the events they complete."""
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
        """Return the content of the stream; call it after the last bytes."""
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
    """Parse the whole body of an event stream; never raises."""
    stream = EventStream()
    return stream._end(stream.feed(body))


def event_ends(body: bytes) -> tuple[int, ...]:
    """Return how many bytes of the body each event of ``parse(body)`` needs.

    The blank line that ends an event is included.
    """
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
    """Return the data of a text that has only blocks of one ``data: `` line, as most have.

    None for any other text, which ``_interpret`` has to read.
    """
    if not text.startswith("data: ") or not text.endswith("\n\n") or "\r" in text:
        return None
    payloads = text[len("data: ") : -len("\n\n")].split("\n\ndata: ")
    return None if "\n" in "".join(payloads) else payloads


def _begins_utf8(data: bytes) -> bool:
    """Return whether the bytes are UTF-8; the last character may be incomplete."""
    try:
        codecs.utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return True
