"""The plan of a judge: the rules as a tree of their conditions, so that each condition is asked
once and decides for all rules that share it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.judging.rule import Condition, could_apply
from conformance.judging.rules import Rule
from conformance.judging.verdict import RuleCrash, crash
from conformance.protocol.chat.facts import Facts


@dataclass(frozen=True, slots=True)
class RuleTree:
    """The rules that share the conditions met so far, and what each further condition leads to: so
    each condition is asked once."""

    rules: tuple[Rule, ...]
    branches: tuple[tuple[Condition, RuleTree], ...]

    def all_rules(self) -> Iterator[Rule]:
        """The rules of this branch and of all below it."""
        yield from self.rules
        for _, branch in self.branches:
            yield from branch.all_rules()


def build_tree(rules: Sequence[tuple[Sequence[Condition], Rule]], keys: frozenset[str]) -> RuleTree:
    """The tree of rules by the conditions that are left, without those that cannot hold for a
    request with these keys."""
    below: dict[Condition, list[tuple[Sequence[Condition], Rule]]] = {}
    for conditions, rule in rules:
        if conditions and could_apply(conditions[0], keys):
            below.setdefault(conditions[0], []).append((conditions[1:], rule))
    return RuleTree(
        tuple(rule for conditions, rule in rules if not conditions),
        tuple((condition, build_tree(rest, keys)) for condition, rest in below.items()),
    )


def applicable_rules(branch: RuleTree, facts: Facts) -> Iterator[Rule | RuleCrash]:
    """The rules whose conditions hold, and a crash for each of those that have a condition which
    crashes."""
    yield from branch.rules
    for condition, below in branch.branches:
        try:
            holds = condition(facts)
        except Exception as error:
            yield from (crash(rule.requirement, error) for rule in below.all_rules())
            continue
        if holds:
            yield from applicable_rules(below, facts)
