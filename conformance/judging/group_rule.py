"""Rules over several exchanges: the two of a twin, or the turns of a conversation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conformance.judging.rule import Condition
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.twins import Difference
from conformance.protocol.exchange import Evidence, Finding

TwinCheck: TypeAlias = Callable[[Facts, Facts], Iterator[Finding]]
"""Takes baseline and variant; a finding is in the variant unless its message says otherwise."""

TwinCondition: TypeAlias = Callable[[Facts, Facts], object]
SessionCheck: TypeAlias = Callable[[Sequence[Facts]], Iterator[Finding]]
"""Takes the turns in order; the message of a finding says in which turn it is, from 1."""

SessionCondition: TypeAlias = Callable[[Sequence[Facts]], object]


@dataclass(frozen=True, slots=True)
class TwinRule:
    """One requirement as a pure function over the facts of a twin.

    ``check`` is called only if the requests differ in one of ``differences``, all ``conditions``
    hold, and both recordings have all evidence that the rule ``needs``. Otherwise the requirement
    is not exercised.
    """

    requirement: str
    check: TwinCheck
    differences: frozenset[Difference]
    conditions: tuple[TwinCondition, ...]
    needs: frozenset[Evidence]

    def look(self, difference: Difference, baseline: Facts, variant: Facts) -> list[Finding] | None:
        """The findings in a twin with this difference, or None if the rule is not exercised."""
        met = (
            difference in self.differences
            and self.needs <= baseline.evidence & variant.evidence
            and all(each(baseline, variant) for each in self.conditions)
        )
        return list(self.check(baseline, variant)) if met else None


@dataclass(frozen=True, slots=True)
class SessionRule:
    """One requirement as a pure function over the facts of a conversation.

    ``check`` is called only if all ``conditions`` hold. Otherwise the requirement is not exercised.
    """

    requirement: str
    check: SessionCheck
    conditions: tuple[SessionCondition, ...]

    def look(self, turns: Sequence[Facts]) -> list[Finding] | None:
        """The findings in a conversation, or None if the rule is not exercised."""
        return list(self.check(turns)) if all(each(turns) for each in self.conditions) else None


def twin_rule(
    requirement: str,
    *differences: Difference,
    when: tuple[TwinCondition, ...] = (),
    needs: tuple[Evidence, ...] = (),
) -> Callable[[TwinCheck], TwinRule]:
    """Make the decorated function a rule of twins, as its ``check``."""
    return lambda check: TwinRule(
        requirement, check, frozenset(differences), when, frozenset(needs)
    )


def session_rule(
    requirement: str, *conditions: SessionCondition
) -> Callable[[SessionCheck], SessionRule]:
    """Make the decorated function a rule of conversations, as its ``check``."""
    return lambda check: SessionRule(requirement, check, conditions)


def both(condition: Condition) -> TwinCondition:
    """A condition of a twin that holds if ``condition`` holds for baseline and variant."""
    return lambda baseline, variant: condition(baseline) and condition(variant)
