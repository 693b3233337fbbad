"""Make an answer smaller while it still breaks a requirement, so that the reason is easy to see.

Events of a stream, members and entries of JSON, and headers are left out by delta debugging. The
request stays as it is, so that it can be sent again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from re import sub
from typing import TypeAlias, TypeVar

from conformance.faults.kit.body_edits import (
    Frame,
    dumped,
    frames,
    is_event_stream,
    json_of,
    with_body,
    with_frames,
)
from conformance.judging.judge import Judge
from conformance.judging.verdict import RuleCrash
from conformance.protocol.exchange import Exchange, Json

MOST_JUDGEMENTS = 200
"""The most smaller answers that are judged."""

MOST_BYTES = 4_000_000
"""The most bytes of body that are judged in all; this limits the time for a long answer."""

T = TypeVar("T")
_Path: TypeAlias = tuple[str | int, ...]
_KEPT_HEADERS = ("content-type",)
_DEEPEST = 6  # levels of JSON whose members are left out


def smallest_evidence(exchange: Exchange, requirement: str, judge: Judge) -> Exchange:
    """Return the exchange with the smallest answer found that breaks the requirement alike.

    It has the same finding, except for numbers in its text, and breaks no requirement that the
    whole answer does not break. An answer that does not break it is returned as it is.
    """
    trial = _Trial(requirement, judge, _broken(exchange, judge))
    if requirement not in trial.whole:
        return exchange
    smaller = _events(exchange, trial) if is_event_stream(exchange) else _body(exchange, trial)
    return _headers(smaller, trial)


@dataclass(slots=True)
class _Trial:
    """Judges smaller answers, until a limit is reached; ``whole`` is what the whole one breaks."""

    requirement: str
    judge: Judge
    whole: dict[str, str]
    judgements: int = 0
    size: int = 0

    def __call__(self, smaller: Exchange) -> bool:
        """Return whether a smaller answer breaks the requirement alike; False at the limit."""
        self.judgements += 1
        self.size += len(smaller.response.body or b"")
        if self.judgements > MOST_JUDGEMENTS or self.size > MOST_BYTES:
            return False
        broken = _broken(smaller, self.judge)
        return (
            broken.get(self.requirement) == self.whole[self.requirement]
            and broken.keys() <= self.whole.keys()
        )


def _broken(exchange: Exchange, judge: Judge) -> dict[str, str]:
    """Return what an exchange breaks: the text of each finding, without numbers, by requirement."""
    return {
        each.requirement if isinstance(each, RuleCrash) else each.finding.requirement: (
            sub("[0-9]+", "0", each.why if isinstance(each, RuleCrash) else each.finding.message)
        )
        for each in judge.findings(exchange)
    }


def _events(exchange: Exchange, fails: _Trial) -> Exchange:
    """Leave out events, then members of the JSON in those that stay."""
    kept = without_needless(frames(exchange), lambda some: fails(with_frames(exchange, some)))
    for number in range(len(kept)):
        kept = _smaller_event(exchange, kept, number, fails)
    return with_frames(exchange, kept)


def _smaller_event(
    exchange: Exchange, events: list[Frame], number: int, fails: _Trial
) -> list[Frame]:
    event = events[number]
    if event.chunk is None or not _is_writable(event.chunk):
        return events

    def with_chunk(value: Json) -> list[Frame]:
        return [*events[:number], event.with_data(value), *events[number + 1 :]]

    smaller = without_members(
        event.chunk, lambda value: fails(with_frames(exchange, with_chunk(value)))
    )
    return events if smaller == event.chunk else with_chunk(smaller)


def _body(exchange: Exchange, fails: _Trial) -> Exchange:
    value = json_of(exchange)
    if not isinstance(value, dict | list) or not _is_writable(value):
        return exchange

    def with_value(smaller: Json) -> Exchange:
        return with_body(exchange, dumped(smaller))

    smaller = without_members(value, lambda some: fails(with_value(some)))
    return exchange if smaller == value else with_value(smaller)


def _is_writable(value: Json) -> bool:
    """Return whether a value can be written as JSON; one that is nested very deeply cannot."""
    try:
        dumped(value)
    except TypeError:
        return False
    return True


def _headers(exchange: Exchange, fails: _Trial) -> Exchange:
    response = exchange.response
    kept = [field for field in response.headers if field[0] in _KEPT_HEADERS]
    others = [field for field in response.headers if field[0] not in _KEPT_HEADERS]

    def with_others(some: Sequence[tuple[str, str]]) -> Exchange:
        return replace(exchange, response=replace(response, headers=(*kept, *some)))

    return with_others(without_needless(others, lambda some: fails(with_others(some))))


def without_needless(items: Sequence[T], holds: Callable[[list[T]], bool]) -> list[T]:
    """Return a part of a list for which ``holds`` is still true, by leaving out ever fewer items.

    ``holds`` is true for the whole list and is not called for it.
    """
    kept, size = [*items], len(items)
    while size and kept:
        start = 0
        while start < len(kept):
            fewer = [*kept[:start], *kept[start + size :]]
            if holds(fewer):
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def without_members(value: Json, holds: Callable[[Json], bool]) -> Json:
    """Return a JSON value without the members and entries that ``holds`` does not need.

    Outer ones are left out first. ``holds`` is true for the whole value.
    """
    for depth in range(1, _DEEPEST + 1):
        for path in sorted(_paths(value, depth), key=_place, reverse=True):
            smaller = _without(value, path)
            if holds(smaller):
                value = smaller
    return value


def _place(path: _Path) -> tuple[tuple[int, str], ...]:
    """A sort key, so that the last entry of an array comes first and the others keep theirs."""
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


def _paths(value: Json, depth: int) -> Iterator[_Path]:
    """Yield the paths of all members and entries at a depth."""
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, member in members:
        if depth == 1:
            yield (key,)
        else:
            yield from ((key, *rest) for rest in _paths(member, depth - 1))


def _without(value: Json, path: _Path) -> Json:
    """Return a copy of a value without the member or entry at a path."""
    first, *rest = path
    if isinstance(value, dict):
        if not rest:
            return {key: member for key, member in value.items() if key != first}
        return {**value, first: _without(value[first], tuple(rest))}
    if not rest:
        return [member for number, member in enumerate(value) if number != first]
    return [
        _without(member, tuple(rest)) if number == first else member
        for number, member in enumerate(value)
    ]
