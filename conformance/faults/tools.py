"""TOOL: faults of tool calls, in completions and streams."""

from conformance.faults.kit.body_edits import Object, dumped
from conformance.faults.kit.conditions import (
    asks_tools,
    calls_only_without_parameters,
    finishes,
    has_calls,
    has_one_choice,
    has_several_calls,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    calls,
    function_of,
    map_calls,
    map_functions,
    map_opened_calls,
    parsed,
    requested_functions,
    with_function,
    without,
)
from conformance.faults.kit.schema_samples import required_of
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path

OF_WHOLE = (is_answer, is_complete, has_calls)


def of_completion(exchange: Exchange) -> bool:
    """Return whether the response is a completion with tool calls."""
    return is_completion(exchange) and has_calls(exchange)


def is_uncut(exchange: Exchange) -> bool:
    """Return whether all finish reasons are `tool_calls` or `stop`, so nothing is truncated."""
    return bool(finishes("tool_calls", "stop")(exchange))


def has_whole_arguments(exchange: Exchange) -> bool:
    """Return whether each tool call or fragment has a complete JSON object as its arguments."""
    return all(
        isinstance(parsed(function_of(call).get("arguments")), dict) for call in calls(exchange)
    )


def _with_parameters(exchange: Exchange, call: Object) -> bool:
    """Return whether the called function has a required parameter."""
    return bool(
        required_of(
            get_path(requested_functions(exchange), function_of(call).get("name", ""), "parameters")
        )
    )


@fault(
    "undeclared-function",
    "TOOL-001",
    also=("TOOL-016",),
    applies=(is_answer, has_calls, asks_tools),
)
def undeclared_function(exchange: Exchange) -> Exchange | None:
    """The response calls a function that the request does not declare."""
    return map_opened_calls(
        exchange, lambda call: with_function(call, name=f"functions_{function_of(call)['name']}")
    )


@fault("call-without-type", "TOOL-001", applies=(is_answer, has_calls))
def call_without_type(exchange: Exchange) -> Exchange | None:
    """The tool calls have no `type`."""
    return map_calls(exchange, lambda call: without(call, "type"))


@fault(
    "arguments-as-an-object",
    "TOOL-002",
    report="B012",
    applies=(is_answer, has_calls, has_whole_arguments),
)
def arguments_as_an_object(exchange: Exchange) -> Exchange | None:
    """The `arguments` of each tool call are a JSON object instead of a string."""
    return map_functions(
        exchange, lambda function: function | {"arguments": parsed(function["arguments"])}
    )


@fault(
    "arguments-null",
    "TOOL-002",
    also=("TOOL-035",),
    report="B147",
    applies=(is_stream, has_calls, calls_only_without_parameters),
)
def arguments_null(exchange: Exchange) -> Exchange | None:
    """The `arguments` of a call without parameters are null in all deltas."""
    return map_functions(exchange, lambda function: function | {"arguments": None})


@fault(
    "arguments-cut-short",
    "TOOL-003",
    report="B014",
    applies=(of_completion, has_whole_arguments, is_uncut),
)
def arguments_cut_short(exchange: Exchange) -> Exchange | None:
    """The last character of each tool call's arguments is missing."""
    return map_functions(
        exchange, lambda function: function | {"arguments": function["arguments"][:-1]}
    )


@fault(
    "arguments-encoded-twice",
    "TOOL-003",
    also=("TOOL-004",),
    applies=(of_completion, has_whole_arguments, is_uncut),
)
def arguments_encoded_twice(exchange: Exchange) -> Exchange | None:
    """The arguments of each tool call are encoded as JSON twice."""
    return map_functions(
        exchange, lambda function: function | {"arguments": dumped(function["arguments"]).decode()}
    )


@fault(
    "required-argument-missing",
    "TOOL-004",
    applies=(*OF_WHOLE, has_whole_arguments, is_uncut, asks_tools),
)
def required_argument_missing(exchange: Exchange) -> Exchange | None:
    """A tool call lacks its required arguments."""
    return map_calls(
        exchange,
        lambda call: (
            with_function(call, arguments="{}") if _with_parameters(exchange, call) else call
        ),
    )


@fault("empty-call-id", "TOOL-005", report="B006", applies=(of_completion,))
def empty_call_id(exchange: Exchange) -> Exchange | None:
    """The `id` of each tool call is an empty string."""
    return map_calls(exchange, lambda call: call | {"id": ""})


@fault("no-call-id", "TOOL-005", report="B101", applies=(of_completion,))
def no_call_id(exchange: Exchange) -> Exchange | None:
    """The tool calls have no `id`."""
    return map_calls(exchange, lambda call: without(call, "id"))


@fault(
    "one-id-for-all-calls", "TOOL-006", applies=(of_completion, has_several_calls, has_one_choice)
)
def one_id_for_all_calls(exchange: Exchange) -> Exchange | None:
    """All tool calls of a message have the same `id`."""
    return map_calls(exchange, lambda call: call | {"id": "call_0"})


@fault("arguments-empty", "TOOL-035", applies=(is_answer, has_calls, calls_only_without_parameters))
def arguments_empty(exchange: Exchange) -> Exchange | None:
    """The `arguments` of a call without parameters are an empty string."""
    return map_functions(exchange, lambda function: function | {"arguments": ""})


FAULTS = (
    undeclared_function,
    call_without_type,
    arguments_as_an_object,
    arguments_null,
    arguments_cut_short,
    arguments_encoded_twice,
    required_argument_missing,
    empty_call_id,
    no_call_id,
    one_id_for_all_calls,
    arguments_empty,
)
