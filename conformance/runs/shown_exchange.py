"""An exchange as a report shows it: redacted, shortened, with the events around a finding."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import orjson

from conformance._text import shortened
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.event_stream import EventStream
from conformance.protocol.exchange import Exchange, Headers, Json, Response
from conformance.traffic.redaction.redact import redact

MOST_EVENTS = 12
"""How many events of a stream are shown: the first, the last and those around a finding."""

LONGEST_TEXT = 4_000
"""The most characters of a body, or of the data of an event, that are shown."""

LARGEST_BODY = 20_000
"""The most characters of a request as JSON that is shown, so that it can be sent again."""

_AROUND = 2  # events shown before and after one with a finding


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One event of a stream: its number from 0, its data, and when it arrived.

    ``at`` is in milliseconds since the request was sent, None if the recording does not say.
    """

    number: int
    data: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """A request and its response without secrets, long texts shortened.

    ``case`` is ID, or ID#N from turn 2 on. ``request`` is the body, None if it is unknown or larger
    than ``LARGEST_BODY``. ``events`` are those of a stream that are shown, of ``all_events``;
    ``text`` is the body of any other response.
    """

    target: str
    case: str
    method: str
    url: str
    request: Json
    status: int
    headers: Headers = ()
    text: str = ""
    events: tuple[ShownEvent, ...] = ()
    all_events: int = 0


def shown_exchange(
    target: str, case: str, exchange: Exchange, numbers: Collection[int] = ()
) -> ShownExchange:
    """Return an exchange as a report shows it.

    Args:
        numbers: the numbers of the events with a finding.
    """
    clean = redact(exchange)
    facts = fold(clean)
    response = clean.response
    streamed = facts.kind == "stream"
    text = "" if streamed else (response.body or b"").decode(errors="replace")
    return ShownExchange(
        target=target,
        case=case,
        method=clean.request.method,
        url=clean.request.url,
        request=_request_body(clean.request.body),
        status=response.status,
        headers=response.headers,
        text=shortened(text, LONGEST_TEXT),
        events=tuple(_events(facts, numbers)) if streamed else (),
        all_events=len(facts.events),
    )


def _request_body(body: Json) -> Json:
    size = len(body) if isinstance(body, str) else len(orjson.dumps(body, default=str))
    return body if size <= LARGEST_BODY else None


def _events(facts: Facts, numbers: Collection[int]) -> Iterator[ShownEvent]:
    arrived = _arrivals(facts.exchange.response)
    for number in _chosen(len(facts.events), numbers):
        at = arrived[number] if number < len(arrived) else None
        yield ShownEvent(number, shortened(facts.events[number].data, LONGEST_TEXT), at)


def _arrivals(response: Response) -> list[float]:
    """Return when each event was complete, in milliseconds; empty if the recording has no times."""
    stream, start, arrivals = EventStream(), 0, []
    for at, size in response.reads:
        events = stream.feed((response.body or b"")[start : start + size])
        arrivals += [at] * len(events)
        start += size
    return arrivals


def _chosen(count: int, numbers: Collection[int]) -> list[int]:
    """Return the numbers of the events to show: the first, the last and those around a finding."""
    wanted = {
        number
        for found in sorted(numbers)
        for number in range(found - _AROUND, found + _AROUND + 1)
    }
    ends = (0, 1, count - 1, count - 2)
    ordered = [*sorted(wanted), *ends]
    kept = [number for number in dict.fromkeys(ordered) if 0 <= number < count]
    return sorted(kept[:MOST_EVENTS])
