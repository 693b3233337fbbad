"""When the pieces of a stream arrived."""

from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import function_of
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Json


class TimedText(NamedTuple):
    """A piece of an answer: when it arrived, in milliseconds since the request, and its
    characters."""

    at: float
    characters: int


def arrivals(facts: Facts) -> tuple[float, ...]:
    """When each event was there to its end; empty where that was not recorded or does not fit the
    body."""
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
    found, number = [], 0
    for end in event_ends(body):
        while reads[number][0] < end:
            number += 1
        found.append(reads[number][1])
    return tuple(found)


def text_said(facts: Facts) -> list[TimedText]:
    """The deltas with text, in the order of their arrival."""
    pieces = [piece for choice in facts.choices for piece in choice.messages]
    return _said(facts, [(piece.event, piece.value.get("content")) for piece in pieces])


def arguments_said(facts: Facts) -> list[TimedText]:
    """The fragments of tool calls with arguments, in the order of their arrival."""
    fragments = [
        fragment for choice in facts.choices for call in choice.calls for fragment in call.fragments
    ]
    return _said(
        facts, [(fragment.event, function_of(fragment).get("arguments")) for fragment in fragments]
    )


def _said(facts: Facts, texts: Iterable[tuple[int | None, Json]]) -> list[TimedText]:
    times = arrivals(facts)
    return sorted(
        TimedText(times[event], len(text))
        for event, text in texts
        if event is not None and isinstance(text, str) and text
    )
