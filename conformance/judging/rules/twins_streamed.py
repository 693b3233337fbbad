"""Twins of which one is streamed: what a stream must not change."""

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
    """Yield each difference in kind: a message, the value without stream, the value with it.

    ``settled`` says that the model could hardly vary.
    """
    if a.roles and b.roles and a.roles[0].role != b.roles[0].role:
        yield "the role differs when streamed", a.roles[0].role, b.roles[0].role
    if a.says_something != b.says_something:
        speaking, silent = (a, b) if a.says_something else (b, a)
        if not silent.finished_early:
            yield (
                f"only the {'answer without stream' if speaking is a else 'stream'} has content",
                _content(speaking),
                "",
            )
    elif (
        _names(a) != _names(b)
        and _same_course(a, b, settled)
        and not (a.finished_early or b.finished_early)
    ):
        yield "the called tools differ when streamed", _names(a), _names(b)
    elif _ends_alike(a, b) and finish_class(a) != finish_class(b):
        yield "the finish reason differs in kind when streamed", a.finish_reason, b.finish_reason


def _content(choice: Choice) -> object:
    return (
        choice.text[:200]
        or choice.refusal[:200]
        or _names(choice)
        or ("audio" if choice.audio else "")
    )


def _names(choice: Choice) -> list[str]:
    return [name for name, _ in calls_of(choice)]


def _same_course(a: Choice, b: Choice, settled: bool) -> bool:
    """Return whether the model decided alike: it could not vary or gave the same arguments."""
    arguments = [sorted(text for _, text in calls_of(choice)) for choice in (a, b)]
    return settled or arguments[0] == arguments[1]


def _ends_alike(a: Choice, b: Choice) -> bool:
    """Return whether two choices must have finish reasons of the same class.

    Both have a finish reason, and they have the same content or the model ended both itself.
    """
    ended_itself = not (a.finished_early or b.finished_early) and bool(calls_of(a)) == bool(
        calls_of(b)
    )
    return bool(a.finish_reason and b.finish_reason) and (ended_itself or same_words(a, b))


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
                f"choice {a.index}: the texts differ from character {same} on",
                expected=a.text[start : same + 80],
                actual=b.text[start : same + 80],
            )


def _seeded(facts: Facts) -> bool:
    return type(facts.request.get("seed")) is int


def _one_system(baseline: Facts, variant: Facts) -> bool:
    """True if both answers have the same system_fingerprint, or one of them has none."""
    fingerprint = (
        baseline.body.get("system_fingerprint") if isinstance(baseline.body, dict) else None
    )
    return not fingerprint or not variant.fingerprints or fingerprint in variant.fingerprints


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
                f"choice {a.index}: the calls differ when streamed",
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
            message = (
                f"choice {a.index}: the finish reason of the forced call differs when streamed"
            )
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
        expected, actual = (" and ".join(sorted(way)) or "no reasoning text" for way in ways)
        yield finding(
            "the reasoning text has another place when streamed",
            expected=expected,
            actual=actual,
        )


def _ways(facts: Facts) -> set[str]:
    """Return the places in which the answer has reasoning text."""
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
    """Return whether the model thought in one answer only, by the token counts of both."""
    return has_usage(silent) and not thinking_tokens(silent) and bool(thinking_tokens(speaking))


def _may_hide_thoughts(facts: Facts) -> bool:
    """Return whether the text may have unmarked thoughts, as on Vertex AI without a tag."""
    return asks_thoughts(facts) and not asks_thought_tags(facts) and has_text(facts)


@twin_rule("META-016", "stream", when=(ANSWERED, both(gemini_3), both(has_calls)), needs=("end",))
def signature_comes_both_ways(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    signed = [_is_signed(facts) for facts in (baseline, variant)]
    if signed[0] != signed[1]:
        ways = ["a thought_signature" if has_one else "no thought_signature" for has_one in signed]
        yield finding(
            "only one of the two answers has a thought signature", expected=ways[0], actual=ways[1]
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
    """All choices have the same content and finish reasons of the same class."""
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
            "the same text has another number of tokens when streamed",
            expected=costs[0],
            actual=costs[1],
            event=event,
            pointer="/usage/completion_tokens",
        )


RULES = (
    stream_is_of_the_same_kind,
    text_is_the_same,
    forced_call_is_the_same,
    reasoning_comes_both_ways,
    signature_comes_both_ways,
    same_text_costs_the_same,
)
