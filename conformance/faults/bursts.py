"""Faults of timing: parts that should arrive one by one arrive all at once, or late."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Frame, Object, map_frames
from conformance.faults.kit.conditions import has_calls, is_stream
from conformance.faults.kit.event_edits import finishing, positions
from conformance.faults.kit.fault import Group, fault, group_fault
from conformance.faults.kit.part_edits import (
    choices_of,
    delta_of,
    function_of,
    map_functions,
    map_messages,
    map_opened_calls,
    messages,
    text,
    with_function,
)
from conformance.faults.tools_streamed import joined_arguments
from conformance.faults.twins import second
from conformance.judging.rules.framing import LONG, MANY, SILENCE
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Exchange


def _in_a_burst(exchange: Exchange) -> Exchange:
    """Let the whole body arrive at the time of its last byte."""
    last = exchange.response.reads[-1][0]
    return replace(
        exchange,
        response=replace(exchange.response, reads=((last, len(exchange.response.body or b"")),)),
    )


def _has_many_text_deltas(exchange: Exchange) -> bool:
    """Return whether the stream has at least `MANY` deltas with text."""
    return (
        is_framed(exchange)
        and sum(bool(message.get("content")) for message in messages(exchange)) >= MANY
    )


@fault("stream-held-back", "SSE-013", applies=(_has_many_text_deltas,))
def stream_held_back(exchange: Exchange) -> Exchange | None:
    """A proxy buffers the whole stream and then sends it at once."""
    return replace(
        exchange,
        response=replace(
            exchange.response, reads=((2 * LONG, len(exchange.response.body or b"")),)
        ),
    )


@fault("stream-falls-silent", "SSE-014", profile="openai-compatible", applies=(is_framed,))
def stream_falls_silent(exchange: Exchange) -> Exchange | None:
    """The server sends nothing for a minute, not even a comment."""
    ends = [0, *event_ends(exchange.response.body or b"")]
    sizes = [end - start for start, end in pairwise(ends)]
    times = [2 * SILENCE + number for number in range(len(sizes))]
    return replace(
        exchange, response=replace(exchange.response, reads=tuple(zip(times, sizes, strict=True)))
    )


def _merged(
    exchange: Exchange,
    is_empty: Callable[[Object], bool],
    merge: Callable[[Exchange], Exchange | None],
) -> Exchange | None:
    """Merge the content of several chunks into one and let the stream arrive all at once.

    `merge` moves the content into one chunk; chunks with a delta that `is_empty` then are removed.
    Returns None if nothing is merged or no arrival times were recorded.
    """
    made = merge(exchange)
    if made is None or not exchange.response.reads:
        return None

    def kept(events: list[Frame]) -> list[Frame]:
        gone = positions(
            events,
            lambda chunk: (
                any(is_empty(delta_of(choice)) for choice in choices_of(chunk))
                and not finishing(chunk)
            ),
        )
        return [frame for number, frame in enumerate(events) if number not in gone]

    return _in_a_burst(map_frames(made, kept) or made)


def _arguments_at_once(exchange: Exchange) -> Exchange | None:
    joined = joined_arguments(exchange)
    emptied = map_functions(
        exchange,
        lambda function: function if function.get("name") else function | {"arguments": ""},
    )
    return emptied and map_opened_calls(
        emptied, lambda call: with_function(call, arguments=joined[call["index"]])
    )


def _is_empty_call(delta: Object) -> bool:
    calls = delta.get("tool_calls") or ()
    return bool(calls) and all(
        not function_of(call).get("name") and function_of(call).get("arguments") == ""
        for call in calls
    )


@group_fault("arguments-in-a-burst", "META-014", report="B060", applies=(is_stream, has_calls))
def arguments_in_a_burst(group: Group) -> Group | None:
    """With `include_usage`, the arguments of a tool call arrive all at once at the end."""
    return second(group, lambda exchange: _merged(exchange, _is_empty_call, _arguments_at_once))


def _text_at_once(exchange: Exchange) -> Exchange | None:
    words = [text(exchange)]
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": words.pop() if words else ""}
            if message.get("content")
            else message
        ),
    )


@group_fault("text-in-a-burst", "META-014", report="B061", applies=(is_stream,))
def text_in_a_burst(group: Group) -> Group | None:
    """With tools, the whole text arrives all at once at the end."""
    return second(
        group,
        lambda exchange: _merged(exchange, lambda delta: delta == {"content": ""}, _text_at_once),
    )


FAULTS = (
    stream_held_back,
    stream_falls_silent,
)


GROUP_FAULTS = (
    arguments_in_a_burst,
    text_in_a_burst,
)
