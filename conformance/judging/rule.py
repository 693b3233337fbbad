"""What a rule is: the requirement it checks, the condition under which it is exercised, and the
function that looks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from conformance.protocol.chat.facts import Facts, Kind
from conformance.protocol.exchange import Evidence, Finding, Json

Check: TypeAlias = Callable[[Facts], Iterator[Finding]]
Condition: TypeAlias = Callable[[Facts], object]
"""Whether an exchange has what a rule speaks of: any true value says yes."""

C = TypeVar("C", bound=Condition)

_keys: dict[Condition, frozenset[str]] = {}


def needs_request_key(*keys: str) -> Callable[[C], C]:
    """Say of a condition that it fails where the request has none of these keys, so that nobody
    need ask."""

    def register(condition: C) -> C:
        _keys[condition] = frozenset(keys)
        return condition

    return register


def request_keys() -> frozenset[str]:
    """The keys of a request on which a condition depends."""
    return frozenset(key for keys in _keys.values() for key in keys)


def could_apply(condition: Condition, keys: frozenset[str]) -> bool:
    """Whether a condition can hold for a request with these keys."""
    return condition not in _keys or not _keys[condition].isdisjoint(keys)


COMPLETION: frozenset[Kind] = frozenset({"completion"})
STREAM: frozenset[Kind] = frozenset({"stream"})
ERROR: frozenset[Kind] = frozenset({"error"})
ANSWER: frozenset[Kind] = COMPLETION | STREAM
ANY: frozenset[Kind] = ANSWER | ERROR


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement as a pure function over facts.

    ``check`` is called only where the answer is of one of the ``kinds``, every one of the
    ``conditions`` holds and the recording shows what the rule ``needs``; else the requirement is
    not exercised.
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
    """Register the decorated function as the one check of a requirement."""

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
    """The rules registered so far, by requirement."""
    return _rules


def finding(
    message: str,
    *,
    expected: Json = None,
    actual: Json = None,
    event: int | None = None,
    pointer: str = "",
) -> Finding:
    """A finding of the rule that yields it; the judge writes the requirement in."""
    return Finding("", message, expected, actual, event, pointer)


def start_of(facts: Facts, longest: int = 80) -> str:
    """The beginning of the body as evidence, of this many bytes at most."""
    return (facts.exchange.response.body or b"")[:longest].decode(errors="replace")


def end_of(text: str, longest: int) -> str:
    """The end of a text as evidence, cut at a blank where it has one: half a secret cannot be told
    from other text."""
    end = text[-longest:]
    cut = len(text) > longest and re.search(r"\s", end)
    return end[cut.end() :] if cut else end
