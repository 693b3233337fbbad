"""Twins that ask for the same in two ways, which must have the same effect."""

from collections.abc import Iterator

from conformance.judging.group_rule import both, twin_rule
from conformance.judging.predicates.conditions import (
    has_usage,
    stop_strings,
    token_limit,
)
from conformance.judging.predicates.json_in_text import document
from conformance.judging.rule import finding
from conformance.judging.rules.answer_comparison import (
    calls_of,
    finish_class,
    greedy,
    judged_on_the_request,
    paired,
    result_class,
    tokens,
    whole_answer,
)
from conformance.judging.rules.choices import place
from conformance.judging.rules.probe_checks import outcome
from conformance.judging.rules.usage import counts
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding, Json

_ANSWERED = both(whole_answer)


def _same_class(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    if result_class(baseline) != result_class(variant):
        yield finding(message, expected=outcome(baseline), actual=outcome(variant))


def _one_text(a: Choice, b: Choice) -> bool:
    """Return whether one text is the beginning of the other; False if one is empty."""
    return bool(a.text and b.text) and (a.text.startswith(b.text) or b.text.startswith(a.text))


def _ends_elsewhere(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    """Yield a finding for choices with the same text, but finish reasons of different classes."""
    for a, b in paired(baseline, variant):
        if (
            a.finish_reason
            and b.finish_reason
            and finish_class(a) != finish_class(b)
            and _one_text(a, b)
        ):
            event, pointer = place(b)
            yield finding(
                message,
                expected=a.finish_reason,
                actual=b.finish_reason,
                event=event,
                pointer=pointer,
            )


def _keeps_to_the_limit(facts: Facts) -> bool | None:
    """Return whether an answer has no more tokens than the request allows; None if unknown."""
    spent, limit = tokens(facts, "completion_tokens"), token_limit(facts)
    if spent is None or limit is None:
        return None
    return spent <= limit * facts.chat_request.choices_asked


@twin_rule("META-004", "limit", when=(_ANSWERED,), needs=("end",))
def both_limits_do_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    kept = _keeps_to_the_limit(baseline), _keeps_to_the_limit(variant)
    if None not in kept and kept[0] != kept[1]:
        ignored = "max_completion_tokens" if kept[0] else "max_tokens"
        expected, actual = (
            f"completion_tokens {tokens(facts, 'completion_tokens')}"
            for facts in (baseline, variant)
        )
        yield finding(
            f"the answer exceeds {ignored}, but not the other limit",
            expected=expected,
            actual=actual,
        )
    else:
        yield from _ends_elsewhere(
            baseline,
            variant,
            "the same text has another finish reason with max_completion_tokens",
        )


@twin_rule("META-007", "extra-field", when=(judged_on_the_request,))
def extra_field_changes_nothing(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_class(
        baseline, variant, "an unsupported field changes whether the request is answered"
    )


@twin_rule("META-008", "stop", when=(judged_on_the_request,))
def stop_in_a_list_does_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    yield from _same_class(baseline, variant, "the stop string is accepted in one form only")
    if not (whole_answer(baseline) and whole_answer(variant)):
        return
    contains_stop = [
        any(stop in choice.text for stop in stop_strings(facts) for choice in facts.choices)
        for facts in (baseline, variant)
    ]
    if contains_stop[0] != contains_stop[1]:
        ways = [
            "the text holds the stop string"
            if contained
            else "the text ends before the stop string"
            for contained in contains_stop
        ]
        yield finding(
            "the stop string ends the text in one form only", expected=ways[0], actual=ways[1]
        )
    elif "end" in baseline.evidence & variant.evidence:
        yield from _ends_elsewhere(
            baseline,
            variant,
            "the same text has another finish reason if the stop string is in a list",
        )


@twin_rule("META-012", "functions", when=(_ANSWERED,), needs=("end",))
def functions_are_called_like_tools(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    settled = greedy(baseline, variant)
    for a, b in paired(baseline, variant):
        event, pointer = place(b)
        by_tools, by_functions = _first_call(a), _first_call(b)
        if (
            a.finished_early
            or b.finished_early
            or by_tools == by_functions
            or not (settled or (by_tools and by_functions and by_tools[1] == by_functions[1]))
        ):
            continue
        yield finding(
            "the older function call differs from the tool call",
            expected=by_tools,
            actual=by_functions,
            event=event,
            pointer=pointer,
        )


def _first_call(choice: Choice) -> tuple[str, Json] | None:
    """Return name and arguments of the first call, or None; JSON arguments as a value."""
    name, arguments = next(iter(calls_of(choice)), (None, ""))
    value, reason = document(arguments)
    return None if name is None else (name, arguments if reason else value)


@twin_rule("META-013", "thinking", when=(both(has_usage),))
def thinking_leaves_the_sum_whole(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    for which, facts in (("first", baseline), ("second", variant)):
        for event, prompt, completion, total in counts(facts):
            if total < prompt + completion:
                message = (
                    f"total_tokens of the {which} answer is less than prompt plus completion tokens"
                )
                yield finding(
                    message,
                    expected=f"{prompt + completion} or more",
                    actual=total,
                    event=event,
                    pointer="/usage/total_tokens",
                )


_VARIABLE = frozenset(
    {
        "content",
        "refusal",
        "tool_calls",
        "function_call",
        "audio",
        "annotations",
        "reasoning",
        "reasoning_content",
        "extra_content",
        "details",
    }
    | {"prompt_tokens_details", "completion_tokens_details", "logprobs"}
)
"""Members that an answer has or not depending on the text, on the cache or on the error."""


@twin_rule("META-011", "version", when=(judged_on_the_request,), needs=("end",))
def versions_answer_in_the_same_shape(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    yield from _same_class(baseline, variant, "only one API version answers the request")
    if result_class(baseline) == result_class(variant):
        of_v1, of_beta = _shape(baseline), _shape(variant)
        if of_v1 != of_beta:
            message = "the answer of v1beta1 has other members or types than that of v1"
            yield finding(
                message,
                expected=sorted(of_v1 - of_beta) or "nothing more",
                actual=sorted(of_beta - of_v1) or "nothing more",
            )


def _shape(facts: Facts) -> set[str]:
    """Return the path and type of each value of an answer that does not depend on its text."""
    documents = facts.chunks if facts.kind == "stream" else (facts.body,)
    return {path for document in documents for path in _paths(document, "")}


def _paths(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in _VARIABLE and member is not None:
                yield from _paths(member, f"{path}/{key}")
    elif isinstance(value, list):
        yield f"{path}: array"
        for item in value:
            yield from _paths(item, f"{path}/*")
    else:
        yield f"{path}: {_type(value)}"


def _type(value: Json) -> str:
    return (
        "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"
    )


RULES = (
    both_limits_do_the_same,
    extra_field_changes_nothing,
    stop_in_a_list_does_the_same,
    functions_are_called_like_tools,
    thinking_leaves_the_sum_whole,
    versions_answer_in_the_same_shape,
)
