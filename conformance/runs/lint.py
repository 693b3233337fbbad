"""Linting: recorded traffic in, findings out, one at a time, with exact counts of all."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import Judge, judge_for
from conformance.judging.profiles import UnknownProfile
from conformance.judging.requirements import Level, requirements
from conformance.judging.suite import Suite
from conformance.judging.verdict import RuleCrash, fails_run
from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, Skipped, Unreadable
from conformance.traffic.redaction import excerpt
from conformance.traffic.redaction.redact import rules_for

AUTO = "auto"
"""The profile that is told from each exchange itself."""


MOST_UNREADABLE = 1000
"""What could not be read is listed up to here, as a recording may be wrong in every line, and
counted all the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of a lint. ``known`` says which known deviation explains it, None where none does;
    ``location`` where the exchange was read."""

    exchange: str
    profile: str
    requirement: str
    level: Level
    known: str | None
    count: int
    event: int | None
    pointer: str
    message: str
    expected: Any
    actual: Any
    location: str


@dataclass(slots=True)
class Tally:
    """What a lint has counted so far: exchanges by profile, findings by requirement (``known`` are
    those that a known deviation explains)."""

    profiles: Counter[str] = field(default_factory=Counter)
    guessed: int = 0
    skipped: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    more_unreadable: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    levels: dict[str, set[Level]] = field(default_factory=dict)
    crashes: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def exchanges(self) -> int:
        """How many exchanges were judged."""
        return self.profiles.total()

    @property
    def all_unreadable(self) -> int:
        """How much could not be read, listed or not."""
        return len(self.unreadable) + self.more_unreadable

    def add_unreadable(self, outcome: Unreadable) -> None:
        """Count what could not be read, and list it if the list is not full."""
        if len(self.unreadable) < MOST_UNREADABLE:
            self.unreadable.append(outcome)
        else:
            self.more_unreadable += 1

    def fails(self, levels: Collection[Level]) -> bool:
        """True if a requirement was broken at one of the levels and no deviation explains it."""
        return any(
            fails_run(requirements()[requirement], level, "fail", levels)
            for requirement, broken_at in self.levels.items()
            for level in broken_at
        )


def lint(
    outcomes: Iterable[Outcome], name: str, tally: Tally, suite: Suite, *, quote: bool = True
) -> Iterator[Row]:
    """The findings in what was read, counted in ``tally`` as they come.

    ``name`` is a profile or ``auto``. Where ``quote`` is false, nothing of what the traffic says is
    repeated.
    """
    fixed = None if name == AUTO else judge_for(suite.profile(name), suite)
    for outcome in outcomes:
        if isinstance(outcome, Exchange):
            try:
                judge = fixed or _judge_of(outcome, tally, suite)
            except UnknownProfile as error:
                tally.add_unreadable(Unreadable(outcome.origin, f"meta.profile: {error}"))
                continue
            tally.profiles[judge.profile.name] += 1
            for judged in judge.findings(outcome):
                if isinstance(judged, RuleCrash):
                    why = judged.why if quote else judged.why.partition(":")[0]
                    tally.crashes.setdefault(
                        judged.requirement, (outcome.origin or outcome.id, why)
                    )
                else:
                    yield _counted(judged, outcome, judge, tally, quote)
        elif isinstance(outcome, Skipped):
            tally.skipped += 1
        else:
            tally.add_unreadable(outcome)


def _judge_of(exchange: Exchange, tally: Tally, suite: Suite) -> Judge:
    """The judge for an exchange. Raises UnknownProfile."""
    chosen = suite.choose_profile(exchange)
    tally.guessed += chosen.assumed
    return judge_for(chosen.profile, suite)


def _counted(
    judged: JudgedFinding, exchange: Exchange, judge: Judge, tally: Tally, quote: bool
) -> Row:
    finding, known = judged.finding, judged.known
    row = finding.requirement
    tally.findings[row] += 1
    if known:
        tally.known[row] += 1
    else:
        tally.levels.setdefault(row, set()).add(judged.level)
    secrets = rules_for(exchange.request)
    return Row(
        exchange=str(excerpt.shown(exchange.id, secrets)),
        profile=judge.profile.name,
        requirement=row,
        level=judged.level,
        known=known.described if known else None,
        count=finding.count,
        event=finding.event,
        pointer=str(excerpt.shown(finding.pointer, secrets)),
        message=excerpt.shown(finding.message, secrets) if quote else requirements()[row].sentence,
        expected=excerpt.shown(finding.expected, secrets) if quote else None,
        actual=excerpt.shown(finding.actual, secrets) if quote else None,
        location=exchange.origin,
    )
