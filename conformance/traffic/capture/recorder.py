"""What a capture holds: the exchanges of somebody's own clients, taken down while these read the
answers."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from conformance.protocol.event_stream import parse
from conformance.protocol.exchange import Exchange, Response
from conformance.traffic.capture.httpx_objects import content_of, headers_of, request_of, shareable
from conformance.traffic.formats.record_fields import why_not_chat_completions

LIMIT = 64 << 20
"""Bytes of bodies that one capture holds; of what comes after them it keeps the number."""


@dataclass(slots=True)
class Capture:
    """What was captured: ``exchanges``, in the order in which their answers ended, and how many
    calls were ``missed``, as there was no room left."""

    exchanges: list[Exchange] = field(default_factory=list)
    missed: int = 0
    room: int = LIMIT
    reading: "list[Answer]" = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, library: Any, response: Any, sent: float) -> "Answer | None":
        """The answer that is still to be read, sent for at that time; None where it was there all
        along, or is not captured."""
        asked = response.request
        if why_not_chat_completions(asked.method, str(asked.url)):  # where a redirect led
            return None
        self.room -= int(asked.headers.get("content-length", 0))
        if self.room <= 0:
            self.missed += 1
            return None
        answer = Answer(self, library, response, sent)
        self.reading.append(answer)
        if (body := content_of(response)) is None:
            return answer
        self.room -= len(body)
        answer.end(body)
        return None

    def settle(self) -> None:
        """Take down as a part what has not been read to its end by now."""
        for answer in list(self.reading):
            answer.leave()


@dataclass(slots=True, eq=False)
class Answer:
    """An answer that is being read: the bytes of the wire so far, with the milliseconds since the
    request was sent and the bytes of each read."""

    capture: Capture
    library: Any
    response: Any
    sent: float
    ended: bool = False
    whole: bool = True
    parts: list[bytes] = field(default_factory=list)
    reads: list[tuple[float, int]] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        """Take down a read, as long as there is room."""
        if self.ended or not (data and self.whole):
            return
        self.capture.room -= len(data)
        self.whole = self.capture.room >= 0
        if self.whole:
            self.parts.append(data)
            self.reads.append((round((time.perf_counter() - self.sent) * 1000, 3), len(data)))

    def finish(self) -> None:
        """The body ended."""
        self.end(self._decoded(), partial=not self.whole)

    def break_off(self, error: Exception) -> None:
        """Reading failed; unless it was the client that lost patience, the connection ended before
        the body did."""
        if isinstance(error, self.library.TransportError) and not isinstance(
            error, self.library.TimeoutException
        ):
            self.end(
                self._decoded() if self.parts else None, cut=True, why_cut=type(error).__name__
            )

    def leave(self) -> None:
        """The client goes away, which is no fault; behind [DONE], where the official SDK stops
        reading, nothing is left to read."""
        if not self.ended:
            body = self._decoded() if self.parts else None
            self.end(body, partial=not (self.whole and _is_done(body)))

    def end(self, body: bytes | None, *, cut: bool = False, **meta: Any) -> None:
        """Make it an exchange, once."""
        if self.ended:
            return
        self.ended = True
        self.capture.reading.remove(self)
        try:
            reads = tuple(self.reads) if body == b"".join(self.parts) else ()
            response = Response(
                self.response.status_code, headers_of(self.response), body, reads, cut, "bytes"
            )
            told = {key: value for key, value in meta.items() if value}
            made = shareable(
                Exchange(str(next(self.capture.numbers)), request_of(self.response), response, told)
            )
        except Exception:  # whatever is wrong with it, the client that reads it must not notice
            self.capture.missed += 1
        else:
            self.capture.exchanges.append(made)

    def _decoded(self) -> bytes | None:
        """The body so far without its content encoding, which the client's own library knows how to
        undo; None where it cannot."""
        data = b"".join(self.parts)
        coding = self.response.headers.get("content-encoding")
        if not (coding and data):
            return data
        try:
            return content_of(
                self.library.Response(200, headers={"content-encoding": coding}, content=data)
            )
        except self.library.DecodingError:
            return None


def _is_done(body: bytes | None) -> bool:
    events = parse(body).events if body else ()
    return bool(events) and events[-1].data == "[DONE]"
