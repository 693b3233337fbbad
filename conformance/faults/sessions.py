"""Faults that only the turns of a conversation show; a group has the turns in order."""

from collections.abc import Callable

from conformance.faults.dialects import openai_error
from conformance.faults.kit.body_edits import request_body, with_error
from conformance.faults.kit.conditions import has_calls, is_answer
from conformance.faults.kit.fault import Group, group_fault
from conformance.faults.kit.part_edits import function_of, map_calls, map_opened_calls
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def _numbered(exchange: Exchange) -> Exchange | None:
    """Replace the ids of the tool calls by their numbers, from 0."""
    numbers: dict[object, str] = {}
    return map_calls(
        exchange,
        lambda call: (
            call | {"id": numbers.setdefault(call["id"], str(len(numbers)))}
            if call.get("id")
            else call
        ),
    )


@group_fault("ids-counted-anew-each-turn", "TOOL-029", report="B007", applies=(has_calls,))
def ids_counted_anew_each_turn(group: Group) -> Group | None:
    """The server numbers the tool call ids from 0 again in each turn."""
    return _each_turn(group, _numbered)


@group_fault("ids-made-of-names", "TOOL-029", report="B145", applies=(has_calls,))
def ids_made_of_names(group: Group) -> Group | None:
    """The server derives the `id` of a tool call from the function name."""
    return _each_turn(
        group,
        lambda exchange: map_opened_calls(
            exchange, lambda call: call | {"id": f"call-{function_of(call)['name']}"}
        ),
    )


def _each_turn(group: Group, change: Callable[[Exchange], Exchange | None]) -> Group | None:
    """Change each turn; None if there is only one turn or a change does not apply."""
    changed = [change(exchange) for exchange in group]
    return (
        tuple(exchange for exchange in changed if exchange is not None)
        if len(group) > 1 and None not in changed
        else None
    )


def _last_refused(group: Group, message: str) -> Group | None:
    """Reject the last turn; None if there is only one turn."""
    if len(group) < 2:
        return None
    return (*group[:-1], with_error(group[-1], 400, openai_error(message, param="messages")))


@group_fault("tool-results-refused", "TOOL-017", also=("THK-020",), applies=(is_answer,))
def tool_results_refused(group: Group) -> Group | None:
    """The server rejects the results of its tool calls."""
    return (
        _last_refused(group, "messages with role 'tool' must follow their calls")
        if _has_results(group)
        else None
    )


def _has_results(group: Group) -> bool:
    """Return whether the last request has tool results."""
    return any(
        get_path(message, "role") == "tool"
        for message in request_body(group[-1]).get("messages") or ()
    )


@group_fault(
    "signed-turn-refused",
    "THK-012",
    also=("THK-020", "TOOL-017", "ERR-004", "ERR-005", "ERR-018"),
    profile="vertex-gemini",
    applies=(is_answer,),
)
def signed_turn_refused(group: Group) -> Group | None:
    """The server says that a replayed turn lacks its thought signature, although it has it."""
    return (
        _last_refused(group, "Function call is missing a thought_signature in functionCall parts.")
        if _has_results(group)
        else None
    )


@group_fault(
    "own-message-refused",
    "THK-020",
    also=("TOOL-017",),
    report="B121",
    note="if the replayed message has tool calls, their results are rejected too",
    applies=(is_answer,),
)
def own_message_refused(group: Group) -> Group | None:
    """The server rejects its own message when the client sends it back."""
    replayed = any(
        get_path(message, "role") == "assistant"
        for message in request_body(group[-1]).get("messages") or ()
    )
    return _last_refused(group, "Unexpected field: reasoning_content") if replayed else None


GROUP_FAULTS = (
    ids_counted_anew_each_turn,
    ids_made_of_names,
    tool_results_refused,
    signed_turn_refused,
    own_message_refused,
)
