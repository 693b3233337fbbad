"""Take the body of an exchange apart and put it together again, its framing kept as it was. Nothing
here changes a value that it is given."""

import codecs
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from conformance.protocol.event_stream import OPENINGS, event_ends, parse
from conformance.protocol.exchange import Exchange, Json, Response

Object: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Object], Object]
"""Gives the object as it is to be; the one given may be changed, as it was parsed for this call
only."""


def is_event_stream(exchange: Exchange) -> bool:
    """An event stream of status 200."""
    start = (exchange.response.body or b"")[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    return exchange.response.status == 200 and start.startswith(OPENINGS)


def json_of(exchange: Exchange) -> Json:
    """The body as JSON, None where it is none."""
    try:
        return orjson.loads(exchange.response.body or b"")
    except orjson.JSONDecodeError:
        return None


def dumped(value: Json) -> bytes:
    """A value as compact JSON."""
    return orjson.dumps(value)


def with_body(exchange: Exchange, body: bytes) -> Exchange:
    """The exchange with another body, read as long as the old one was."""
    return replace(
        exchange,
        response=replace(
            exchange.response, body=body, reads=_rescaled(exchange.response.reads, len(body))
        ),
    )


def _rescaled(reads: tuple[tuple[float, int], ...], size: int) -> tuple[tuple[float, int], ...]:
    """Reads at the same moments that add up to this number of bytes."""
    old = sum(length for _, length in reads)
    ends = [
        size * sum(length for _, length in reads[: number + 1]) // (old or 1)
        for number in range(len(reads))
    ]
    return tuple(
        (at, end - start) for (at, _), start, end in zip(reads, [0, *ends], ends, strict=False)
    )


def with_json(exchange: Exchange, value: Json) -> Exchange:
    """The exchange with this value as its body."""
    return with_body(exchange, dumped(value))


def with_response(
    exchange: Exchange, status: int, body: bytes, content_type: str = "application/json"
) -> Exchange:
    """The exchange with another answer; where no header fields were recorded there are none."""
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
    """The exchange answered by an error with this JSON as its body."""
    return with_response(exchange, status, dumped(body))


def with_header(exchange: Exchange, name: str, value: str | None) -> Exchange:
    """The exchange with another header field of the response, without it for None."""
    headers = tuple(field for field in exchange.response.headers if field[0] != name) + (
        () if value is None else ((name, value),)
    )
    return replace(exchange, response=replace(exchange.response, headers=headers))


def request_body(exchange: Exchange) -> Mapping[str, Any]:
    """The request body as an object, empty where it was not recorded or is none."""
    return exchange.request.body if isinstance(exchange.request.body, dict) else {}


def map_body(exchange: Exchange, change: Change) -> Exchange | None:
    """Change the JSON object of a completion or of an error; an error in an array of one is meant
    too."""
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
    """One event of a stream: all its bytes (what stands before it, such as comments, and its blank
    line are among them) and its data."""

    raw: bytes
    data: str

    @property
    def chunk(self) -> Object | None:
        """The data as a JSON object, parsed anew at each call; None where it is none, or is a
        failure."""
        try:
            value = orjson.loads(self.data)
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) and "error" not in value else None

    def with_data(self, value: Json) -> "Frame":
        """The event with other data: text as it is, any other value as JSON."""
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
    """The events of a stream, none for other answers."""
    body = exchange.response.body or b""
    if not is_event_stream(exchange):
        return []
    ends = event_ends(body)
    return [
        Frame(body[start:end], event.data)
        for start, end, event in zip([0, *ends], ends, parse(body).events, strict=False)
    ]


def with_frames(exchange: Exchange, made: Iterable[Frame]) -> Exchange:
    """The stream with these events; what stands after its last event stays."""
    body = exchange.response.body or b""
    ends = event_ends(body)
    return with_body(
        exchange, b"".join([frame.raw for frame in made]) + body[ends[-1] if ends else 0 :]
    )


def map_frames(
    exchange: Exchange, change: Callable[[list[Frame]], Sequence[Frame] | None]
) -> Exchange | None:
    """Change the list of a stream's events: insert, drop, move."""
    old = frames(exchange)
    made = change(old) if old else None
    return (
        None
        if made is None
        or [frame.raw for frame in made] == [frame.raw for frame in frames(exchange)]
        else with_frames(exchange, made)
    )


def map_chunks(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each chunk of a stream."""

    def changed(frame: Frame) -> Frame:
        chunk = frame.chunk
        made = change(chunk) if chunk is not None else None
        return frame if made is None or made == frame.chunk else frame.with_data(made)

    return map_frames(exchange, lambda old: [changed(frame) for frame in old])
