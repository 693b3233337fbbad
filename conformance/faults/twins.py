"""Faults that only a twin shows: a baseline and a variant that differs in one thing."""

from collections.abc import Callable

from conformance.faults.kit.body_edits import Object
from conformance.faults.kit.conditions import (
    has_calls,
    has_usage,
    is_answer,
    is_completion,
    is_stream,
)
from conformance.faults.kit.fault import Group, group_fault
from conformance.faults.kit.part_edits import (
    finish_reasons_become,
    last_text,
    map_calls,
    map_messages,
    map_usages,
    usages,
    without,
)
from conformance.faults.probes import refused
from conformance.protocol.exchange import Exchange


def second(group: Group, change: Callable[[Exchange], Exchange | None]) -> Group | None:
    """Change the second exchange of a twin; None for other groups or without a change."""
    if len(group) != 2:
        return None
    changed = change(group[1])
    return None if changed is None else (group[0], changed)


def _streamed(
    group: Group, change: Callable[[Exchange], Exchange | None], *, streamed: bool = True
) -> Group | None:
    """Change the streamed exchange of a twin, or the other one if `streamed` is false.

    Returns None unless exactly one of two exchanges is a stream, and without a change.
    """
    if sorted(map(is_stream, group)) != [False, True]:
        return None
    changed = [
        change(exchange) if is_stream(exchange) is streamed else exchange for exchange in group
    ]
    return (
        tuple(exchange for exchange in changed if exchange is not None)
        if None not in changed
        else None
    )


def _with_prompt(exchange: Exchange, tokens: int) -> Exchange | None:
    """Set the number of prompt tokens in the usage, and adjust the total."""
    return map_usages(
        exchange,
        lambda usage: (
            without(usage, "prompt_tokens_details")
            | {
                "prompt_tokens": tokens,
                "total_tokens": usage["total_tokens"] - usage["prompt_tokens"] + tokens,
            }
        ),
    )


def _without_content(exchange: Exchange) -> Exchange | None:
    """Remove the text and tool calls, and set the finish reason to `stop`."""
    emptied = map_messages(
        exchange,
        lambda message: (
            without(message, "tool_calls") | ({"content": ""} if message.get("content") else {})
        ),
    )
    return emptied and (finish_reasons_become(emptied, {"*": "stop"}) or emptied)


@group_fault(
    "stream-loses-what-the-plain-answer-says",
    "META-001",
    also=("META-002", "META-003", "MSG-011", "MSG-013", "TOOL-014", "TOOL-016"),
    applies=(is_answer,),
)
def stream_loses_what_the_plain_answer_says(group: Group) -> Group | None:
    """The stream is empty although the answer without `stream` is not."""
    return _streamed(group, _without_content)


@group_fault("stream-says-something-else", "META-002", also=("USG-013",), applies=(is_answer,))
def stream_says_something_else(group: Group) -> Group | None:
    """The stream has a different text, although the temperature is 0."""
    return _streamed(group, lambda exchange: last_text(exchange, " Or so it seems."))


@group_fault(
    "finish-differs-when-streamed",
    "META-003",
    also=("META-001", "TOOL-012"),
    report="B200",
    note="TOOL-012 also reports the stream alone",
    applies=(has_calls,),
)
def finish_differs_when_streamed(group: Group) -> Group | None:
    """The stream of a forced tool call has a different finish reason."""
    return _streamed(
        group,
        lambda exchange: finish_reasons_become(
            exchange, {"tool_calls": "stop", "stop": "tool_calls"}
        ),
    )


@group_fault(
    "newer-limit-ignored", "META-004", also=("CHO-014", "USG-010"), applies=(is_answer, has_usage)
)
def newer_limit_ignored(group: Group) -> Group | None:
    """The server ignores `max_completion_tokens` and ends the answer with `stop`."""
    return second(
        group,
        lambda exchange: finish_reasons_become(
            last_text(exchange, " and so on to the end.") or exchange, {"length": "stop"}
        ),
    )


@group_fault("parts-cost-more", "META-005", applies=(has_usage,))
def parts_cost_more(group: Group) -> Group | None:
    """The same text costs more prompt tokens as a content part than as a string."""
    return second(
        group, lambda exchange: _with_prompt(exchange, usages(exchange)[-1]["prompt_tokens"] + 7)
    )


@group_fault("image-string-costs-less", "META-006", profile="vertex-gemini", applies=(has_usage,))
def image_string_costs_less(group: Group) -> Group | None:
    """The server ignores an image that is given as a string."""
    return second(group, lambda exchange: _with_prompt(exchange, 4))


@group_fault(
    "unsupported-field-breaks",
    "META-007",
    also=("ERR-018", "ERR-004", "ERR-005"),
    profile="vertex-gemini",
    applies=(is_answer,),
)
def unsupported_field_breaks(group: Group) -> Group | None:
    """The server rejects a request because of a field that it does not support."""
    return second(group, refused)


@group_fault(
    "stop-in-a-list-ignored", "META-008", also=("CHO-010", "META-002"), applies=(is_answer,)
)
def stop_in_a_list_ignored(group: Group) -> Group | None:
    """The server ignores a stop string that is in a list."""
    return second(
        group,
        lambda exchange: finish_reasons_become(
            last_text(exchange, "and on") or exchange, {"stop": "length"}
        ),
    )


@group_fault(
    "beta-shape-differs",
    "META-011",
    also=("ENV-007", "ENV-005"),
    profile="vertex-gemini",
    applies=(is_completion,),
)
def beta_shape_differs(group: Group) -> Group | None:
    """The other API version leaves out some keys of the usage."""
    return second(
        group,
        lambda exchange: map_usages(
            exchange, lambda usage: without(usage, "extra_properties", "completion_tokens_details")
        ),
    )


@group_fault("functions-call-another", "META-012", applies=(is_completion,))
def functions_call_another(group: Group) -> Group | None:
    """The older `functions` parameter leads to a call of a different function than `tools`."""

    def renamed(message: Object) -> Object:
        called = message.get("function_call")
        return (
            message | {"function_call": called | {"name": f"{called['name']}_2"}}
            if called
            else message
        )

    return second(group, lambda exchange: map_messages(exchange, renamed))


@group_fault(
    "total-below-its-parts-without-thinking",
    "META-013",
    also=("USG-002", "USG-003", "USG-004", "USG-005"),
    profile="vertex-gemini",
    applies=(has_usage,),
)
def total_below_its_parts_without_thinking(group: Group) -> Group | None:
    """The `total_tokens` count is below its parts when thinking is off."""
    return second(
        group,
        lambda exchange: map_usages(
            exchange, lambda usage: usage | {"total_tokens": usage["prompt_tokens"]}
        ),
    )


@group_fault("reasoning-only-when-streamed", "META-015", applies=(is_answer,))
def reasoning_only_when_streamed(group: Group) -> Group | None:
    """The reasoning is only in the stream."""
    thoughts = ["I weigh it."]
    return _streamed(
        group,
        lambda exchange: map_messages(
            exchange,
            lambda message: (
                message | {"reasoning_content": thoughts.pop()}
                if thoughts and message.get("content")
                else message
            ),
        ),
    )


@group_fault(
    "signature-only-when-streamed",
    "META-016",
    also=("THK-011",),
    profile="vertex-gemini",
    report="B179",
    applies=(has_calls,),
)
def signature_only_when_streamed(group: Group) -> Group | None:
    """The thought signature of a tool call is only in the stream."""
    return _streamed(
        group,
        lambda exchange: map_calls(exchange, lambda call: without(call, "extra_content")),
        streamed=False,
    )


@group_fault("prompt-differs-when-streamed", "USG-009", report="B048", applies=(has_usage,))
def prompt_differs_when_streamed(group: Group) -> Group | None:
    """The stream counts fewer prompt tokens for the same prompt."""
    return _streamed(group, lambda exchange: _with_prompt(exchange, 2))


@group_fault("completion-differs-when-streamed", "USG-013", applies=(has_usage,))
def completion_differs_when_streamed(group: Group) -> Group | None:
    """The stream counts more completion tokens for the same text."""
    more = 5
    return _streamed(
        group,
        lambda exchange: map_usages(
            exchange,
            lambda usage: (
                usage
                | {
                    "completion_tokens": usage["completion_tokens"] + more,
                    "total_tokens": usage["total_tokens"] + more,
                }
            ),
        ),
    )


@group_fault("image-dropped", "MM-014", report="B191", applies=(has_usage,))
def image_dropped(group: Group) -> Group | None:
    """The server drops the image, so the prompt costs as many tokens as without it."""
    return second(
        group, lambda exchange: _with_prompt(exchange, usages(group[0])[-1]["prompt_tokens"])
    )


@group_fault("second-image-dropped", "MM-015", report="B192", applies=(has_usage,))
def second_image_dropped(group: Group) -> Group | None:
    """The server drops one of two images, so the prompt costs as many tokens as with one."""
    return second(
        group, lambda exchange: _with_prompt(exchange, usages(group[0])[-1]["prompt_tokens"])
    )


GROUP_FAULTS = (
    stream_loses_what_the_plain_answer_says,
    stream_says_something_else,
    finish_differs_when_streamed,
    newer_limit_ignored,
    parts_cost_more,
    image_string_costs_less,
    unsupported_field_breaks,
    stop_in_a_list_ignored,
    beta_shape_differs,
    functions_call_another,
    total_below_its_parts_without_thinking,
    reasoning_only_when_streamed,
    signature_only_when_streamed,
    prompt_differs_when_streamed,
    completion_differs_when_streamed,
    image_dropped,
    second_image_dropped,
)
