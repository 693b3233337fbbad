"""MSG: the message of an answer; schemas/completion.json states its fields."""

from collections.abc import Iterator

from conformance.judging.predicates.conditions import (
    finishes_stop,
    has_choices,
    has_text,
    has_usage,
    is_complete,
    is_intact,
    stop_strings,
)
from conformance.judging.predicates.google import (
    google_extra,
    reports_blocked_prompt,
    says_prompt_blocked,
)
from conformance.judging.rule import ANSWER, COMPLETION, STREAM, finding, rule
from conformance.judging.rules.choices import place
from conformance.judging.rules.usage import detail, last_usage
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

_LONGEST_STOP = 32
"""The most tokens of a stop string, if the request was not recorded."""


def speaks_otherwise(choice: Choice) -> bool:
    """Return whether a choice has a call, refusal, audio, image or content other than a string."""
    if choice.calls or choice.function_call or choice.refusal or choice.audio:
        return True
    return any(
        piece.value.get("images") or (content and not isinstance(content, str))
        for piece in choice.messages
        for content in [piece.value.get("content")]
    )


def tokens_said(facts: Facts) -> int | None:
    """Return the completion tokens that are not reasoning.

    None if there is no usage, or if it has more reasoning tokens than completion tokens, which
    USG-006 reports.
    """
    usage = last_usage(facts).value if facts.usages else {}
    spent, thought = (
        usage.get("completion_tokens"),
        detail(usage, "completion", "reasoning_tokens") or 0,
    )
    return spent - thought if type(spent) is int and thought <= spent else None


def tokens_swallowed(facts: Facts) -> int:
    """Return how many tokens may be counted without giving text.

    That is the token that ends the answer, and those of a stop string, at most one per byte.
    """
    return 1 + max((len(stop.encode()) for stop in stop_strings(facts)), default=0)


def stopped_at_once(facts: Facts) -> bool:
    """Return whether a stop string may have ended the answer before its first character.

    If the request was not recorded, any stop string is possible.
    """
    said = tokens_said(facts)
    if "request" not in facts.evidence:
        return said is not None and 0 < said <= _LONGEST_STOP
    return bool(stop_strings(facts)) and (said is None or 0 < said <= tokens_swallowed(facts))


def silent_stops(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for each choice that finishes with ``stop`` and is empty."""
    for choice in facts.choices:
        if (
            choice.finish_reason == "stop"
            and not choice.text
            and choice.messages
            and not speaks_otherwise(choice)
            and not stopped_at_once(facts)
        ):
            event, pointer = place(choice)
            yield finding(
                f"choice {choice.index} finishes with stop, but is empty",
                expected="text",
                actual="",
                event=event,
                pointer=pointer,
            )


@rule("MSG-002", COMPLETION, has_choices)
def content_is_text_or_null(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for piece in choice.messages:
            pointer = f"/choices/{piece.position}/message"
            if "content" not in piece.value:
                explained = choice.finished_early or choice.refusal
                if not (choice.calls or choice.function_call or explained):
                    yield finding(
                        "the message has no content, although it is complete",
                        expected="a string or null",
                        pointer=pointer,
                    )
            elif not isinstance(
                content := piece.value["content"], str | list | None
            ):  # MSG-008 reports a list
                yield finding(
                    "content is neither a string nor null",
                    expected="a string or null",
                    actual=content,
                    pointer=f"{pointer}/content",
                )


@rule("MSG-005", COMPLETION, finishes_stop)
def stopped_message_has_content(facts: Facts) -> Iterator[Finding]:
    return silent_stops(facts)


@rule("MSG-010", COMPLETION, has_choices)
def absent_message_is_explained(facts: Facts) -> Iterator[Finding]:
    positions = [
        position for position, entry in enumerate(facts.body["choices"]) if isinstance(entry, dict)
    ]
    elided = facts.elided
    for position, choice in zip(positions, facts.choices, strict=True):
        silent = not any(piece.value for piece in choice.messages)
        left_out = f"/choices/{position}/message" in elided
        if silent and not (choice.finished_early or left_out):
            reason = choice.finish_reason
            yield finding(
                "the message is missing, and the finish reason does not say why",
                expected="length or a filter",
                actual=reason,
                pointer=f"/choices/{position}",
            )


@rule("MSG-011", ANSWER, finishes_stop, has_usage, is_complete, needs=("end",))
def counted_tokens_are_delivered(facts: Facts) -> Iterator[Finding]:
    if has_text(facts):
        return
    said = tokens_said(facts)
    if said is None or said <= (
        tokens_swallowed(facts) if "request" in facts.evidence else _LONGEST_STOP
    ):
        return
    if all(
        choice.finish_reason == "stop" and choice.messages and not speaks_otherwise(choice)
        for choice in facts.choices
    ):
        event, pointer = last_usage(facts).event, "/usage/completion_tokens"
        yield finding(
            f"{said} completion tokens are counted, but the answer is empty",
            expected="an answer",
            actual="",
            event=event,
            pointer=pointer,
        )


def image_messages(facts: Facts) -> list[tuple[int, object]]:
    """Return each ``message.audio``, with the position of its choice, if images are asked for.

    [] for a request that does not ask for image output.
    """
    if not facts.chat_request.asks_image_output:
        return []
    return [
        (piece.position, piece.value["audio"])
        for choice in facts.choices
        for piece in choice.messages
        if piece.value.get("audio")
    ]


@rule("MSG-012", COMPLETION, image_messages)
def generated_image_says_its_type(facts: Facts) -> Iterator[Finding]:
    for position, audio in image_messages(facts):
        if not (
            isinstance(audio, dict)
            and audio.get("data")
            and isinstance(google_extra(audio).get("mime_type"), str)
        ):
            yield finding(
                "the image has no data or no media type",
                expected="data and extra_content.google.mime_type",
                pointer=f"/choices/{position}/message/audio",
            )


@rule("MSG-013", STREAM, finishes_stop, is_intact, needs=("end",))
def stopped_stream_has_text(facts: Facts) -> Iterator[Finding]:
    return silent_stops(facts)


@rule("MSG-015", ANSWER, reports_blocked_prompt)
def blocked_prompt_is_not_text(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        reason = choice.finish_reason or ""
        if says_prompt_blocked(choice) and not reason.startswith("content_filter"):
            event, pointer = place(choice)
            yield finding(
                "the message that the prompt was blocked is sent as the text of an ordinary answer",
                expected="a refusal, or the finish reason of a filter",
                actual=choice.text[:200],
                event=event,
                pointer=pointer,
            )


RULES = (
    content_is_text_or_null,
    stopped_message_has_content,
    absent_message_is_explained,
    counted_tokens_are_delivered,
    generated_image_says_its_type,
    stopped_stream_has_text,
    blocked_prompt_is_not_text,
)
