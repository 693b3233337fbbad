"""Record the exchanges of a program's own clients while the clients read the responses."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from conformance.protocol.answer_limit import why_not_judged
from conformance.protocol.event_stream import parse
from conformance.protocol.exchange import Exchange, Response
from conformance.traffic.capture.httpx_objects import content_of, headers_of, request_of, shareable
from conformance.traffic.content_coding import MAX_DECODED, Inflater, NotDecoded, codings
from conformance.traffic.formats.record_fields import why_not_chat_completions

LIMIT = 64 << 20
"""The most bytes of bodies that one capture holds; later exchanges are only counted."""


@dataclass(slots=True)
class Capture:
    """What was captured.

    ``exchanges`` are in the order in which their responses ended. ``missed`` counts the calls that
    were not captured because there was no room, because the body could not be decompressed within
    the limits of ``content_coding``, or because it has too many parts.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    missed: int = 0
    room: int = LIMIT
    reading: "list[Answer]" = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, library: Any, response: Any, sent: float) -> "Answer | None":
        """Start to record a response.

        Args:
            library: The module httpx or httpx2.
            response: The response.
            sent: When the request was sent, as ``time.perf_counter`` seconds.

        Returns:
            The answer to record, or None if the body is already complete or is not captured.
        """
        request = response.request
        if why_not_chat_completions(request.method, str(request.url)):  # the target of a redirect
            return None
        self.room -= int(request.headers.get("content-length", 0))
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
        """Record the responses that are not yet complete as partial."""
        for answer in list(self.reading):
            answer.abandon()


@dataclass(slots=True, eq=False)
class Answer:
    """A response that is being read.

    ``parts`` are the bytes received so far, before decompression. ``reads`` are the milliseconds
    since the request was sent and the number of bytes of each read.
    """

    capture: Capture
    library: Any
    response: Any
    sent: float
    ended: bool = False
    is_complete: bool = True
    parts: list[bytes] = field(default_factory=list)
    reads: list[tuple[float, int]] = field(default_factory=list)

    def take(self, data: bytes) -> None:
        """Record the bytes of one read, as long as there is room."""
        if self.ended or not (data and self.is_complete):
            return
        self.capture.room -= len(data)
        self.is_complete = self.capture.room >= 0
        if self.is_complete:
            self.parts.append(data)
            self.reads.append((round((time.perf_counter() - self.sent) * 1000, 3), len(data)))

    def finish(self) -> None:
        """Record that the body is complete."""
        if (body := self._decoded()) is not None:
            self.end(body, partial=not self.is_complete)

    def fail(self, error: Exception) -> None:
        """Record that reading failed.

        Unless the client timed out, this means that the connection ended before the body was
        complete. Other errors are ignored here.
        """
        if (
            isinstance(error, self.library.TransportError)
            and not isinstance(error, self.library.TimeoutException)
            and (body := self._decoded()) is not None
        ):
            self.end(body if self.parts else None, cut=True, why_cut=type(error).__name__)

    def abandon(self) -> None:
        """Record that the client stopped reading, which is not an error.

        The body is partial, unless it ends with [DONE], where the official SDK stops reading.
        """
        if not self.ended and (body := self._decoded()) is not None:
            is_whole = self.is_complete and _is_done(body)
            self.end(body if self.parts else None, partial=not is_whole)

    def end(self, body: bytes | None, *, cut: bool = False, **meta: Any) -> None:
        """Convert the answer into an exchange; does nothing if it has already ended."""
        if self.ended:
            return
        if why_not_judged(body):
            self._miss()
            return
        self.ended = True
        self.capture.reading.remove(self)
        try:
            reads = tuple(self.reads) if body == b"".join(self.parts) else ()
            response = Response(
                self.response.status_code, headers_of(self.response), body, reads, cut, "bytes"
            )
            facts = {key: value for key, value in meta.items() if value}
            exchange = shareable(
                Exchange(
                    str(next(self.capture.numbers)), request_of(self.response), response, facts
                )
            )
        except Exception:  # an error here must not reach the client
            self.capture.missed += 1
        else:
            self.capture.exchanges.append(exchange)

    def _miss(self) -> None:
        """Count the answer as one that was not captured."""
        self.ended = True
        self.capture.reading.remove(self)
        self.capture.missed += 1

    def _decoded(self) -> bytes | None:
        """Decompress the body so far; if it exceeds a limit or cannot be, it is missed: None."""
        data = b"".join(self.parts)
        room = max(self.capture.room, 0) + len(data)
        try:
            body = Inflater(codings(headers_of(self.response)), min(room, MAX_DECODED)).add(data)
        except NotDecoded:
            if not self.ended:
                self._miss()
            return None
        self.capture.room -= len(body) - len(data)
        return body


def _is_done(body: bytes) -> bool:
    events = parse(body).events if not why_not_judged(body) else ()
    return bool(events) and events[-1].data == "[DONE]"
