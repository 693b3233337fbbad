"""One fold over an answer: what the rules read, so that none of them walks chunks. It skips what is mis-shaped and never raises."""

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from conformance import event_stream, json_text
from conformance.choices import Choice, Entry, choice_of
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
    where it is no JSON. ``chunks`` are the data of the events that are an object without ``error``, ``chunk_events`` the numbers of these events;
    ``failures`` are the events with an error; ``strays`` those whose data is neither a JSON object nor ``[DONE]``, with the reason. ``defects`` says what is
    wrong with the JSON text of an event that could be read all the same. ``done`` holds the numbers of the ``[DONE]`` events, ``bare`` the chunks without a
    choice, ``unindexed`` the choices without an integer index. ``ids`` (where not empty), ``models`` and ``fingerprints`` map each value met to the first
    event with it; ``created`` has the first value and each that differs from the one before.
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
    chunks: tuple[dict[str, Any], ...]
    chunk_events: tuple[int, ...]
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


_Head: TypeAlias = tuple[Json, Json, Json, Json]
"""The id, model, system_fingerprint and created of a chunk."""

_DEEP = 254
"""Brackets; what has fewer is nested no deeper than ``json_text`` reads."""

_LONG = 2 * _DEEP
"""Characters; what has fewer has no more brackets than that, with those that close them."""

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
    start = body[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(event_stream.OPENINGS):
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
    unindexed: tuple[Said, ...] = ()
    if kind == "completion" and isinstance(body, dict):
        choices, unindexed = _choices(body.get("choices"))
        usages = (Said(None, body["usage"]),) if isinstance(body.get("usage"), dict) else ()
    return Facts(
        exchange, kind, known, request, headers, status, body, text, _NO_STREAM,
        (), (), (), (), (), (), (), unindexed, choices, usages, {}, {}, {}, (),
    )  # fmt: skip


def _choices(entries: Json) -> tuple[tuple[Choice, ...], tuple[Said, ...]]:
    """The choices of a completion, and the places of those without an integer index, which take their place for one."""
    made: list[Choice] = []
    unindexed: list[Said] = []
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        index = entry.get("index")
        if type(index) is not int:
            unindexed.append(Said(None, position))
            index = position
        made.append(choice_of(index, [(None, position, entry)], "message"))
    return tuple(made), tuple(unindexed)


@dataclass(slots=True)
class _StreamFold:
    """The facts of a stream under construction."""

    chunks: list[dict[str, Any]] = field(default_factory=list)
    chunk_events: list[int] = field(default_factory=list)
    failures: list[Said] = field(default_factory=list)
    strays: list[Said] = field(default_factory=list)
    defects: list[Said] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    bare: list[Said] = field(default_factory=list)
    unindexed: list[Said] = field(default_factory=list)
    choices: dict[int, list[Entry]] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Take in the events of a stream."""
        for number, event in enumerate(events):
            data = event.data
            if data == "[DONE]":
                self.done.append(number)
                continue
            try:
                value = orjson.loads(data) if len(data) < _LONG or data.count("{") + data.count("[") < _DEEP else self.closely(number, data)
            except orjson.JSONDecodeError:
                value = self.closely(number, data)
            if value.__class__ is not dict:
                if value is not None or data.strip() == "null":
                    self.strays.append(Said(number, "JSON, but no object"))
            elif value.get("error") is not None or event.name == "error" or ("choices" not in value and _is_error(value)):
                self.failures.append(Said(number, value))
            else:
                self.chunk(number, value)

    def closely(self, number: int, data: str) -> Json:
        """The value of an event's data that is not plain JSON or may be nested too deeply, None where it is none at all."""
        value, defects, failure = json_text.parse(data)
        if failure:
            self.strays.append(Said(number, f"no JSON: {failure.message} at character {failure.offset}"))
        self.defects += [Said(number, defect) for defect in defects]
        return value

    def chunk(self, number: int, chunk: dict[str, Any]) -> None:
        """Take in one chunk."""
        self.chunks.append(chunk)
        self.chunk_events.append(number)
        entries = chunk.get("choices")
        if not entries or entries.__class__ is not list:
            self.bare.append(Said(number, chunk))
            return
        for position, entry in enumerate(entries):
            if entry.__class__ is dict:
                index = entry.get("index")
                if index.__class__ is not int:  # taken to stand at its position
                    self.unindexed.append(Said(number, position))
                    index = position
                if index not in self.choices:
                    self.choices[index] = []
                self.choices[index].append((number, position, entry))

    def changes(self) -> list[tuple[int, _Head]]:
        """The envelope of the first chunk and of each that differs from the one before, with its event."""
        heads = [(chunk.get("id"), chunk.get("model"), chunk.get("system_fingerprint"), chunk.get("created")) for chunk in self.chunks]
        if heads and heads.count(heads[0]) == len(heads):
            return [(self.chunk_events[0], heads[0])]
        numbered = list(zip(self.chunk_events, heads, strict=True))
        return [each for each, before in zip(numbered, [None, *heads], strict=False) if each[1] != before]

    def usages(self) -> tuple[Said, ...]:
        """Each usage that is an object."""
        return tuple([Said(self.chunk_events[number], chunk["usage"]) for number, chunk in enumerate(self.chunks) if chunk.get("usage").__class__ is dict])


def _of_stream(
    exchange: Exchange, known: frozenset[Known], request: Mapping[str, Json], headers: Mapping[str, str], status: int, *, stream: event_stream.Stream
) -> Facts:
    made = _StreamFold()
    made.take(stream.events)
    choices = tuple([choice_of(index, made.choices[index], "delta") for index in sorted(made.choices)])
    changes = made.changes()
    ids = _first(changes, 0)
    ids.pop("", None)
    return Facts(
        exchange, "stream", known, request, headers, status, None, None, stream, tuple(made.chunks), tuple(made.chunk_events),
        tuple(made.failures), tuple(made.strays), tuple(made.defects), tuple(made.done), tuple(made.bare), tuple(made.unindexed),
        choices, made.usages(), ids, _first(changes, 1), _first(changes, 2), _created(changes),
    )  # fmt: skip


def _first(changes: Iterable[tuple[int, _Head]], part: int) -> dict[str, int]:
    """The texts in a part of the envelope, each with the first event that says it."""
    first: dict[str, int] = {}
    for event, head in changes:
        if isinstance(text := head[part], str):
            first.setdefault(text, event)
    return first


def _created(changes: Iterable[tuple[int, _Head]]) -> tuple[Said, ...]:
    """The times in the envelope: the first and each that differs from the one before."""
    said: list[Said] = []
    for event, head in changes:
        if type(head[3]) is int and not (said and said[-1].value == head[3]):
            said.append(Said(event, head[3]))
    return tuple(said)


def _is_error(value: dict[str, Any]) -> bool:
    """Whether the data of an event that is no chunk is an error of another dialect."""
    return value.get("object") == "error" or "message" in value or "detail" in value
