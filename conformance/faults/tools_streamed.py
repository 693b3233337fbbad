"""TOOL: faults of the fragments of tool calls in a stream."""

from itertools import count

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Frame, Object, dumped, map_frames
from conformance.faults.kit.conditions import (
    calls_without_parameters,
    finishes,
    google_options,
    has_calls,
    has_continued_calls,
    has_one_choice,
    has_several_calls,
    is_stream,
    knows_request,
    names_no_tool,
)
from conformance.faults.kit.event_edits import finishing, insert_chunk, positions, says, with_delta
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    calls,
    choices_of,
    finish_reasons_become,
    function_of,
    map_calls,
    map_choices,
    map_continued_calls,
    map_opened_calls,
    unfinished,
    with_function,
    without,
)
from conformance.protocol.exchange import Exchange

_CALLED = (is_framed, has_calls, finishes("tool_calls"), names_no_tool)


def opened(exchange: Exchange) -> dict[int, Object]:
    """Return the first fragment of each tool call, by index."""
    return {
        call["index"]: call
        for call in reversed(calls(exchange))
        if function_of(call).get("name") and isinstance(call.get("index"), int)
    }


def joined_arguments(exchange: Exchange, by: str = "index") -> dict[object, str]:
    """Return the joined arguments of each tool call, by the key `by` (`index` or `id`)."""
    joined: dict[object, str] = {}
    for call in calls(exchange):
        joined[call[by]] = joined.get(call[by], "") + (function_of(call).get("arguments") or "")
    return joined


def indexed(exchange: Exchange) -> bool:
    """Return whether every fragment belongs to a call that has a first fragment with a name.

    False for a response with several choices or without tool calls.
    """
    indexes = {call.get("index") for call in calls(exchange)}
    return has_one_choice(exchange) and bool(indexes) and indexes == opened(exchange).keys()


def _takes_parameters(exchange: Exchange) -> bool:
    """Return whether no called function is declared without parameters; False without a request."""
    return knows_request(exchange) and not calls_without_parameters(exchange)


CONTINUED = (is_framed, has_continued_calls, indexed)


_JOINED = (is_framed, has_calls, indexed, _takes_parameters, finishes("tool_calls", "stop"))


@fault("no-index", "TOOL-007", applies=(is_stream, has_calls))
def no_index(exchange: Exchange) -> Exchange | None:
    """The tool call fragments have no `index`."""
    return map_calls(exchange, lambda call: without(call, "index"))


@fault("index-as-text", "TOOL-007", applies=(is_stream, has_calls))
def index_as_text(exchange: Exchange) -> Exchange | None:
    """The `index` of each tool call fragment is a string."""
    return map_calls(exchange, lambda call: call | {"index": str(call.get("index"))})


@fault(
    "one-id-for-all-streamed-calls",
    "TOOL-006",
    also=("TOOL-008",),
    applies=(is_framed, has_several_calls, indexed),
)
def one_id_for_all_streamed_calls(exchange: Exchange) -> Exchange | None:
    """All tool calls of a stream have the same `id`."""
    return map_opened_calls(exchange, lambda call: call | {"id": "call_0"})


@fault(
    "index-wanders",
    "TOOL-008",
    also=("TOOL-022",),
    applies=(*CONTINUED, lambda exchange: not has_several_calls(exchange)),
)
def index_wanders(exchange: Exchange) -> Exchange | None:
    """The later fragments of a tool call repeat its `id` but have the next `index`."""
    identifier = next(iter(opened(exchange).values())).get("id")
    return map_continued_calls(exchange, lambda call: call | {"id": identifier, "index": 1})


@fault(
    "arguments-once-more",
    "TOOL-009",
    also=("TOOL-010", "TOOL-022", "TOOL-023"),
    report="B011",
    applies=_JOINED,
)
def arguments_once_more(exchange: Exchange) -> Exchange | None:
    """The server sends the whole arguments again after all fragments, encoded twice."""
    arguments = joined_arguments(exchange)
    again = [
        {"index": index, "id": call.get("id"), "type": "function"}
        | {
            "function": {
                "name": function_of(call)["name"],
                "arguments": dumped(arguments[index]).decode(),
            }
        }
        for index, call in opened(exchange).items()
    ]
    return insert_chunk(
        exchange, lambda events: positions(events, finishing)[0], with_delta({"tool_calls": again})
    )


@fault("fragment-lost", "TOOL-009", applies=(*_JOINED, has_continued_calls))
def fragment_lost(exchange: Exchange) -> Exchange | None:
    """The last fragment of a tool call's arguments is missing."""

    def lost(events: list[Frame]) -> list[Frame]:
        last = positions(events, says("tool_calls"))[-1]
        return [
            frame for number, frame in enumerate(events) if number != last or finishing(frame.chunk)
        ]

    return map_frames(exchange, lost)


def repeats_heads(exchange: Exchange) -> bool:
    """Return whether every fragment repeats the id and name of its call, as Google's do."""
    return len(calls(exchange)) > 1 and all(
        call.get("id") and function_of(call).get("name") for call in calls(exchange)
    )


@fault(
    "opening-index-of-its-own",
    "TOOL-008",
    profile="vertex-gemini",
    applies=(
        is_framed,
        repeats_heads,
        lambda exchange: len({call["id"] for call in calls(exchange)}) == 1,
    ),
)
def opening_index_of_its_own(exchange: Exchange) -> Exchange | None:
    """The first fragment of a tool call has a different `index` than the later ones."""
    numbers = count(1, -1)
    return map_calls(exchange, lambda call: call | {"index": max(0, next(numbers))})


@fault("stop-after-streamed-calls", "TOOL-012", report="B015", applies=_CALLED)
def stop_after_streamed_calls(exchange: Exchange) -> Exchange | None:
    """A stream with tool calls has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"tool_calls": "stop"})


@fault("stop-in-a-chunk-of-its-own", "TOOL-012", report="B016", applies=(*_CALLED, has_one_choice))
def stop_in_a_chunk_of_its_own(exchange: Exchange) -> Exchange | None:
    """A chunk with empty text and the finish reason `stop` follows the tool calls."""
    open_ended = map_choices(exchange, unfinished)
    return open_ended and insert_chunk(
        open_ended,
        lambda events: positions(events, choices_of)[-1] + 1,
        with_delta({"content": ""}, "stop"),
    )


@fault(
    "whole-head-on-every-fragment",
    "TOOL-012",
    also=("TOOL-022", "TOOL-023"),
    report="B013",
    applies=(*_CALLED, *CONTINUED),
)
def whole_head_on_every_fragment(exchange: Exchange) -> Exchange | None:
    """Every fragment repeats `id`, `type` and name, and the finish reason is `stop`."""
    firsts = opened(exchange)

    def headed(call: Object) -> Object:
        head = firsts[call["index"]]
        return with_function(
            call | {"id": head.get("id"), "type": "function"}, name=function_of(head)["name"]
        )

    made = map_continued_calls(exchange, headed)
    return made and finish_reasons_become(made, {"tool_calls": "stop"})


def _asks_fragments(exchange: Exchange) -> bool:
    return google_options(exchange).get("stream_function_call_arguments") is True


@fault(
    "arguments-in-one-piece",
    "TOOL-020",
    profile="vertex-gemini",
    applies=(is_framed, repeats_heads, _asks_fragments, has_one_choice),
)
def arguments_in_one_piece(exchange: Exchange) -> Exchange | None:
    """The arguments come in one piece although the request asks for fragments."""
    texts = joined_arguments(exchange, by="id")
    return map_calls(
        exchange, lambda call: with_function(call, arguments=texts.pop(call["id"], ""))
    )


@fault("indexes-from-1", "TOOL-027", applies=(is_framed, has_calls, indexed))
def indexes_from_1(exchange: Exchange) -> Exchange | None:
    """The server numbers the tool calls from 1 instead of 0."""
    return map_calls(exchange, lambda call: call | {"index": call["index"] + 1})


@fault("index-0-for-all-calls", "TOOL-028", applies=(is_framed, has_several_calls, indexed))
def index_0_for_all_calls(exchange: Exchange) -> Exchange | None:
    """All of several tool calls have the `index` 0."""
    return map_calls(exchange, lambda call: call | {"index": 0})


FAULTS = (
    no_index,
    index_as_text,
    one_id_for_all_streamed_calls,
    index_wanders,
    arguments_once_more,
    fragment_lost,
    opening_index_of_its_own,
    stop_after_streamed_calls,
    stop_in_a_chunk_of_its_own,
    whole_head_on_every_fragment,
    arguments_in_one_piece,
    indexes_from_1,
    index_0_for_all_calls,
)
