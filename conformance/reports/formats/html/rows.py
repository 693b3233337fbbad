"""A report by requirement: one row for each that was tested, with its status over all answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.judging.requirements import LEVELS, Level, Requirement, chapters
from conformance.judging.verdict import Outcome
from conformance.runs.broken import Broken, broken_in, is_listed
from conformance.runs.results import CaseVerdict, Report
from conformance.runs.summary import prefix_of

Status: TypeAlias = Literal[
    "crash", "must", "should", "model", "stale", "accepted", "known", "improved", "passed"
]
"""The worst that is the case for a requirement. ``must``, ``should`` and ``model`` are broken;
``stale`` is a known deviation that did not occur and fails the run, ``improved`` one that does not
fail it."""

NAMES: dict[Status, str] = {
    "crash": "Rule crashed",
    "must": "Must broken",
    "should": "Should broken",
    "model": "Model",
    "stale": "Out of date",
    "accepted": "Accepted",
    "known": "Known",
    "improved": "No longer broken",
    "passed": "Passed",
}
"""The statuses in words, the worst first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One tested requirement.

    ``verdicts`` are all that tested it, of all targets. ``broken`` sums up the unexpected ones;
    None if there is none, or if another requirement covers this one. ``cover`` is then its id.
    """

    entry: Requirement
    status: Status
    level: Level
    counts: Counter[Outcome]
    verdicts: tuple[CaseVerdict, ...]
    broken: Broken | None = None
    cover: str = ""


@dataclass(frozen=True, slots=True)
class ChapterSums:
    """How many requirements of a chapter have each status, and how many were not tested."""

    prefix: str
    title: str
    statuses: Counter[Status]
    not_tested: int


def rows_of(report: Report) -> list[Row]:
    """Return the tested requirements: the broken ones first, the worst of them first.

    Others follow by status, in the order of the ledger.
    """
    verdicts: dict[str, list[CaseVerdict]] = {}
    for target in report.main_targets:
        for verdict in target.verdicts:
            if verdict.verdict != "not exercised":
                verdicts.setdefault(verdict.requirement, []).append(verdict)
    broken = broken_in(report)
    by_id = {each.entry.id: each for each in broken}
    covers = {entry.id: each.entry.id for each in broken for entry in each.also}
    ranks = {name: rank for rank, name in enumerate(by_id)}
    rows = [
        _row(report.requirements[name], tuple(verdicts[name]), by_id.get(name), covers.get(name))
        for name in report.requirements
        if name in verdicts
    ]
    order = [*NAMES]
    return sorted(
        rows, key=lambda row: (ranks.get(row.entry.id, len(ranks)), order.index(row.status))
    )


def _row(
    entry: Requirement,
    verdicts: tuple[CaseVerdict, ...],
    broken: Broken | None,
    cover: str | None,
) -> Row:
    counts = Counter(verdict.verdict for verdict in verdicts)
    level = min((verdict.level for verdict in verdicts), key=LEVELS.index)
    if broken:
        level = broken.level
    status = _status(entry, level, counts, verdicts)
    return Row(entry, status, level, counts, verdicts, broken, cover or "")


def _status(
    entry: Requirement, level: Level, counts: Counter[Outcome], verdicts: Sequence[CaseVerdict]
) -> Status:
    if counts["error"]:
        return "crash"
    if counts["fail"]:
        if entry.about == "model":
            return "model"
        return "must" if level == "must" else "should"
    if any(verdict.verdict == "stale" and is_listed(verdict) for verdict in verdicts):
        return "stale"
    if counts["accepted"]:
        return "accepted"
    if counts["known"]:
        return "known"
    return "improved" if counts["stale"] else "passed"


def not_tested(report: Report, rows: Sequence[Row]) -> list[Requirement]:
    """Return the requirements that no target tested although one should have."""
    tested = {row.entry.id for row in rows}
    wanted = {name for target in report.main_targets for name in target.not_exercised} - tested
    return [entry for name, entry in report.requirements.items() if name in wanted]


def chapter_sums(rows: Sequence[Row], untested: Sequence[Requirement]) -> list[ChapterSums]:
    """Return the sums by chapter, in the order of the ledger; empty chapters are left out."""
    statuses: dict[str, Counter[Status]] = {}
    for row in rows:
        statuses.setdefault(prefix_of(row.entry.id), Counter())[row.status] += 1
    missing = Counter(prefix_of(entry.id) for entry in untested)
    titles = {chapter.prefix: chapter.title for chapter in chapters()}
    return [
        ChapterSums(
            prefix, titles.get(prefix, ""), statuses.get(prefix, Counter()), missing[prefix]
        )
        for prefix in dict.fromkeys([*titles, *statuses, *missing])
        if prefix in statuses or prefix in missing
    ]
