"""What may come back from a probe: conditions and checks of one answer, given that the request was
made to show it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from conformance.judging.predicates.conditions import finishes_length, stop_strings, token_limit
from conformance.judging.predicates.error_wording import tells_of_outage
from conformance.judging.predicates.google import gemini_3, google_extra
from conformance.judging.rule import Check, finding
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
"""What an error has to hold beside its status: any true value says that it does."""

_PUT_OFF = (408, 425, 429, 502, 503, 504, 529)
_NOT_LET_IN = (401, 402, 403, 407)
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
    """The request was answered, and not put off by a limit of rates or an outage."""
    return (
        facts.status >= 200
        and facts.status not in _PUT_OFF
        and not (facts.status >= 500 and tells_of_outage(error_message(facts)))
    )


def was_authorized(facts: Facts) -> bool:
    """The answer is not about who asks."""
    return facts.status not in _NOT_LET_IN


def missed_no_signature(facts: Facts) -> bool:
    """The request is not refused by a Gemini 3 that may have missed a thought signature, which made
    histories lack and of which THK-012 speaks."""
    return (
        facts.status != 400
        or not gemini_3(facts)
        or not _calls_without_signature(facts.chat_request.messages)
    )


def _calls_without_signature(messages: list[dict[str, Any]]) -> bool:
    """Whether a step of the current turn, which is what follows the last user message, begins with
    a call that has no signature."""
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
    """The answer does not say that images, or sounds, are not taken at all, so that nobody looked
    at this one."""
    return facts.status < 400 or not _TAKES_NONE.search(error_message(facts))


def is_error(facts: Facts) -> bool:
    """The answer is an error, also one told under status 200."""
    return facts.status >= 400 or bool(facts.failures) or is_bare_error(facts.body)


def finished(facts: Facts) -> bool:
    """A choice has a finish reason."""
    return any(choice.finish_reason for choice in facts.choices)


def error_in_status(facts: Facts) -> bool:
    """The answer is no error under status 200, of which ERR-014 and ERR-023 speak."""
    return facts.status >= 400 or not is_error(facts)


def is_answer(facts: Facts) -> bool:
    """Status 200 and a choice, or a body that was not recorded up to the end."""
    recorded = facts.exchange.response.body is not None and "end" in facts.evidence
    return facts.status == 200 and (bool(facts.choices) or not recorded)


def limit_came_first(facts: Facts) -> bool:
    """An answer to a request with stop strings was cut by the limit of tokens before it said one of
    them, as far as is known."""
    said = any(stop in choice.text for choice in facts.choices for stop in stop_strings(facts))
    spent = [max(each.completion, each.total - each.prompt) for each in counts(facts)]
    return (
        finishes_length(facts)
        and not said
        and (not spent or spent[-1] >= (token_limit(facts) or 0))
    )


def outcome(facts: Facts) -> str:
    """An answer in a line: its status, and what the error says."""
    message = ""
    if facts.failures:
        message = str(facts.failures[0].value)
    elif is_error(facts):
        message = error_message(facts)
    return f"status {facts.status}: {message[:200]}" if message else f"status {facts.status}"


def accepted(facts: Facts) -> Iterator[Finding]:
    """The request is answered, not refused; whether the answer is a good one other rules say."""
    if not is_answer(facts):
        message = (
            "the answer has no choice"
            if facts.status == 200 and not is_error(facts)
            else "the request is refused"
        )
        yield finding(message, expected="status 200 and an answer", actual=outcome(facts))


def refused(*statuses: int, saying: str = "", detail: Detail = lambda _: True) -> Check:
    """The check that a request is refused with one of these statuses (any of 400 to 499 where none
    is given), and with a detail that ``saying`` names."""
    expected = f"status {' or '.join(map(str, statuses))}" if statuses else "a status of 400 to 499"

    def check(facts: Facts) -> Iterator[Finding]:
        right = facts.status in (statuses or range(400, 500))
        if right and detail(facts):
            return
        message = (
            f"the refusal is without {saying}"
            if right
            else (
                "the request is refused otherwise"
                if facts.status >= 400
                else "the request is not refused"
            )
        )
        yield finding(
            message,
            expected=f"{expected} with {saying}" if saying else expected,
            actual=outcome(facts),
        )

    return check


def failed(facts: Facts) -> Iterator[Finding]:
    """The answer is an error of whatever kind."""
    if not is_error(facts):
        yield finding(
            "what failed is told as an answer", expected="an error", actual=outcome(facts)
        )


def finishes(reason: str) -> Check:
    """The check that every choice that finishes does so for this reason."""

    def check(facts: Facts) -> Iterator[Finding]:
        for choice in facts.choices:
            if choice.finish_reason not in (None, reason):
                yield finding(
                    f"choice {choice.index} finishes otherwise",
                    expected=reason,
                    actual=choice.finish_reason,
                    event=choice.finishes[-1].event,
                )

    return check


def filtered(facts: Facts) -> Iterator[Finding]:
    """A filter is told by the finish reason of an answer; a refusal in words is one too."""
    if not is_answer(facts):
        yield finding(
            "a filter is told by an error",
            expected="status 200 with the finish reason of a filter",
            actual=outcome(facts),
        )
    elif facts.choices and all(
        choice.finish_reason in _UNFILTERED and not choice.refusal for choice in facts.choices
    ):
        reasons = [choice.finish_reason for choice in facts.choices]
        yield finding(
            "a filter is told by no finish reason",
            expected="the finish reason of a filter",
            actual=reasons,
        )


def accepted_or_invalid(facts: Facts) -> Iterator[Finding]:
    """The request is answered, or refused in Google's words."""
    if not is_answer(facts) and not (
        facts.status == 400 and error_object(facts)[0].get("status") == "INVALID_ARGUMENT"
    ):
        yield finding(
            "the request is refused otherwise",
            expected="status 200 and an answer, or 400 with INVALID_ARGUMENT",
            actual=outcome(facts),
        )


def refused_or_kept(facts: Facts) -> Iterator[Finding]:
    """A schema is refused, or the answer keeps to it."""
    check = compile_check(facts.chat_request.asked_schema)
    wrong = [
        choice
        for choice in answers(facts)
        if (read := json_text.parse(choice.text)).failure or (check and check(read.value))
    ]
    if wrong:
        yield finding(
            "the answer breaks the schema",
            expected="a status of 400 to 499, or JSON of the schema",
            actual=wrong[0].text[:400],
        )
    elif facts.status >= 500 or 200 < facts.status < 400:
        yield finding(
            "the request is refused otherwise",
            expected="a status of 400 to 499, or JSON of the schema",
            actual=outcome(facts),
        )


def unelided(facts: Facts) -> bool:
    """No payload was left out of the recording."""
    return not facts.exchange.meta.get("elided")


def image_in_audio(facts: Facts) -> Iterator[Finding]:
    """Every message is an image where OpenAI's have their audio."""
    for piece in (piece for choice in facts.choices for piece in choice.messages):
        said, pointer = piece.value.get("audio"), f"/choices/{piece.position}/message"
        audio = said if isinstance(said, dict) else {}
        data = audio.get("data")
        if not isinstance(data, str) or not _BASE64.fullmatch(data):
            yield finding(
                "audio.data is no base64",
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
                "there is text beside the image",
                actual=str(piece.value["content"])[:200],
                pointer=f"{pointer}/content",
            )


def is_json(facts: Facts) -> bool:
    """The body is JSON, where it was recorded."""
    return facts.text is None or not facts.text.failure


def violated_fields(facts: Facts) -> bool:
    """The error names the fields that are wrong, as Google does."""
    return any(
        detail.get("fieldViolations")
        for detail in dict_items(error_object(facts)[0].get("details"))
    )


def tells_of_context(facts: Facts) -> bool:
    """The code of the error says that the context is too short."""
    return error_object(facts)[0].get("code") == "context_length_exceeded"
