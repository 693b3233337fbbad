"""SEQ: faults of the order and content of chunks, except their finish reasons."""

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Object, with_body, with_frames, with_header
from conformance.faults.kit.conditions import has_calls, has_several_choices, has_text, is_stream
from conformance.faults.kit.event_edits import event, finishing, insert_chunk, positions, with_delta
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices, map_choices, map_messages, text, without
from conformance.protocol.exchange import Exchange


def has_several(exchange: Exchange) -> bool:
    """Return whether the stream has three or more choice entries in its chunks."""
    return is_framed(exchange) and sum(1 for _ in choices(exchange)) > 2


def _role(exchange: Exchange, role: str) -> Exchange | None:
    """Set the role of each delta of a choice after the first."""
    seen: set[object] = set()

    def changed(choice: Object) -> Object:
        first = choice.get("index") not in seen
        seen.add(choice.get("index"))
        return (
            choice
            if first or not isinstance(choice.get("delta"), dict)
            else choice | {"delta": {"role": role} | without(choice["delta"], "role")}
        )

    return map_choices(exchange, changed)


@fault("later-roles-empty", "SEQ-007", also=("SEQ-008",), report="B056", applies=(has_several,))
def later_roles_empty(exchange: Exchange) -> Exchange | None:
    """The `role` of every delta after the first is an empty string."""
    return _role(exchange, "")


@fault("no-role-in-deltas", "SEQ-007", report="B058", applies=(is_framed,))
def no_role_in_deltas(exchange: Exchange) -> Exchange | None:
    """No delta has a `role`."""
    return map_messages(exchange, lambda message: without(message, "role"))


@fault(
    "no-role-before-calls",
    "SEQ-007",
    report="B152",
    applies=(is_framed, has_calls, lambda exchange: not text(exchange)),
)
def no_role_before_calls(exchange: Exchange) -> Exchange | None:
    """The first delta is a tool call and has no `role`."""
    return map_messages(exchange, lambda message: without(message, "role"))


@fault("role-model-in-deltas", "SEQ-007", applies=(is_framed,))
def role_model_in_deltas(exchange: Exchange) -> Exchange | None:
    """The `role` in the deltas is Gemini's `model` instead of `assistant`."""
    return map_messages(
        exchange, lambda message: message | {"role": "model"} if "role" in message else message
    )


@fault("role-in-each-delta", "SEQ-008", applies=(has_several,))
def role_in_each_delta(exchange: Exchange) -> Exchange | None:
    """Every delta repeats the `role`."""
    return _role(exchange, "assistant")


@fault("no-finish-reason-key", "SEQ-009", applies=(has_several,))
def no_finish_reason_key(exchange: Exchange) -> Exchange | None:
    """Choices that have not finished lack the `finish_reason` key."""
    return map_choices(
        exchange,
        lambda choice: choice if choice.get("finish_reason") else without(choice, "finish_reason"),
    )


@fault("delta-content-is-a-number", "SEQ-018", applies=(is_framed,))
def delta_content_is_a_number(exchange: Exchange) -> Exchange | None:
    """The `content` of a delta is a number."""
    return insert_chunk(
        exchange, lambda events: positions(events, finishing)[0], with_delta({"content": 7})
    )


@fault(
    "empty-event-stream",
    "SEQ-019",
    also=("ENV-001", "SEQ-015"),
    report="B078",
    applies=(is_stream,),
)
def empty_event_stream(exchange: Exchange) -> Exchange | None:
    """The server answers with status 200 and an empty event stream."""
    return with_body(
        (
            with_header(exchange, "content-type", "text/event-stream")
            if exchange.response.headers
            else exchange
        ),
        b"",
    )


@fault("done-alone", "SEQ-019", applies=(is_framed,))
def done_alone(exchange: Exchange) -> Exchange | None:
    """The stream contains only `[DONE]`."""
    return with_frames(exchange, [event("[DONE]")])


@fault("role-null-in-later-deltas", "SEQ-021", report="B057", applies=(has_several,))
def role_null_in_later_deltas(exchange: Exchange) -> Exchange | None:
    """The `role` of every delta after the first is null."""
    return map_messages(
        exchange, lambda message: message if message.get("role") else message | {"role": None}
    )


@fault("deltas-full-of-nulls", "SEQ-021", applies=(is_framed,))
def deltas_full_of_nulls(exchange: Exchange) -> Exchange | None:
    """The deltas have null as `function_call` and `tool_calls`."""
    return map_messages(
        exchange, lambda message: {"function_call": None, "tool_calls": None} | message
    )


@fault(
    "all-streamed-choices-index-0",
    "SEQ-026",
    also=("CHO-003", "SEQ-008", "SEQ-010", "TOOL-009", "TOOL-010", "TOOL-022", "TOOL-023"),
    report="B059",
    applies=(is_framed, has_several_choices),
)
def all_streamed_choices_index_0(exchange: Exchange) -> Exchange | None:
    """The chunks of all choices have the `index` 0."""
    return map_choices(exchange, lambda choice: choice | {"index": 0})


@fault(
    "streamed-choices-without-index",
    "SEQ-026",
    also=("CHO-003", "SEQ-008", "SEQ-010"),
    applies=(is_framed,),
)
def streamed_choices_without_index(exchange: Exchange) -> Exchange | None:
    """The choices in the chunks have no `index`."""
    return map_choices(exchange, lambda choice: without(choice, "index"))


@fault("streamed-choices-from-1", "SEQ-026", applies=(is_framed,))
def streamed_choices_from_1(exchange: Exchange) -> Exchange | None:
    """The server numbers the choices in the chunks from 1 instead of 0."""
    return map_choices(exchange, lambda choice: choice | {"index": choice["index"] + 1})


@fault("message-in-a-chunk", "SEQ-027", applies=(is_framed,))
def message_in_a_chunk(exchange: Exchange) -> Exchange | None:
    """The last chunk repeats the whole text in a `message`."""
    message = {"role": "assistant", "content": text(exchange)}
    return map_choices(
        exchange,
        lambda choice: choice | {"message": message} if choice.get("finish_reason") else choice,
    )


@fault("empty-calls-in-deltas", "SEQ-028", applies=(is_framed, has_text))
def empty_calls_in_deltas(exchange: Exchange) -> Exchange | None:
    """The deltas with text have an empty `tool_calls` list."""
    return map_messages(
        exchange,
        lambda message: message | {"tool_calls": []} if message.get("content") else message,
    )


FAULTS = (
    later_roles_empty,
    no_role_in_deltas,
    no_role_before_calls,
    role_model_in_deltas,
    role_in_each_delta,
    no_finish_reason_key,
    delta_content_is_a_number,
    empty_event_stream,
    done_alone,
    role_null_in_later_deltas,
    deltas_full_of_nulls,
    all_streamed_choices_index_0,
    streamed_choices_without_index,
    streamed_choices_from_1,
    message_in_a_chunk,
    empty_calls_in_deltas,
)
