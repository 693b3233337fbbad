"""Write exchanges as vcrpy cassettes.

The YAML has an extra ``conformance`` block for what vcrpy would lose: where the exchanges come from
and how the bytes of the responses arrived.
"""

import json
import re
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from conformance._files import write_atomic
from conformance.cases import Case
from conformance.protocol.chat.error_messages import why_incomplete
from conformance.protocol.exchange import CUT_AGAIN, Exchange, Headers, Json, Request, Response
from conformance.traffic.read import read
from conformance.traffic.redaction.redact import redact

BLOCK_VERSION = 1
"""The version of the ``conformance`` block; the reader rejects other versions."""

_FACTS = (
    "provenance",
    "case",
    "target",
    "profile",
    "server",
    "server_version",
    "recorded",
    "why_cut",
    CUT_AGAIN,
    "redacted",
)
_PLAIN_TEXT = re.compile(
    "[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
"""Text that YAML preserves without escapes: no byte order mark, no control characters and no line
ends except the line feed."""
_SPACE_AT_LINE_END = re.compile(r" $", re.MULTILINE)


def keep(turns: Sequence[Exchange], case: Case, folder: Path) -> bool:
    """Write the cassette of a case, unless it would replace a good cassette by a failed answer.

    An answer failed if its status is 429 or 5xx, or if it is incomplete: it was truncated, or an
    error that says nothing about the request ended its stream.

    Args:
        turns: The exchanges of the conversation, in order; one for most cases.
        case: The case; its id is the file name.
        folder: Where the cassette is written.

    Returns:
        Whether the cassette was written.
    """
    path = folder / f"{case.id}.yaml"
    if any(map(_failed, turns)) and _has_good_answer(path):
        return False
    write(path, *turns)
    return True


def write(path: Path, *exchanges: Exchange) -> None:
    """Redact exchanges and write them as one cassette, completely or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    write_atomic(path, cassette(*map(redact, exchanges)).encode())


def cassette(*exchanges: Exchange) -> str:
    """Return the YAML text of a cassette with these exchanges.

    The facts in the ``conformance`` block, such as target and time, come from ``meta`` of the first
    exchange. Nothing is redacted here; ``write`` does that.
    """
    import yaml

    tree = {
        "interactions": [
            {"request": _request(exchange.request), "response": _response(exchange.response)}
            for exchange in exchanges
        ],
        "version": 1,
        "conformance": _block(exchanges),
    }
    return yaml.dump(
        tree,
        Dumper=_dumper(),
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=2**31,
    )


def _request(request: Request) -> Json:
    body = (
        request.body
        if request.body is None or isinstance(request.body, str)
        else json.dumps(request.body, ensure_ascii=False)
    )
    return {
        "method": request.method,
        "uri": request.url,
        "headers": _headers(request.headers),
        "body": body,
    }


def _response(response: Response) -> Json:
    from httpx import codes  # its phrases are the same in every Python version

    phrase = codes.get_reason_phrase(response.status)
    body = response.body or b""
    try:
        string: str | bytes = body.decode()
    except UnicodeDecodeError:
        string = body
    return {
        "status": {"code": response.status, "message": phrase},
        "headers": _headers(response.headers),
        "body": {"string": string},
    }


def _headers(headers: Headers) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return values


def _block(exchanges: Sequence[Exchange]) -> Json:
    """Build the ``conformance`` block; ``reads`` and ``cut`` have one item per interaction."""
    facts = {key: exchanges[0].meta[key] for key in _FACTS if key in exchanges[0].meta}
    reads = _Inline(
        [[[offset, size] for offset, size in exchange.response.reads] for exchange in exchanges]
    )
    return {
        "version": BLOCK_VERSION,
        **facts,
        "reads": reads,
        "cut": [exchange.response.truncated for exchange in exchanges],
    }


class _Inline(list[Json]):
    """A list that is written on one line."""


@cache
def _dumper() -> Any:
    """Return a YAML dumper based on PyYAML's safe dumper.

    It writes a multi-line text as a block if it would be read back unchanged, otherwise with
    escapes.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(
        str,
        lambda dumper, text: dumper.represent_scalar(
            "tag:yaml.org,2002:str", text, style=_style(text)
        ),
    )
    Dumper.add_representer(
        _Inline,
        lambda dumper, items: dumper.represent_sequence(
            "tag:yaml.org,2002:seq", items, flow_style=True
        ),
    )
    return Dumper


def _style(text: str) -> str | None:
    if not _PLAIN_TEXT.fullmatch(text):
        return '"'
    if "\n" in text:
        return '"' if _SPACE_AT_LINE_END.search(text) else "|"
    return None


def _failed(exchange: Exchange) -> bool:
    status = exchange.response.status
    return (
        status == HTTPStatus.TOO_MANY_REQUESTS
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or why_incomplete(exchange) != ""
    )


def _has_good_answer(path: Path) -> bool:
    exchanges = (
        [outcome for outcome in read([path]) if isinstance(outcome, Exchange)]
        if path.is_file()
        else []
    )
    return bool(exchanges) and not any(map(_failed, exchanges))
