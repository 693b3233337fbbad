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


_twin_rules: dict[str, TwinRule] = {}
_session_rules: dict[str, SessionRule] = {}


def twin_rule(
    requirement: str,
    *differences: Difference,
    when: tuple[TwinCondition, ...] = (),
    needs: tuple[Evidence, ...] = (),
) -> Callable[[TwinCheck], TwinCheck]:
    """Register the decorated function as the check of a requirement that twins show.

    Raises ValueError if the requirement already has a check over several exchanges.
    """

    def register(check: TwinCheck) -> TwinCheck:
        _check_new(requirement)
        _twin_rules[requirement] = TwinRule(
            requirement, check, frozenset(differences), when, frozenset(needs)
        )
        return check

    return register


def session_rule(
    requirement: str, *conditions: SessionCondition
) -> Callable[[SessionCheck], SessionCheck]:
    """Register the decorated function as the check of a requirement that a conversation shows.

    Raises ValueError if the requirement already has a check over several exchanges.
    """

    def register(check: SessionCheck) -> SessionCheck:
        _check_new(requirement)
        _session_rules[requirement] = SessionRule(requirement, check, conditions)
        return check

    return register


def both(condition: Condition) -> TwinCondition:
    """A condition of a twin that holds if ``condition`` holds for baseline and variant."""
    return lambda baseline, variant: condition(baseline) and condition(variant)


def registered_twin_rules() -> dict[str, TwinRule]:
    """The rules of twins registered so far, by requirement id."""
    return _twin_rules


def registered_session_rules() -> dict[str, SessionRule]:
    """The rules of conversations registered so far, by requirement id."""
    return _session_rules


def _check_new(requirement: str) -> None:
    if requirement in _twin_rules or requirement in _session_rules:
        raise ValueError(f"{requirement} is checked twice over several exchanges")
