"""THK: faults of `extra_content` and of the thought signatures in it."""

from conformance.faults.kit.conditions import has_calls, is_answer, is_stream
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    calls,
    map_calls,
    map_messages,
    map_opened_calls,
    without,
)
from conformance.faults.thinking import has_thoughts, is_thought
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def _signed(exchange: Exchange) -> bool:
    """Return whether a tool call has a thought signature, as those of Gemini 3 do."""
    return any(
        get_path(call, "extra_content", "google", "thought_signature") for call in calls(exchange)
    )


@fault(
    "thought-flag-as-text",
    "THK-003",
    also=("THK-002",),
    profile="gemini-api",
    applies=(is_answer, has_thoughts),
)
def thought_flag_as_text(exchange: Exchange) -> Exchange | None:
    """The `thought` flag is a string instead of a boolean."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"extra_content": {"google": {"thought": "true"}}}
            if is_thought(message)
            else message
        ),
    )


@fault(
    "signature-empty",
    "THK-010",
    also=("THK-011",),
    profile="vertex-gemini",
    applies=(is_answer, _signed),
)
def signature_empty(exchange: Exchange) -> Exchange | None:
    """The thought signatures are empty strings."""
    return map_calls(
        exchange,
        lambda call: (
            call | {"extra_content": {"google": {"thought_signature": ""}}}
            if call.get("extra_content")
            else call
        ),
    )


@fault("signature-not-base64", "THK-010", profile="gemini-api", applies=(is_answer, _signed))
def signature_not_base64(exchange: Exchange) -> Exchange | None:
    """The thought signatures are not valid Base64."""
    return map_calls(
        exchange,
        lambda call: (
            call | {"extra_content": {"google": {"thought_signature": "it's signed!"}}}
            if call.get("extra_content")
            else call
        ),
    )


@fault(
    "signature-dropped",
    "THK-011",
    profile="vertex-gemini",
    report="B027",
    applies=(is_answer, _signed),
)
def signature_dropped(exchange: Exchange) -> Exchange | None:
    """The tool calls lack the thought signature that the next turn requires."""
    return map_calls(exchange, lambda call: without(call, "extra_content"))


@fault(
    "signature-dropped-with-new-index",
    "THK-011",
    profile="vertex-gemini",
    report="B031",
    applies=(is_stream, _signed),
)
def signature_dropped_with_new_index(exchange: Exchange) -> Exchange | None:
    """A gateway gives the fragments an `index` and drops their thought signatures."""
    numbers: dict[object, int] = {}
    return map_calls(
        exchange,
        lambda call: (
            without(call, "extra_content")
            | {"index": numbers.setdefault(call.get("id"), call.get("index", len(numbers)))}
        ),
    )


@fault(
    "extra-content-as-text",
    "THK-016",
    profile="vertex-gemini",
    also=("THK-002", "THK-011"),
    applies=(is_answer,),
)
def extra_content_as_text(exchange: Exchange) -> Exchange | None:
    """The `google` entry of `extra_content` is a string instead of an object."""
    broken = {"extra_content": {"google": "thought"}}
    return (
        map_opened_calls(exchange, lambda call: call | broken)
        if has_calls(exchange)
        else map_messages(exchange, lambda message: message | broken if message else message)
    )


FAULTS = (
    thought_flag_as_text,
    signature_empty,
    signature_not_base64,
    signature_dropped,
    signature_dropped_with_new_index,
    extra_content_as_text,
)
