"""What a rule over more than one exchange is: over the two of a twin, or over the turns of a
conversation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conformance.judging.rule import Condition
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.twins import Difference
from conformance.protocol.exchange import Evidence, Finding

TwinCheck: TypeAlias = Callable[[Facts, Facts], Iterator[Finding]]
"""Takes the plain exchange and the other one; what it finds stands in the other one, unless its
message says otherwise."""

TwinCondition: TypeAlias = Callable[[Facts, Facts], object]
SessionCheck: TypeAlias = Callable[[Sequence[Facts]], Iterator[Finding]]
"""Takes the turns in their order; the message of what it finds says in which turn it stands,
counted from 1."""

SessionCondition: TypeAlias = Callable[[Sequence[Facts]], object]


@dataclass(frozen=True, slots=True)
class TwinRule:
    """One requirement as a pure function over the facts of a twin.

    ``check`` is called only where the requests differ in one of ``differences``, every one of the
    ``conditions`` holds and both recordings show what the rule ``needs``; else the requirement is
    not exercised.
    """

    requirement: str
    check: TwinCheck
    differences: frozenset[Difference]
    conditions: tuple[TwinCondition, ...]
    needs: frozenset[Evidence]

    def look(self, difference: Difference, baseline: Facts, variant: Facts) -> list[Finding] | None:
        """What the rule finds in a twin with this difference, None where it is not exercised."""
        met = (
            difference in self.differences
            and self.needs <= baseline.evidence & variant.evidence
            and all(each(baseline, variant) for each in self.conditions)
        )
        return list(self.check(baseline, variant)) if met else None


@dataclass(frozen=True, slots=True)
class SessionRule:
    """One requirement as a pure function over the facts of a conversation.

    ``check`` is called only where every one of the ``conditions`` holds; else the requirement is
    not exercised.
    """

    requirement: str
    check: SessionCheck
    conditions: tuple[SessionCondition, ...]

    def look(self, turns: Sequence[Facts]) -> list[Finding] | None:
        """What the rule finds in a conversation, None where it is not exercised."""
        return list(self.check(turns)) if all(each(turns) for each in self.conditions) else None


_twin_rules: dict[str, TwinRule] = {}
_session_rules: dict[str, SessionRule] = {}


def twin_rule(
    requirement: str,
    *differences: Difference,
    when: tuple[TwinCondition, ...] = (),
    needs: tuple[Evidence, ...] = (),
) -> Callable[[TwinCheck], TwinCheck]:
    """Register the decorated function as the one check of a requirement that twins show."""

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
    """Register the decorated function as the one check of a requirement that a conversation
    shows."""

    def register(check: SessionCheck) -> SessionCheck:
        _check_new(requirement)
        _session_rules[requirement] = SessionRule(requirement, check, conditions)
        return check

    return register


def both(condition: Condition) -> TwinCondition:
    """The condition of a twin that holds where one of a single exchange holds for both."""
    return lambda baseline, variant: condition(baseline) and condition(variant)


def registered_twin_rules() -> dict[str, TwinRule]:
    """The rules of twins registered so far, by requirement."""
    return _twin_rules


def registered_session_rules() -> dict[str, SessionRule]:
    """The rules of conversations registered so far, by requirement."""
    return _session_rules


def _check_new(requirement: str) -> None:
    if requirement in _twin_rules or requirement in _session_rules:
        raise ValueError(f"{requirement} is checked twice over several exchanges")
