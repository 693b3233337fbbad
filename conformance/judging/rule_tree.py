"""Rules as a tree of their conditions, so that a condition shared by rules is evaluated once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.judging.rule import Condition, could_apply
from conformance.judging.rules import Rule
from conformance.judging.verdict import RuleCrash, crash
from conformance.protocol.chat.facts import Facts


@dataclass(frozen=True, slots=True)
class RuleTree:
    """The rules whose conditions all hold here, and a subtree for each further condition."""

    rules: tuple[Rule, ...]
    branches: tuple[tuple[Condition, RuleTree], ...]

    def all_rules(self) -> Iterator[Rule]:
        """Yield the rules of this tree and of all its subtrees."""
        yield from self.rules
        for _, branch in self.branches:
            yield from branch.all_rules()


def build_tree(rules: Sequence[tuple[Sequence[Condition], Rule]], keys: frozenset[str]) -> RuleTree:
    """Build the tree for requests with these keys.

    Each rule comes with the conditions that are still to be evaluated. Rules that cannot apply to
    such a request are left out.
    """
    below: dict[Condition, list[tuple[Sequence[Condition], Rule]]] = {}
    for conditions, rule in rules:
        if conditions and could_apply(conditions[0], keys):
            below.setdefault(conditions[0], []).append((conditions[1:], rule))
    return RuleTree(
        tuple(rule for conditions, rule in rules if not conditions),
        tuple((condition, build_tree(rest, keys)) for condition, rest in below.items()),
    )


def applicable_rules(branch: RuleTree, facts: Facts) -> Iterator[Rule | RuleCrash]:
    """Yield the rules whose conditions hold, and a crash for each rule whose condition raised."""
    yield from branch.rules
    for condition, below in branch.branches:
        try:
            holds = condition(facts)
        except Exception as error:
            yield from (crash(rule.requirement, error) for rule in below.all_rules())
            continue
        if holds:
            yield from applicable_rules(below, facts)
