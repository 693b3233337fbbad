"""USG: the token counts; schemas/parts.json states their fields."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conformance.judging.predicates.conditions import has_usage, token_limit
from conformance.judging.predicates.google import thinking_off
from conformance.judging.rule import ANSWER, finding, rule
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.stream_facts import EventValue
from conformance.protocol.exchange import Finding
from conformance.protocol.json_access import get_path


class Counts(NamedTuple):
    """The three counts of a usage object, and its event (None in a completion)."""

    event: int | None
    prompt: int
    completion: int
    total: int


def counts(facts: Facts) -> Iterator[Counts]:
    """Yield the counts of each usage object that has all three as integers."""
    for event, usage in facts.usages:
        prompt, completion, total = (
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
            usage.get("total_tokens"),
        )
        if type(prompt) is int and type(completion) is int and type(total) is int:
            yield Counts(event, prompt, completion, total)


def last_usage(facts: Facts) -> EventValue:
    """Return the last usage object; the answer must have one."""
    return facts.usages[-1]


def detail(usage: Mapping[str, Any], group: str, name: str) -> int | None:
    """Return a count of ``prompt_tokens_details`` or ``completion_tokens_details``.

    ``group`` is ``prompt`` or ``completion``. None if the count is missing or not an integer.
    """
    details = usage.get(f"{group}_tokens_details")
    value = details.get(name) if isinstance(details, dict) else None
    return value if type(value) is int else None


def reasoning(facts: Facts) -> list[EventValue]:
    """Return the reasoning tokens of each usage object that has them as an integer."""
    return [
        EventValue(event, tokens)
        for event, usage in facts.usages
        if (tokens := detail(usage, "completion", "reasoning_tokens")) is not None
    ]


def _not_the_sum(facts: Facts, *, of: str) -> Iterator[Finding]:
    for event, prompt, completion, total in counts(facts):
        if total != prompt + completion:
            yield finding(
                f"total_tokens is not the sum of {of}",
                expected=prompt + completion,
                actual=total,
                event=event,
                pointer="/usage/total_tokens",
            )


@rule("USG-002", ANSWER, has_usage)
def total_covers_prompt_and_completion(facts: Facts) -> Iterator[Finding]:
    for event, prompt, completion, total in counts(facts):
        if total < prompt + completion:
            yield finding(
                "total_tokens is less than prompt_tokens plus completion_tokens",
                expected=prompt + completion,
                actual=total,
                event=event,
                pointer="/usage/total_tokens",
            )


@rule("USG-003", ANSWER, has_usage)
def total_is_prompt_plus_completion(facts: Facts) -> Iterator[Finding]:
    return _not_the_sum(facts, of="prompt_tokens and completion_tokens")


@rule("USG-004", ANSWER, has_usage)
def total_includes_reasoning(facts: Facts) -> Iterator[Finding]:
    thoughts = dict(reasoning(facts))
    for event, prompt, completion, total in counts(facts):
        thought = thoughts.get(event, 0)
        if total != prompt + completion + thought:
            yield finding(
                "total_tokens is not the sum of prompt, completion and reasoning tokens",
                expected=prompt + completion + thought,
                actual=total,
                event=event,
                pointer="/usage/total_tokens",
            )


@rule("USG-005", ANSWER, has_usage, thinking_off)
def no_hidden_tokens_without_thinking(facts: Facts) -> Iterator[Finding]:
    return _not_the_sum(facts, of="prompt_tokens and completion_tokens, although thinking is off")


@rule("USG-006", ANSWER, has_usage, reasoning)
def reasoning_is_part_of_completion(facts: Facts) -> Iterator[Finding]:
    for event, usage in facts.usages:
        tokens, completion = (
            detail(usage, "completion", "reasoning_tokens"),
            usage.get("completion_tokens"),
        )
        if tokens is not None and type(completion) is int and tokens > completion:
            yield finding(
                "reasoning_tokens is greater than completion_tokens",
                expected=f"{completion} or less",
                actual=tokens,
                event=event,
                pointer="/usage/completion_tokens_details/reasoning_tokens",
            )


@rule(
    "USG-007",
    ANSWER,
    has_usage,
    lambda facts: any(
        detail(usage, "prompt", "cached_tokens") is not None for _, usage in facts.usages
    ),
)
def cached_is_part_of_prompt(facts: Facts) -> Iterator[Finding]:
    for event, usage in facts.usages:
        tokens, prompt = detail(usage, "prompt", "cached_tokens"), usage.get("prompt_tokens")
        if tokens is not None and type(prompt) is int and tokens > prompt:
            yield finding(
                "cached_tokens is greater than prompt_tokens",
                expected=f"{prompt} or less",
                actual=tokens,
                event=event,
                pointer="/usage/prompt_tokens_details/cached_tokens",
            )


@rule("USG-010", ANSWER, has_usage, token_limit)
def completion_keeps_to_the_limit(facts: Facts) -> Iterator[Finding]:
    event, usage = last_usage(facts)
    limit = (token_limit(facts) or 0) * facts.chat_request.choices_asked
    if type(spent := usage.get("completion_tokens")) is int and spent > limit:
        yield finding(
            "completion_tokens is greater than the request allows",
            expected=f"{limit} or less",
            actual=spent,
            event=event,
            pointer="/usage/completion_tokens",
        )


TIER_HEADER = "x-vertex-ai-llm-shared-request-type"
"""The header of a request that chooses a tier of Vertex AI."""

_SERVED_AS = {
    "flex": ("ON_DEMAND_FLEX",),
    "priority": ("ON_DEMAND_PRIORITY", "ON_DEMAND", "ON_DEMAND_FLEX"),
}
"""The traffic types that are not higher than a requested tier."""


def requested_tier(facts: Facts) -> str:
    """The header of the request chooses a tier; returns it, or "" if it chooses none."""
    tier = dict(facts.exchange.request.headers).get(TIER_HEADER, "").lower()
    return tier if tier in _SERVED_AS else ""


@rule("USG-014", ANSWER, has_usage, requested_tier)
def served_tier_is_named(facts: Facts) -> Iterator[Finding]:
    event, usage = last_usage(facts)
    served = get_path(usage, "extra_properties", "google", "traffic_type")
    allowed = _SERVED_AS[requested_tier(facts)]
    if str(served).upper() not in allowed:  # USG-008 reports lower case
        yield finding(
            "the usage does not name the requested tier or a lower one",
            expected=" or ".join(allowed),
            actual=served,
            event=event,
            pointer="/usage/extra_properties/google/traffic_type",
        )


RULES = (
    total_covers_prompt_and_completion,
    total_is_prompt_plus_completion,
    total_includes_reasoning,
    no_hidden_tokens_without_thinking,
    reasoning_is_part_of_completion,
    cached_is_part_of_prompt,
    completion_keeps_to_the_limit,
    served_tier_is_named,
)
