"""When the pieces of a stream arrived."""

from itertools import accumulate
from typing import NamedTuple

from conformance.event_stream import event_ends
from conformance.facts import Facts


class Said(NamedTuple):
    """A piece of an answer: when it arrived, in milliseconds since the request, and its characters."""

    at: float
    characters: int


def arrivals(facts: Facts) -> tuple[float, ...]:
    """When each event was there to its end; empty where that was not recorded or does not fit the body."""
    response = facts.exchange.response
    body = response.body or b""
    reads = list(zip(accumulate(size for _, size in response.reads), (offset for offset, _ in response.reads), strict=True))
    ends = event_ends(body)
    if not reads or reads[-1][0] != len(body) or len(ends) != len(facts.events):
        return ()
    found, number = [], 0
    for end in ends:
        while reads[number][0] < end:
            number += 1
        found.append(reads[number][1])
    return tuple(found)


def text_said(facts: Facts) -> list[Said]:
    """The deltas with text."""
    times = arrivals(facts)
    pieces = [piece for choice in facts.choices for piece in choice.pieces] if times else []
    return [Said(times[event], len(text)) for event, _, value in pieces if event is not None and isinstance(text := value.get("content"), str) and text]


def arguments_said(facts: Facts) -> list[Said]:
    """The fragments of tool calls with arguments."""
    times = arrivals(facts)
    fragments = [fragment for choice in facts.choices for call in choice.calls for fragment in call.fragments] if times else []
    functions = [(fragment.event, fragment.value.get("function")) for fragment in fragments]
    spoken = [(event, function.get("arguments")) for event, function in functions if event is not None and isinstance(function, dict)]
    return [Said(times[event], len(text)) for event, text in spoken if isinstance(text, str) and text]
