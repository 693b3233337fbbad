"""MSG: faults of the message, and of all deltas of a stream together."""

from conformance.faults.kit.body_edits import Object
from conformance.faults.kit.conditions import (
    asks,
    asks_no_json,
    finishes,
    has_calls,
    has_no_calls,
    has_no_limit,
    has_no_logprobs,
    has_text,
    has_usage,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
    stop_strings,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    map_choices,
    map_messages,
    map_usages,
    messages,
    usages,
    without,
)
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def _emptied(message: Object) -> Object:
    """Replace the text of a message or delta by an empty string."""
    return message | {"content": ""} if isinstance(message.get("content"), str) else message


def _counts(exchange: Exchange) -> bool:
    """Return whether the last usage counts more than two tokens besides reasoning."""
    found = usages(exchange)[-1:]
    return any(
        usage["completion_tokens"]
        - (get_path(usage, "completion_tokens_details", "reasoning_tokens") or 0)
        > 2
        for usage in found
    )


_TEXT_STOPS = (
    is_answer,
    is_complete,
    has_text,
    has_no_calls,
    finishes("stop"),
    has_no_logprobs,
    lambda exchange: not stop_strings(exchange),
)


@fault("role-model", "MSG-001", applies=(is_completion,))
def role_model(exchange: Exchange) -> Exchange | None:
    """The `role` of the message is Gemini's `model` instead of `assistant`."""
    return map_messages(
        exchange, lambda message: message | {"role": "model"} if message else message
    )


@fault("no-role", "MSG-001", applies=(is_completion,))
def no_role(exchange: Exchange) -> Exchange | None:
    """The message has no `role`."""
    return map_messages(exchange, lambda message: without(message, "role"))


@fault("content-is-a-number", "MSG-002", applies=(is_completion, has_text, has_no_logprobs))
def content_is_a_number(exchange: Exchange) -> Exchange | None:
    """The `content` of the message is a number."""
    return map_messages(exchange, lambda message: message | {"content": 42})


@fault(
    "no-content",
    "MSG-002",
    also=("MSG-005", "MSG-009", "MSG-011"),
    applies=(is_completion, has_text, has_no_calls, finishes("stop")),
)
def no_content(exchange: Exchange) -> Exchange | None:
    """A message with the finish reason `stop` has no `content` key."""
    return map_messages(exchange, lambda message: without(message, "content"))


@fault(
    "choice-without-message", "MSG-004", also=("MSG-011",), report="B112", applies=(is_completion,)
)
def choice_without_message(exchange: Exchange) -> Exchange | None:
    """The choices have no `message`."""
    return map_choices(exchange, lambda choice: without(choice, "message"))


@fault("message-null", "MSG-004", also=("MSG-011",), applies=(is_completion,))
def message_null(exchange: Exchange) -> Exchange | None:
    """The `message` of each choice is null."""
    return map_choices(exchange, lambda choice: choice | {"message": None})


@fault("block-told-as-stop", "MSG-005", report="B108", applies=(*_TEXT_STOPS, is_completion))
def block_told_as_stop(exchange: Exchange) -> Exchange | None:
    """A blocked prompt gives null `content`, the finish reason `stop` and no tokens."""
    made = map_messages(exchange, lambda message: message | {"content": None})
    nothing = {"completion_tokens": 0, "completion_tokens_details": {"reasoning_tokens": 0}}
    return made and (
        map_usages(made, lambda usage: usage | nothing | {"total_tokens": usage["prompt_tokens"]})
        or made
    )


@fault("reasoning-as-an-object", "MSG-006", applies=(is_answer,))
def reasoning_as_an_object(exchange: Exchange) -> Exchange | None:
    """The `reasoning_content` is an object instead of a string."""
    return map_messages(exchange, lambda message: message | {"reasoning_content": {"summary": []}})


@fault("audio-without-transcript", "MSG-007", applies=(is_completion,))
def audio_without_transcript(exchange: Exchange) -> Exchange | None:
    """The `audio` of the message lacks `transcript` and `expires_at`."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"audio": without(message["audio"], "transcript", "expires_at")}
            if message.get("audio")
            else message
        ),
    )


@fault(
    "content-as-parts",
    "MSG-008",
    also=("MSG-002", "MSG-011"),
    report="B097",
    applies=(is_answer, has_text),
)
def content_as_parts(exchange: Exchange) -> Exchange | None:
    """The `content` is an array of parts instead of a string."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": [{"type": "text", "text": message["content"]}]}
            if isinstance(message.get("content"), str)
            else message
        ),
    )


@fault("no-content-beside-calls", "MSG-009", report="B212", applies=(is_completion, has_calls))
def no_content_beside_calls(exchange: Exchange) -> Exchange | None:
    """A message with tool calls has no `content` key."""
    return map_messages(
        exchange,
        lambda message: without(message, "content") if message.get("content") is None else message,
    )


@fault(
    "message-gone-without-a-reason",
    "MSG-010",
    also=("MSG-004", "MSG-011"),
    profile="vertex-gemini",
    applies=(is_completion, finishes("stop", "tool_calls")),
)
def message_gone_without_a_reason(exchange: Exchange) -> Exchange | None:
    """A choice has no `message`, and its finish reason `stop` does not explain why."""
    return map_choices(
        exchange, lambda choice: without(choice, "message") | {"finish_reason": "stop"}
    )


@fault(
    "message-empty-without-a-reason",
    "MSG-010",
    also=("MSG-002", "MSG-005", "MSG-009", "MSG-011"),
    profile="gemini-api",
    applies=(is_completion, finishes("stop")),
)
def message_empty_without_a_reason(exchange: Exchange) -> Exchange | None:
    """The `message` is an empty object, and the finish reason does not explain why."""
    return map_choices(exchange, lambda choice: choice | {"message": {}})


@fault(
    "image-dropped-but-billed",
    "MSG-011",
    also=("MSG-005", "SO-002", "SO-011"),
    profile="vertex-gemini",
    report="B198",
    applies=(*_TEXT_STOPS, is_completion, has_usage, has_no_limit),
)
def image_dropped_but_billed(exchange: Exchange) -> Exchange | None:
    """The server drops the output but counts 3072 completion tokens for it."""
    made = map_messages(exchange, _emptied)
    return made and map_usages(
        made,
        lambda usage: (
            usage
            | {
                "completion_tokens": 3072,
                "total_tokens": usage["total_tokens"] + 3072 - usage["completion_tokens"],
            }
        ),
    )


@fault(
    "streamed-text-empty",
    "MSG-011",
    also=("MSG-013",),
    report="B211",
    applies=(*_TEXT_STOPS, is_stream, has_usage, _counts),
)
def streamed_text_empty(exchange: Exchange) -> Exchange | None:
    """All deltas are empty, although the usage counts their tokens."""
    return map_messages(exchange, _emptied)


@fault(
    "answer-as-reasoning",
    "MSG-011",
    also=("MSG-013",),
    report="B132",
    applies=(*_TEXT_STOPS, is_stream, has_usage, _counts),
)
def answer_as_reasoning(exchange: Exchange) -> Exchange | None:
    """The server streams the whole answer as `reasoning` instead of `content`."""
    return map_messages(
        exchange,
        lambda message: (
            without(message, "content") | {"reasoning": message["content"]}
            if "content" in message
            else message
        ),
    )


@fault(
    "image-without-its-type",
    "MSG-012",
    profile="vertex-gemini",
    applies=(is_completion, asks("modalities")),
)
def image_without_its_type(exchange: Exchange) -> Exchange | None:
    """A generated image lacks its media type."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"audio": without(message["audio"], "extra_content")}
            if message.get("audio")
            else message
        ),
    )


@fault(
    "stream-says-nothing",
    "MSG-013",
    also=("MSG-011",),
    applies=(*_TEXT_STOPS, is_stream, asks_no_json),
)
def stream_says_nothing(exchange: Exchange) -> Exchange | None:
    """A stream has the finish reason `stop` but no text."""
    return map_messages(exchange, _emptied)


@fault(
    "empty-list-of-calls",
    "MSG-014",
    applies=(is_completion, has_no_calls, lambda exchange: any(messages(exchange))),
)
def empty_list_of_calls(exchange: Exchange) -> Exchange | None:
    """A message without tool calls has an empty `tool_calls` list."""
    return map_messages(exchange, lambda message: message | {"tool_calls": []})


@fault(
    "block-told-as-text",
    "MSG-015",
    also=("SO-001", "SO-002", "SO-011", "TOOL-025"),
    profile="openai-compatible",
    applies=(*_TEXT_STOPS, is_completion, has_no_logprobs, asks_no_json),
)
def block_told_as_text(exchange: Exchange) -> Exchange | None:
    """A blocked prompt gives the message of the filter as `content`, with finish reason `stop`."""
    blocked = "The prompt could not be submitted. The prompt contains sensitive words."
    return map_messages(exchange, lambda message: message | {"content": blocked})


FAULTS = (
    role_model,
    no_role,
    content_is_a_number,
    no_content,
    choice_without_message,
    message_null,
    block_told_as_stop,
    reasoning_as_an_object,
    audio_without_transcript,
    content_as_parts,
    no_content_beside_calls,
    message_gone_without_a_reason,
    message_empty_without_a_reason,
    image_dropped_but_billed,
    streamed_text_empty,
    answer_as_reasoning,
    image_without_its_type,
    stream_says_nothing,
    empty_list_of_calls,
    block_told_as_text,
)
