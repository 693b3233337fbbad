"""Twins whose prompts are compared by what they cost: USG-009, META-005, META-006, MM-014 and
MM-015."""

from collections.abc import Iterator

from conformance.judging.group_rule import both, twin_rule
from conformance.judging.predicates.conditions import has_usage
from conformance.judging.rule import finding
from conformance.judging.rules.answer_comparison import (
    same_model,
    sees_the_prompt_only,
    tokens,
    whole_answer,
)
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

COUNTED = (both(has_usage), both(sees_the_prompt_only), same_model)
"""Both prompts are counted, and what was counted is what was asked."""


def _costs(baseline: Facts, variant: Facts) -> tuple[int, int] | None:
    a, b = (tokens(facts, "prompt_tokens") for facts in (baseline, variant))
    return None if a is None or b is None else (a, b)


def _same_cost(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    if (costs := _costs(baseline, variant)) and costs[0] != costs[1]:
        yield finding(
            message,
            expected=costs[0],
            actual=costs[1],
            event=variant.usages[-1].event,
            pointer="/usage/prompt_tokens",
        )


def _greater_cost(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    if (costs := _costs(baseline, variant)) and costs[1] <= costs[0]:
        yield finding(
            message,
            expected=f"more than {costs[0]}",
            actual=costs[1],
            event=variant.usages[-1].event,
            pointer="/usage/prompt_tokens",
        )


@twin_rule("USG-009", "stream", when=(both(whole_answer), *COUNTED))
def prompt_costs_the_same_when_streamed(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_cost(
        baseline, variant, "the same prompt costs another number of tokens when streamed"
    )


@twin_rule("META-005", "parts", when=COUNTED)
def text_as_a_part_costs_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_cost(
        baseline, variant, "text costs another number of tokens as a part than as a string"
    )


@twin_rule("META-006", "image-form", when=COUNTED)
def image_as_a_string_costs_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_cost(
        baseline, variant, "an image costs another number of tokens as a string than as an object"
    )


@twin_rule("MM-014", "image", when=COUNTED)
def image_costs_tokens(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _greater_cost(baseline, variant, "the image costs nothing, so nobody looked at it")


@twin_rule("MM-015", "second-image", when=COUNTED)
def second_image_costs_tokens(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _greater_cost(
        baseline, variant, "the second image costs nothing, so nobody looked at it"
    )
