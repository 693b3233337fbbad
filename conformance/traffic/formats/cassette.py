"""Read cassettes of vcrpy, pytest-recording and this suite.

A cassette of this suite is a vcrpy cassette with a ``conformance`` block next to ``interactions``.
The block and the version may come before or after the interactions, which are read one at a time.
So the reader first scans the file for the lines of those two, then parses it.
"""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any, TypeAlias

import yaml

from conformance.protocol.exchange import CUT_AGAIN, Exchange, Headers, Json, Request, Response
from conformance.traffic.files import BROKEN, Stream, stem_of
from conformance.traffic.formats.body import Body, decoded, from_base64, request_body, serialised
from conformance.traffic.formats.record_fields import (
    ShapeError,
    cut_of,
    headers_of,
    object_of,
    reads_of,
    status_of,
    text_of,
    truncated,
    why_not_chat_completions,
)
from conformance.traffic.formats.yaml_loader import MAX_ITEM
from conformance.traffic.formats.yaml_stream import top_level
from conformance.traffic.read_result import Outcome, Skipped, Unreadable

MAX_BLOCK = 16 << 20
"""The most bytes of the ``conformance`` block, which is held in memory."""

_META = (
    "provenance",
    "case",
    "target",
    "profile",
    "server",
    "server_version",
    "recorded",
    "why_cut",
    CUT_AGAIN,
)

Block: TypeAlias = dict[str, Any]


def read(stream: Stream, name: str) -> Iterator[Outcome]:
    """Yield one outcome per interaction, counted from 1, and one more if the file is malformed.

    The stream must be seekable: it is read twice.
    """
    stem = stem_of(name)
    number = 0
    try:
        block = _block_of(stream)
        stream.seek(0)
        for key, value in top_level(stream, ("interactions",), ("conformance", "version")):
            if key == "interactions":
                number += 1
                yield _outcome(value, block, number, f"{name}#{number}", f"{stem}-{number}")
            elif key == "version":
                _check(value, "vcr cassette")
            elif not block:
                raise ShapeError("the conformance block must begin on its own line")
    except (ShapeError, yaml.YAMLError, RecursionError) as error:
        yield _unreadable(error, name)
    else:
        if not number:
            yield Unreadable(name, "the file has no interactions, so it is not a vcrpy cassette")


def _block_of(stream: Stream) -> Block:
    """Return the ``conformance`` block, or {} if the file has none.

    Raises:
        ShapeError: the block is malformed, or its version or that of the file is not supported.
    """
    lines = _lines_of_block(stream)
    if not lines:
        return {}
    try:
        members = dict(top_level(BytesIO(lines), (), ("conformance", "version")))
    except yaml.YAMLError as error:
        raise ShapeError(
            "the lines of version and conformance are not valid YAML on their own:"
            f" {_problem(error)}"
        ) from None
    if "version" in members:
        _check(members["version"], "vcr cassette")
    if "conformance" not in members:
        return {}
    block = object_of(_valid(members["conformance"]), "conformance")
    _check(block.get("version"), "conformance block")
    for key in _META:
        text_of(block.get(key), f"conformance.{key}", "")
    return block


def _lines_of_block(stream: Stream) -> bytes:
    """Return the lines of the top-level keys ``conformance`` and ``version``.

    If the file is damaged, returns the lines before the damage.
    """
    kept: list[bytes] = []
    wanted, room, begins = False, MAX_BLOCK, True
    blank = 0
    try:
        for line in iter(partial(stream.readline, 1 << 16), b""):
            if begins and line[0] not in b" \t\r\n#":
                wanted = line.startswith((b"conformance:", b"version:"))
            begins = line.endswith(b"\n")
            blank = blank + len(line) if line.isspace() else 0
            if blank > MAX_ITEM:
                raise ShapeError(f"blank lines take more than {MAX_ITEM >> 20} MB")
            if wanted:
                kept.append(line)
                room -= len(line)
                if room < 0:
                    raise ShapeError(f"the conformance block is larger than {MAX_BLOCK >> 20} MB")
    except BROKEN:
        pass  # reported when the interactions are read
    return b"".join(kept)


def _valid(value: Json) -> Json:
    if isinstance(value, ShapeError):
        raise value
    return value


def _check(version: Json, what: str) -> None:
    if type(_valid(version)) is not int or version != 1:
        raise ShapeError(
            f"unsupported {what} version {truncated(str(version))}, expected 1: record it again or"
            " update chat-conformance"
        )


def _outcome(value: Json, block: Block, number: int, where: str, exchange_id: str) -> Outcome:
    try:
        return _exchange(
            object_of(_valid(value), "the interaction"), block, number, where, exchange_id
        )
    except ShapeError as error:
        return Unreadable(where, str(error))


def _exchange(
    interaction: dict[str, Json], block: Block, number: int, where: str, exchange_id: str
) -> Exchange | Skipped:
    request_fields = object_of(interaction.get("request"), "request")
    method = text_of(request_fields.get("method"), "request.method", "POST").upper()
    url = text_of(request_fields.get("uri"), "request.uri", "")
    if reason := why_not_chat_completions(method, url):
        return Skipped(where, reason)
    headers = headers_of(request_fields.get("headers"), "request.headers")
    body = _body(request_fields, headers, "request").content
    request = Request(method, url, headers, None if body is None else request_body(body))
    meta = {key: block[key] for key in _META if key in block}
    return Exchange(
        exchange_id,
        request,
        _response(object_of(interaction.get("response"), "response"), block, number),
        meta,
        where,
    )


def _response(response_fields: dict[str, Json], block: Block, number: int) -> Response:
    status = response_fields.get("status")
    code = (
        status.get("code")
        if isinstance(status, dict)
        else response_fields.get("status_code", status)
    )  # status_code: vcrpy before 6, for httpx
    headers = headers_of(response_fields.get("headers"), "response.headers")
    body = _body(response_fields, headers, "response")
    reads = reads_of(_nth(block, "reads", number), f"conformance.reads[{number - 1}]")
    cut = cut_of(_nth(block, "cut", number), f"conformance.cut[{number - 1}]")
    fidelity = (
        "bytes" if block and body.fidelity == "text" else body.fidelity
    )  # this suite writes a body as text only if the text is exactly the bytes
    return Response(
        status_of(code, "response.status.code"),
        headers,
        body.content,
        reads if body.as_sent else (),
        cut or not body.is_complete,
        fidelity,
    )


def _nth(block: Block, key: str, number: int) -> Json:
    """Return what the block lists under a key for the interaction ``number`` (from 1), or None."""
    values = block.get(key)
    if values is None:
        return None
    if not isinstance(values, list):
        raise ShapeError(f"conformance.{key} is not a list")
    return values[number - 1] if number <= len(values) else None


def _body(message: dict[str, Json], headers: Headers, field: str) -> Body:
    body = message.get("body", message.get("content"))
    if isinstance(body, dict):
        body = (
            from_base64(body["base64_string"], f"{field}.body.base64_string")
            if "base64_string" in body
            else body.get("string")
        )
    if not body and "parsed_body" in message:
        return Body(
            serialised(message["parsed_body"], f"{field}.parsed_body"), "values", as_sent=False
        )
    if body is None:
        return Body(None, "text")
    if isinstance(body, str):
        return Body(body.encode("utf-8", "surrogatepass"), "text")
    if isinstance(body, bytes):
        return decoded(body, headers, f"{field}.body")
    raise ShapeError(f"{field}.body is neither text nor binary")


def _unreadable(error: ShapeError | yaml.YAMLError | RecursionError, name: str) -> Unreadable:
    if isinstance(error, ShapeError):
        return Unreadable(name, str(error))
    if isinstance(error, RecursionError):
        return Unreadable(name, "nested too deeply, so the rest is not read")
    mark = getattr(error, "problem_mark", None)
    return Unreadable(f"{name}:{mark.line + 1}" if mark else name, f"not YAML: {_problem(error)}")


def _problem(error: yaml.YAMLError) -> str:
    messages = [getattr(error, part, None) for part in ("context", "problem", "reason")]
    return truncated(", ".join(text for text in messages if isinstance(text, str)))
