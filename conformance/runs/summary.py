"""Build the report from judged cases; count verdicts and compute the exit code."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from conformance import __version__
from conformance.cases.case_ref import parse_case
from conformance.endpoints.client.retries import Attempt
from conformance.judging.requirements import EDITION, Requirement, chapters
from conformance.judging.verdict import Outcome
from conformance.runs.outdated_expectations import problems
from conformance.runs.results import CaseVerdict, JudgedCase, Report, TargetVerdicts, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.whole_run import failures
from conformance.traffic import Unreadable

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_FEW = 3
"""The maximum number of different servers or versions to list for a target."""


def report_of(
    played: Iterable[JudgedCase],
    selection: Selection,
    unreadable: Iterable[Unreadable] = (),
    not_asked: Iterable[Unanswered] = (),
    unanswered: Iterable[Unanswered] = (),
    attempts: Iterable[Attempt] = (),
) -> Report:
    """Build the report: one entry for each target, profile and provenance, everything sorted.

    The order of the arguments' items does not matter.
    """
    groups: dict[tuple[str, str, str], list[JudgedCase]] = {}
    all_played, skipped = list(played), list(not_asked)
    for judged in all_played:
        key = (judged.target, judged.profile, judged.provenance or "")
        groups.setdefault(key, []).append(judged)
    targets = tuple(
        _target(sorted(groups[key], key=lambda judged: judged.case), selection)
        for key in sorted(groups)
    )
    return Report(
        edition=EDITION,
        suite=__version__,
        corpus=selection.corpus.digest,
        profiles={
            name: selection.suite.profile(name).digest
            for name in sorted({target.profile for target in targets})
        },
        requirements=selection.suite.requirements,
        targets=targets,
        unreadable=tuple(sorted(unreadable, key=lambda entry: entry.where)),
        not_asked=tuple(sorted(skipped, key=lambda entry: (entry.target, entry.case))),
        unanswered=tuple(sorted(unanswered, key=lambda entry: (entry.target, entry.case))),
        attempts=tuple(sorted(attempts, key=lambda attempt: attempt.case)),
        fail_on=selection.fail_on,
        expectation_problems=problems(all_played, skipped, selection),
    )


def _target(played: Sequence[JudgedCase], selection: Selection) -> TargetVerdicts:
    first = played[0]
    replies = tuple(judged.reply for judged in played if judged.reply)
    verdicts = tuple(verdict for judged in played for verdict in judged.verdicts)
    exercised = {verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"}
    return TargetVerdicts(
        name=first.target,
        profile=first.profile,
        assumed=any(judged.assumed for judged in played),
        provenance=first.provenance,
        server=_listed(judged.server for judged in played),
        server_version=_listed(judged.server_version for judged in played),
        model=_most_frequent(judged.model for judged in played),
        cases=len({parse_case(reply.case).id for reply in replies}),
        replies=replies,
        verdicts=verdicts,
        not_exercised=tuple(
            requirement
            for requirement in demanded(first.profile, selection)
            if requirement not in exercised
        ),
        not_judged=tuple(
            sorted(Counter(what for judged in played for what in judged.not_judged).items())
        ),
        judged_in_part=sum(bool(judged.not_judged) for judged in played),
        failures=failures(replies, verdicts),
    )


def _listed(words: Iterable[str | None]) -> str | None:
    """Join the different words, or return None if there is none or more than ``_FEW``.

    A value that changes with each answer is not a version.
    """
    different = sorted({word for word in words if word})
    return ", ".join(different) or None if len(different) <= _FEW else None


def _most_frequent(words: Iterable[str | None]) -> str | None:
    """Return the most frequent word, None if there is none.

    For models: a few cases request a model that does not exist.
    """
    return next((word for word, _ in Counter(filter(None, words)).most_common(1)), None)


def demanded(name: str, selection: Selection) -> Iterator[str]:
    """Yield the selected requirements that are must or should in a profile.

    They come in the order of the requirement files, and include those that a single exchange
    cannot show.
    """
    demanded_ids = selection.suite.profile(name).demanded
    return (
        requirement
        for requirement in selection.suite.requirements
        if requirement in demanded_ids and selection.wants(requirement)
    )


def counts(verdicts: Iterable[CaseVerdict]) -> dict[Outcome, int]:
    """Count the verdicts by outcome; every outcome is a key, also with count 0."""
    counted = Counter(verdict.verdict for verdict in verdicts)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def by_outcome(verdicts: Iterable[CaseVerdict]) -> dict[Outcome, list[str]]:
    """List the requirements by outcome; outcomes without a verdict are left out."""
    by_verdict: dict[Outcome, list[str]] = {}
    for verdict in verdicts:
        by_verdict.setdefault(verdict.verdict, []).append(verdict.requirement)
    return by_verdict


def verdicts_of(report: Report, *, self_test: bool = False) -> list[CaseVerdict]:
    """Return all verdicts on real targets, or all verdicts of the self-test."""
    return [
        verdict
        for target in report.targets
        if target.self_test is self_test
        for verdict in target.verdicts
    ]


def exercises_nothing(report: Report) -> bool:
    """True if no requirement was tested: there is no verdict, or all are "not exercised"."""
    return all(
        verdict.verdict == "not exercised"
        for target in report.targets
        for verdict in target.verdicts
    )


def exit_code(report: Report) -> int:
    """Return the exit code of a run; if several apply, 2 has priority over 1, and 1 over 3.

    0: nothing fails the run. 1: an unexpected failure, an expectation of the user that is out of
    date, or a failure of a target as a whole. 2: unreadable input. 3: inconclusive, because nothing
    was tested, of unanswered cases, a crashed rule, or a target whose answers are mostly refusals,
    empty or cut.
    """
    verdicts = [verdict for target in report.targets for verdict in target.verdicts]
    if report.unreadable:
        return 2
    if not report.fail_on.never and (
        any(verdict.fails_run for verdict in verdicts)
        or any(target.failures for target in report.targets)
        or report.expectation_problems
    ):
        return 1
    undecided = (
        report.unanswered
        or exercises_nothing(report)
        or any(target.says_too_little for target in report.targets)
        or any(verdict.verdict == "error" for verdict in verdicts)
    )
    return 3 if undecided else 0


@dataclass(frozen=True, slots=True)
class ChapterCounts:
    """The counts of one target in one chapter, either about the protocol or about the model.

    ``prefix`` is the first part of the chapter's requirement ids. ``must`` and ``should`` are the
    unexpected failures by level. ``exercised`` counts the tested requirements and ``rows`` all
    requirements; the other fields count verdicts.
    """

    prefix: str
    title: str
    must: int
    should: int
    stale: int
    error: int
    accepted: int
    known: int
    passed: int
    exercised: int
    rows: int

    @property
    def badness(self) -> tuple[int, ...]:
        """A sort key: the higher, the worse."""
        return self.must, self.stale, self.error, self.should, self.accepted, self.known


def by_chapter(
    target: TargetVerdicts, requirements: Mapping[str, Requirement], *, protocol: bool
) -> list[ChapterCounts]:
    """Count the verdicts of a target by chapter, the worst chapter first.

    Chapters without a verdict are left out. ``requirements`` are those of the report; one with a
    prefix that no chapter of the ledger has makes a chapter without a title. ``protocol`` selects
    requirements about the protocol, otherwise those about the model.
    """
    by_prefix: dict[str, list[CaseVerdict]] = {}
    for verdict in target.verdicts:
        if verdict.about_protocol is protocol:
            by_prefix.setdefault(prefix_of(verdict.requirement), []).append(verdict)
    not_exercised = [
        requirement
        for requirement in target.not_exercised
        if (requirements[requirement].about == "protocol") is protocol
    ]
    titles = {chapter.prefix: chapter.title for chapter in chapters()}
    counted = [
        _counted(prefix, titles.get(prefix, ""), by_prefix[prefix], not_exercised)
        for prefix in dict.fromkeys([*titles, *map(prefix_of, requirements)])
        if prefix in by_prefix
    ]
    return sorted(counted, key=lambda chapter: chapter.badness, reverse=True)


def prefix_of(requirement: str) -> str:
    """Return the part of a requirement id before its number: ENV for ENV-001."""
    return requirement.rpartition("-")[0]


def _counted(
    prefix: str, title: str, verdicts: Sequence[CaseVerdict], not_exercised: Iterable[str]
) -> ChapterCounts:
    counted = counts(verdicts)
    exercised = {verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"}
    must = sum(verdict.verdict == "fail" and verdict.level == "must" for verdict in verdicts)
    return ChapterCounts(
        prefix=prefix,
        title=title,
        must=must,
        should=counted["fail"] - must,
        stale=counted["stale"],
        error=counted["error"],
        accepted=counted["accepted"],
        known=counted["known"],
        passed=counted["pass"],
        exercised=len(exercised),
        rows=len(
            exercised.union(
                requirement for requirement in not_exercised if prefix_of(requirement) == prefix
            )
        ),
    )
