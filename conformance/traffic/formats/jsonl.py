"""Read JSONL exchange records: one JSON object per line.

This reader must be fast for large logs, so it does little work per record.
"""

import json
from collections.abc import Iterator
from functools import partial
from typing import Literal

import orjson

from conformance.protocol.exchange import Exchange, Json, Request, Response
from conformance.traffic.files import BROKEN, Stream, stem_of
from conformance.traffic.formats.body import (
    as_recorded,
    decoded,
    from_base64,
    read_closely,
    request_body,
    serialised,
)
from conformance.traffic.formats.record_fields import (
    ShapeError,
    cut_of,
    headers_of,
    object_of,
    reads_of,
    status_of,
    text_of,
    why_not_chat_completions,
)
from conformance.traffic.read_result import Outcome, Skipped, Unreadable

MAX_LINE = 16 << 20
"""The most bytes of a line; longer ones are not held in memory."""

MAX_SKIPPED = 256 << 20
"""The most bytes of blank lines in a row, or of one line, after which reading goes on. A small
compressed file can hold terabytes of them."""

MAX_BEFORE_FIRST = 100
"""After this many unreadable lines, the rest of a file in which no line could be read is not read.
"""

_VERBATIM = ("text", "bytes")


def read(stream: Stream, name: str) -> Iterator[Outcome]:
    """Yield one outcome per line that is not blank.

    Stops after ``MAX_BEFORE_FIRST`` unreadable lines if no line before them is a record, and yields
    a single outcome for them. After the first record, every line is read, except what
    follows more than ``MAX_SKIPPED`` bytes of blank lines, or of one line.
    """
    stem = stem_of(name)
    run: list[Unreadable] = []
    has_records = False
    blank = 0
    try:
        for number, line in enumerate(iter(partial(stream.readline, MAX_LINE + 1), b""), 1):
            outcome = _outcome(stream, line, f"{name}:{number}", f"{stem}-{number}")
            if outcome is None:
                blank += len(line)
                if blank > MAX_SKIPPED:
                    outcome = _endless(f"{name}:{number}", "blank lines take")
                    yield from (*run, outcome)
                    return
                continue
            blank = 0
            if has_records:
                yield outcome
            elif outcome.__class__ is not Unreadable:
                has_records = True
                yield from run
                run = []
                yield outcome
            else:
                run.append(outcome)
                if len(run) == MAX_BEFORE_FIRST:
                    yield Unreadable(
                        run[0].where,
                        f"the first {MAX_BEFORE_FIRST} lines are not exchange records, so the rest"
                        f" is not read; the first error: {run[0].why}",
                    )
                    return
            if isinstance(outcome, _Endless):
                break
    except BROKEN:
        yield from run
        raise
    yield from run


class _Endless(Unreadable):
    """Something that is so long that reading ends there."""


def _endless(where: str, what: str) -> _Endless:
    return _Endless(where, f"{what} more than {MAX_SKIPPED >> 20} MB, so the rest is not read")


def _outcome(stream: Stream, line: bytes, where: str, fallback_id: str) -> Outcome | None:
    """Return the outcome of a line, or None if it is blank.

    If the line is too long, reads the stream to the end of that line.
    """
    if len(line) > MAX_LINE and not line.endswith(b"\n"):
        size = len(line)
        while (rest := stream.readline(1 << 16)) and not rest.endswith(b"\n"):
            size += len(rest)
            if size > MAX_SKIPPED:
                return _endless(where, "the line takes")
        return Unreadable(where, f"the line is longer than {MAX_LINE >> 20} MB")
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        if line.isspace():
            return None
        try:
            record = _read_closely(line)
        except ShapeError as error:
            return Unreadable(where, str(error))
    try:
        return exchange_of(record, where, fallback_id)
    except ShapeError as error:
        return Unreadable(where, str(error))


def _read_closely(line: bytes) -> Json:
    """Parse a line that orjson rejects.

    A response body that is a JSON value becomes bytes, which keep NaN as recorded.
    """
    record = read_closely(line)
    response = record.get("response") if isinstance(record, dict) else None
    if isinstance(response, dict) and isinstance(response.get("body"), dict | list):
        try:
            body = json.loads(line.decode().removeprefix("\ufeff"))["response"]["body"]
        except ValueError:
            raise ShapeError("response.body contains a number with thousands of digits") from None
        response["body"] = as_recorded(body, "response.body")
    return record


def exchange_of(record: Json, where: str, fallback_id: str) -> Exchange | Skipped:
    """Convert a parsed record into an exchange, or ``Skipped`` for another API call.

    Raises:
        ShapeError: a field is missing or malformed; the message names it.
    """
    if record.__class__ is not dict:
        raise ShapeError("not an object: expected one exchange record per line")
    request_fields = record.get("request")
    request_fields = {} if request_fields is None else object_of(request_fields, "request")
    method = text_of(request_fields.get("method"), "request.method", "POST").upper()
    url = text_of(request_fields.get("url"), "request.url", "")
    if reason := why_not_chat_completions(method, url):
        return Skipped(where, reason)
    body = request_fields.get("body")
    meta = record.get("meta")
    meta = {} if meta is None else object_of(meta, "meta")
    text_of(meta.get("profile"), "meta.profile", "")
    given_id = record.get("id")
    return Exchange(
        str(given_id) if given_id.__class__ in (str, int) and given_id != "" else fallback_id,
        Request(
            method,
            url,
            headers_of(request_fields.get("headers"), "request.headers"),
            request_body(body) if body.__class__ is str else body,
        ),
        _response(object_of(record.get("response"), "response"), str(meta.get("fidelity", "text"))),
        meta,
        where,
    )


def _response(response_fields: dict[str, Json], fidelity: str) -> Response:
    status = status_of(response_fields.get("status"), "response.status")
    headers = headers_of(response_fields.get("headers"), "response.headers")
    reads = reads_of(response_fields.get("reads"), "response.reads")
    cut = cut_of(response_fields.get("cut"), "response.cut")
    recorded = response_fields.get("body")
    verbatim = fidelity in _VERBATIM or (fidelity.startswith("raw") and "folded" not in fidelity)
    shown: Literal["bytes", "text", "values"] = "text" if verbatim else "values"
    if recorded.__class__ is str:
        return Response(status, headers, recorded.encode(), reads, cut, shown)
    if isinstance(recorded, bytes):
        return Response(status, headers, recorded, reads, cut, "values")
    if recorded is not None:
        return Response(
            status, headers, serialised(recorded, "response.body"), reads, cut, "values"
        )
    if (encoded := response_fields.get("body_base64")) is None:
        return Response(status, headers, None, reads, cut, shown)
    body = decoded(from_base64(encoded, "response.body_base64"), headers, "response.body_base64")
    return Response(
        status,
        headers,
        body.content,
        reads if body.as_sent else (),
        cut or not body.is_complete,
        body.fidelity if verbatim else "values",
    )
