"""TOOL: faults of whether tools are called, and which."""

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Object, dumped, request_body
from conformance.faults.kit.conditions import (
    asks,
    asks_no_json,
    asks_tools,
    finishes,
    has_calls,
    has_no_logprobs,
    has_one_choice,
    has_several_calls,
    has_text,
    is_answer,
    is_stream,
    tool_choice,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    calls,
    finish_reasons_become,
    function_of,
    map_choices,
    map_messages,
    map_opened_calls,
    requested_functions,
    with_function,
    without,
)
from conformance.faults.kit.schema_samples import instance
from conformance.faults.tools import OF_WHOLE, has_whole_arguments, is_uncut, of_completion
from conformance.protocol.exchange import Exchange, Json


def _call(exchange: Exchange, name: str) -> Object:
    """Make a call of this function with arguments that match its schema."""
    arguments = dumped(
        instance(requested_functions(exchange)[name].get("parameters") or {"type": "object"})
    ).decode()
    return ({"index": 0} if is_stream(exchange) else {}) | {
        "id": "call_0",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _calling(exchange: Exchange, name: str) -> Exchange | None:
    """Replace the text of the response by a call of this function."""
    made = [_call(exchange, name)]

    def calling(message: Object) -> Object:
        if not message.get("content"):
            return message
        called = [made.pop()] if made else None
        return message | {"content": None} | ({"tool_calls": called} if called else {})

    changed = map_messages(exchange, calling)
    return changed and finish_reasons_become(changed, {"stop": "tool_calls"})


@fault(
    "call-against-tool-choice-none",
    "TOOL-013",
    applies=(
        is_answer,
        asks_tools,
        asks("tool_choice", "none"),
        has_text,
        has_one_choice,
        finishes("stop"),
    ),
)
def call_against_tool_choice_none(exchange: Exchange) -> Exchange | None:
    """The response calls a tool although `tool_choice` is `none`."""
    return _calling(exchange, next(iter(requested_functions(exchange))))


def _answering(exchange: Exchange, text: Json) -> Exchange | None:
    """Replace the tool calls by this text in the first message or delta, and finish with stop."""
    seen: set[Json] = set()

    def answering(choice: Object) -> Object:
        key = "delta" if "delta" in choice else "message"
        if not isinstance(choice.get(key), dict):
            return choice
        first = choice.get("index") not in seen
        seen.add(choice.get("index"))
        message = without(choice[key], "tool_calls") | ({"content": text} if first else {})
        return choice | {key: message}

    made = map_choices(exchange, answering)
    return made and (finish_reasons_become(made, {"tool_calls": "stop"}) or made)


@fault(
    "tool-choice-ignored",
    "TOOL-014",
    also=("TOOL-016", "LOG-005", "SO-001", "SO-002", "SO-008", "SO-011"),
    report="B141",
    applies=(*OF_WHOLE, is_uncut, asks("tool_choice", "required")),
)
def tool_choice_ignored(exchange: Exchange) -> Exchange | None:
    """The response is text although `tool_choice` is `required`."""
    return _answering(exchange, "It is sunny.")


@fault(
    "streamed-call-lost",
    "TOOL-014",
    also=("MSG-011", "MSG-013"),
    report="B062",
    applies=(is_framed, has_calls, is_uncut, asks("tool_choice", "required")),
)
def streamed_call_lost(exchange: Exchange) -> Exchange | None:
    """A stream loses the required tool call and ends with `stop` and no text."""
    return _answering(exchange, "")


@fault(
    "malformed-call-as-empty-stop",
    "TOOL-014",
    also=("MSG-005", "MSG-011"),
    report="B180",
    applies=(of_completion, is_uncut, asks("tool_choice", "required")),
)
def malformed_call_as_empty_stop(exchange: Exchange) -> Exchange | None:
    """The server turns an unusable tool call into an empty message that ends with `stop`."""
    return _answering(exchange, None)


@fault(
    "another-function-called",
    "TOOL-016",
    also=("TOOL-004",),
    report="B143",
    applies=(*OF_WHOLE, is_uncut, lambda exchange: tool_choice(exchange) == "named"),
)
def another_function_called(exchange: Exchange) -> Exchange | None:
    """The response calls a different function than `tool_choice` names."""
    others = [
        name
        for name in requested_functions(exchange)
        if name != request_body(exchange)["tool_choice"]["function"]["name"]
    ]
    return (
        map_opened_calls(exchange, lambda call: with_function(call, name=others[0]))
        if others
        else None
    )


@fault(
    "named-function-not-called",
    "TOOL-016",
    report="B143",
    note=(
        "a variant without a call; `tool_calls` is left out because an empty list also breaks"
        " MSG-014"
    ),
    applies=(*OF_WHOLE, asks_no_json, is_uncut, lambda exchange: tool_choice(exchange) == "named"),
)
def named_function_not_called(exchange: Exchange) -> Exchange | None:
    """The response is text although `tool_choice` names a function."""
    return _answering(exchange, "It is sunny.")


@fault(
    "call-left-in-the-text",
    "TOOL-025",
    report="B130",
    applies=(
        *OF_WHOLE,
        asks_tools,
        has_whole_arguments,
        has_no_logprobs,
        lambda exchange: tool_choice(exchange) == "auto",
    ),
)
def call_left_in_the_text(exchange: Exchange) -> Exchange | None:
    """A tool call that the token limit truncated stays in the text as raw markup."""
    function = function_of(calls(exchange)[0])
    made = _answering(
        exchange, f'<tool_call>{{"name": "{function["name"]}", "arguments": {function["arguments"]}'
    )
    return made and finish_reasons_become(made, {"*": "length"})


@fault(
    "second-call-left-in-the-text",
    "TOOL-025",
    report="B149",
    applies=(*OF_WHOLE, asks_tools, has_several_calls, has_one_choice, has_whole_arguments),
)
def second_call_left_in_the_text(exchange: Exchange) -> Exchange | None:
    """The second of two tool calls stays in the text as raw markup."""
    function = function_of(calls(exchange)[1])
    markup = (
        f'<tool_call>\n{{"name": "{function["name"]}", "arguments":'
        f" {function['arguments']}}}\n</tool_call>"
    )
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": markup, "tool_calls": message["tool_calls"][:1]}
            if len(message.get("tool_calls") or ()) > 1
            else message
        ),
    )


@fault(
    "parallel-calls-unasked",
    "TOOL-026",
    report="B148",
    applies=(of_completion, asks_tools, asks("parallel_tool_calls", False)),
)
def parallel_calls_unasked(exchange: Exchange) -> Exchange | None:
    """The response has two tool calls although `parallel_tool_calls` is false."""
    return map_messages(
        exchange,
        lambda message: (
            message
            | {"tool_calls": [*message["tool_calls"], message["tool_calls"][0] | {"id": "call_1"}]}
            if message.get("tool_calls")
            else message
        ),
    )


FAULTS = (
    call_against_tool_choice_none,
    tool_choice_ignored,
    streamed_call_lost,
    malformed_call_as_empty_stop,
    another_function_called,
    named_function_not_called,
    call_left_in_the_text,
    second_call_left_in_the_text,
    parallel_calls_unasked,
)
