"""Sum up what was found: the broken requirements, the worst first, as every report lists them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from conformance.judging.requirements import LEVELS, Level, Requirement
from conformance.judging.requirements.client_impact import measured_impact
from conformance.judging.verdict import Outcome
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, Report

UNEXPECTED: tuple[Outcome, ...] = ("error", "fail", "stale")
"""The outcomes that a report lists by requirement; stale only if it fails the run."""

MOST_EXAMPLES = 3
"""How many answers that break a requirement are kept with their findings."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One unexpected verdict on an answer.

    ``target`` and ``case`` name the answer in a run. In a lint, which has no cases, ``target`` is
    "" and ``case`` is the file with line or number, or the id of the exchange.
    """

    target: str
    case: str
    entry: Requirement
    level: Level
    outcome: Outcome
    fails_run: bool
    findings: tuple[ReportedFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken requirement, summed up over all answers.

    ``answers`` break it, of the ``judged`` ones that tested it, None if those were not counted.
    ``examples`` are the first of them.
    ``also`` are requirements that are broken only together with this one, because one fault breaks
    them all (``Requirement.covered_by``).
    """

    entry: Requirement
    level: Level
    outcome: Outcome
    fails_run: bool
    answers: int
    judged: int | None
    examples: tuple[Sighting, ...]
    also: tuple[Requirement, ...] = ()

    @property
    def share(self) -> str:
        """How many answers break it: ``3 of 1,204``, or ``3`` if those tested were not counted."""
        return (
            f"{self.answers:,}" if self.judged is None else f"{self.answers:,} of {self.judged:,}"
        )

    @property
    def share_of_answers(self) -> str:
        """The share with its noun: ``1 of 3 answers``, ``1 answer``."""
        counted = self.answers if self.judged is None else self.judged
        return f"{self.share} {'answer' if counted == 1 else 'answers'}"


@dataclass(slots=True)
class _Row:
    """What was found about one requirement so far. ``alone`` are answers that no cover breaks."""

    worst: Sighting
    answers: int = 0
    alone: int = 0
    fails_run: bool = False
    covers: Counter[str] = field(default_factory=Counter)
    examples: list[Sighting] = field(default_factory=list)


def broken_in(report: Report) -> tuple[Broken, ...]:
    """Sum up the unexpected verdicts of a report.

    Those of the self-test count only if there is no other target.
    """
    tally, judged = BrokenTally(), Counter[str]()
    for target in report.main_targets:
        by_case: dict[str, list[Sighting]] = {}
        for verdict in target.verdicts:
            judged[verdict.requirement] += verdict.verdict != "not exercised"
            if is_listed(verdict):
                by_case.setdefault(verdict.case, []).append(sighting_of(verdict))
        for sightings in by_case.values():
            tally.add(sightings)
    return tally.broken(judged)


def sightings_in(report: Report) -> Iterator[Sighting]:
    """Yield each unexpected verdict that ``broken_in`` sums up."""
    for target in report.main_targets:
        for verdict in target.verdicts:
            if is_listed(verdict):
                yield sighting_of(verdict)


def is_listed(verdict: CaseVerdict) -> bool:
    """True if a report lists a verdict among the broken requirements.

    A known deviation that did not occur is listed there only if that fails the run.
    """
    return verdict.verdict in UNEXPECTED and (verdict.verdict != "stale" or verdict.fails_run)


def sighting_of(verdict: CaseVerdict) -> Sighting:
    """Return a verdict as a report lists it."""
    return Sighting(
        verdict.target,
        verdict.case,
        verdict.entry,
        verdict.level,
        verdict.verdict,
        verdict.fails_run,
        verdict.findings,
    )


class BrokenTally:
    """Counts the broken requirements, answer by answer; its size does not grow with the answers."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def needs_example(self, requirement: str) -> bool:
        """Return whether the next verdict on a requirement is kept with its findings."""
        row = self._rows.get(requirement)
        return row is None or len(row.examples) < MOST_EXAMPLES

    def add(self, sightings: Collection[Sighting]) -> None:
        """Add the unexpected verdicts on one answer."""
        broken = {sighting.entry.id for sighting in sightings}
        for sighting in sightings:
            row = self._rows.setdefault(sighting.entry.id, _Row(sighting))
            row.worst = min(row.worst, sighting, key=_severity)
            row.answers += 1
            row.fails_run |= sighting.fails_run
            covers = broken.intersection(sighting.entry.covered_by)
            row.covers.update(covers)
            row.alone += not covers
            if len(row.examples) < MOST_EXAMPLES:
                row.examples.append(sighting)

    def broken(self, judged: Mapping[str, int] | None) -> tuple[Broken, ...]:
        """Return the broken requirements, the worst first.

        Worse is what fails the run, then must before should, the protocol before the model, what
        breaks more clients, a larger share of the answers, and then the lower id.

        Args:
            judged: the number of answers that tested each requirement, by id; None if that was not
                counted.
        """
        single = {
            name: _broken(row, None if judged is None else judged.get(name, 0))
            for name, row in self._rows.items()
        }
        order = sorted(single, key=lambda name: _badness(single[name]))
        roots = self._roots(order)
        joined = [
            _joined(single[name], [single[other] for other in order if roots.get(other) == name])
            for name in order
            if name not in roots
        ]
        return tuple(sorted(joined, key=_badness))

    def _roots(self, worst_first: Iterable[str]) -> dict[str, str]:
        """Return, for each requirement that another always covers, the one that covers it."""
        parents: dict[str, str] = {}
        for name in worst_first:
            row = self._rows[name]
            if row.alone:
                continue
            for cover, _ in row.covers.most_common():
                if _root(cover, parents) != name:
                    parents[name] = cover
                    break
        return {name: _root(name, parents) for name in parents}


def _root(name: str, parents: Mapping[str, str]) -> str:
    while name in parents:
        name = parents[name]
    return name


def _severity(sighting: Sighting) -> tuple[int, int]:
    return UNEXPECTED.index(sighting.outcome), LEVELS.index(sighting.level)


def _broken(row: _Row, judged: int | None) -> Broken:
    worst = row.worst
    return Broken(
        worst.entry,
        worst.level,
        worst.outcome,
        row.fails_run,
        row.answers,
        None if judged is None else max(judged, row.answers),
        tuple(row.examples),
    )


def _badness(broken: Broken) -> tuple[object, ...]:
    """A sort key: the lower, the worse."""
    return (
        not broken.fails_run,
        broken.outcome != "error",
        LEVELS.index(broken.level),
        broken.entry.about != "protocol",
        tuple(-clients for clients in measured_impact().of(broken.entry.id).weight),
        -broken.answers / (broken.judged or 1),
        broken.entry.id,
    )


def _joined(broken: Broken, others: Collection[Broken]) -> Broken:
    """Return a broken requirement with those it covers, at the worst level of them all."""
    return replace(
        broken,
        level=min((broken.level, *(each.level for each in others)), key=LEVELS.index),
        fails_run=broken.fails_run or any(each.fails_run for each in others),
        also=tuple(each.entry for each in others),
    )
