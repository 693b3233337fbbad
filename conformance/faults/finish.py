"""SEQ: faults of how the choices of a stream end."""

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Frame, Object, map_chunks, map_frames
from conformance.faults.kit.conditions import (
    asks_usage,
    finishes,
    has_calls,
    has_no_calls,
    has_one_choice,
    has_several_choices,
    has_text,
    has_usage,
    keeps_created,
)
from conformance.faults.kit.event_edits import finishing, insert_chunk, moved, positions, says
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    calls,
    choices,
    choices_of,
    delta_of,
    map_choices,
    messages,
    unfinished,
    without,
)
from conformance.protocol.exchange import Exchange


def _finishes_without_content(exchange: Exchange) -> bool:
    """Return whether no chunk with a finish reason also has text or a tool call."""
    return all(
        not delta_of(choice).get("content") and not delta_of(choice).get("tool_calls")
        for choice in choices(exchange)
        if choice.get("finish_reason")
    )


@fault(
    "later-finish-overwrites",
    "SEQ-010",
    also=("TOOL-012",),
    report="B017",
    applies=(is_framed, has_calls, finishes("tool_calls"), has_one_choice),
)
def later_finish_overwrites(exchange: Exchange) -> Exchange | None:
    """A chunk with the finish reason `stop` follows the one with `tool_calls`."""

    def stopping(chunk: Object) -> Object:
        return chunk | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

    return insert_chunk(exchange, lambda events: positions(events, finishing)[-1] + 1, stopping)


@fault("never-finishes", "SEQ-010", also=("TOOL-012",), report="B025", applies=(is_framed,))
def never_finishes(exchange: Exchange) -> Exchange | None:
    """The finish reason is null in all chunks."""
    return map_choices(exchange, unfinished)


@fault(
    "finishing-chunk-lost",
    "SEQ-010",
    report="B118",
    note="a variant in which the chunk has no text and is missing as a whole",
    applies=(is_framed, has_one_choice, _finishes_without_content),
)
def finishing_chunk_lost(exchange: Exchange) -> Exchange | None:
    """The chunk with the finish reason is missing."""
    return map_frames(
        exchange, lambda events: [frame for frame in events if not finishing(frame.chunk)]
    )


@fault(
    "finish-lost-beside-content",
    "SEQ-010",
    report="B118",
    applies=(is_framed, has_one_choice, has_text, has_no_calls),
)
def finish_lost_beside_content(exchange: Exchange) -> Exchange | None:
    """The stream ends with the last text and has no finish reason."""

    def merged(events: list[Frame]) -> list[Frame] | None:
        finish, spoken = positions(events, finishing), positions(events, says("content"))
        if not finish or not spoken:
            return None
        rest = (
            events
            if finish[0] == spoken[-1]
            else [frame for number, frame in enumerate(events) if number != finish[0]]
        )
        return [
            (
                frame.with_data(
                    {**chunk, "choices": [unfinished(choice) for choice in choices_of(chunk)]}
                )
                if finishing(chunk := frame.chunk) and chunk
                else frame
            )
            for frame in rest
        ]

    return map_frames(exchange, merged)


@fault(
    "every-chunk-finishes",
    "SEQ-010",
    also=("SEQ-011",),
    report="B117",
    applies=(is_framed, has_text, has_no_calls, finishes("stop")),
)
def every_chunk_finishes(exchange: Exchange) -> Exchange | None:
    """Every chunk has the finish reason `stop`."""
    return map_choices(exchange, lambda choice: choice | {"finish_reason": "stop"})


@fault(
    "finishes-again-with-usage",
    "SEQ-010",
    also=("SEQ-015",),
    report="B184",
    applies=(is_framed, asks_usage, has_usage, has_one_choice),
)
def finishes_again_with_usage(exchange: Exchange) -> Exchange | None:
    """The chunk with the usage repeats the finish reason."""
    last = next((choice for choice in choices(exchange) if choice.get("finish_reason")), None)
    return (
        None
        if last is None
        else map_chunks(
            exchange,
            lambda chunk: (
                chunk | {"choices": [last | {"delta": {}}]}
                if chunk.get("usage") and not choices_of(chunk)
                else chunk
            ),
        )
    )


@fault(
    "only-the-last-choice-finishes",
    "SEQ-010",
    also=("TOOL-012",),
    report="B185",
    applies=(is_framed, has_several_choices),
)
def only_the_last_choice_finishes(exchange: Exchange) -> Exchange | None:
    """Only the last of several choices has a finish reason."""
    last = max(choice["index"] for choice in choices(exchange))
    return map_choices(
        exchange, lambda choice: choice if choice["index"] == last else unfinished(choice)
    )


@fault(
    "finish-reason-in-camel-case",
    "SEQ-010",
    also=("TOOL-012",),
    report="B209",
    applies=(is_framed,),
)
def finish_reason_in_camel_case(exchange: Exchange) -> Exchange | None:
    """The finish reason is only under the key `finishReason`."""
    return map_choices(
        exchange,
        lambda choice: (
            unfinished(choice) | {"finishReason": choice["finish_reason"]}
            if choice.get("finish_reason")
            else choice
        ),
    )


@fault(
    "call-after-the-finish",
    "SEQ-011",
    also=("TOOL-012",),
    report="B103",
    applies=(
        is_framed,
        has_one_choice,
        has_calls,
        _finishes_without_content,
        keeps_created,
        lambda exchange: len(calls(exchange)) > 1,
    ),
)
def call_after_the_finish(exchange: Exchange) -> Exchange | None:
    """The last tool call fragment comes after the chunk with the finish reason."""

    def changed(events: list[Frame]) -> list[Frame] | None:
        finish, last = positions(events, finishing)[0], positions(events, says("tool_calls"))[-1]
        return moved(events, last, finish) if last < finish else None

    return map_frames(exchange, changed)


@fault(
    "text-after-the-finish",
    "SEQ-011",
    applies=(
        is_framed,
        has_one_choice,
        has_text,
        has_no_calls,
        _finishes_without_content,
        finishes("stop"),
        keeps_created,
    ),
)
def text_after_the_finish(exchange: Exchange) -> Exchange | None:
    """The last text comes after the chunk with the finish reason."""

    def changed(events: list[Frame]) -> list[Frame] | None:
        finish = positions(events, finishing)[0]
        return moved(events, finish, finish - 1) if finish > 1 else None

    return map_frames(exchange, changed)


@fault(
    "last-choice-without-delta", "SEQ-025", also=("LOG-005",), report="B210", applies=(is_framed,)
)
def last_choice_without_delta(exchange: Exchange) -> Exchange | None:
    """The choice with the finish reason has no `delta`."""
    return map_choices(
        exchange, lambda choice: without(choice, "delta") if choice.get("finish_reason") else choice
    )


@fault(
    "last-delta-null",
    "SEQ-025",
    also=("LOG-005",),
    report="B210",
    note="a variant in which the delta is null",
    applies=(is_framed,),
)
def last_delta_null(exchange: Exchange) -> Exchange | None:
    """The `delta` of the choice with the finish reason is null."""
    return map_choices(
        exchange, lambda choice: choice | {"delta": None} if choice.get("finish_reason") else choice
    )


@fault(
    "finish-reason-empty-until-the-end",
    "SEQ-030",
    also=("CHO-005", "SEQ-010", "SEQ-011"),
    report="B023",
    applies=(is_framed, lambda exchange: len(list(messages(exchange))) > 1),
)
def finish_reason_empty_until_the_end(exchange: Exchange) -> Exchange | None:
    """The finish reason is an empty string instead of null until the choice finishes."""
    return map_choices(
        exchange,
        lambda choice: choice if choice.get("finish_reason") else choice | {"finish_reason": ""},
    )


FAULTS = (
    later_finish_overwrites,
    never_finishes,
    finishing_chunk_lost,
    finish_lost_beside_content,
    every_chunk_finishes,
    finishes_again_with_usage,
    only_the_last_choice_finishes,
    finish_reason_in_camel_case,
    call_after_the_finish,
    text_after_the_finish,
    last_choice_without_delta,
    last_delta_null,
    finish_reason_empty_until_the_end,
)
