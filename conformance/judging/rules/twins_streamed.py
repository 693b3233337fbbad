"""Twins of which one is streamed: USG-013 and the rows of META that say what a stream may not
change."""

from collections.abc import Iterator

from conformance.judging.group_rule import both, twin_rule
from conformance.judging.predicates.conditions import (
    asks_tool_named,
    asks_tool_required,
    has_calls,
    has_text,
    has_usage,
)
from conformance.judging.predicates.google import (
    asks_thought_tags,
    asks_thoughts,
    extras,
    gemini_3,
    google_extra,
    thought_deltas,
)
from conformance.judging.rule import finding
from conformance.judging.rules.answer_comparison import (
    calls_of,
    finish_class,
    greedy,
    paired,
    same_model,
    same_words,
    thinking_tokens,
    tokens,
    whole_answer,
)
from conformance.judging.rules.choices import place
from conformance.judging.rules.thinking import tags
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

ANSWERED = both(whole_answer)


@twin_rule("META-001", "stream", when=(ANSWERED,), needs=("end",))
def stream_is_of_the_same_kind(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    for a, b in paired(baseline, variant):
        event, pointer = place(b)
        for message, expected, actual in _differences(a, b, settled=greedy(baseline, variant)):
            yield finding(
                f"choice {a.index}: {message}",
                expected=expected,
                actual=actual,
                event=event,
                pointer=pointer,
            )


def _differences(a: Choice, b: Choice, *, settled: bool) -> Iterator[tuple[str, object, object]]:
    """What is of another kind in two choices, each with what is said plainly and what is said
    streamed."""
    if a.roles and b.roles and a.roles[0].role != b.roles[0].role:
        yield "another role when streamed", a.roles[0].role, b.roles[0].role
    if a.says_something != b.says_something:
        speaking, silent = (a, b) if a.says_something else (b, a)
        if not silent.finished_early:
            yield (
                f"only the {'plain answer' if speaking is a else 'stream'} says anything",
                _said(speaking),
                "",
            )
    elif (
        _names(a) != _names(b)
        and _same_course(a, b, settled)
        and not (a.finished_early or b.finished_early)
    ):
        yield "other tools are called when streamed", _names(a), _names(b)
    elif _ends_alike(a, b) and finish_class(a) != finish_class(b):
        yield "another kind of finish when streamed", a.finish_reason, b.finish_reason


def _said(choice: Choice) -> object:
    return (
        choice.text[:200]
        or choice.refusal[:200]
        or _names(choice)
        or ("audio" if choice.audio else "")
    )


def _names(choice: Choice) -> list[str]:
    return [name for name, _ in calls_of(choice)]


def _same_course(a: Choice, b: Choice, settled: bool) -> bool:
    """Whether the model took the same way in both, as far as can be told: it had no choice, or it
    gave the same arguments."""
    arguments = [sorted(each for _, each in calls_of(choice)) for choice in (a, b)]
    return settled or arguments[0] == arguments[1]


def _ends_alike(a: Choice, b: Choice) -> bool:
    """Whether two choices have to end for the same reason: both have one, and they say the same, or
    both reached an end of their own."""
    own = not (a.finished_early or b.finished_early) and bool(calls_of(a)) == bool(calls_of(b))
    return bool(a.finish_reason and b.finish_reason) and (own or same_words(a, b))


@twin_rule(
    "META-002",
    "stream",
    when=(
        ANSWERED,
        greedy,
        lambda baseline, variant: _seeded(baseline) and _one_system(baseline, variant),
    ),
    needs=("end",),
)
def text_is_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    for a, b in paired(baseline, variant):
        if a.text != b.text:
            same = next(
                (
                    at
                    for at, (one, two) in enumerate(zip(a.text, b.text, strict=False))
                    if one != two
                ),
                min(len(a.text), len(b.text)),
            )
            start = max(0, same - 40)
            yield finding(
                f"choice {a.index}: the texts part at character {same}",
                expected=a.text[start : same + 80],
                actual=b.text[start : same + 80],
            )


def _seeded(facts: Facts) -> bool:
    return type(facts.request.get("seed")) is int


def _one_system(baseline: Facts, variant: Facts) -> bool:
    """The same system answered, as far as both name theirs."""
    said = baseline.body.get("system_fingerprint") if isinstance(baseline.body, dict) else None
    return not said or not variant.fingerprints or said in variant.fingerprints


def _forced(facts: Facts) -> bool:
    return asks_tool_required(facts) or asks_tool_named(facts)


@twin_rule("META-003", "stream", when=(ANSWERED, both(_forced)), needs=("end",))
def forced_call_is_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    for a, b in paired(baseline, variant):
        if a.finished_early or b.finished_early or a.refusal or b.refusal:
            continue
        event, pointer = place(b)
        names = _names(a), _names(b)
        no_choice = greedy(baseline, variant) or asks_tool_named(baseline) or not all(names)
        if names[0] != names[1] and _same_course(a, b, no_choice):
            yield finding(
                f"choice {a.index}: not the same calls when streamed",
                expected=names[0],
                actual=names[1],
                event=event,
                pointer=pointer,
            )
        elif (
            all(names)
            and a.finish_reason
            and b.finish_reason
            and a.finish_reason != b.finish_reason
        ):
            message = f"choice {a.index}: the forced call ends for another reason when streamed"
            yield finding(
                message,
                expected=a.finish_reason,
                actual=b.finish_reason,
                event=event,
                pointer=pointer,
            )


@twin_rule("META-015", "stream", when=(ANSWERED,), needs=("end",))
def reasoning_comes_both_ways(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    ways = _ways(baseline), _ways(variant)
    if bool(ways[0]) == bool(ways[1]):
        differ = bool(ways[0]) and ways[0].isdisjoint(ways[1])
    else:
        silent, speaking = (baseline, variant) if ways[1] else (variant, baseline)
        differ = not (_thought_less(silent, speaking) or _may_hide_thoughts(silent))
    if differ:
        expected, actual = (" and ".join(sorted(each)) or "no reasoning text" for each in ways)
        yield finding(
            "reasoning text does not come in the same way when streamed",
            expected=expected,
            actual=actual,
        )


def _ways(facts: Facts) -> set[str]:
    """The ways in which reasoning text comes."""
    flagged = any(
        extra.text and "thought_signature" not in extra.google for extra in thought_deltas(facts)
    )
    apart = flagged or any(choice.reasoning.strip() for choice in facts.choices)
    in_text = any(f"<{tag}>" in choice.text for tag in tags(facts) for choice in facts.choices)
    return {
        way
        for way, there in (
            ("reasoning text apart from the answer", apart),
            ("reasoning text in tags", in_text),
        )
        if there
    }


def _thought_less(silent: Facts, speaking: Facts) -> bool:
    """Whether a model that thinks as it sees fit did so in one answer only, by the accounts of
    both."""
    return has_usage(silent) and not thinking_tokens(silent) and bool(thinking_tokens(speaking))


def _may_hide_thoughts(facts: Facts) -> bool:
    """Whether thoughts may stand in the text without any mark, as on Vertex AI where no tag is
    asked for."""
    return asks_thoughts(facts) and not asks_thought_tags(facts) and has_text(facts)


@twin_rule("META-016", "stream", when=(ANSWERED, both(gemini_3), both(has_calls)), needs=("end",))
def signature_comes_both_ways(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    signed = [_is_signed(facts) for facts in (baseline, variant)]
    if signed[0] != signed[1]:
        ways = ["a thought_signature" if each else "no thought_signature" for each in signed]
        yield finding(
            "a thought signature comes in only one of the two", expected=ways[0], actual=ways[1]
        )


def _is_signed(facts: Facts) -> bool:
    fragments = [
        fragment.value
        for choice in facts.choices
        for call in choice.calls
        for fragment in call.fragments
    ]
    return any(
        google.get("thought_signature")
        for google in (*map(google_extra, fragments), *(extra.google for extra in extras(facts)))
    )


def _word_for_word(baseline: Facts, variant: Facts) -> bool:
    """Both say the same in all choices, and end for the same reason."""
    pairs = list(paired(baseline, variant))
    alike = all(
        same_words(a, b) and finish_class(a) == finish_class(b) and (a.text or a.calls)
        for a, b in pairs
    )
    return alike and len(pairs) == len(baseline.choices) == len(variant.choices)


@twin_rule(
    "USG-013",
    "stream",
    when=(ANSWERED, both(has_usage), same_model, greedy, _word_for_word),
    needs=("end",),
)
def same_text_costs_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    costs = [tokens(facts, "completion_tokens") for facts in (baseline, variant)]
    if (
        None not in costs
        and costs[0] != costs[1]
        and thinking_tokens(baseline) == thinking_tokens(variant)
    ):
        event = variant.usages[-1].event
        yield finding(
            "the same text costs another number of tokens when streamed",
            expected=costs[0],
            actual=costs[1],
            event=event,
            pointer="/usage/completion_tokens",
        )
