"""TOOL: faults of id, type and name in the fragments of a tool call."""

from itertools import count

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Object
from conformance.faults.kit.conditions import (
    has_calls,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    function_of,
    map_calls,
    map_continued_calls,
    map_opened_calls,
    with_function,
    without,
)
from conformance.faults.tools_streamed import CONTINUED, indexed, opened, repeats_heads
from conformance.protocol.exchange import Exchange


@fault(
    "first-fragment-without-name",
    "TOOL-010",
    also=("TOOL-016",),
    applies=(is_framed, has_calls, indexed),
)
def first_fragment_without_name(exchange: Exchange) -> Exchange | None:
    """The first fragment of each tool call lacks the function name."""
    return map_opened_calls(
        exchange, lambda call: call | {"function": without(function_of(call), "name")}
    )


@fault(
    "streamed-calls-with-empty-id",
    "TOOL-010",
    report="B006",
    note="in a stream TOOL-010 reports the id; TOOL-005 covers only messages",
    applies=(is_framed, has_calls, indexed),
)
def streamed_calls_with_empty_id(exchange: Exchange) -> Exchange | None:
    """The `id` of each streamed tool call is an empty string."""
    return map_opened_calls(exchange, lambda call: call | {"id": ""})


@fault(
    "streamed-calls-without-id",
    "TOOL-010",
    report="B101",
    note="in a stream TOOL-010 reports the id; TOOL-005 covers only messages",
    applies=(is_framed, has_calls, indexed),
)
def streamed_calls_without_id(exchange: Exchange) -> Exchange | None:
    """The streamed tool calls have no `id`."""
    return map_calls(exchange, lambda call: without(call, "id"))


@fault(
    "fragments-with-ids-of-their-own", "TOOL-011", also=("TOOL-022", "TOOL-028"), applies=CONTINUED
)
def fragments_with_ids_of_their_own(exchange: Exchange) -> Exchange | None:
    """Each fragment of a tool call has a different `id`."""
    number = count()
    return map_continued_calls(exchange, lambda call: call | {"id": f"call_x{next(number)}"})


@fault(
    "later-fragments-renamed",
    "TOOL-011",
    profile="vertex-gemini",
    applies=(is_framed, repeats_heads),
)
def later_fragments_renamed(exchange: Exchange) -> Exchange | None:
    """The later fragments of a tool call have a different function name."""
    seen: set[str] = set()

    def renamed(call: Object) -> Object:
        first = call["id"] not in seen
        seen.add(call["id"])
        return call if first else with_function(call, name=f"{function_of(call)['name']}_")

    return map_calls(exchange, renamed)


@fault("later-ids-empty", "TOOL-021", also=("TOOL-022",), report="B009", applies=CONTINUED)
def later_ids_empty(exchange: Exchange) -> Exchange | None:
    """The `id` of the later fragments is an empty string."""
    return map_continued_calls(exchange, lambda call: call | {"id": ""})


@fault("later-names-empty", "TOOL-021", applies=CONTINUED)
def later_names_empty(exchange: Exchange) -> Exchange | None:
    """The function name in the later fragments is an empty string."""
    return map_continued_calls(exchange, lambda call: with_function(call, name=""))


@fault("id-on-every-fragment", "TOOL-022", applies=CONTINUED)
def id_on_every_fragment(exchange: Exchange) -> Exchange | None:
    """Every fragment repeats the `id` of its tool call."""
    firsts = opened(exchange)
    return map_continued_calls(
        exchange, lambda call: call | {"id": firsts[call["index"]].get("id")}
    )


@fault("name-on-every-fragment", "TOOL-023", report="B151", applies=CONTINUED)
def name_on_every_fragment(exchange: Exchange) -> Exchange | None:
    """Every fragment repeats the function name."""
    firsts = opened(exchange)
    return map_continued_calls(
        exchange, lambda call: with_function(call, name=function_of(firsts[call["index"]])["name"])
    )


@fault(
    "later-heads-null", "TOOL-024", also=("TOOL-022", "TOOL-023"), report="B150", applies=CONTINUED
)
def later_heads_null(exchange: Exchange) -> Exchange | None:
    """The later fragments have null as `id`, `type` and function name."""
    return map_continued_calls(
        exchange,
        lambda call: (
            call | {"id": None, "type": None, "function": {"name": None} | function_of(call)}
        ),
    )


FAULTS = (
    first_fragment_without_name,
    streamed_calls_with_empty_id,
    streamed_calls_without_id,
    fragments_with_ids_of_their_own,
    later_fragments_renamed,
    later_ids_empty,
    later_names_empty,
    id_on_every_fragment,
    name_on_every_fragment,
    later_heads_null,
)
