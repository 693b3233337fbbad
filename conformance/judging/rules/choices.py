"""CHO: the choices of an answer and their finish reasons."""

import re
import unicodedata
from collections.abc import Iterator

from conformance.judging.predicates.conditions import (
    asks_n,
    finishes_length,
    finishes_stop,
    has_calls,
    has_choices,
    has_usage,
    is_complete,
    stop_strings,
    token_limit,
)
from conformance.judging.rule import ANSWER, COMPLETION, ERROR, end_of, finding, rule
from conformance.judging.rules.errors import error_message, error_object
from conformance.judging.rules.usage import last_usage
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
MOST_STOP_STRINGS = 100
"""How many stop strings are looked for in a text. Servers document 4 or 5 as the most."""

LONGEST_HALVED = 1000
"""The most characters of a stop string of which a half is looked for."""

_WORDS = 4
"""A shorter line may be a complete answer without a full stop that happens to use all tokens."""
_FILTERED = re.compile(
    r"(response|output|content|prompt|candidate|answer|request|message|input|text)s? (was |were |is"
    r" |are |has been )?(block|filter)ed"
    r"|blocked by (safety|content|the model|policy)"
    r"|block_?(ed_?)?reason|blocklist|safety"
    r" (filter|setting|system|policy|policies|reason|rating|concern|guard)|(usage|content|safety)"
    r" (policy|policies)"
    r"|finish_?reason\W{1,4}(safety|recitation|prohibited|spii|blocklist|other)\b|\bSPII\b|content["
    r" _-]?(filter|management)|recitation|prohibited_content"
    r"|malformed_function_call|(response|output|completion|content|answer|candidates|choices)"
    r" (is|was|were|are) empty"
    r"|empty[ _](response|output|completion|content|answer|message|candidates|choices)"
    r"|(return|produce|generat)ed no (text|content|output|answer|candidates)"
    r"|did not (return|produce|generate) any (text|content|output|answer|candidates)"
    r"|(no|without|missing) (content(?![ _-](type|length|encoding))|output|choices|candidates)",
    re.IGNORECASE,
)


def place(choice: Choice) -> tuple[int | None, str]:
    """Return event and pointer of a choice's last finish reason, or of its last message or delta.

    (None, "/choices") if it has neither.
    """
    if choice.finishes:
        return choice.finishes[-1].event, f"/choices/{choice.finishes[-1].position}/finish_reason"
    return (
        (choice.messages[-1].event, f"/choices/{choice.messages[-1].position}")
        if choice.messages
        else (None, "/choices")
    )


def may_name_a_tool(facts: Facts) -> bool:
    """Return whether the request names the tool to call; True if it was not recorded."""
    return "request" not in facts.evidence or isinstance(facts.request.get("tool_choice"), dict)


def wrong_reason_beside_calls(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for each choice with tool calls whose finish reason is wrong.

    Only OpenAI's reasons are judged. ``stop`` is right if the request names the tool.
    """
    for choice in facts.choices:
        reason = choice.finish_reason
        if (
            not choice.calls
            or choice.finished_early
            or reason == "tool_calls"
            or reason not in REASONS
            or (reason == "stop" and may_name_a_tool(facts))
        ):
            continue
        event, pointer = place(choice)
        yield finding(
            f"choice {choice.index} has tool calls, but finishes with {reason}",
            expected="tool_calls",
            actual=reason,
            event=event,
            pointer=pointer,
        )


@rule("CHO-002", COMPLETION, has_choices)
def choices_are_numbered_from_zero(facts: Facts) -> Iterator[Finding]:
    elided = facts.elided
    for _, position in facts.choices_without_index:
        if f"/choices/{position}/index" not in elided:
            yield finding(
                f"choice {position} has no integer index",
                expected=position,
                pointer=f"/choices/{position}",
            )
    indexes = [choice.index for choice in facts.choices]
    if not facts.choices_without_index and sorted(indexes) != list(range(len(indexes))):
        yield finding(
            "the indexes of the choices are not 0, 1, 2, ...",
            expected=list(range(len(indexes))),
            actual=indexes,
            pointer="/choices",
        )


@rule("CHO-003", ANSWER, asks_n, has_choices, is_complete, needs=("end",))
def as_many_choices_as_asked(facts: Facts) -> Iterator[Finding]:
    if len(facts.choices) != facts.chat_request.n:
        pointer = "/choices" if facts.kind == "completion" else ""
        yield finding(
            "the number of choices is not n",
            expected=facts.chat_request.n,
            actual=len(facts.choices),
            pointer=pointer,
        )


def asks_some(facts: Facts) -> bool:
    """The request has no ``n``, or a legal one."""
    return facts.request.get("n") is None or asks_n(facts)


@rule("CHO-019", ANSWER, asks_some, has_choices, needs=("request",))
def no_more_choices_than_asked(facts: Facts) -> Iterator[Finding]:
    asked = facts.chat_request.choices_asked
    if len(facts.choices) > asked and not facts.choices_without_index:
        yield finding(
            "there are more choices than requested",
            expected=asked,
            actual=len(facts.choices),
            pointer="/choices" if facts.kind == "completion" else "",
        )


def judged_stop_strings(facts: Facts) -> list[str]:
    """Return the first ``MOST_STOP_STRINGS`` stop strings; the others are not judged."""
    return stop_strings(facts)[:MOST_STOP_STRINGS]


@rule("CHO-009", COMPLETION, has_calls)
def message_with_calls_finishes_tool_calls(facts: Facts) -> Iterator[Finding]:
    return wrong_reason_beside_calls(facts)


@rule(
    "CHO-010",
    ANSWER,
    stop_strings,
    lambda facts: not facts.request.get("include_stop_str_in_output"),
)
def text_holds_no_stop_string(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for stop in judged_stop_strings(facts):
            if stop in choice.text:
                yield finding(
                    f"choice {choice.index} contains the stop string {stop!r}",
                    expected=f"text without {stop!r}",
                    actual=end_of(choice.text, 200),
                )


@rule(
    "CHO-012",
    ANSWER,
    lambda facts: any(choice.finish_reason == "tool_calls" for choice in facts.choices),
    is_complete,
    needs=("end",),
)
def finish_tool_calls_has_a_call(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        called = choice.calls or choice.function_call  # the latter only if functions are declared
        if choice.finish_reason == "tool_calls" and not called and choice.messages:
            event, pointer = place(choice)
            yield finding(
                f"choice {choice.index} finishes with tool_calls, but has no call",
                expected="a tool call",
                event=event,
                pointer=pointer,
            )


def ends_midway(text: str) -> bool:
    """Return whether a text ends in the middle of a sentence.

    Its last line must have four words or more and end with a letter, a digit, a comma, a colon, a
    semicolon, a dash or an opening bracket or quote.
    """
    words = text.rstrip().rpartition("\n")[2].split()
    if len(words) < _WORDS:
        return False
    last = words[-1][-1]
    return last.isalnum() or last in ",;:" or unicodedata.category(last) in ("Ps", "Pi", "Pd")


@rule(
    "CHO-014",
    ANSWER,
    has_usage,
    token_limit,
    lambda facts: (
        facts.chat_request.choices_asked == 1 and not has_calls(facts) and not stop_strings(facts)
    ),
)
def spent_limit_finishes_length(facts: Facts) -> Iterator[Finding]:
    event, usage = last_usage(facts)
    for choice in facts.choices:
        if (
            usage.get("completion_tokens") == token_limit(facts)
            and choice.finish_reason == "stop"
            and ends_midway(choice.text or choice.reasoning)
        ):
            yield finding(
                "the answer used all tokens of its limit and ends midway, but finishes with stop",
                expected="length",
                actual="stop",
                event=event,
                pointer="/usage/completion_tokens",
            )


@rule("CHO-015", ANSWER, has_usage, finishes_length)
def finish_length_spent_a_token(facts: Facts) -> Iterator[Finding]:
    event, usage = last_usage(facts)
    if usage.get("completion_tokens") == 0:
        yield finding(
            "the answer finishes with length, but has no completion token",
            expected="1 or more",
            actual=0,
            event=event,
            pointer="/usage/completion_tokens",
        )


def halved_stop_strings(facts: Facts) -> list[str]:
    """Return the stop strings of 4 to ``LONGEST_HALVED`` characters.

    Half of a shorter one may end a text by chance; searching for a longer one takes too long.
    """
    return [stop for stop in judged_stop_strings(facts) if 4 <= len(stop) <= LONGEST_HALVED]


@rule("CHO-016", ANSWER, stop_strings, halved_stop_strings, finishes_stop)
def stop_string_is_trimmed_whole(facts: Facts) -> Iterator[Finding]:
    stops = halved_stop_strings(facts)
    for choice in facts.choices:
        end = choice.text[-LONGEST_HALVED:]
        for stop in stops if choice.finish_reason == "stop" else ():
            if stop[: len(stop) // 2] not in end:
                continue
            rest = next(
                (
                    stop[:length]
                    for length in range(len(stop) - 1, len(stop) // 2 - 1, -1)
                    if end.endswith(stop[:length])
                ),
                None,
            )
            if rest:
                yield finding(
                    f"choice {choice.index} ends with a part of the stop string {stop!r}",
                    expected=end_of(choice.text.removesuffix(rest), 80),
                    actual=end_of(choice.text, 80),
                )


@rule("CHO-018", ERROR, lambda facts: facts.status >= 500)
def filtered_output_is_no_server_error(facts: Facts) -> Iterator[Finding]:
    error, _ = error_object(facts)
    message = " ".join(
        [error_message(facts), *(str(error[key]) for key in ("type", "code") if error.get(key))]
    )
    if _FILTERED.search(message):
        yield finding(
            f"filtered or empty output is reported as server error {facts.status}",
            expected="status 200 with a finish_reason, or 4xx",
            actual=message[:200],
        )


RULES = (
    choices_are_numbered_from_zero,
    as_many_choices_as_asked,
    no_more_choices_than_asked,
    message_with_calls_finishes_tool_calls,
    text_holds_no_stop_string,
    finish_tool_calls_has_a_call,
    spent_limit_finishes_length,
    finish_length_spent_a_token,
    stop_string_is_trimmed_whole,
    filtered_output_is_no_server_error,
)
