"""From single verdicts to a report, its counts, and the exit code they make."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from conformance import __version__
from conformance.cases.digest import corpus
from conformance.endpoints.client.retries import Attempt
from conformance.judging.requirements import EDITION, Chapter, chapters, requirements
from conformance.judging.verdict import Outcome
from conformance.runs.results import CaseVerdict, JudgedCase, Report, TargetVerdicts, Unanswered
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_FEW = 3
"""Servers or versions that one target may have."""


def report_of(
    played: Iterable[JudgedCase],
    selection: Selection,
    unreadable: Iterable[Unreadable] = (),
    not_asked: Iterable[Unanswered] = (),
    unanswered: Iterable[Unanswered] = (),
    attempts: Iterable[Attempt] = (),
) -> Report:
    """The report on what was played, by target; the order of what goes in does not matter."""
    groups: dict[tuple[str, str, str], list[JudgedCase]] = {}
    for each in played:
        groups.setdefault((each.target, each.profile, each.provenance or ""), []).append(each)
    targets = tuple(
        _target(sorted(groups[key], key=lambda each: each.case), selection)
        for key in sorted(groups)
    )
    return Report(
        edition=EDITION,
        suite=__version__,
        corpus=corpus(),
        profiles={
            name: selection.suite.profile(name).digest
            for name in sorted({target.profile for target in targets})
        },
        targets=targets,
        unreadable=tuple(sorted(unreadable, key=lambda each: each.where)),
        not_asked=tuple(sorted(not_asked, key=lambda each: (each.target, each.case))),
        unanswered=tuple(sorted(unanswered, key=lambda each: (each.target, each.case))),
        attempts=tuple(sorted(attempts, key=lambda each: each.case)),
    )


def _target(played: Sequence[JudgedCase], selection: Selection) -> TargetVerdicts:
    first = played[0]
    replies = tuple(each.reply for each in played if each.reply)
    verdicts = tuple(verdict for each in played for verdict in each.verdicts)
    exercised = {verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"}
    return TargetVerdicts(
        name=first.target,
        profile=first.profile,
        assumed=any(each.assumed for each in played),
        provenance=first.provenance,
        server=_listed(each.server for each in played),
        server_version=_listed(each.server_version for each in played),
        model=_most_frequent(each.model for each in played),
        cases=len({reply.case.partition("#")[0] for reply in replies}),
        replies=replies,
        verdicts=verdicts,
        not_exercised=tuple(
            row for row in demanded(first.profile, selection) if row not in exercised
        ),
    )


def _listed(words: Iterable[str | None]) -> str | None:
    """The words, where they are few: a version that changes with each answer is none."""
    different = sorted({word for word in words if word})
    return ", ".join(different) or None if len(different) <= _FEW else None


def _most_frequent(words: Iterable[str | None]) -> str | None:
    """The word that is there most often: a few cases ask for a model that does not exist."""
    return next((word for word, _ in Counter(filter(None, words)).most_common(1)), None)


def demanded(name: str, selection: Selection) -> Iterator[str]:
    """The musts and shoulds of a profile, in the order of the ledger, also those that one exchange
    cannot show."""
    there = selection.suite.profile(name).demanded
    return (row for row in selection.suite.requirements if row in there and selection.wants(row))


def counts(verdicts: Iterable[CaseVerdict]) -> dict[Outcome, int]:
    """How many verdicts there are of each outcome."""
    counted = Counter(verdict.verdict for verdict in verdicts)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def by_outcome(verdicts: Iterable[CaseVerdict]) -> dict[Outcome, list[str]]:
    """The requirements of each outcome that there is."""
    found: dict[Outcome, list[str]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.verdict, []).append(verdict.requirement)
    return found


def verdicts_of(report: Report, *, self_test: bool = False) -> list[CaseVerdict]:
    """All verdicts on real targets, or those on what the suite answered itself."""
    return [
        verdict
        for target in report.targets
        if target.self_test is self_test
        for verdict in target.verdicts
    ]


def exercises_nothing(report: Report) -> bool:
    """Whether not one requirement was put to the test."""
    return all(
        verdict.verdict == "not exercised"
        for target in report.targets
        for verdict in target.verdicts
    )


def exit_code(report: Report) -> int:
    """0 conformant as expected, 1 an unexpected failure or a stale deviation, 2 unreadable input, 3
    not judged; 2 over 1 over 3."""
    verdicts = [verdict for target in report.targets for verdict in target.verdicts]
    if report.unreadable:
        return 2
    if any(verdict.fails_run for verdict in verdicts):
        return 1
    undecided = (
        report.unanswered
        or any(target.refuses_most for target in report.targets)
        or any(verdict.verdict == "error" for verdict in verdicts)
    )
    return 3 if undecided else 0


@dataclass(frozen=True, slots=True)
class ChapterCounts:
    """The verdicts on one target in one chapter, rows about the protocol or rows about the model.

    ``must`` and ``should`` are the unexpected failures by level; ``exercised`` and ``rows`` count
    requirements, everything else verdicts.
    """

    chapter: Chapter
    must: int
    should: int
    stale: int
    error: int
    known: int
    passed: int
    exercised: int
    rows: int

    @property
    def badness(self) -> tuple[int, ...]:
        """What to sort by: the higher the worse."""
        return self.must, self.stale, self.error, self.should, self.known


def by_chapter(target: TargetVerdicts, *, protocol: bool) -> list[ChapterCounts]:
    """The counts of a target, the worst chapter first; a chapter without verdicts is left out."""
    by_prefix: dict[str, list[CaseVerdict]] = {}
    for verdict in target.verdicts:
        if verdict.about_protocol is protocol:
            by_prefix.setdefault(verdict.requirement.rpartition("-")[0], []).append(verdict)
    left = [
        row for row in target.not_exercised if (requirements()[row].about == "protocol") is protocol
    ]
    found = [
        _counted(chapter, by_prefix[chapter.prefix], left)
        for chapter in chapters()
        if chapter.prefix in by_prefix
    ]
    return sorted(found, key=lambda each: each.badness, reverse=True)


def _counted(
    chapter: Chapter, verdicts: Sequence[CaseVerdict], left: Iterable[str]
) -> ChapterCounts:
    counted = counts(verdicts)
    exercised = {verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"}
    must = sum(verdict.verdict == "fail" and verdict.level == "must" for verdict in verdicts)
    return ChapterCounts(
        chapter=chapter,
        must=must,
        should=counted["fail"] - must,
        stale=counted["stale"],
        error=counted["error"],
        known=counted["known"],
        passed=counted["pass"],
        exercised=len(exercised),
        rows=len(exercised.union(row for row in left if row.rpartition("-")[0] == chapter.prefix)),
    )
