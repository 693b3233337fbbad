"""The rules: one module per chapter of the ledger, one function per requirement.

Rules that only a probe shows are in one table (probes.py), rules over two exchanges in the
modules of twins, rules over a conversation in sessions.py. Each module ends with the tuple
``RULES``. The modules are imported only when their rules are asked for.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from conformance.judging.group_rule import SessionRule, TwinRule
from conformance.judging.rule import Rule

AnyRule = TypeVar("AnyRule", Rule, TwinRule, SessionRule)


@cache
def rules() -> Mapping[str, Rule]:
    """All rules over one exchange, by requirement id, in the order in which they are checked."""
    from conformance.judging.rules import (
        auth,
        choices,
        envelope,
        errors,
        framing,
        headers,
        logprobs,
        message,
        multimodal,
        probes,
        sequence,
        structured_output,
        thinking,
        tools,
        tools_streamed,
        usage,
    )

    return by_requirement(
        (
            *usage.RULES,
            *errors.RULES,
            *envelope.RULES,
            *choices.RULES,
            *message.RULES,
            *framing.RULES,
            *sequence.RULES,
            *tools.RULES,
            *tools_streamed.RULES,
            *multimodal.RULES,
            *thinking.RULES,
            *structured_output.RULES,
            *logprobs.RULES,
            *auth.RULES,
            *headers.RULES,
            *probes.RULES,
        )
    )


@cache
def twin_rules() -> Mapping[str, TwinRule]:
    """All rules over the two exchanges of a twin, by requirement id."""
    from conformance.judging.rules import (
        twins_parameters,
        twins_prompt_tokens,
        twins_streamed,
        twins_timing,
    )

    return by_requirement(
        (
            *twins_streamed.RULES,
            *twins_prompt_tokens.RULES,
            *twins_parameters.RULES,
            *twins_timing.RULES,
        )
    )


@cache
def session_rules() -> Mapping[str, SessionRule]:
    """All rules over the turns of a conversation, by requirement id."""
    from conformance.judging.rules import sessions

    return by_requirement(sessions.RULES)


def by_requirement(rules: Iterable[AnyRule]) -> Mapping[str, AnyRule]:
    """The rules by requirement id. Raises ValueError if two check the same requirement."""
    found: dict[str, AnyRule] = {}
    for rule in rules:
        if other := found.get(rule.requirement):
            raise ValueError(
                f"{rule.requirement} is checked twice: by {other.check.__name__} and by"
                f" {rule.check.__name__}"
            )
        found[rule.requirement] = rule
    return MappingProxyType(found)


__all__ = [
    "Rule",
    "SessionRule",
    "TwinRule",
    "by_requirement",
    "rules",
    "session_rules",
    "twin_rules",
]
