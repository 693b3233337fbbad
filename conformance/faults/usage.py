"""USG: faults of token counts."""

from collections.abc import Callable

from conformance.faults.kit.body_edits import Object, map_body
from conformance.faults.kit.conditions import (
    asks_no_json,
    finishes,
    has_no_limit,
    has_no_logprobs,
    has_text,
    has_usage,
    is_answer,
    is_completion,
    owes_no_call,
    thinking_off,
    token_limit,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    finish_reasons_become,
    last_text,
    map_usages,
    usages,
    without,
)
from conformance.judging.rules.usage import TIER_HEADER
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def _reasoning(usage: Object) -> int:
    return get_path(usage, "completion_tokens_details", "reasoning_tokens") or 0


def _thinks(exchange: Exchange) -> bool:
    """Return whether the usage counts reasoning tokens."""
    return any(_reasoning(usage) for usage in usages(exchange))


def _more(count: str, difference: int) -> Callable[[Object], Object]:
    return lambda usage: usage | {count: usage[count] + difference}


@fault("usage-without-completion-tokens", "USG-001", report="B113", applies=(is_answer, has_usage))
def usage_without_completion_tokens(exchange: Exchange) -> Exchange | None:
    """The usage has no `completion_tokens`."""
    return map_usages(exchange, lambda usage: without(usage, "completion_tokens"))


@fault("counts-as-text", "USG-001", applies=(is_answer, has_usage))
def counts_as_text(exchange: Exchange) -> Exchange | None:
    """The token counts in the usage are strings."""
    return map_usages(
        exchange,
        lambda usage: {
            key: str(value) if isinstance(value, int) else value for key, value in usage.items()
        },
    )


@fault("prompt-tokens-null", "USG-001", applies=(is_answer, has_usage))
def prompt_tokens_null(exchange: Exchange) -> Exchange | None:
    """The `prompt_tokens` of the usage are null."""
    return map_usages(exchange, lambda usage: usage | {"prompt_tokens": None})


@fault(
    "total-below-its-parts", "USG-002", also=("USG-003", "USG-005"), applies=(is_answer, has_usage)
)
def total_below_its_parts(exchange: Exchange) -> Exchange | None:
    """The `total_tokens` count leaves out the prompt tokens."""
    return map_usages(exchange, lambda usage: usage | {"total_tokens": usage["completion_tokens"]})


@fault(
    "hidden-reasoning-tokens",
    "USG-003",
    report="B047",
    applies=(is_answer, has_usage, has_no_limit, _thinks),
)
def hidden_reasoning_tokens(exchange: Exchange) -> Exchange | None:
    """The reasoning tokens are part of `total_tokens` but of no other count."""
    return map_usages(
        exchange,
        lambda usage: without(
            _more("completion_tokens", -_reasoning(usage))(usage), "completion_tokens_details"
        ),
    )


@fault("total-above-its-parts", "USG-003", also=("USG-005",), applies=(is_answer, has_usage))
def total_above_its_parts(exchange: Exchange) -> Exchange | None:
    """The `total_tokens` count is larger than the sum of its parts."""
    return map_usages(exchange, _more("total_tokens", 64))


@fault("total-without-reasoning", "USG-004", profile="vertex-gemini", applies=(is_answer, _thinks))
def total_without_reasoning(exchange: Exchange) -> Exchange | None:
    """The `total_tokens` count leaves out the separately counted reasoning tokens."""
    return map_usages(
        exchange,
        lambda usage: usage | {"total_tokens": usage["prompt_tokens"] + usage["completion_tokens"]},
    )


@fault(
    "thoughts-billed-though-off",
    "USG-005",
    also=("USG-003", "USG-004"),
    profile="gemini-api",
    applies=(is_answer, has_usage, thinking_off),
)
def thoughts_billed_though_off(exchange: Exchange) -> Exchange | None:
    """The total includes reasoning tokens although the request turns thinking off."""
    return map_usages(exchange, _more("total_tokens", 64))


@fault(
    "more-reasoning-than-completion", "USG-006", also=("THK-009",), applies=(is_answer, has_usage)
)
def more_reasoning_than_completion(exchange: Exchange) -> Exchange | None:
    """The usage has more `reasoning_tokens` than `completion_tokens`."""
    return map_usages(
        exchange,
        lambda usage: (
            usage
            | {"completion_tokens_details": {"reasoning_tokens": usage["completion_tokens"] + 5}}
        ),
    )


@fault("more-cached-than-prompt", "USG-007", applies=(is_answer, has_usage))
def more_cached_than_prompt(exchange: Exchange) -> Exchange | None:
    """The usage has more `cached_tokens` than `prompt_tokens`."""
    return map_usages(
        exchange,
        lambda usage: (
            usage | {"prompt_tokens_details": {"cached_tokens": usage["prompt_tokens"] + 1}}
        ),
    )


@fault(
    "traffic-type-in-lower-case",
    "USG-008",
    also=("USG-014",),
    profile="vertex-gemini",
    applies=(is_answer, has_usage),
)
def traffic_type_in_lower_case(exchange: Exchange) -> Exchange | None:
    """The `traffic_type` of the usage is in lower case."""
    return map_usages(
        exchange,
        lambda usage: usage | {"extra_properties": {"google": {"traffic_type": "on_demand"}}},
    )


@fault(
    "limit-ignored",
    "USG-010",
    report="B093",
    applies=(
        is_answer,
        has_usage,
        has_text,
        has_no_logprobs,
        asks_no_json,
        owes_no_call,
        finishes("stop", "length"),
        token_limit,
    ),
)
def limit_ignored(exchange: Exchange) -> Exchange | None:
    """The response uses 20 times the token limit and has the finish reason `stop`."""
    spent = 20 * (token_limit(exchange) or 0)
    longer = last_text(exchange, " and on" * 10) or exchange
    stopped = finish_reasons_become(longer, {"*": "stop"}) or longer
    return map_usages(
        stopped,
        lambda usage: (
            usage | {"completion_tokens": spent, "total_tokens": usage["prompt_tokens"] + spent}
        ),
    )


@fault("prompt-of-0-tokens", "USG-011", applies=(is_answer, has_usage))
def prompt_of_0_tokens(exchange: Exchange) -> Exchange | None:
    """The usage counts 0 prompt tokens."""
    nothing = {"prompt_tokens": 0, "prompt_tokens_details": {"cached_tokens": 0}}
    return map_usages(
        exchange,
        lambda usage: (
            usage | nothing | {"total_tokens": usage["total_tokens"] - usage["prompt_tokens"]}
        ),
    )


@fault("no-usage", "USG-012", applies=(is_completion, has_usage))
def no_usage(exchange: Exchange) -> Exchange | None:
    """The completion has no `usage`."""
    return map_body(exchange, lambda body: without(body, "usage"))


@fault("usage-null", "USG-012", applies=(is_completion, has_usage))
def usage_null(exchange: Exchange) -> Exchange | None:
    """The `usage` of the completion is null."""
    return map_body(exchange, lambda body: body | {"usage": None})


def _chooses_tier(exchange: Exchange) -> bool:
    """Return whether a header of the request chooses a tier of Vertex AI."""
    return TIER_HEADER in dict(exchange.request.headers)


@fault(
    "served-tier-not-named",
    "USG-014",
    profile="vertex-gemini",
    applies=(is_answer, has_usage, _chooses_tier),
)
def served_tier_not_named(exchange: Exchange) -> Exchange | None:
    """The usage does not say which tier served the request."""
    return map_usages(exchange, lambda usage: without(usage, "extra_properties"))


FAULTS = (
    usage_without_completion_tokens,
    counts_as_text,
    prompt_tokens_null,
    total_below_its_parts,
    hidden_reasoning_tokens,
    total_above_its_parts,
    total_without_reasoning,
    thoughts_billed_though_off,
    more_reasoning_than_completion,
    more_cached_than_prompt,
    traffic_type_in_lower_case,
    limit_ignored,
    prompt_of_0_tokens,
    no_usage,
    usage_null,
    served_tier_not_named,
)
