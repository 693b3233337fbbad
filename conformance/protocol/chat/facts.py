"""Facts: an exchange read once, so that no rule has to walk the chunks of a stream itself.

Reading skips malformed parts and never raises.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from conformance.protocol import event_stream, json_text
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.choices import Choice, choice_of
from conformance.protocol.chat.stream_facts import (
    EventValue,
    StreamFold,
    error_in,
    first_events,
    times,
)
from conformance.protocol.exchange import Event, Evidence, Exchange, Json
from conformance.protocol.stray_json import StrayJson, stray_json

Kind: TypeAlias = Literal["completion", "stream", "error", "other"]
"""The kind of an answer.

completion: a JSON body with status 200;
stream:     an event stream with status 200;
error:      a status of 400 or above;
other:      any other status, or status 200 without a recorded body.
"""


_NO_STREAM = event_stream.Stream((), frozenset(), False, False)
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An exchange, read once.

    Of the request: ``chat_request``, and ``request``, its body.

    Of a completion or an error: ``text``, the result of parsing the body, and ``body``, its value;
    both None for a stream, ``body`` also if the text is not JSON.

    Of a stream, by the numbers of its events, from 0:
        ``chunks`` are the JSON objects that are not errors, ``chunk_events`` the numbers of their
        events. ``failures`` are the errors: first those that are events (an object, or an array
        whose first item is one), then, without a number, ``stray_errors``, which stand outside of
        the fields. ``non_chunk_events`` are the events whose data is neither a JSON object nor
        ``[DONE]``, with the reason. ``defects`` names what is
        wrong with JSON text that can be read. ``done`` has the numbers of the ``[DONE]`` events,
        ``choiceless_chunks`` the chunks without a choice. ``ids`` (without the empty one),
        ``models`` and ``fingerprints`` map each value to the first event that has it. ``created``
        has the first value and each one that differs from the value before.

    Of both: ``choices``, sorted by index in a stream, and ``usages``, the usage objects.
    ``choices_without_index`` has the event and position of each choice without an integer index; it
    is counted as if its position were its index.
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
    stray_errors: tuple[StrayJson, ...] = ()
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
        """The events of the stream; () for other answers."""
        return self.stream.events

    @property
    def elided(self) -> frozenset[str]:
        """The JSON pointers of the parts of the body that the recording says it left out."""
        pointers = self.exchange.meta.get("elided")
        return frozenset(
            pointer
            for pointer in (pointers if isinstance(pointers, list | tuple) else ())
            if isinstance(pointer, str)
        )

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters; "" if it was not recorded."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def fold(exchange: Exchange) -> Facts:
    """Read an exchange and return its facts; never raises."""
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
    """Return the kind of an answer.

    The status decides first, then the beginning of the body, then the content type, then (for an
    empty body without content type) whether the request asks for a stream.
    """
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
    evidence: frozenset[Evidence],
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
        evidence=evidence,
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
    """Return the choices of a completion, and the positions of those without an integer index.

    The latter get their position as their index.
    """
    choices: list[Choice] = []
    choices_without_index: list[EventValue] = []
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        index = entry.get("index")
        if type(index) is not int:
            choices_without_index.append(EventValue(None, position))
            index = position
        choices.append(choice_of(index, [(None, position, entry)], "message"))
    return tuple(choices), tuple(choices_without_index)


def _of_stream(
    exchange: Exchange,
    evidence: frozenset[Evidence],
    request: ChatRequest,
    headers: Mapping[str, str],
    status: int,
    *,
    stream: event_stream.Stream,
) -> Facts:
    folded = StreamFold()
    folded.take(stream.events)
    strays = _stray_errors(exchange, stream)
    choices = tuple(
        [choice_of(index, folded.choices[index], "delta") for index in sorted(folded.choices)]
    )
    changes = folded.changes()
    ids = first_events(changes, 0)
    ids.pop("", None)
    return Facts(
        exchange=exchange,
        kind="stream",
        evidence=evidence,
        chat_request=request,
        headers=headers,
        status=status,
        body=None,
        text=None,
        stream=stream,
        chunks=tuple(folded.chunks),
        chunk_events=tuple(folded.chunk_events),
        failures=(
            *folded.failures,
            *(EventValue(None, error_in(stray.value)) for stray in strays),
        ),
        stray_errors=strays,
        non_chunk_events=tuple(folded.non_chunk_events),
        defects=tuple(folded.defects),
        done=tuple(folded.done),
        choiceless_chunks=tuple(folded.choiceless_chunks),
        choices_without_index=tuple(folded.choices_without_index),
        choices=choices,
        usages=folded.usages(),
        ids=ids,
        models=first_events(changes, 1),
        fingerprints=first_events(changes, 2),
        created=times(changes),
    )


def _stray_errors(exchange: Exchange, stream: event_stream.Stream) -> tuple[StrayJson, ...]:
    """Return the errors outside of the fields of a stream; most streams have only fields."""
    if stream.fields <= event_stream.FIELDS and not stream.unterminated:
        return ()
    return tuple(
        stray for stray in stray_json(exchange.response.body or b"") if error_in(stray.value)
    )
