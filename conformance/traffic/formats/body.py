"""Convert recorded bodies into response bytes or request JSON."""

import base64
import json
import zlib
from collections.abc import Iterable
from typing import Literal, NamedTuple

import orjson

from conformance.protocol import json_text
from conformance.protocol.exchange import Headers, Json
from conformance.traffic.files import GZIP_MAGIC
from conformance.traffic.formats.record_fields import ShapeError, truncated

MAX_DECODED = 64 << 20
"""The most bytes that a compressed body may decompress to."""

_GZIP, _ZLIB, _DEFLATE = 31, 15, -15


def from_base64(text: Json, field: str) -> bytes:
    """Decode base64 and ignore white space, because YAML folds long lines.

    Raises:
        ShapeError: the value is not a string or not valid base64.
    """
    if not isinstance(text, str):
        raise ShapeError(f"{field} is not a string")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ShapeError(f"{field} is not base64") from None


def read_closely(text: bytes) -> Json:
    """Parse a JSON text that orjson rejects, such as one with NaN or a lone surrogate.

    Such values are replaced, so that the result can be serialized.

    Raises:
        ShapeError: the text is not JSON even with these exceptions, or is not valid UTF-8.
    """
    parsed = json_text.parse(text)
    if parsed.failure:
        raise ShapeError(
            f"not JSON: {parsed.failure.message.removesuffix(' at')} at character"
            f" {parsed.failure.offset + 1}"
        )
    if "invalid UTF-8" in parsed.defects:
        raise ShapeError("not valid UTF-8")
    return parsed.value


def serialised(value: Json, field: str) -> bytes:
    """Serialize a body that was recorded as a JSON value into compact JSON bytes.

    NaN and infinities become null, except if the value also contains something that orjson rejects;
    then ``as_recorded`` writes them unchanged.

    Raises:
        ShapeError: the value cannot be written as JSON.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return as_recorded(value, field)


def as_recorded(value: Json, field: str) -> bytes:
    """Serialize a value that orjson rejects, and keep NaN, lone surrogates and large integers.

    This is slower than orjson.

    Raises:
        ShapeError: the value contains something that JSON cannot represent, or is nested too
            deeply.
    """
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise ShapeError(
            f"{field} contains a value that JSON cannot represent, or is nested too deeply"
        ) from None


def request_body(text: str | bytes) -> Json:
    """Parse a request body as JSON, or return it as text if it is not JSON.

    ``null`` is returned as text too, because None means that the body was not recorded.
    """
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        parsed = None
    if parsed is not None:
        return parsed
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


class Body(NamedTuple):
    """The bytes of a body, None if it was not recorded, and how faithful they are.

    ``is_complete`` is False if the compressed data ends early. ``as_sent`` is False if the body had
    a content encoding or was serialized again: then the sizes of the recorded reads do not apply to
    it.
    """

    content: bytes | None
    fidelity: Literal["bytes", "text", "values"]
    is_complete: bool = True
    as_sent: bool = True


def decoded(body: bytes, headers: Headers, field: str) -> Body:
    """Decompress the bytes of a body according to its content-encoding header.

    A body that does not look compressed is returned unchanged, because many recorders decompress it
    and keep the header.

    Raises:
        ShapeError: the body cannot be decompressed, has an encoding other than gzip and deflate, or
            exceeds ``MAX_DECODED`` bytes.
    """
    sent, is_complete = body, True
    for coding in reversed(list(_codings(headers))):
        if coding in ("gzip", "x-gzip"):
            if body.startswith(GZIP_MAGIC):
                body, ended = _inflated(body, _GZIP, field)
                is_complete = is_complete and ended
        elif coding == "deflate":
            body, ended = _deflate(body, field)
            is_complete = is_complete and ended
        elif not _is_text(body):
            raise ShapeError(
                f"{field} is compressed with {truncated(coding)}, which is not supported: record"
                " with Accept-Encoding: gzip"
            )
    return Body(body, "bytes", is_complete, body == sent)


def _codings(headers: Headers) -> Iterable[str]:
    for name, value in headers:
        if name == "content-encoding":
            yield from (
                coding
                for part in value.split(",")
                if (coding := part.strip().lower()) not in ("", "identity")
            )


def _deflate(body: bytes, field: str) -> tuple[bytes, bool]:
    """Decompress deflate data, with the standard zlib wrapper or without it as some servers do."""
    if _is_text(body):
        return body, True
    wrapped = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
    return _inflated(body, _ZLIB if wrapped else _DEFLATE, field)


def _inflated(body: bytes, window: int, field: str) -> tuple[bytes, bool]:
    """Decompress a body, one gzip member after another.

    Returns:
        The bytes, and whether the last member was complete.
    """
    parts: list[bytes] = []
    room = MAX_DECODED
    while True:
        inflater = zlib.decompressobj(window)
        try:
            parts.append(inflater.decompress(body, room + 1))
        except zlib.error:
            raise ShapeError(f"{field} does not match its content-encoding") from None
        room -= len(parts[-1])
        if room < 0:
            raise ShapeError(f"{field} decompresses to more than {MAX_DECODED >> 20} MB")
        body = inflater.unused_data
        if not (inflater.eof and body.startswith(GZIP_MAGIC)):
            return b"".join(parts), inflater.eof


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
