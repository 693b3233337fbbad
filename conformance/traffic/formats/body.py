"""Convert recorded bodies into response bytes or request JSON."""

import base64
import json
from typing import Literal, NamedTuple

import orjson

from conformance.protocol import json_text
from conformance.protocol.exchange import Headers, Json
from conformance.traffic.content_coding import GZIP_START, Inflater, NotDecoded, codings
from conformance.traffic.formats.record_fields import ShapeError


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
        ShapeError: the body cannot be decompressed: it has two codings or one that is not
            supported, does not match it, or exceeds a limit of ``content_coding``.
    """
    names = codings(headers)
    if not names or not _looks_compressed(body, names):
        return Body(body, "bytes")
    try:
        inflater = Inflater(names)
    except NotDecoded as error:
        raise ShapeError(f"{field} {error}: record with Accept-Encoding: gzip") from None
    try:
        content = inflater.add(body)
    except NotDecoded as error:
        raise ShapeError(f"{field} {error}") from None
    return Body(content, "bytes", inflater.is_complete, as_sent=False)


def _looks_compressed(body: bytes, names: tuple[str, ...]) -> bool:
    return body.startswith(GZIP_START) if names[-1] in ("gzip", "x-gzip") else not _is_text(body)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
