"""Faults of the connection or of the whole service, as pure functions over an exchange.

Each returns the changed exchange, or None if the fault does not apply to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import orjson

from conformance.endpoints.reference.outages import RETRY_AFTER, outage
from conformance.protocol.exchange import Exchange, Response

LATE = "late"
"""The key of ``meta`` with the milliseconds that the headers are delayed."""

WAIT = 3000.0
"""A delay in milliseconds that a client should notice."""

STALL = 600_000.0
"""A delay in milliseconds that is longer than any client should wait."""


def cut_connection(exchange: Exchange) -> Exchange | None:
    """The connection closes in the middle of the body."""
    body = exchange.response.body or b""
    return _with(exchange, body=body[: len(body) // 2], truncated=True) if len(body) > 1 else None


def stall(exchange: Exchange) -> Exchange | None:
    """The stream stops half way and continues ten minutes later."""
    reads = exchange.response.reads
    half = len(reads) // 2
    return (
        _with(
            exchange,
            reads=tuple(
                (0.0 if number < half else STALL, size) for number, (_, size) in enumerate(reads)
            ),
        )
        if half
        else None
    )


def burst(exchange: Exchange) -> Exchange | None:
    """The whole stream arrives at once after three seconds, as behind a buffering proxy."""
    body = exchange.response.body or b""
    return _with(exchange, reads=((WAIT, len(body)),)) if len(exchange.response.reads) > 1 else None


def late_headers(exchange: Exchange) -> Exchange | None:
    """The headers arrive after three seconds."""
    return replace(exchange, meta={**exchange.meta, LATE: WAIT})


def no_content_type(exchange: Exchange) -> Exchange | None:
    """The answer has no Content-Type header."""
    return _with(
        exchange,
        headers=tuple(field for field in exchange.response.headers if field[0] != "content-type"),
    )


def bare_json_429(exchange: Exchange) -> Exchange | None:
    """A rate limit is reported as bare JSON in an event stream with status 200."""
    if not exchange.response.reads:
        return None
    body = orjson.dumps({"code": 429, "message": "Rate limit reached.", "details": None})
    return _with(exchange, body=body, reads=((0.0, len(body)),))


def data_after_done(exchange: Exchange) -> Exchange | None:
    """The stream sends another chunk after ``[DONE]``."""
    body, more = exchange.response.body or b"", b'data: {"choices":[]}\n\n'
    if not body.endswith(b"data: [DONE]\n\n"):
        return None
    return _with(exchange, body=body + more, reads=(*exchange.response.reads, (0.0, len(more))))


WIRE_FAULTS: Mapping[str, Callable[[Exchange], Exchange | None]] = MappingProxyType(
    {
        "wire-cut": cut_connection,
        "wire-stall": stall,
        "wire-burst": burst,
        "wire-late-headers": late_headers,
        "wire-no-content-type": no_content_type,
        "wire-bare-json-429": bare_json_429,
        "wire-data-after-done": data_after_done,
        "wire-429": outage(429),
        "wire-429-retry-after": outage(429, RETRY_AFTER),
        "wire-500": outage(500),
        "wire-503": outage(503),
    }
)
"""The wire faults by name."""


def _with(exchange: Exchange, **changed: object) -> Exchange:
    response: Response = replace(exchange.response, **changed)  # type: ignore[arg-type]
    return replace(exchange, response=response)
