"""CHO: faults of finish reasons, stop strings and token limits."""

from conformance.faults.dialects import openai_error
from conformance.faults.kit.body_edits import map_body, with_error
from conformance.faults.kit.conditions import (
    asks,
    asks_no_json,
    finishes,
    has_calls,
    has_no_logprobs,
    has_one_choice,
    has_text,
    has_usage,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
    names_no_tool,
    owes_no_call,
    stop_strings,
    token_limit,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    finish_reasons_become,
    last_text,
    map_messages,
    map_usages,
    text,
    usages,
    without,
)
from conformance.judging.rules.choices import ends_midway
from conformance.protocol.exchange import Exchange


@fault(
    "finish-reason-null",
    "CHO-004",
    applies=(is_completion, lambda exchange: not finishes("length")(exchange)),
)
def finish_reason_null(exchange: Exchange) -> Exchange | None:
    """The finish reason of the completion is null."""
    return finish_reasons_become(exchange, {"*": None})


@fault(
    "finish-reason-empty",
    "CHO-004",
    also=("CHO-005", "CHO-009"),
    report="B161",
    applies=(is_completion, lambda exchange: not finishes("length")(exchange)),
)
def finish_reason_empty(exchange: Exchange) -> Exchange | None:
    """The finish reason of the completion is an empty string."""
    return finish_reasons_become(exchange, {"*": ""})


@fault(
    "eos-token-and-no-id",
    "CHO-005",
    also=("ENV-004", "ENV-007"),
    report="B089",
    applies=(is_completion, has_text, finishes("stop")),
)
def eos_token_and_no_id(exchange: Exchange) -> Exchange | None:
    """The completion has the finish reason `eos_token` and an empty `id`."""
    made = finish_reasons_become(exchange, {"*": "eos_token"})
    return made and map_body(made, lambda body: body | {"id": ""})


@fault("native-finish-reason", "CHO-005", also=("CHO-009",), report="B116", applies=(is_answer,))
def native_finish_reason(exchange: Exchange) -> Exchange | None:
    """The finish reason is the provider's own word, for example `MAX_TOKENS`."""
    return finish_reasons_become(
        exchange,
        {
            "stop": "STOP",
            "length": "MAX_TOKENS",
            "content_filter": "SAFETY",
            "tool_calls": "tool_use",
        },
    )


@fault("finish-reason-error", "CHO-005", also=("CHO-009",), report="B160", applies=(is_answer,))
def finish_reason_error(exchange: Exchange) -> Exchange | None:
    """The server reports a failure of the provider with the finish reason `error`."""
    return finish_reasons_become(exchange, {"*": "error"})


@fault(
    "native-filter-name",
    "CHO-006",
    also=("CHO-005",),
    profile="vertex-gemini",
    applies=(is_answer,),
)
def native_filter_name(exchange: Exchange) -> Exchange | None:
    """The finish reason is only the native name of the content filter, `SAFETY`."""
    return finish_reasons_become(exchange, {"*": "SAFETY"})


@fault(
    "filter-name-in-lower-case",
    "CHO-006",
    also=("CHO-005",),
    profile="gemini-api",
    applies=(is_answer,),
)
def filter_name_in_lower_case(exchange: Exchange) -> Exchange | None:
    """The finish reason has the name of the content filter in lower case."""
    return finish_reasons_become(exchange, {"*": "content_filter: recitation"})


@fault(
    "reason-of-another-server",
    "CHO-013",
    also=("CHO-005", "CHO-009", "TOOL-012"),
    profile="vertex-tgi",
    applies=(is_answer,),
)
def reason_of_another_server(exchange: Exchange) -> Exchange | None:
    """The finish reason is Anthropic's `end_turn`."""
    return finish_reasons_become(exchange, {"*": "end_turn"})


@fault(
    "stop-beside-required-calls",
    "CHO-009",
    report="B019",
    applies=(is_completion, has_calls, finishes("tool_calls"), asks("tool_choice", "required")),
)
def stop_beside_required_calls(exchange: Exchange) -> Exchange | None:
    """A message with the required tool calls has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault(
    "stop-beside-calls",
    "CHO-009",
    applies=(is_completion, has_calls, finishes("tool_calls"), names_no_tool),
)
def stop_beside_calls(exchange: Exchange) -> Exchange | None:
    """A message with tool calls has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"*": "stop"})


_STOPPED = (is_answer, stop_strings, has_text, has_one_choice, has_no_logprobs, asks_no_json)


@fault(
    "stop-string-left",
    "CHO-010",
    also=("CHO-016", "SO-002", "SO-011"),
    report="B088",
    applies=(*_STOPPED, finishes("stop")),
)
def stop_string_left(exchange: Exchange) -> Exchange | None:
    """The text still contains the stop string at its end."""
    return last_text(exchange, stop_strings(exchange)[0])


@fault("stop-string-ignored", "CHO-010", report="B091", applies=_STOPPED)
def stop_string_ignored(exchange: Exchange) -> Exchange | None:
    """The server ignores the stop string and generates text up to the token limit."""
    made = last_text(exchange, stop_strings(exchange)[0] + " more text")
    return made and (finish_reasons_become(made, {"*": "length"}) or made)


@fault(
    "calls-lost",
    "CHO-012",
    also=("LOG-005",),
    report="B020",
    applies=(is_completion, has_calls, finishes("tool_calls")),
)
def calls_lost(exchange: Exchange) -> Exchange | None:
    """The finish reason is `tool_calls`, but the message has no tool calls."""
    return map_messages(exchange, lambda message: without(message, "tool_calls"))


@fault(
    "streamed-calls-dropped",
    "CHO-012",
    report="B030",
    applies=(is_stream, is_complete, has_calls, finishes("tool_calls")),
)
def streamed_calls_dropped(exchange: Exchange) -> Exchange | None:
    """A gateway removes the tool calls from all deltas but keeps the chunks."""
    return map_messages(exchange, lambda message: without(message, "tool_calls"))


@fault(
    "limit-told-as-stop",
    "CHO-014",
    applies=(
        is_answer,
        has_text,
        has_one_choice,
        finishes("length"),
        asks_no_json,
        owes_no_call,
        lambda exchange: ends_midway(text(exchange)) and not stop_strings(exchange),
        lambda exchange: (
            usages(exchange) and usages(exchange)[-1]["completion_tokens"] == token_limit(exchange)
        ),
    ),
)
def limit_told_as_stop(exchange: Exchange) -> Exchange | None:
    """A response that used up the token limit has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault("cut-without-a-token", "CHO-015", applies=(is_answer, has_usage, finishes("length")))
def cut_without_a_token(exchange: Exchange) -> Exchange | None:
    """A response with the finish reason `length` counts 0 completion tokens."""
    nothing = {"completion_tokens": 0, "completion_tokens_details": {"reasoning_tokens": 0}}
    return map_usages(
        exchange, lambda usage: usage | nothing | {"total_tokens": usage["prompt_tokens"]}
    )


@fault(
    "half-a-stop-string",
    "CHO-016",
    also=("SO-002", "SO-011"),
    report="B090",
    applies=(*_STOPPED, finishes("stop"), lambda exchange: len(stop_strings(exchange)[0]) >= 4),
)
def half_a_stop_string(exchange: Exchange) -> Exchange | None:
    """The text still contains the first half of the stop string at its end."""
    stop = stop_strings(exchange)[0]
    return last_text(exchange, stop[: len(stop) // 2])


@fault("filter-as-server-error", "CHO-018", also=("MM-013",), report="B109", applies=(is_answer,))
def filter_as_server_error(exchange: Exchange) -> Exchange | None:
    """The server answers with status 500 when a filter blocks the output."""
    return with_error(
        exchange,
        500,
        openai_error("The response was blocked by the safety settings.", "internal_server_error"),
    )


FAULTS = (
    finish_reason_null,
    finish_reason_empty,
    eos_token_and_no_id,
    native_finish_reason,
    finish_reason_error,
    native_filter_name,
    filter_name_in_lower_case,
    reason_of_another_server,
    stop_beside_required_calls,
    stop_beside_calls,
    stop_string_left,
    stop_string_ignored,
    calls_lost,
    streamed_calls_dropped,
    limit_told_as_stop,
    cut_without_a_token,
    half_a_stop_string,
    filter_as_server_error,
)
