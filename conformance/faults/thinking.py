"""THK: faults of thinking."""

from conformance.faults.dialects import refused_by_google, refused_by_openai
from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Frame, Object, map_frames
from conformance.faults.kit.conditions import (
    asks,
    asks_no_json,
    finishes,
    google_options,
    has_no_logprobs,
    has_text,
    has_usage,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
    knows_request,
    no_stop_string_in,
)
from conformance.faults.kit.event_edits import finishing, moved, positions, says
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    choices_of,
    delta_of,
    map_messages,
    map_usages,
    messages,
    text,
    without,
)
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def _asks_thoughts(exchange: Exchange) -> bool:
    return get_path(google_options(exchange), "thinking_config", "include_thoughts") is True


def _asks_no_thoughts(exchange: Exchange) -> bool:
    return knows_request(exchange) and not _asks_thoughts(exchange)


def _asks_tag(exchange: Exchange) -> bool:
    return bool(google_options(exchange).get("thought_tag_marker"))


def is_thought(message: Object) -> bool:
    """Return whether the message or delta is flagged as a thought."""
    return get_path(message, "extra_content", "google", "thought") is True


def has_thoughts(exchange: Exchange) -> bool:
    """Return whether the response has a message or delta that is flagged as a thought."""
    return any(map(is_thought, messages(exchange)))


def _opened_with(exchange: Exchange, words: str) -> Exchange | None:
    """Put these words before the first text of the response."""
    made = [words]
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": (made.pop() if made else "") + message["content"]}
            if message.get("content")
            else message
        ),
    )


def _has_no_thinking_tag(exchange: Exchange) -> bool:
    """Return whether neither the request nor the text contains a thinking tag."""
    return not any(
        tag in text(exchange) + str(exchange.request.body) for tag in ("think>", "thought>")
    )


_SPOKEN = (is_answer, has_text, has_no_logprobs, asks_no_json, _has_no_thinking_tag)


@fault(
    "thoughts-unasked",
    "THK-001",
    also=("THK-007",),
    profile="vertex-gemini",
    applies=(is_stream, has_text, asks_no_json, _asks_no_thoughts),
)
def thoughts_unasked(exchange: Exchange) -> Exchange | None:
    """The stream contains a thought although the request does not ask for thoughts."""
    made = [{"google": {"thought": True}}]
    return map_messages(
        exchange,
        lambda message: (
            message | {"extra_content": made.pop()} if message.get("content") and made else message
        ),
    )


@fault(
    "tagged-thoughts-unasked",
    "THK-001",
    also=("THK-005", "THK-018"),
    profile="vertex-gemini",
    applies=(*_SPOKEN, _asks_no_thoughts, lambda exchange: not _asks_tag(exchange)),
)
def tagged_thoughts_unasked(exchange: Exchange) -> Exchange | None:
    """The text starts with a tagged thought that the request does not ask for."""
    return _opened_with(exchange, "<thought>Let me see.</thought>")


@fault(
    "thoughts-not-flagged",
    "THK-002",
    profile="vertex-gemini",
    applies=(is_framed, _asks_thoughts, has_thoughts),
)
def thoughts_not_flagged(exchange: Exchange) -> Exchange | None:
    """The requested thoughts are not flagged as thoughts."""
    return map_messages(
        exchange,
        lambda message: without(message, "extra_content") if is_thought(message) else message,
    )


@fault(
    "tag-marker-ignored",
    "THK-004",
    profile="vertex-gemini",
    applies=(is_completion, _asks_thoughts, _asks_tag, has_text),
)
def tag_marker_ignored(exchange: Exchange) -> Exchange | None:
    """The requested thoughts are not in the requested tag."""
    tag = google_options(exchange)["thought_tag_marker"]
    return map_messages(
        exchange,
        lambda message: (
            message
            | {
                "content": str(message.get("content"))
                .replace(f"<{tag}>", "")
                .replace(f"</{tag}>", "")
            }
        ),
    )


@fault(
    "thought-tags-without-marker",
    "THK-005",
    also=("THK-007",),
    profile="vertex-gemini",
    applies=(*_SPOKEN, _asks_thoughts, lambda exchange: not _asks_tag(exchange)),
)
def thought_tags_without_marker(exchange: Exchange) -> Exchange | None:
    """The requested thoughts are in a tag that the request does not ask for."""
    return _opened_with(exchange, "<think>Let me see.</think>")


@fault(
    "thought-tag-lost",
    "THK-006",
    also=("THK-021",),
    profile="gemini-api",
    applies=(
        is_answer,
        is_complete,
        _asks_thoughts,
        finishes("stop"),
        lambda exchange: "<thought>" in text(exchange),
    ),
)
def thought_tag_lost(exchange: Exchange) -> Exchange | None:
    """The opening tag of the thought is missing."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": message["content"].replace("<thought>", "")}
            if message.get("content")
            else message
        ),
    )


@fault(
    "thought-missing",
    "THK-006",
    profile="gemini-api",
    applies=(
        is_completion,
        _asks_thoughts,
        finishes("stop"),
        lambda exchange: "</thought>" in text(exchange),
    ),
)
def thought_missing(exchange: Exchange) -> Exchange | None:
    """The requested thought is missing."""
    return map_messages(
        exchange,
        lambda message: (
            without(message, "extra_content")
            | {"content": message["content"].partition("</thought>")[2]}
            if message.get("content")
            else message
        ),
    )


@fault(
    "thought-after-the-answer",
    "THK-007",
    profile="vertex-gemini",
    applies=(is_framed, _asks_thoughts, has_thoughts),
)
def thought_after_the_answer(exchange: Exchange) -> Exchange | None:
    """The last thought comes after the answer has begun."""

    def changed(events: list[Frame]) -> list[Frame] | None:
        spoken = positions(events, lambda chunk: says("content")(chunk) and not finishing(chunk))
        thoughts = positions(
            events, lambda chunk: any(is_thought(delta_of(choice)) for choice in choices_of(chunk))
        )
        later = [number for number in spoken if number > thoughts[-1]]
        return (
            moved(events, thoughts[-1], later[0]) if later and thoughts[-1] != spoken[0] else None
        )

    return map_frames(exchange, changed)


@fault(
    "effort-none-ignored",
    "THK-009",
    report="B176",
    applies=(is_answer, has_usage, asks("reasoning_effort", "none")),
)
def effort_none_ignored(exchange: Exchange) -> Exchange | None:
    """The usage counts reasoning tokens although the request turns thinking off."""
    return map_usages(
        exchange,
        lambda usage: (
            usage
            | {
                "completion_tokens_details": {
                    "reasoning_tokens": min(200, usage["completion_tokens"])
                }
            }
        ),
    )


_REASONING = "<think>\nLet me see.\n</think>\n\n"
_END_OF_TAG = "/think>\n\n"


@fault("reasoning-left-in-the-text", "THK-018", applies=(*_SPOKEN, no_stop_string_in(_REASONING)))
def reasoning_left_in_the_text(exchange: Exchange) -> Exchange | None:
    """The text starts with the reasoning in `<think>` tags."""
    return _opened_with(exchange, _REASONING)


@fault("half-a-reasoning-tag", "THK-018", applies=(*_SPOKEN, no_stop_string_in(_END_OF_TAG)))
def half_a_reasoning_tag(exchange: Exchange) -> Exchange | None:
    """The text starts with the end of a closing reasoning tag."""
    return _opened_with(exchange, _END_OF_TAG)


@fault(
    "effort-refused",
    "THK-019",
    also=("ERR-007", "ERR-018", "ERR-019"),
    report="B177",
    applies=(is_answer, asks("reasoning_effort", "low", "medium", "high")),
)
def effort_refused(exchange: Exchange) -> Exchange | None:
    """The server turns a documented `reasoning_effort` into a budget that it rejects."""
    message = "The thinking budget 24577 is invalid. Please choose a value between 512 and 24576."
    return refused_by_google(exchange, message)


@fault(
    "thought-tag-not-closed",
    "THK-021",
    also=("THK-006",),
    profile="gemini-api",
    applies=(
        is_answer,
        is_complete,
        finishes("stop"),
        lambda exchange: "</thought>" in text(exchange),
    ),
)
def thought_tag_not_closed(exchange: Exchange) -> Exchange | None:
    """The tag of the thought is not closed."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": message["content"].replace("</thought>", "")}
            if message.get("content")
            else message
        ),
    )


@fault(
    "thought-tag-opened-twice",
    "THK-021",
    profile="vertex-gemini",
    applies=(is_completion, _asks_thoughts, _asks_tag, has_text),
)
def thought_tag_opened_twice(exchange: Exchange) -> Exchange | None:
    """The tag of the thought is opened twice and closed once."""
    tag = f"<{google_options(exchange)['thought_tag_marker']}>"
    return map_messages(
        exchange,
        lambda message: message | {"content": str(message.get("content")).replace(tag, tag * 2, 1)},
    )


@fault(
    "effort-refused-in-due-form",
    "THK-019",
    applies=(is_answer, asks("reasoning_effort", "low", "medium", "high")),
)
def effort_refused_in_due_form(exchange: Exchange) -> Exchange | None:
    """The server rejects a documented `reasoning_effort` with a well-formed error."""
    return refused_by_openai(exchange, "The thinking budget 24577 is out of range.")


FAULTS = (
    thoughts_unasked,
    tagged_thoughts_unasked,
    thoughts_not_flagged,
    tag_marker_ignored,
    thought_tags_without_marker,
    thought_tag_lost,
    thought_missing,
    thought_after_the_answer,
    effort_none_ignored,
    reasoning_left_in_the_text,
    half_a_reasoning_tag,
    effort_refused,
    thought_tag_not_closed,
    thought_tag_opened_twice,
    effort_refused_in_due_form,
)
