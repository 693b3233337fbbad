"""Twins whose prompts are compared by their number of tokens."""

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
"""Both answers count the prompt, the server adds nothing to it, and the model is the same."""


def _prompt_tokens(baseline: Facts, variant: Facts) -> tuple[int, int] | None:
    a, b = (tokens(facts, "prompt_tokens") for facts in (baseline, variant))
    return None if a is None or b is None else (a, b)


def _same_number(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    if (numbers := _prompt_tokens(baseline, variant)) and numbers[0] != numbers[1]:
        yield finding(
            message,
            expected=numbers[0],
            actual=numbers[1],
            event=variant.usages[-1].event,
            pointer="/usage/prompt_tokens",
        )


def _greater_number(baseline: Facts, variant: Facts, message: str) -> Iterator[Finding]:
    if (numbers := _prompt_tokens(baseline, variant)) and numbers[1] <= numbers[0]:
        yield finding(
            message,
            expected=f"more than {numbers[0]}",
            actual=numbers[1],
            event=variant.usages[-1].event,
            pointer="/usage/prompt_tokens",
        )


@twin_rule("USG-009", "stream", when=(both(whole_answer), *COUNTED))
def prompt_costs_the_same_when_streamed(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_number(
        baseline, variant, "the same prompt has another number of tokens when streamed"
    )


@twin_rule("META-005", "parts", when=COUNTED)
def text_as_a_part_costs_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_number(
        baseline,
        variant,
        "the same text has another number of tokens as a content part than as a string",
    )


@twin_rule("META-006", "image-form", when=COUNTED)
def image_as_a_string_costs_the_same(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _same_number(
        baseline, variant, "the same image has another number of tokens if image_url is a string"
    )


@twin_rule("MM-014", "image", when=COUNTED)
def image_costs_tokens(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _greater_number(
        baseline, variant, "the image adds no prompt tokens, so the model did not see it"
    )


@twin_rule("MM-015", "second-image", when=COUNTED)
def second_image_costs_tokens(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    return _greater_number(
        baseline, variant, "the second image adds no prompt tokens, so the model did not see it"
    )


RULES = (
    prompt_costs_the_same_when_streamed,
    text_as_a_part_costs_the_same,
    image_as_a_string_costs_the_same,
    image_costs_tokens,
    second_image_costs_tokens,
)
