"""Judge one exchange by a profile: findings and verdicts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import chain
from typing import TypeAlias

from conformance.judging.bounds import OF_LARGE_BODIES, not_judged
from conformance.judging.deviations import applicable, expected, stale
from conformance.judging.expectations import Expectation
from conformance.judging.finding_group import FindingGroup, JudgedFinding
from conformance.judging.profiles import Deviation, Profile
from conformance.judging.rule import request_keys
from conformance.judging.rule_tree import RuleTree, applicable_rules, build_tree
from conformance.judging.rules import Rule
from conformance.judging.rules.errors import is_bare_error
from conformance.judging.suite import Suite
from conformance.judging.verdict import RuleCrash, Verdict, crash, verdict
from conformance.protocol import schema
from conformance.protocol.chat.facts import Facts, Kind, fold
from conformance.protocol.exchange import Evidence, Exchange, Finding, Json
from conformance.protocol.schema_messages import MISSING

LeaveOut: TypeAlias = Callable[[str], object]
"""Called with what is not judged of an exchange, in words that fit after "not judged: "."""

_WINDOW = 100
"""Chunks that are validated at once; their violations are held in memory."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A profile, compiled.

    ``requirements`` are the ids that one exchange can show, in the order of the ledger.
    ``deviations`` are those of the profile, by requirement. ``tree``
    gives the rules for a kind of answer, for what its recording can show, and for those ``keys``
    that its request has.
    """

    profile: Profile
    requirements: tuple[str, ...]
    deviations: Mapping[str, Sequence[Deviation]]
    shapes: Mapping[Kind, schema.Shape]
    tree: Callable[[Kind, frozenset[Evidence], frozenset[str]], RuleTree]
    keys: frozenset[str]

    def findings(
        self,
        exchange: Exchange,
        leave_out: LeaveOut = lambda _: None,
        own: Sequence[Expectation] = (),
    ) -> Iterator[JudgedFinding | RuleCrash]:
        """Yield at most one finding per requirement, and the rules that crashed.

        ``leave_out`` is called with what is not judged because it would take too long. ``own`` are
        the expectations of the user about this exchange.
        """
        return self._findings(fold(exchange), leave_out, own)

    def verdicts(
        self,
        exchange: Exchange,
        leave_out: LeaveOut = lambda _: None,
        own: Sequence[Expectation] = (),
    ) -> list[Verdict]:
        """A verdict for each requirement that one exchange can show, in the order of the ledger.

        ``leave_out`` and ``own`` are as for ``findings``.
        """
        facts = fold(exchange)
        found = {
            each.requirement if isinstance(each, RuleCrash) else each.finding.requirement: each
            for each in self._findings(facts, leave_out, own)
        }
        exercised = self._exercised(facts)
        absent = partial(stale, self.profile.deviations, exchanges=[facts])
        return [
            with_expected(
                verdict(
                    requirement,
                    self.profile.levels[requirement],
                    found.get(requirement),
                    exercised=requirement in exercised,
                    stale=absent,
                ),
                own,
                [facts],
            )
            for requirement in self.requirements
        ]

    def _findings(
        self, facts: Facts, leave_out: LeaveOut, own: Sequence[Expectation]
    ) -> Iterator[JudgedFinding | RuleCrash]:
        for what in not_judged(facts):
            leave_out(what)
        yield from self._malformed(facts, leave_out, own)
        for rule in self._applicable(facts):
            found = rule if isinstance(rule, RuleCrash) else self._check(rule, facts, own)
            if found is not None:
                yield found

    def _applicable(self, facts: Facts) -> Iterator[Rule | RuleCrash]:
        return applicable_rules(
            self.tree(facts.kind, facts.evidence, self.keys.intersection(facts.request)), facts
        )

    def _check(
        self, rule: Rule, facts: Facts, own: Sequence[Expectation]
    ) -> JudgedFinding | RuleCrash | None:
        try:
            findings = iter(rule.check(facts))
            first = next(findings, None)
            return (
                None
                if first is None
                else self._group(rule.requirement, facts, own).of(chain([first], findings))
            )
        except Exception as error:
            return crash(rule.requirement, error)

    def _group(self, requirement: str, facts: Facts, own: Sequence[Expectation]) -> FindingGroup:
        return FindingGroup(
            requirement,
            self.profile.levels[requirement],
            applicable(self.deviations.get(requirement, ()), requirement, [facts]),
            applicable(own, requirement, [facts]),
        )

    def _malformed(
        self, facts: Facts, leave_out: LeaveOut, own: Sequence[Expectation]
    ) -> Iterator[JudgedFinding]:
        shape, value = self._shape(facts)
        if shape is None or shape.is_valid(value):
            return
        if _has_large_part(facts, value):
            leave_out(OF_LARGE_BODIES)
        by_row: dict[str, FindingGroup] = {}
        for finding in self._located(shape, value, facts):
            row = finding.requirement
            if row not in by_row:
                by_row[row] = self._group(row, facts, own)
            by_row[row].take(finding)
        for sight in by_row.values():
            yield sight.judged()

    def _located(self, shape: schema.Shape, value: Json, facts: Facts) -> Iterator[Finding]:
        quoted = bool(facts.exchange.meta.get("partial"))
        if facts.kind != "stream":
            elided = facts.elided
            for path, finding in shape.findings(value):
                place = schema.pointer(path)
                missing = finding.message.endswith(MISSING)
                key = finding.message.removesuffix(MISSING).strip("` ")
                # a quoted part mostly lacks the envelope
                if not (missing and (f"{place}/{key}" in elided or (quoted and not path))):
                    yield _placed(finding, None, place)
            return
        for start, window in _windows(value):
            for path, finding in shape.findings(window):
                if not (quoted and len(path) == 1 and finding.message.endswith(MISSING)):
                    event = facts.chunk_events[start + int(path[0])]
                    yield _placed(finding, event, schema.pointer(path[1:]))

    def _shape(self, facts: Facts) -> tuple[schema.Shape | None, Json]:
        """The schema for an answer, and the value to validate.

        Returns no schema for an error body sent with status 200 (ERR-023 reports it) or a body
        that is not an object.
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
        """The requirements that an answer exercises and, of those stated in schemas, also meets.

        Those that it breaks are among the findings.
        """
        shape, value = self._shape(facts)
        stated = shape.exercised(value) if shape else set()
        return stated | {
            rule.requirement for rule in self._applicable(facts) if not isinstance(rule, RuleCrash)
        }


def with_expected(made: Verdict, own: Sequence[Expectation], exchanges: Sequence[Facts]) -> Verdict:
    """A verdict with the user's expectations that it confirms or refutes."""
    if not own or made.outcome in ("not exercised", "error"):
        return made
    broken = made.found is not None
    return replace(made, expected=expected(own, made.requirement, exchanges, broken=broken))


def _windows(chunks: list[Json]) -> Iterator[tuple[int, list[Json]]]:
    """Yield the chunks that are validated at once, with the number of the first."""
    return ((start, chunks[start : start + _WINDOW]) for start in range(0, len(chunks), _WINDOW))


def _has_large_part(facts: Facts, value: Json) -> bool:
    """Return whether a part that is validated at once is too large to list all its violations."""
    if len(facts.exchange.response.body or b"") <= schema.MAX_NODES:
        return False
    if facts.kind != "stream":
        return schema.is_large(value)
    return any(schema.is_large(window) for _, window in _windows(value))


def _placed(found: Finding, event: int | None, pointer: str) -> Finding:
    """Return a finding of the schema with its place; ``replace`` takes several times as long."""
    return Finding(found.requirement, found.message, found.expected, found.actual, event, pointer)


def judge_for(profile: Profile, suite: Suite) -> Judge:
    """The judge for a profile of a suite, compiled once."""
    return _judge_for(_Key(profile, suite))


@dataclass(frozen=True, eq=False)
class _Key:
    """Compares by identity: to hash a profile is dear."""

    profile: Profile
    suite: Suite

    def __hash__(self) -> int:
        return hash((id(self.profile), id(self.suite)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key) and self.profile is other.profile and self.suite is other.suite
        )


@cache
def _judge_for(key: _Key) -> Judge:
    profile, suite = key.profile, key.suite
    demanded = profile.demanded
    off = schema.rows() - demanded
    shapes: dict[Kind, schema.Shape] = {
        "completion": schema.compiled("completion", off),
        "stream": schema.compiled("chunk", off),
        "error": schema.compiled("error", off),
    }
    judged_alone = tuple(
        requirement.id
        for requirement in suite.requirements.values()
        if requirement.needs in ("exchange", "probe") and requirement.id in profile.levels
    )
    checks = [rule for rule in suite.rules.values() if rule.requirement in demanded]

    @lru_cache(maxsize=512)
    def tree(kind: Kind, evidence: frozenset[Evidence], keys: frozenset[str]) -> RuleTree:
        return build_tree(
            [
                (rule.conditions, rule)
                for rule in checks
                if kind in rule.kinds and rule.needs <= evidence
            ],
            keys,
        )

    deviations: dict[str, list[Deviation]] = {}
    for deviation in profile.deviations:
        deviations.setdefault(deviation.requirement, []).append(deviation)
    return Judge(profile, judged_alone, deviations, shapes, tree, request_keys(checks))
