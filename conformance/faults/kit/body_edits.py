"""Take the body of a response apart, change it and write it back in the same framing.

No function changes a value that it is given; each returns a new exchange.
"""

import codecs
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import orjson

from conformance.protocol.event_stream import OPENINGS, event_ends, parse
from conformance.protocol.exchange import Exchange, Json, Response

Object: TypeAlias = dict[str, Json]
Change: TypeAlias = Callable[[Object], Object]
"""Takes a parsed JSON object and returns the new one. It may modify the given object, because that
was parsed for this call only."""


def is_event_stream(exchange: Exchange) -> bool:
    """Return whether the response has status 200 and its body starts like an event stream."""
    start = (exchange.response.body or b"")[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    return exchange.response.status == 200 and start.startswith(OPENINGS)


def json_of(exchange: Exchange) -> Json:
    """Parse the response body as JSON; None if it is missing or not JSON."""
    try:
        return orjson.loads(exchange.response.body or b"")
    except orjson.JSONDecodeError:
        return None


def dumped(value: Json) -> bytes:
    """Encode a value as compact JSON."""
    return orjson.dumps(value)


def with_body(exchange: Exchange, body: bytes) -> Exchange:
    """Replace the response body; the arrival times stay, and their sizes are scaled to the body."""
    return replace(
        exchange,
        response=replace(
            exchange.response, body=body, reads=_rescaled(exchange.response.reads, len(body))
        ),
    )


def _rescaled(reads: tuple[tuple[float, int], ...], size: int) -> tuple[tuple[float, int], ...]:
    """Keep the times of the reads and scale their sizes so that they add up to `size` bytes."""
    old = sum(length for _, length in reads)
    ends = [
        size * sum(length for _, length in reads[: number + 1]) // (old or 1)
        for number in range(len(reads))
    ]
    return tuple(
        (at, end - start) for (at, _), start, end in zip(reads, [0, *ends], ends, strict=False)
    )


def with_json(exchange: Exchange, value: Json) -> Exchange:
    """Replace the response body by this value, encoded as JSON."""
    return with_body(exchange, dumped(value))


def with_response(
    exchange: Exchange, status: int, body: bytes, content_type: str = "application/json"
) -> Exchange:
    """Replace status, body and content type of the response.

    The content type is added only if headers were recorded and `content_type` is not empty. The
    arrival times are removed.
    """
    headers = tuple(
        (name, value)
        for name, value in exchange.response.headers
        if name not in ("content-type", "transfer-encoding")
    )
    headers += (
        (("content-type", content_type),) if exchange.response.headers and content_type else ()
    )
    return replace(
        with_body(exchange, body),
        response=Response(status, headers, body, (), False, exchange.response.fidelity),
    )


def with_error(exchange: Exchange, status: int, body: Json) -> Exchange:
    """Replace the response by one with this status and this JSON body."""
    return with_response(exchange, status, dumped(body))


def with_header(exchange: Exchange, name: str, value: str | None) -> Exchange:
    """Replace a response header; a value of None removes it."""
    headers = tuple(field for field in exchange.response.headers if field[0] != name) + (
        () if value is None else ((name, value),)
    )
    return replace(exchange, response=replace(exchange.response, headers=headers))


def request_body(exchange: Exchange) -> Mapping[str, Json]:
    """Return the request body; an empty dict if it was not recorded or is not an object."""
    return exchange.request.body if isinstance(exchange.request.body, dict) else {}


def map_body(exchange: Exchange, change: Change) -> Exchange | None:
    """Change the JSON object of a completion or of an error.

    An object in an array with one element is changed inside the array. Returns None if the body is
    not such JSON or the change has no effect.
    """
    value = json_of(exchange)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        made: Json = [change(value[0])]
    elif isinstance(value, dict):
        made = change(value)
    else:
        return None
    return None if made == json_of(exchange) else with_json(exchange, made)


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a stream.

    `raw` is all its bytes, including comments before it and the blank line after it. `data` is the
    text of its `data` field.
    """

    raw: bytes
    data: str

    @property
    def chunk(self) -> Object | None:
        """Parse the data as a JSON object, again at each call.

        None if the data is not a JSON object, or is one with an `error` key.
        """
        try:
            value = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) and "error" not in value else None

    def with_data(self, value: Json) -> "Frame":
        """Replace the data of the event: a string as it is, any other value as JSON."""
        data = value if isinstance(value, str) else dumped(value).decode()
        lines, written = [], False
        for line in self.raw.splitlines(keepends=True):
            if line.removeprefix(codecs.BOM_UTF8).partition(b":")[0].rstrip(b"\r\n") != b"data":
                lines.append(line)
            elif not written:
                space = b"data: " if line.startswith(b"data: ") else b"data:"
                lines.append(space + data.encode() + line[len(line.rstrip(b"\r\n")) :])
                written = True
        return Frame(b"".join(lines), data)


def frames(exchange: Exchange) -> list[Frame]:
    """Split a stream into its events; an empty list for other responses."""
    body = exchange.response.body or b""
    if not is_event_stream(exchange):
        return []
    ends = event_ends(body)
    return [
        Frame(body[start:end], event.data)
        for start, end, event in zip([0, *ends], ends, parse(body).events, strict=False)
    ]


def with_frames(exchange: Exchange, made: Iterable[Frame]) -> Exchange:
    """Replace the events of the stream; bytes after the last event stay."""
    body = exchange.response.body or b""
    ends = event_ends(body)
    return with_body(
        exchange, b"".join([frame.raw for frame in made]) + body[ends[-1] if ends else 0 :]
    )


def map_frames(
    exchange: Exchange, change: Callable[[list[Frame]], Sequence[Frame] | None]
) -> Exchange | None:
    """Change the list of a stream's events: insert, remove or move some.

    Returns None if the response is not a stream, `change` returns None, or nothing changes.
    """
    old = frames(exchange)
    made = change(old) if old else None
    return (
        None
        if made is None
        or [frame.raw for frame in made] == [frame.raw for frame in frames(exchange)]
        else with_frames(exchange, made)
    )


def map_chunks(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each chunk of a stream; None if the response is not a stream or nothing changes."""

    def changed(frame: Frame) -> Frame:
        chunk = frame.chunk
        made = change(chunk) if chunk is not None else None
        return frame if made is None or made == frame.chunk else frame.with_data(made)

    return map_frames(exchange, lambda old: [changed(frame) for frame in old])
