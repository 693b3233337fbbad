"""Read HAR 1.2 files, as saved by browsers and proxies.

A HAR file contains what the page saw: the text of a body is already decompressed and decoded, so
its fidelity is ``text``, not ``bytes``. Base64 preserves the bytes; they have the fidelity
``bytes`` only if there is no content encoding, because otherwise the file does not show who
decompressed them.
"""

from collections.abc import Iterator

import orjson

from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.traffic.files import Stream, stem_of
from conformance.traffic.formats.body import Body, decoded, from_base64, read_closely, request_body
from conformance.traffic.formats.har_splitter import MAX_ENTRY, entries
from conformance.traffic.formats.record_fields import (
    ShapeError,
    headers_of,
    object_of,
    status_of,
    text_of,
    why_not_chat_completions,
)
from conformance.traffic.read_result import Outcome, Skipped, Unreadable


def read(stream: Stream, name: str) -> Iterator[Outcome]:
    """Yield one outcome per entry, counted from 1, and one more if the file itself is malformed."""
    stem = stem_of(name)
    try:
        for number, entry in enumerate(entries(stream), 1):
            yield _outcome(entry, f"{name}#{number}", f"{stem}-{number}")
    except ShapeError as error:
        yield Unreadable(name, str(error))


def _outcome(entry: bytes | None, where: str, entry_id: str) -> Outcome:
    if entry is None:
        return Unreadable(where, f"the entry is larger than {MAX_ENTRY >> 20} MB")
    try:
        return _exchange(object_of(_parsed(entry), "the entry"), where, entry_id)
    except ShapeError as error:
        return Unreadable(where, str(error))


def _parsed(entry: bytes) -> Json:
    try:
        return orjson.loads(entry)
    except orjson.JSONDecodeError:
        return read_closely(entry)


def _exchange(entry: dict[str, Json], where: str, entry_id: str) -> Exchange | Skipped:
    request_fields = object_of(entry.get("request"), "request")
    method = text_of(request_fields.get("method"), "request.method", "POST").upper()
    url = text_of(request_fields.get("url"), "request.url", "")
    if reason := why_not_chat_completions(method, url):
        return Skipped(where, reason)
    response_fields = object_of(entry.get("response"), "response")
    status = status_of(response_fields.get("status"), "response.status")
    headers = _headers(response_fields, "response.headers")
    body = _response_body(response_fields, headers)
    request = Request(
        method, url, _headers(request_fields, "request.headers"), _request_body(request_fields)
    )
    return Exchange(
        entry_id,
        request,
        Response(
            status, headers, body.content, truncated=not body.is_complete, fidelity=body.fidelity
        ),
        origin=where,
    )


def _headers(message: dict[str, Json], field: str) -> Headers:
    """Return header fields from HAR's list of objects.

    Drops the pseudo-header fields of HTTP/2, such as ``:path``, which browsers add.
    """
    recorded = message.get("headers") or []
    if not isinstance(recorded, list):
        raise ShapeError(f"{field} is not a list")
    pairs = headers_of(
        [[object_of(item, field).get("name"), item.get("value")] for item in recorded], field
    )
    return tuple([(name, value) for name, value in pairs if not name.startswith(":")])


def _request_body(request_fields: dict[str, Json]) -> Json:
    posted = object_of(request_fields.get("postData") or {}, "request.postData")
    text = posted.get("text")
    return None if text is None else request_body(text_of(text, "request.postData.text", ""))


def _response_body(response_fields: dict[str, Json], headers: Headers) -> Body:
    content = object_of(response_fields.get("content") or {}, "response.content")
    text = content.get("text")
    if text is None:
        return Body(None, "text")
    if content.get("encoding") != "base64":
        return Body(text_of(text, "response.content.text", "").encode(), "text")
    body = decoded(from_base64(text, "response.content.text"), headers, "response.content.text")
    encoded = any(name == "content-encoding" for name, _ in headers)
    return body._replace(fidelity="text") if encoded else body
