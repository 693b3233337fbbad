"""Find, make, move and insert events in the list of a stream's events."""

from collections.abc import Callable

from conformance.faults.kit.body_edits import Change, Frame, Object, map_frames
from conformance.faults.kit.part_edits import choices_of, delta_of, without
from conformance.protocol.exchange import Exchange


def event(data: str) -> Frame:
    """Make an event with this data."""
    return Frame(f"data: {data}\n\n".encode(), data)


def finishing(chunk: Object | None) -> bool:
    """Return whether a choice in the chunk has a finish reason."""
    return any(choice.get("finish_reason") for choice in choices_of(chunk or {}))


def positions(events: list[Frame], holds: Callable[[Object], object]) -> list[int]:
    """Return the positions of the events whose chunk meets the condition `holds`."""
    return [
        number
        for number, frame in enumerate(events)
        if (chunk := frame.chunk) is not None and holds(chunk)
    ]


def says(key: str) -> Callable[[Object], bool]:
    """Make a condition: a delta of the chunk has a non-empty value under this key."""
    return lambda chunk: any(delta_of(choice).get(key) for choice in choices_of(chunk))


def moved(events: list[Frame], number: int, to: int) -> list[Frame]:
    """Move the event at position `number` to position `to`."""
    rest = [*events[:number], *events[number + 1 :]]
    return [*rest[:to], events[number], *rest[to:]]


def insert_chunk(
    exchange: Exchange, at: Callable[[list[Frame]], int | None], make: Change
) -> Exchange | None:
    """Insert a chunk that `make` derives from a copy of the chunk before it.

    `at` returns the position to insert at, or None to insert nothing. At the start, the copy is
    of the next chunk. Returns None if nothing was inserted.
    """

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
    """Return the position of `[DONE]`, or the number of events without one."""
    return next(
        (number for number, frame in enumerate(events) if frame.data == "[DONE]"), len(events)
    )


def with_delta(delta: Object, finish_reason: str | None = None) -> Change:
    """Make a change that turns a chunk into one with only this delta of choice 0."""
    return lambda chunk: (
        without(chunk, "usage")
        | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    )
