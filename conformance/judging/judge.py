"""The one judge behind every front door: an exchange and a profile in, findings and verdicts
out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import chain

from conformance.judging.deviations import applicable, stale
from conformance.judging.finding_group import FindingGroup, JudgedFinding
from conformance.judging.profiles import Profile
from conformance.judging.requirements import Level, requirements
from conformance.judging.rule import request_keys
from conformance.judging.rule_tree import RuleTree, applicable_rules, build_tree
from conformance.judging.rules import Rule, rules
from conformance.judging.rules.errors import is_bare_error
from conformance.judging.verdict import RuleCrash, Verdict, crash, verdict
from conformance.protocol import schema
from conformance.protocol.chat.facts import Facts, Kind, fold
from conformance.protocol.exchange import Evidence, Exchange, Finding, Json
from conformance.protocol.schema_messages import MISSING

_WINDOW = 100
"""Chunks whose violations are found at once, and held in memory."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A profile, compiled. ``plan`` gives the rules to ask for a kind of answer, what is known of
    it, and the ``keys`` that its request has."""

    profile: Profile
    shapes: Mapping[Kind, schema.Shape]
    plan: Callable[[Kind, frozenset[Evidence], frozenset[str]], RuleTree]
    keys: frozenset[str]

    def findings(self, exchange: Exchange) -> Iterator[JudgedFinding | RuleCrash]:
        """The findings in an exchange, one a requirement, and the rules that crashed."""
        return self._findings(fold(exchange))

    def verdicts(self, exchange: Exchange) -> list[Verdict]:
        """A verdict for each requirement of the profile that one exchange can show, in the order of
        the ledger."""
        facts = fold(exchange)
        found = {
            each.requirement if isinstance(each, RuleCrash) else each.finding.requirement: each
            for each in self._findings(facts)
        }
        exercised = self._exercised(facts)
        return [
            self._verdict(
                row.id, self.profile.levels[row.id], found.get(row.id), row.id in exercised, facts
            )
            for row in requirements().values()
            if row.needs in ("exchange", "probe") and row.id in self.profile.levels
        ]

    def _verdict(
        self,
        row: str,
        level: Level,
        found: JudgedFinding | RuleCrash | None,
        exercised: bool,
        facts: Facts,
    ) -> Verdict:
        return verdict(
            row,
            level,
            found,
            exercised=exercised,
            stale=lambda: stale(self.profile.deviations, row, [facts]),
        )

    def _findings(self, facts: Facts) -> Iterator[JudgedFinding | RuleCrash]:
        yield from self._misshapen(facts)
        for rule in self._due(facts):
            found = rule if isinstance(rule, RuleCrash) else self._checked(rule, facts)
            if found is not None:
                yield found

    def _due(self, facts: Facts) -> Iterator[Rule | RuleCrash]:
        return applicable_rules(
            self.plan(facts.kind, facts.evidence, self.keys.intersection(facts.request)), facts
        )

    def _checked(self, rule: Rule, facts: Facts) -> JudgedFinding | RuleCrash | None:
        try:
            findings = iter(rule.check(facts))
            first = next(findings, None)
            return (
                None
                if first is None
                else self._sight(rule.requirement, facts).of(chain([first], findings))
            )
        except Exception as error:
            return crash(rule.requirement, error)

    def _sight(self, row: str, facts: Facts) -> FindingGroup:
        return FindingGroup(
            row, self.profile.levels[row], applicable(self.profile.deviations, row, [facts])
        )

    def _misshapen(self, facts: Facts) -> Iterator[JudgedFinding]:
        shape, value = self._shape(facts)
        if shape is None or shape.is_valid(value):
            return
        by_row: dict[str, FindingGroup] = {}
        for finding in self._located(shape, value, facts):
            row = finding.requirement
            if row not in by_row:
                by_row[row] = self._sight(row, facts)
            by_row[row].take(finding)
        for sight in by_row.values():
            yield sight.judged()

    def _located(self, shape: schema.Shape, value: Json, facts: Facts) -> Iterator[Finding]:
        quoted = bool(facts.exchange.meta.get("partial"))
        if facts.kind != "stream":
            for path, finding in shape.findings(value):
                if not (
                    quoted and not path and finding.message.endswith(MISSING)
                ):  # who quotes a part leaves out the envelope first
                    yield replace(finding, pointer=schema.pointer(path))
            return
        for start in range(0, len(value), _WINDOW):
            for path, finding in shape.findings(value[start : start + _WINDOW]):
                if not (quoted and len(path) == 1 and finding.message.endswith(MISSING)):
                    yield replace(
                        finding,
                        event=facts.chunk_events[start + int(path[0])],
                        pointer=schema.pointer(path[1:]),
                    )

    def _shape(self, facts: Facts) -> tuple[schema.Shape | None, Json]:
        """The schema that speaks of an answer, and the value it speaks of; None where there is
        nothing to speak of.

        An error told under status 200 (ERR-023) is no completion with all its fields missing, and
        what is no object has none.
        """
        if facts.kind == "stream":
            return (self.shapes["stream"] if facts.chunks else None), list(facts.chunks)
        if (
            facts.text is None
            or facts.text.failure
            or (
                facts.kind == "completion"
                and (not isinstance(facts.body, dict) or is_bare_error(facts.body))
            )
        ):
            return None, None
        return self.shapes.get(facts.kind), facts.body

    def _exercised(self, facts: Facts) -> set[str]:
        """The requirements put to the test: of those stated in schemas the ones met, the others are
        among the findings."""
        shape, value = self._shape(facts)
        stated = shape.exercised(value) if shape else set()
        return stated | {
            rule.requirement for rule in self._due(facts) if not isinstance(rule, RuleCrash)
        }


def judge_for(profile: Profile) -> Judge:
    """The judge that sees with the eyes of a profile, compiled once."""
    return _judge_for(_ByIdentity(profile))


@dataclass(frozen=True)
class _ByIdentity:
    profile: Profile

    def __hash__(self) -> int:
        return id(self.profile)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self.profile is other.profile


@cache
def _judge_for(key: _ByIdentity) -> Judge:
    profile = key.profile
    demanded = profile.demanded
    off = schema.rows() - demanded
    shapes: dict[Kind, schema.Shape] = {
        "completion": schema.compiled("completion", off),
        "stream": schema.compiled("chunk", off),
        "error": schema.compiled("error", off),
    }

    checks = [rule for rule in rules().values() if rule.requirement in demanded]

    @lru_cache(maxsize=512)
    def plan(kind: Kind, known: frozenset[Evidence], keys: frozenset[str]) -> RuleTree:
        return build_tree(
            [
                (rule.conditions, rule)
                for rule in checks
                if kind in rule.kinds and rule.needs <= known
            ],
            keys,
        )

    return Judge(profile, shapes, plan, request_keys())
