"""Twins that ask for the same in two ways, the rows of META about parameters: what they do has to
be the same."""

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
    """Whether two choices say the same, as far as the shorter goes."""
    return bool(a.text and b.text) and (a.text.startswith(b.text) or b.text.startswith(a.text))


def _ends_elsewhere(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    """The choices that begin alike and end for a reason of another kind."""
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
    """Whether an answer costs no more tokens than the request allows, None where that is not
    known."""
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
            f"{ignored} is not kept, the other limit is", expected=expected, actual=actual
        )
    else:
        yield from _ends_elsewhere(
            baseline,
            variant,
            "max_completion_tokens ends the same text for another reason than max_tokens",
        )


@twin_rule("META-007", "extra-field", when=(judged_on_the_request,))
def extra_field_changes_nothing(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_class(
        baseline, variant, "a field that is not supported changes what becomes of the request"
    )


@twin_rule("META-008", "stop", when=(judged_on_the_request,))
def stop_in_a_list_does_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    yield from _same_class(baseline, variant, "a stop string is taken in one form only")
    if not (whole_answer(baseline) and whole_answer(variant)):
        return
    said = [
        any(stop in choice.text for stop in stop_strings(facts) for choice in facts.choices)
        for facts in (baseline, variant)
    ]
    if said[0] != said[1]:
        ways = [
            "the text holds the stop string" if each else "the text ends before the stop string"
            for each in said
        ]
        yield finding("a stop string stops in one form only", expected=ways[0], actual=ways[1])
    elif "end" in baseline.evidence & variant.evidence:
        yield from _ends_elsewhere(
            baseline, variant, "the stop string in a list ends the same text for another reason"
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
            "the older function call is another one",
            expected=by_tools,
            actual=by_functions,
            event=event,
            pointer=pointer,
        )


def _first_call(choice: Choice) -> tuple[str, Json] | None:
    """The name and the arguments of the first call, as values where they are JSON."""
    name, arguments = next(iter(calls_of(choice)), (None, ""))
    value, reason = document(arguments)
    return None if name is None else (name, arguments if reason else value)


@twin_rule("META-013", "thinking", when=(both(has_usage),))
def thinking_leaves_the_sum_whole(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    for which, facts in (("first", baseline), ("second", variant)):
        for event, prompt, completion, total in counts(facts):
            if total < prompt + completion:
                message = f"total_tokens of the {which} answer is less than its parts"
                yield finding(
                    message,
                    expected=f"{prompt + completion} or more",
                    actual=total,
                    event=event,
                    pointer="/usage/total_tokens",
                )


_AS_IT_COMES = frozenset(
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
"""What an answer has or has not by what the model says, what was cached and which error it is."""


@twin_rule("META-011", "version", when=(judged_on_the_request,), needs=("end",))
def versions_answer_in_the_same_shape(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    yield from _same_class(baseline, variant, "only one version answers")
    if result_class(baseline) == result_class(variant):
        of_v1, of_beta = _shape(baseline), _shape(variant)
        if of_v1 != of_beta:
            message = "v1beta1 answers in another shape than v1"
            yield finding(
                message,
                expected=sorted(of_v1 - of_beta) or "nothing more",
                actual=sorted(of_beta - of_v1) or "nothing more",
            )


def _shape(facts: Facts) -> set[str]:
    """The paths to all values of an answer that do not depend on what it says, each with the type
    that is there."""
    documents = facts.chunks if facts.kind == "stream" else (facts.body,)
    return {path for each in documents for path in _paths(each, "")}


def _paths(value: Json, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _AS_IT_COMES and each is not None:
                yield from _paths(each, f"{path}/{key}")
    elif isinstance(value, list):
        yield f"{path}: array"
        for each in value:
            yield from _paths(each, f"{path}/*")
    else:
        yield f"{path}: {_type(value)}"


def _type(value: Json) -> str:
    return (
        "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"
    )
