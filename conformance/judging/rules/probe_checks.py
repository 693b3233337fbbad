"""Conditions and checks of the answer to a probe, also used by rules over several exchanges."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from conformance.judging.predicates.conditions import finishes_length, stop_strings, token_limit
from conformance.judging.predicates.error_wording import tells_of_outage
from conformance.judging.predicates.google import gemini_3, google_extra
from conformance.judging.rule import Check, finding
from conformance.judging.rules.choices import MOST_STOP_STRINGS
from conformance.judging.rules.errors import error_message, error_object, is_bare_error
from conformance.judging.rules.structured_output import answers
from conformance.judging.rules.usage import counts
from conformance.protocol import json_text
from conformance.protocol.chat.conversation import calls_sent_back
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.exchange import Finding
from conformance.protocol.json_access import dict_items

Detail: TypeAlias = Callable[[Facts], object]
"""Whether an error has a required detail besides its status; any true value means yes."""

_RETRY_LATER = (408, 425, 429, 502, 503, 504, 529)
_NOT_AUTHORIZED = (401, 402, 403, 407)
_UNFILTERED = (None, "stop", "length", "tool_calls", "function_call")
_TAKES_NONE = re.compile(
    r"\b(image|audio|vision)s?([ _-](input|content|url|part)s?)? (is|are) (not|only)"
    r" (supported|enabled|available)"
    r"|(not|n't) (support|accept|allow|handle|process) (any"
    r" )?(image|audio|vision|multi-?modal)s?\b(?! (format|type|mime))"
    r"|not a (multi-?modal|vision)|at most 0 (image|audio)|no endpoints found that support",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def was_processed(facts: Facts) -> bool:
    """The request was processed, not turned away by a rate limit or an outage."""
    return (
        facts.status >= 200
        and facts.status not in _RETRY_LATER
        and not (facts.status >= 500 and tells_of_outage(error_message(facts)))
    )


def was_authorized(facts: Facts) -> bool:
    """The answer is not about authentication, authorization or payment."""
    return facts.status not in _NOT_AUTHORIZED


def missed_no_signature(facts: Facts) -> bool:
    """The request is not rejected by a Gemini 3 for a missing thought signature.

    Invented conversations have no signatures; THK-012 judges their absence.
    """
    return (
        facts.status != 400
        or not gemini_3(facts)
        or not _calls_without_signature(facts.chat_request.messages)
    )


def _calls_without_signature(messages: list[dict[str, Any]]) -> bool:
    """Return whether a call that needs a thought signature has none.

    These are the first calls of the assistant messages after the last user message.
    """
    begin = (
        max(
            (number for number, message in enumerate(messages) if message.get("role") == "user"),
            default=-1,
        )
        + 1
    )
    steps = (calls_sent_back(message) for message in messages[begin:])
    return any(calls and not google_extra(calls[0]).get("thought_signature") for calls in steps)


def takes_the_kind(facts: Facts) -> bool:
    """The answer does not say that the model supports no images or audio at all.

    Otherwise it says nothing about this image or sound.
    """
    return facts.status < 400 or not _TAKES_NONE.search(error_message(facts))


def is_error(facts: Facts) -> bool:
    """The answer is an error, possibly with status 200."""
    return facts.status >= 400 or bool(facts.failures) or is_bare_error(facts.body)


def finished(facts: Facts) -> bool:
    """A choice has a finish reason."""
    return any(choice.finish_reason for choice in facts.choices)


def error_in_status(facts: Facts) -> bool:
    """The answer is not an error with status 200, which ERR-014 and ERR-023 report."""
    return facts.status >= 400 or not is_error(facts)


def is_answer(facts: Facts) -> bool:
    """The answer has status 200 and a choice, or its body was not recorded to the end."""
    recorded = facts.exchange.response.body is not None and "end" in facts.evidence
    return facts.status == 200 and (bool(facts.choices) or not recorded)


def limit_came_first(facts: Facts) -> bool:
    """The answer reached the token limit, as far as is known, before it had a stop string."""
    stops = stop_strings(facts)[:MOST_STOP_STRINGS]
    has_stop = any(stop in choice.text for choice in facts.choices for stop in stops)
    spent = [max(usage.completion, usage.total - usage.prompt) for usage in counts(facts)]
    return (
        finishes_length(facts)
        and not has_stop
        and (not spent or spent[-1] >= (token_limit(facts) or 0))
    )


def outcome(facts: Facts) -> str:
    """Return an answer as one line: its status and, for an error, the message."""
    message = ""
    if facts.failures:
        message = str(facts.failures[0].value)
    elif is_error(facts):
        message = error_message(facts)
    return f"status {facts.status}: {message[:200]}" if message else f"status {facts.status}"


def accepted(facts: Facts) -> Iterator[Finding]:
    """Check that the request is answered; other rules judge the answer itself."""
    if not is_answer(facts):
        message = (
            "the answer has no choice"
            if facts.status == 200 and not is_error(facts)
            else "the request is rejected"
        )
        yield finding(message, expected="status 200 and an answer", actual=outcome(facts))


def refused(*statuses: int, saying: str = "", detail: Detail = lambda _: True) -> Check:
    """Return a check that a request is rejected.

    Args:
        statuses: The allowed statuses; without any, all of 400 to 499.
        saying: The name of the required detail, for the finding.
        detail: Whether the error has that detail.
    """
    expected = f"status {' or '.join(map(str, statuses))}" if statuses else "a status of 400 to 499"

    def check(facts: Facts) -> Iterator[Finding]:
        right = facts.status in (statuses or range(400, 500))
        if right and detail(facts):
            return
        message = (
            f"the error does not have {saying}"
            if right
            else (
                "the request is rejected with an unexpected status"
                if facts.status >= 400
                else "the request is not rejected"
            )
        )
        yield finding(
            message,
            expected=f"{expected} with {saying}" if saying else expected,
            actual=outcome(facts),
        )

    return check


def failed(facts: Facts) -> Iterator[Finding]:
    """Check that the answer is an error of any kind."""
    if not is_error(facts):
        yield finding(
            "the failure is reported as an answer", expected="an error", actual=outcome(facts)
        )


def finishes(reason: str) -> Check:
    """Return a check that every choice with a finish reason has this one."""

    def check(facts: Facts) -> Iterator[Finding]:
        for choice in facts.choices:
            if choice.finish_reason not in (None, reason):
                yield finding(
                    f"choice {choice.index} finishes with another reason",
                    expected=reason,
                    actual=choice.finish_reason,
                    event=choice.finishes[-1].event,
                )

    return check


def filtered(facts: Facts) -> Iterator[Finding]:
    """Check that a filter is reported by the finish reason of an answer, or by a refusal."""
    if not is_answer(facts):
        yield finding(
            "the filter is reported by an error",
            expected="status 200 with the finish reason of a filter",
            actual=outcome(facts),
        )
    elif facts.choices and all(
        choice.finish_reason in _UNFILTERED and not choice.refusal for choice in facts.choices
    ):
        reasons = [choice.finish_reason for choice in facts.choices]
        yield finding(
            "no finish reason reports the filter",
            expected="the finish reason of a filter",
            actual=reasons,
        )


def accepted_or_invalid(facts: Facts) -> Iterator[Finding]:
    """Check that the request is answered, or rejected with Google's INVALID_ARGUMENT."""
    if not is_answer(facts) and not (
        facts.status == 400 and error_object(facts)[0].get("status") == "INVALID_ARGUMENT"
    ):
        yield finding(
            "the request is rejected with an unexpected status",
            expected="status 200 and an answer, or 400 with INVALID_ARGUMENT",
            actual=outcome(facts),
        )


def refused_or_kept(facts: Facts) -> Iterator[Finding]:
    """Check that the schema is rejected, or that the answer matches it."""
    check = compile_check(facts.chat_request.asked_schema)
    wrong = [
        choice
        for choice in answers(facts)
        if (read := json_text.parse(choice.text)).failure or (check and check(read.value))
    ]
    if wrong:
        yield finding(
            "the answer does not match the schema",
            expected="a status of 400 to 499, or JSON that matches the schema",
            actual=wrong[0].text[:400],
        )
    elif facts.status >= 500 or 200 < facts.status < 400:
        yield finding(
            "the request is rejected with an unexpected status",
            expected="a status of 400 to 499, or JSON that matches the schema",
            actual=outcome(facts),
        )


def unelided(facts: Facts) -> bool:
    """The recording has all payloads in full."""
    return not facts.exchange.meta.get("elided")


def image_in_audio(facts: Facts) -> Iterator[Finding]:
    """Check that every message has an image in ``audio``, where OpenAI has sound."""
    for piece in (piece for choice in facts.choices for piece in choice.messages):
        value, pointer = piece.value.get("audio"), f"/choices/{piece.position}/message"
        audio = value if isinstance(value, dict) else {}
        data = audio.get("data")
        if not isinstance(data, str) or not _BASE64.fullmatch(data):
            yield finding(
                "audio.data is not base64",
                expected="an image in base64",
                actual=str(data)[:80],
                pointer=f"{pointer}/audio/data",
            )
        if not (audio.get("mime_type") or google_extra(audio).get("mime_type")):
            yield finding(
                "the image has no mime_type", expected="a mime_type", pointer=f"{pointer}/audio"
            )
        if piece.value.get("content") is not None:
            yield finding(
                "the message has content in addition to the image",
                actual=str(piece.value["content"])[:200],
                pointer=f"{pointer}/content",
            )


def is_json(facts: Facts) -> bool:
    """The body is JSON or was not recorded."""
    return facts.text is None or not facts.text.failure


def violated_fields(facts: Facts) -> bool:
    """The error names the wrong fields, as Google's errors do."""
    return any(
        detail.get("fieldViolations")
        for detail in dict_items(error_object(facts)[0].get("details"))
    )


def tells_of_context(facts: Facts) -> bool:
    """The error has the code for a context that is too long."""
    return error_object(facts)[0].get("code") == "context_length_exceeded"
