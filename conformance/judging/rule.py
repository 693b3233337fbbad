"""A rule: the requirement it checks, when it is exercised, and the function that checks."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from conformance.protocol.chat.facts import Facts, Kind
from conformance.protocol.exchange import Evidence, Finding, Json

Check: TypeAlias = Callable[[Facts], Iterator[Finding]]
Condition: TypeAlias = Callable[[Facts], object]
"""Decides whether an exchange exercises a rule: any true value means yes."""

C = TypeVar("C", bound=Condition)

_KEYS = "request_keys"
"""The attribute of a condition that holds the keys it needs; most conditions do not have it."""


def needs_request_key(*keys: str) -> Callable[[C], C]:
    """Mark a condition as false for any request that has none of ``keys``.

    The rule tree then skips it without calling it.
    """

    def mark(condition: C) -> C:
        setattr(condition, _KEYS, frozenset(keys))
        return condition

    return mark


def could_apply(condition: Condition, keys: frozenset[str]) -> bool:
    """False if the condition was marked with keys and the request has none of them."""
    needed = _needed_keys(condition)
    return not needed or not needed.isdisjoint(keys)


def _needed_keys(condition: Condition) -> frozenset[str]:
    marked: frozenset[str] = getattr(condition, _KEYS, frozenset())
    return marked


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


def request_keys(rules: Iterable[Rule]) -> frozenset[str]:
    """All request keys that any condition of these rules was marked with."""
    conditions = {condition for rule in rules for condition in rule.conditions}
    return frozenset(key for condition in conditions for key in _needed_keys(condition))


def rule(
    requirement: str,
    kinds: frozenset[Kind],
    *conditions: Condition,
    needs: tuple[Evidence, ...] = (),
) -> Callable[[Check], Rule]:
    """Make the decorated function a rule, as its ``check``."""
    return lambda check: Rule(requirement, check, kinds, conditions, frozenset(needs))


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
