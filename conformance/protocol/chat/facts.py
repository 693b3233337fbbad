"""One fold over an answer: what the rules read, so that none of them walks chunks. It skips what is
mis-shaped and never raises."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from conformance.protocol import event_stream, json_text
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.choices import Choice, choice_of
from conformance.protocol.chat.stream_facts import EventValue, StreamFold, first_events, times
from conformance.protocol.exchange import Event, Evidence, Exchange, Json

Kind: TypeAlias = Literal["completion", "stream", "error", "other"]
"""completion: a JSON answer of status 200; stream: an event stream of status 200; error: a status
of 400 or above."""


_NO_STREAM = event_stream.Stream((), frozenset(), False, False)
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An exchange, folded once.

    ``request`` is the request body as a mapping, empty where it is unknown or no JSON object.
    ``body`` is the parsed body of a completion or an error, None where it is no JSON. ``chunks``
    are the data of the events that are an object without ``error``, ``chunk_events`` the numbers of
    these events; ``failures`` are the events with an error; ``strays`` those whose data is neither
    a JSON object nor ``[DONE]``, with the reason. ``defects`` says what is wrong with the JSON text
    of an event that could be read all the same. ``done`` holds the numbers of the ``[DONE]``
    events, ``bare`` the chunks without a choice, ``choices_without_index`` the choices without an
    integer index. ``ids`` (where not empty), ``models`` and ``fingerprints`` map each value met to
    the first event with it; ``created`` has the first value and each that differs from the one
    before.
    """

    exchange: Exchange
    kind: Kind
    evidence: frozenset[Evidence]
    chat_request: ChatRequest
    headers: Mapping[str, str]
    status: int
    body: Json
    text: json_text.Parsed | None
    stream: event_stream.Stream = _NO_STREAM
    chunks: tuple[dict[str, Any], ...] = ()
    chunk_events: tuple[int, ...] = ()
    failures: tuple[EventValue, ...] = ()
    non_chunk_events: tuple[EventValue, ...] = ()
    defects: tuple[EventValue, ...] = ()
    done: tuple[int, ...] = ()
    choiceless_chunks: tuple[EventValue, ...] = ()
    choices_without_index: tuple[EventValue, ...] = ()
    choices: tuple[Choice, ...] = ()
    usages: tuple[EventValue, ...] = ()
    ids: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    models: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    fingerprints: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    created: tuple[EventValue, ...] = ()

    @property
    def request(self) -> Mapping[str, Json]:
        """The request body; empty if it was not recorded or is not a JSON object."""
        return self.chat_request.body

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of the stream, none for other answers."""
        return self.stream.events

    @property
    def media_type(self) -> str:
        """The media type in lower case, without its parameters; "" where it was not recorded."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def fold(exchange: Exchange) -> Facts:
    """The facts of an exchange."""
    response = exchange.response
    headers = dict(response.headers)
    body = response.body
    request = exchange.request.body
    common = (
        exchange,
        exchange.evidence,
        ChatRequest(request if isinstance(request, dict) else {}),
        headers,
        response.status,
    )
    kind = _kind(response.status, headers.get("content-type", ""), body, common[2])
    if body is None or kind == "other":
        return _of_text(*common, kind="other", text=None)
    if kind == "stream":
        return _of_stream(*common, stream=event_stream.parse(body))
    return _of_text(*common, kind=kind, text=json_text.parse(body))


def _kind(status: int, content_type: str, body: bytes | None, request: ChatRequest) -> Kind:
    """The kind of an answer: by its status, then by what the body looks like, then by what was said
    and asked."""
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
    return "stream" if not start and not content_type and request.streams else "completion"


def _of_text(
    exchange: Exchange,
    known: frozenset[Evidence],
    request: ChatRequest,
    headers: Mapping[str, str],
    status: int,
    *,
    kind: Kind,
    text: json_text.Parsed | None,
) -> Facts:
    body = text.value if text is not None else None
    choices: tuple[Choice, ...] = ()
    usages: tuple[EventValue, ...] = ()
    choices_without_index: tuple[EventValue, ...] = ()
    if kind == "completion" and isinstance(body, dict):
        choices, choices_without_index = _choices(body.get("choices"))
        usages = (EventValue(None, body["usage"]),) if isinstance(body.get("usage"), dict) else ()
    return Facts(
        exchange=exchange,
        kind=kind,
        evidence=known,
        chat_request=request,
        headers=headers,
        status=status,
        body=body,
        text=text,
        choices_without_index=choices_without_index,
        choices=choices,
        usages=usages,
    )


def _choices(entries: Json) -> tuple[tuple[Choice, ...], tuple[EventValue, ...]]:
    """The choices of a completion, and the places of those without an integer index, which take
    their place for one."""
    made: list[Choice] = []
    choices_without_index: list[EventValue] = []
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        index = entry.get("index")
        if type(index) is not int:
            choices_without_index.append(EventValue(None, position))
            index = position
        made.append(choice_of(index, [(None, position, entry)], "message"))
    return tuple(made), tuple(choices_without_index)


def _of_stream(
    exchange: Exchange,
    known: frozenset[Evidence],
    request: ChatRequest,
    headers: Mapping[str, str],
    status: int,
    *,
    stream: event_stream.Stream,
) -> Facts:
    made = StreamFold()
    made.take(stream.events)
    choices = tuple(
        [choice_of(index, made.choices[index], "delta") for index in sorted(made.choices)]
    )
    changes = made.changes()
    ids = first_events(changes, 0)
    ids.pop("", None)
    return Facts(
        exchange=exchange,
        kind="stream",
        evidence=known,
        chat_request=request,
        headers=headers,
        status=status,
        body=None,
        text=None,
        stream=stream,
        chunks=tuple(made.chunks),
        chunk_events=tuple(made.chunk_events),
        failures=tuple(made.failures),
        non_chunk_events=tuple(made.non_chunk_events),
        defects=tuple(made.defects),
        done=tuple(made.done),
        choiceless_chunks=tuple(made.choiceless_chunks),
        choices_without_index=tuple(made.choices_without_index),
        choices=choices,
        usages=made.usages(),
        ids=ids,
        models=first_events(changes, 1),
        fingerprints=first_events(changes, 2),
        created=times(changes),
    )
