"""When the parts of a stream arrived."""

from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import function_of
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Json


class TimedText(NamedTuple):
    """A part of an answer: milliseconds from the request to its arrival, and its characters."""

    at: float
    characters: int


def arrivals(facts: Facts) -> tuple[float, ...]:
    """Return when each event was complete, in milliseconds since the request.

    () if the reads were not recorded or their sizes do not add up to the body.
    """
    response = facts.exchange.response
    body = response.body or b""
    reads = list(
        zip(
            accumulate(size for _, size in response.reads),
            (offset for offset, _ in response.reads),
            strict=True,
        )
    )
    if not reads or reads[-1][0] != len(body):
        return ()
    times, number = [], 0
    for end in event_ends(body):
        while reads[number][0] < end:
            number += 1
        times.append(reads[number][1])
    return tuple(times)


def text_said(facts: Facts) -> list[TimedText]:
    """Return the deltas with text, in the order of their arrival."""
    pieces = [piece for choice in facts.choices for piece in choice.messages]
    return _timed(facts, [(piece.event, piece.value.get("content")) for piece in pieces])


def arguments_said(facts: Facts) -> list[TimedText]:
    """Return the tool call fragments with arguments, in the order of their arrival."""
    fragments = [
        fragment for choice in facts.choices for call in choice.calls for fragment in call.fragments
    ]
    return _timed(
        facts, [(fragment.event, function_of(fragment).get("arguments")) for fragment in fragments]
    )


def _timed(facts: Facts, texts: Iterable[tuple[int | None, Json]]) -> list[TimedText]:
    times = arrivals(facts)
    return sorted(
        TimedText(times[event], len(text))
        for event, text in texts
        if event is not None and isinstance(text, str) and text
    )
