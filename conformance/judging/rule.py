"""A rule: the requirement it checks, when it is exercised, and the function that checks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from conformance.protocol.chat.facts import Facts, Kind
from conformance.protocol.exchange import Evidence, Finding, Json

Check: TypeAlias = Callable[[Facts], Iterator[Finding]]
Condition: TypeAlias = Callable[[Facts], object]
"""Decides whether an exchange exercises a rule: any true value means yes."""

C = TypeVar("C", bound=Condition)

_keys: dict[Condition, frozenset[str]] = {}


def needs_request_key(*keys: str) -> Callable[[C], C]:
    """Mark a condition as false for any request that has none of ``keys``.

    The rule tree then skips it without calling it.
    """

    def register(condition: C) -> C:
        _keys[condition] = frozenset(keys)
        return condition

    return register


def request_keys() -> frozenset[str]:
    """All request keys that any condition was marked with."""
    return frozenset(key for keys in _keys.values() for key in keys)


def could_apply(condition: Condition, keys: frozenset[str]) -> bool:
    """False if the condition was marked with keys and the request has none of them."""
    return condition not in _keys or not _keys[condition].isdisjoint(keys)


COMPLETION: frozenset[Kind] = frozenset({"completion"})
STREAM: frozenset[Kind] = frozenset({"stream"})
ERROR: frozenset[Kind] = frozenset({"error"})
ANSWER: frozenset[Kind] = COMPLETION | STREAM
ANY: frozenset[Kind] = ANSWER | ERROR


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement as a pure function over the facts of an exchange.

    ``check`` is called only if the answer is of one of ``kinds``, all ``conditions`` hold, and the
    recording has all evidence that the rule ``needs``. Otherwise the requirement is not exercised.
    """

    requirement: str
    check: Check
    kinds: frozenset[Kind]
    conditions: tuple[Condition, ...]
    needs: frozenset[Evidence]


_rules: dict[str, Rule] = {}


def rule(
    requirement: str,
    kinds: frozenset[Kind],
    *conditions: Condition,
    needs: tuple[Evidence, ...] = (),
) -> Callable[[Check], Check]:
    """Register the decorated function as the check of a requirement.

    Raises ValueError if the requirement already has a check.
    """

    def register(check: Check) -> Check:
        if requirement in _rules:
            raise ValueError(
                f"{requirement} is checked twice: by {_rules[requirement].check.__name__} and by"
                f" {check.__name__}"
            )
        _rules[requirement] = Rule(requirement, check, kinds, conditions, frozenset(needs))
        return check

    return register


def registered() -> dict[str, Rule]:
    """The rules registered so far, by requirement id."""
    return _rules


def finding(
    message: str,
    *,
    expected: Json = None,
    actual: Json = None,
    event: int | None = None,
    pointer: str = "",
) -> Finding:
    """Make a finding for a rule to yield; the judge fills in its requirement."""
    return Finding("", message, expected, actual, event, pointer)


def start_of(facts: Facts, longest: int = 80) -> str:
    """The first ``longest`` bytes of the response body as text, or "" without a body."""
    return (facts.exchange.response.body or b"")[:longest].decode(errors="replace")


def end_of(text: str, longest: int) -> str:
    """The last ``longest`` characters of a text, beginning after a blank if there is one.

    Half a secret could not be recognised and redacted.
    """
    end = text[-longest:]
    cut = len(text) > longest and re.search(r"\s", end)
    return end[cut.end() :] if cut else end
