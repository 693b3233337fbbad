"""The events of a stream, as a list: where something stands in it, and how one is made, moved and
put in."""

from collections.abc import Callable
from typing import Any

from conformance.faults.kit.body_edits import Change, Frame, Object, map_frames
from conformance.faults.kit.part_edits import choices_of, delta_of, without
from conformance.protocol.exchange import Exchange


def event(data: str) -> Frame:
    """An event of this data."""
    return Frame(f"data: {data}\n\n".encode(), data)


def finishing(chunk: Object | None) -> bool:
    """Whether a choice of a chunk finishes."""
    return any(choice.get("finish_reason") for choice in choices_of(chunk or {}))


def positions(events: list[Frame], holds: Callable[[Object], Any]) -> list[int]:
    """The numbers of the events whose chunk has something."""
    return [
        number
        for number, frame in enumerate(events)
        if (chunk := frame.chunk) is not None and holds(chunk)
    ]


def says(key: str) -> Callable[[Object], bool]:
    """Whether a delta of a chunk has something under this key."""
    return lambda chunk: any(delta_of(choice).get(key) for choice in choices_of(chunk))


def moved(events: list[Frame], number: int, to: int) -> list[Frame]:
    """The events, the one of this number so that it comes to stand at another."""
    rest = [*events[:number], *events[number + 1 :]]
    return [*rest[:to], events[number], *rest[to:]]


def insert_chunk(
    exchange: Exchange, at: Callable[[list[Frame]], int | None], make: Change
) -> Exchange | None:
    """Insert a chunk made of a copy of the one before it; ``at`` tells before which event, None for
    nowhere."""

    def inserted(events: list[Frame]) -> list[Frame] | None:
        number = at(events)
        if number is None:
            return None
        model = next(
            (
                frame
                for frame in [*reversed(events[:number]), *events[number:]]
                if frame.chunk is not None
            ),
            None,
        )
        return (
            [*events[:number], model.with_data(make(model.chunk or {})), *events[number:]]
            if model
            else None
        )

    return map_frames(exchange, inserted)


def before_done(events: list[Frame]) -> int:
    """The number of ``[DONE]``, or the end of the stream."""
    return next(
        (number for number, frame in enumerate(events) if frame.data == "[DONE]"), len(events)
    )


def with_delta(delta: Object, finish_reason: str | None = None) -> Change:
    """The change of a chunk into one that says this delta of choice 0 and nothing else."""
    return lambda chunk: (
        without(chunk, "usage")
        | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    )
