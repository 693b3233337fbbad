"""One fold over an answer: what the rules read, so that none of them walks chunks. It skips what is mis-shaped and never raises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from conformance import event_stream, json_text
from conformance.choices import Choice, ChoiceFold, entries
from conformance.exchange import Event, Exchange, Json, Known

Kind: TypeAlias = Literal["completion", "stream", "error", "other"]
"""completion: a JSON answer of status 200; stream: an event stream of status 200; error: a status of 400 or above."""


class Said(NamedTuple):
    """A value and the number of the event that says it (None in a completion)."""

    event: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Facts:
    """An exchange, folded once.

    ``request`` is the request body as a mapping, empty where it is unknown or no JSON object. ``body`` is the parsed body of a completion or an error, None
    where it is no JSON. ``chunks`` are the events whose data is an object without ``error``; ``failures`` those with one; ``strays`` the events whose data
    is neither a JSON object nor ``[DONE]``, with the reason. ``defects`` says what is wrong with the JSON text of an event that could be read all the same.
    ``done`` holds the numbers of the ``[DONE]`` events, ``bare`` the chunks without a choice, ``unindexed`` the choices without an integer index. ``ids``
    (where not empty), ``models`` and ``fingerprints`` map each value met to the first event with it.
    """

    exchange: Exchange
    kind: Kind
    known: frozenset[Known]
    request: Mapping[str, Json]
    headers: Mapping[str, str]
    status: int
    body: Json
    text: json_text.Parsed | None
    stream: event_stream.Stream
    chunks: tuple[Said, ...]
    failures: tuple[Said, ...]
    strays: tuple[Said, ...]
    defects: tuple[Said, ...]
    done: tuple[int, ...]
    bare: tuple[Said, ...]
    unindexed: tuple[Said, ...]
    choices: tuple[Choice, ...]
    usages: tuple[Said, ...]
    ids: Mapping[str, int]
    models: Mapping[str, int]
    fingerprints: Mapping[str, int]
    created: tuple[Said, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of the stream, none for other answers."""
        return self.stream.events

    @property
    def media_type(self) -> str:
        """The media type in lower case, without its parameters; "" where it was not recorded."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


_NO_STREAM = event_stream.Stream((), frozenset(), False, False)


def fold(exchange: Exchange) -> Facts:
    """The facts of an exchange."""
    response = exchange.response
    headers = dict(response.headers)
    body = response.body
    request = exchange.request.body
    common = (exchange, exchange.evidence, request if isinstance(request, dict) else {}, headers, response.status)
    kind = _kind(response.status, headers.get("content-type", ""), body, common[2])
    if body is None or kind == "other":
        return _of_text(*common, kind="other", text=None)
    if kind == "stream":
        return _of_stream(*common, stream=event_stream.parse(body))
    return _of_text(*common, kind=kind, text=json_text.parse(body))


def _kind(status: int, content_type: str, body: bytes | None, request: Mapping[str, Json]) -> Kind:
    """The kind of an answer: by its status, then by what the body looks like, then by what was said and asked."""
    if status >= 400:
        return "error"
    if status != 200 or body is None:
        return "other"
    start = body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"data:", b"event:", b":", b"id:", b"retry:")):
        return "stream"
    if start.startswith((b"{", b"[")):
        return "completion"
    if "text/event-stream" in content_type.lower():
        return "stream"
    return "stream" if not start and not content_type and request.get("stream") is True else "completion"


def _of_text(
    exchange: Exchange,
    known: frozenset[Known],
    request: Mapping[str, Json],
    headers: Mapping[str, str],
    status: int,
    *,
    kind: Kind,
    text: json_text.Parsed | None,
) -> Facts:
    body = text.value if text is not None else None
    choices: tuple[Choice, ...] = ()
    usages: tuple[Said, ...] = ()
    unindexed: list[Said] = []
    if kind == "completion" and isinstance(body, dict):
        made: list[Choice] = []
        for position, index, entry in entries(body.get("choices")):
            choice = ChoiceFold(index)
            choice.add(None, position, entry, "message")
            made.append(choice.choice(streamed=False))
            if type(entry.get("index")) is not int:
                unindexed.append(Said(None, position))
        choices = tuple(made)
        usages = (Said(None, body["usage"]),) if isinstance(body.get("usage"), dict) else ()
    return Facts(
        exchange, kind, known, request, headers, status, body, text, _NO_STREAM,
        (), (), (), (), (), (), tuple(unindexed), choices, usages, {}, {}, {}, (),
    )  # fmt: skip


@dataclass(slots=True)
class _StreamFold:
    """The facts of a stream under construction."""

    chunks: list[Said] = field(default_factory=list)
    failures: list[Said] = field(default_factory=list)
    strays: list[Said] = field(default_factory=list)
    defects: list[Said] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    bare: list[Said] = field(default_factory=list)
    unindexed: list[Said] = field(default_factory=list)
    choices: dict[int, ChoiceFold] = field(default_factory=dict)
    usages: list[Said] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, int] = field(default_factory=dict)
    created: list[Said] = field(default_factory=list)

    def event(self, number: int, event: Event) -> None:
        """Take in one event."""
        if event.data == "[DONE]":
            self.done.append(number)
            return
        try:
            value = orjson.loads(event.data)
        except orjson.JSONDecodeError:
            value, defects, failure = json_text.parse(event.data)
            if failure:
                self.strays.append(Said(number, f"no JSON: {failure.message} at character {failure.offset}"))
                return
            self.defects += [Said(number, defect) for defect in defects]
        if not isinstance(value, dict):
            self.strays.append(Said(number, "JSON, but no object"))
        elif _fails(event, value):
            self.failures.append(Said(number, value))
        else:
            self.chunk(number, value)

    def chunk(self, number: int, chunk: dict[str, Any]) -> None:
        """Take in one chunk."""
        said = Said(number, chunk)
        self.chunks.append(said)
        choices = chunk.get("choices")
        if not choices:
            self.bare.append(said)
        for position, index, entry in entries(choices):
            choice = self.choices.get(index)
            if choice is None:
                choice = self.choices[index] = ChoiceFold(index)
            choice.add(number, position, entry, "delta")
            if type(entry.get("index")) is not int:
                self.unindexed.append(Said(number, position))
        if isinstance(usage := chunk.get("usage"), dict):
            self.usages.append(Said(number, usage))
        if type(created := chunk.get("created")) is int:
            self.created.append(Said(number, created))
        if isinstance(text := chunk.get("id"), str) and text:
            self.ids.setdefault(text, number)
        if isinstance(text := chunk.get("model"), str):
            self.models.setdefault(text, number)
        if isinstance(text := chunk.get("system_fingerprint"), str):
            self.fingerprints.setdefault(text, number)


def _of_stream(
    exchange: Exchange, known: frozenset[Known], request: Mapping[str, Json], headers: Mapping[str, str], status: int, *, stream: event_stream.Stream
) -> Facts:
    made = _StreamFold()
    for number, event in enumerate(stream.events):
        made.event(number, event)
    choices = tuple(made.choices[index].choice(streamed=True) for index in sorted(made.choices))
    return Facts(
        exchange, "stream", known, request, headers, status, None, None, stream,
        tuple(made.chunks), tuple(made.failures), tuple(made.strays), tuple(made.defects), tuple(made.done), tuple(made.bare), tuple(made.unindexed),
        choices, tuple(made.usages), made.ids, made.models, made.fingerprints, tuple(made.created),
    )  # fmt: skip


def _fails(event: Event, value: dict[str, Any]) -> bool:
    """Whether the data of an event tells of a failure: it has an error, or is an error of another dialect instead of a chunk."""
    if value.get("error") is not None or event.name == "error":
        return True
    return "choices" not in value and (value.get("object") == "error" or "message" in value or "detail" in value)
