"""Answers of a server that repeats the credential of the request, in every form and place, and a
search for what is left of the credential in a text or a recording.

Nothing here is taken from the redaction: both must know for themselves what counts as the same.
"""

import base64
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

SECRET = "zQ7w-Xk9_Lp3/Vb5+Tn1~Rm8Hd"
"""A credential that looks like no known kind of key; each six characters of it are unmistakable."""

WINDOW = 6
"""So many characters of a credential in a row are a leak."""


@dataclass(frozen=True)
class Answer:
    """What a server answers; ``name`` is the place and the form of the credential in it."""

    name: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    reason: str = "OK"


# --- forms: name and the text between the quotes of a JSON string


def forms(secret: str = SECRET) -> dict[str, str]:
    """The spellings of a credential, as they stand inside a JSON string on the wire."""
    return {"plain": secret, **_json_escapes(secret), **_encodings(secret)}


def _json_escapes(secret: str) -> dict[str, str]:
    found = {"escaped solidus": secret.replace("/", r"\/")}
    for at, char in enumerate(secret):
        found[f"escape at {at}"] = f"{secret[:at]}\\u{ord(char):04x}{secret[at + 1 :]}"
    upper = [f"\\u{ord(char):04X}" for char in secret]
    lower = [f"\\u{ord(char):04x}" for char in secret]
    found["escapes in upper case"] = "".join(upper)
    found["escapes in lower case"] = "".join(lower)
    found["JSON in JSON"] = "".join(lower).replace("\\", r"\\")
    found["JSON in JSON in JSON"] = "".join(upper).replace("\\", r"\\\\")
    found["an escape of an escape"] = "".join(lower).replace("\\", r"\u005c")
    return found


def _encodings(secret: str) -> dict[str, str]:
    data = secret.encode()
    found = {}
    for lead in range(3):
        around = b"\xfe" * lead + data + b"\xfe\xfe"
        found[f"base64 at {lead}"] = base64.b64encode(around).decode()
        found[f"base64 for URLs at {lead}"] = base64.urlsafe_b64encode(around).decode()
    found["base64 for a user"] = base64.b64encode(b"user:" + data).decode().rstrip("=")
    found["hex"] = data.hex()
    found["hex in upper case"] = data.hex().upper()
    found["percent"] = quote(secret, safe="")
    found["percent for all"] = "".join(f"%{byte:02X}" for byte in data)
    found["percent in lower case"] = "".join(f"%{byte:02x}" for byte in data)
    found["percent, twice"] = quote(found["percent for all"])
    found["HTML"] = "".join(f"&#{byte};" for byte in data)
    found["HTML in hex"] = "".join(f"&#x{byte:x};" for byte in data)
    found["HTML, one"] = f"{secret[:5]}&#x{data[5]:02X};{secret[6:]}"
    found["HTML, named"] = secret.replace("/", "&sol;").replace("+", "&plus;")
    found["HTML in HTML"] = html.escape(found["HTML"])
    found["percent of an HTML entity"] = quote(found["HTML"], safe="")
    found["HTML of a JSON escape"] = "".join(f"\\u0026#{byte};" for byte in data)
    return found


def value_of(text: str) -> str:
    """The value of a JSON string with this text between its quotes."""
    value: str = json.loads(f'"{text}"')
    return value


def splits(text: str) -> Iterator[tuple[str, ...]]:
    """The text in 2 to 5 pieces with a cut at every position, and in single characters.

    For more than two pieces, the other cuts follow at once, at equal distances, or at the end.
    """
    last = len(text) - 1
    seen = set()
    for pieces in range(2, 6):
        for at in range(1, last + 1):
            for step in (1, max(1, (last - at) // pieces), 5):
                cuts = sorted({min(at + step * more, last) for more in range(pieces - 1)})
                if tuple(cuts) not in seen:
                    seen.add(tuple(cuts))
                    yield tuple(
                        text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)
                    )
    yield tuple(text)


# --- places: where in an answer the credential may stand


def whole_answers(form: str, text: str) -> Iterator[Answer]:
    """Answers with the credential in one piece, in every place; ``text`` as in ``forms``."""
    for place, body in _bodies(text).items():
        yield Answer(f"{place}: {form}", body.encode())
    for place, events in _streams(text).items():
        yield Answer(f"{place}: {form}", _stream(events), headers=_SSE)
    for place, error in _errors(text).items():
        for status in (400, 401, 500):
            yield Answer(f"{place} {status}: {form}", error.encode(), status, reason="Refused")
    yield Answer(
        f"raw text: {form}",
        f"<p>no access: {text}</p>".encode(),
        403,
        (("content-type", "text/html"),),
    )
    yield Answer(f"bytes: {form}", b"\xff\xfe" + text.encode() + b"\x00", 502)
    if "\\" not in text:
        yield Answer(
            f"headers: {form}",
            _body({"content": "ok"}).encode(),
            200,
            (("content-type", "application/json"), ("x-request-id", text), ("server", text)),
            reason=f"OK {text}",
        )


def split_answers(form: str, pieces: Sequence[str]) -> Iterator[Answer]:
    """Streams with one piece of the credential in each event, in every place that is joined.

    The pieces are parts of the value; see ``value_of`` and ``splits``.
    """
    cut = f"{form} in {'|'.join(map(str, map(len, pieces)))}"
    pieces = [json.dumps(piece)[1:-1] for piece in pieces]
    for place in ("content", "reasoning_content", "reasoning", "refusal"):
        yield Answer(
            f"{place} split: {cut}",
            _stream([_chunk({place: piece}) for piece in pieces]),
            headers=_SSE,
        )
    call = {"index": 0, "id": "call_1", "type": "function"}
    named = [_chunk({"tool_calls": [{**call, "function": {"name": "f", "arguments": ""}}]})]
    yield Answer(
        f"arguments split: {cut}",
        _stream(named + [_chunk(_arguments(piece, index=0)) for piece in pieces]),
        headers=_SSE,
    )
    yield Answer(
        f"JSON arguments split: {cut}",
        _stream(
            named
            + [
                _chunk(_arguments(piece, index=0))
                for piece in ('{\\"a\\": \\"', *pieces, '\\", \\"b\\": 1}')
            ]
        ),
        headers=_SSE,
    )
    yield Answer(
        f"arguments split, no index: {cut}",
        _stream([_chunk(_arguments(piece)) for piece in pieces]),
        headers=_SSE,
    )
    yield Answer(
        f"function call split: {cut}",
        _stream([_chunk({"function_call": {"arguments": piece}}) for piece in pieces]),
        headers=_SSE,
    )
    two = [
        _chunk({"content": text}, index)
        for piece in pieces
        for index, text in ((0, piece), (1, "other words "))
    ]
    yield Answer(f"one of two choices split: {cut}", _stream(two), headers=_SSE)
    yield Answer(
        f"content split, CRLF: {cut}",
        _stream([_chunk({"content": piece}) for piece in pieces]).replace(b"\n", b"\r\n"),
        headers=_SSE,
    )
    yield Answer(
        f"content split, pretty: {cut}",
        b"".join(
            b"event: message\n"
            + b"".join(b"data: " + line.encode() + b"\n" for line in pretty.splitlines())
            + b"\n"
            for pretty in (
                json.dumps(json.loads(_chunk({"content": "@"})), indent=1).replace("@", piece)
                for piece in pieces
            )
        ),
        headers=_SSE,
    )
    parts = ", ".join(f'{{"type": "text", "text": "{piece}"}}' for piece in pieces)
    yield Answer(
        f"parts of a message: {cut}",
        _body({"content": "@"}).replace('"@"', f"[{parts}]").encode(),
    )


_SSE = (("content-type", "text/event-stream"),)
_MARK = "@SECRET@"


def _bodies(text: str) -> dict[str, str]:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    made = {
        "content": _body({"content": f"you said {_MARK}."}),
        "reasoning": _body({"content": "ok", "reasoning_content": f"they said {_MARK}"}),
        "refusal": _body({"content": None, "refusal": _MARK}),
        "tool call id": _body({"content": None, "tool_calls": [{**call, "id": _MARK}]}),
        "tool call type": _body({"content": None, "tool_calls": [{**call, "type": _MARK}]}),
        "function name": _body(
            {"content": None, "tool_calls": [{**call, "function": {"name": _MARK}}]}
        ),
        "arguments": _body(
            {
                "content": None,
                "tool_calls": [
                    {**call, "function": {"name": "f", "arguments": json.dumps({"a": "@@"})}}
                ],
            }
        ).replace("@@", _MARK),
        "role": _body({"role": _MARK, "content": "ok"}),
        "member name": _body({"content": "ok", f"x{_MARK}": 1}),
        "annotations": _body({"content": "ok", "annotations": [{"type": _MARK}]}),
        "JSON content": _body({"content": json.dumps({"said": "@@"})}).replace("@@", _MARK),
    }
    for member in ("id", "object", "model", "system_fingerprint", "service_tier", "created"):
        made[member] = _body({"content": "ok"}, **{member: _MARK})
    made["finish reason"] = _body({"content": "ok"}).replace('"stop"', f'"{_MARK}"')
    made["no JSON"] = f'{{"id": "{_MARK}", oops'
    made["a string"] = f'"{_MARK}"'
    return {place: body.replace(_MARK, text) for place, body in made.items()}


def _streams(text: str) -> dict[str, list[str]]:
    hello = _chunk({"role": "assistant", "content": "hello"})
    return {
        "delta": [_chunk({"content": text})],
        "delta of reasoning": [_chunk({"reasoning_content": text}), hello],
        "delta of arguments": [_chunk(_arguments(text, index=0))],
        "chunk id": [hello.replace("chatcmpl-1", text), hello],
        "chunk finish reason": [hello.replace("null", f'"{text}"')],
        "error in a stream": [hello, f'{{"error": {{"message": "{text}", "code": "{text}"}}}}'],
        "event that is no JSON": [hello, text],
        "comment": [hello, f"\n\n: {text}\n\ndata: {{}}"],
        "event id": [hello, f"{{}}\nid: {text}\nevent: {text}\nretry: {text}"],
    }


def _errors(text: str) -> dict[str, str]:
    error = {"message": f"no: {_MARK}", "type": "t", "param": None, "code": "c"}
    made = {
        "message": {"error": error},
        "type": {"error": {**error, "type": _MARK}},
        "param": {"error": {**error, "param": _MARK}},
        "code": {"error": {**error, "code": _MARK}},
        "details": {
            "error": {"code": 400, "message": "no", "details": [{"@type": "t", "reason": _MARK}]}
        },
        "list": [{"error": {"message": _MARK, "code": 400, "status": "INVALID_ARGUMENT"}}],
        "detail": {"detail": [{"loc": ["body"], "msg": _MARK, "input": {"k": _MARK}}]},
    }
    return {place: json.dumps(body).replace(_MARK, text) for place, body in made.items()}


def _body(message: dict[str, Any], **members: Any) -> str:
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", **message},
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            **members,
        }
    )


def _chunk(delta: dict[str, Any], index: int = 0) -> str:
    """A chunk with the index after the delta; texts stand in it as they are, not escaped."""
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"delta": "@@", "index": index, "finish_reason": None}],
    }
    return json.dumps(chunk).replace('"@@"', _verbatim(delta))


def _verbatim(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": {_verbatim(item)}' for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_verbatim, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def _arguments(text: str, **members: Any) -> dict[str, Any]:
    return {"tool_calls": [{**members, "function": {"arguments": text}}]}


def _stream(events: Iterable[str]) -> bytes:
    return "".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]).encode()


# --- the search


@dataclass
class Looker:
    """Search for a credential; ``found`` has each leak as place and what was found there."""

    secret: str = SECRET
    found: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._needles = set(_needles(self.secret))

    def text(self, place: str, text: str) -> None:
        """Search an output, in all spellings that this module knows."""
        for reading in _readings(text):
            low = reading.lower()
            for needle in self._needles:
                if needle in low:
                    self.found.append((place, needle))
                    return

    def body(self, place: str, body: bytes) -> None:
        """Search a body, and its strings joined as a client joins them."""
        text = body.decode("utf-8", "replace")
        self.text(place, text)
        for path, joined in joined_strings(text).items():
            self.text(f"{place} joined at {path}", joined)


def _needles(secret: str) -> Iterator[str]:
    data = secret.encode()
    for at in range(len(secret) - WINDOW + 1):
        yield secret[at : at + WINDOW].lower()
        yield data[at : at + WINDOW].hex()
    for lead in range(3):
        text = base64.b64encode(b"\xfe" * lead + data).decode().rstrip("=")[4:-1]
        for at in range(len(text) - 2 * WINDOW + 1):
            piece = text[at : at + 2 * WINDOW].lower()
            yield piece
            yield piece.replace("+", "-").replace("/", "_")


def _readings(text: str) -> list[str]:
    """The text, and what it becomes when JSON, URL and HTML escapes are read, again and again."""
    readings = [text]
    for _ in range(8):
        read = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        read = html.unescape(unquote(read))
        if read == text:
            break
        text = read
        readings.append(text)
    return [*readings, text.replace("\\", "")]


def joined_strings(text: str) -> dict[str, str]:
    """The strings of the events, or of the whole body, joined by the path at which they stand."""
    joined: dict[str, str] = defaultdict(str)
    normal = text.replace("\r\n", "\n")
    for block in normal.split("\n\n"):
        data = [line[5:].strip() for line in block.split("\n") if line.startswith("data:")]
        for source in ("\n".join(data), block):
            try:
                value = json.loads(source)
            except (ValueError, RecursionError):
                continue
            for path, said in _strings(value, "", by_index=True):
                joined[path] += said
            for path, said in _strings(value, "", by_index=False):
                joined[f"any {path}"] += said
            break
    return joined


def _strings(value: Any, path: str, *, by_index: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, f"{path}/{key}", by_index=by_index)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            name = item.get("index", at) if isinstance(item, dict) else at
            yield from _strings(item, f"{path}/{name if by_index else '*'}", by_index=by_index)
