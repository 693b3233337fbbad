"""Bodies as recordings keep them, turned into the bytes of the answer or the JSON of the
request."""

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
"""Bytes that a compressed body may come to."""

_GZIP, _ZLIB, _DEFLATE = 31, 15, -15


def from_base64(text: Json, field: str) -> bytes:
    """The bytes behind base64; white space is let pass, as YAML folds long lines."""
    if not isinstance(text, str):
        raise ShapeError(f"{field} is not a string")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ShapeError(f"{field} is not base64") from None


def read_closely(text: bytes) -> Json:
    """The value of a JSON text that orjson refuses: programs write NaN and lone surrogates, and
    they are no reason to leave a record out.

    They are replaced, so that the value can be written again. Raises ``ShapeError`` for what is not
    JSON in UTF-8 even so.
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
    """A body that was kept as a JSON value, as compact JSON; NaN and the infinities are kept only
    if they come with what orjson does not write."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return as_recorded(value, field)


def as_recorded(value: Json, field: str) -> bytes:
    """The same, more slowly, for values that are not strictly JSON, which come out as they went in:
    NaN, a lone surrogate, an integer over 64 bits."""
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise ShapeError(
            f"{field} holds a value that JSON has not, or is nested too deeply"
        ) from None


def request_body(text: str | bytes) -> Json:
    """The JSON of a request's body, or its text where it is not JSON; ``null`` stays text, as None
    stands for a body that was not recorded."""
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        parsed = None
    if parsed is not None:
        return parsed
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


class Body(NamedTuple):
    """The bytes of a body, None where it was not recorded, and what they are.

    ``whole`` is False where its content encoding ends early; ``as_sent`` where it had one, or is
    serialised anew: then sizes of reads are not about it.
    """

    content: bytes | None
    fidelity: Literal["bytes", "text", "values"]
    whole: bool = True
    as_sent: bool = True


def decoded(body: bytes, headers: Headers, field: str) -> Body:
    """The bytes of the wire without their content encoding.

    A body that does not look encoded is taken as it is: many recorders decode it and keep the
    header. Raises ``ShapeError`` where the body cannot be decoded or comes to more than
    ``MAX_DECODED`` bytes.
    """
    sent, whole = body, True
    for coding in reversed(list(_codings(headers))):
        if coding in ("gzip", "x-gzip"):
            if body.startswith(GZIP_MAGIC):
                body, ended = _inflated(body, _GZIP, field)
                whole = whole and ended
        elif coding == "deflate":
            body, ended = _deflate(body, field)
            whole = whole and ended
        elif not _is_text(body):
            raise ShapeError(
                f"{field} is compressed ({truncated(coding)}), which is not read: record with"
                " Accept-Encoding: gzip"
            )
    return Body(body, "bytes", whole, body == sent)


def _codings(headers: Headers) -> Iterable[str]:
    for name, value in headers:
        if name == "content-encoding":
            yield from (
                coding
                for part in value.split(",")
                if (coding := part.strip().lower()) not in ("", "identity")
            )


def _deflate(body: bytes, field: str) -> tuple[bytes, bool]:
    """Deflate as servers send it: in a zlib wrapper as the standard says, or bare."""
    if _is_text(body):
        return body, True
    wrapped = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
    return _inflated(body, _ZLIB if wrapped else _DEFLATE, field)


def _inflated(body: bytes, window: int, field: str) -> tuple[bytes, bool]:
    """The body inflated, gzip member after member, and whether its last member ended."""
    parts: list[bytes] = []
    room = MAX_DECODED
    while True:
        inflater = zlib.decompressobj(window)
        try:
            parts.append(inflater.decompress(body, room + 1))
        except zlib.error:
            raise ShapeError(f"{field} is not what its content-encoding says") from None
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
