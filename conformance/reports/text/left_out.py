"""What a run left out or explained, as text: one line for each kind, and the full lists on request.

Each kind has a name that ``--show NAME`` takes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from conformance._text import few, many, one_line
from conformance.judging.verdict import Outcome
from conformance.runs.broken import is_listed
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import Report, TargetVerdicts
from conformance.runs.selection import UNSUPPORTED

_MAX_NAMES = 8  # cases that are listed for each reason in a summary


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One kind of what was left out: its name, the line that sums it up, and the full list."""

    name: str
    line: str
    entries: tuple[str, ...]


NAMES = (
    "known",
    "accepted",
    "stale",
    "refused",
    "empty",
    "skipped",
    "unanswered",
    "retries",
    "not-tested",
)
"""The names of all kinds, in the order in which they are shown."""


def left_out(report: Report, shown: Iterable[TargetVerdicts]) -> Iterator[LeftOut]:
    """Yield the kinds of which there is something.

    Args:
        shown: the targets that the report is about; the self-test is not, if there are others.
    """
    targets = [*shown]
    for name, make in (
        ("known", _known(targets)),
        ("accepted", _accepted(targets)),
        ("stale", _stale(targets)),
        ("refused", _refused(targets)),
        ("empty", _empty(targets)),
        ("skipped", _skipped(report, targets)),
        ("unanswered", _unanswered(report)),
        ("retries", _retries(report)),
        ("not-tested", _not_tested(targets)),
    ):
        line, entries = make
        if entries:
            yield LeftOut(name, line, tuple(entries))


def _known(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    return _by_requirement("Known deviations", targets, "known", lambda found: found.known)


def _accepted(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    return _by_requirement("Accepted", targets, "accepted", lambda found: found.accepted)


def _stale(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    """Sum up the known deviations that did not occur, if that does not fail the run."""
    return _by_requirement("No longer broken", targets, "stale", lambda found: found.message)


def _by_requirement(
    title: str,
    targets: Iterable[TargetVerdicts],
    outcome: Outcome,
    said: Callable[[ReportedFinding], str | None],
) -> tuple[str, list[str]]:
    """Sum up the verdicts of one outcome that are not listed as broken, by what is said of them."""
    counted: Counter[tuple[str, str]] = Counter()
    answers = 0
    for target in targets:
        for verdict in target.verdicts:
            if verdict.verdict == outcome and not is_listed(verdict):
                answers += 1
                counted.update(
                    (verdict.requirement, why) for found in verdict.findings if (why := said(found))
                )
    requirements = {requirement for requirement, _ in counted}
    entries = [
        f"{requirement}  {many(count, 'time')}: {why}"
        for (requirement, why), count in sorted(
            counted.items(), key=lambda item: (-item[1], item[0])
        )
    ]
    return f"{title}: {many(len(requirements), 'requirement')}, {many(answers, 'time')}", entries


def _refused(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    rows = [
        (
            f"{target.name}/{reply.case}",
            f"status {reply.status}{f', {reply.said}' if reply.said else ''}",
        )
        for target in targets
        for reply in target.refusals
    ]
    return f"Refused: {many(len(rows), 'case')}{_mostly(rows)}", by_reason(rows)


def _empty(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    names = [f"{target.name}/{reply.case}" for target in targets for reply in target.thin_answers]
    return f"Empty, cut, filtered or declined: {many(len(names), 'answer')}", names


def _skipped(report: Report, targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    shown = {target.name for target in targets}
    hidden = {target.name for target in report.targets} - shown
    rows = [(entry.case, entry.why) for entry in report.not_asked if entry.target not in hidden]
    lines = by_reason(
        [
            (case, why.partition(": ")[0] if not why.startswith(UNSUPPORTED) else why)
            for case, why in rows
        ]
    )
    reasons = Counter(why.partition(": ")[0] for _, why in rows)
    told = ", ".join(f"{one_line(why)} ({count:,})" for why, count in reasons.most_common(3))
    return f"Skipped: {many(len(rows), 'case')}: {told}", lines


def _unanswered(report: Report) -> tuple[str, list[str]]:
    rows = [(f"{entry.target}/{entry.case}", entry.why) for entry in report.unanswered]
    return f"Unanswered: {many(len(rows), 'case')}{_mostly(rows)}", by_reason(rows)


def _retries(report: Report) -> tuple[str, list[str]]:
    rows = [(attempt.case, attempt.why) for attempt in report.attempts]
    return f"Retries: {len(rows):,}{_mostly(rows)}", by_reason(rows)


def _not_tested(targets: Iterable[TargetVerdicts]) -> tuple[str, list[str]]:
    entries = [
        f"{one_line(target.name)}: {', '.join(target.not_exercised)}"
        for target in targets
        if target.not_exercised
    ]
    counts = [len(target.not_exercised) for target in targets if target.not_exercised]
    total = f"{min(counts)} to {max(counts)}" if len(set(counts)) > 1 else f"{sum(counts[:1])}"
    return f"Not tested: {total} requirements{' by target' if len(counts) > 1 else ''}", entries


def _mostly(rows: Iterable[tuple[str, str]]) -> str:
    """Return the most frequent reason, after a colon."""
    counted = Counter(one_line(why) for _, why in rows)
    return next((f": {why}" for why, _ in counted.most_common(1)), "")


def by_reason(rows: Iterable[tuple[str, str]], what: str = "case") -> list[str]:
    """Return one line for each reason, with the names that share it, the most frequent first.

    ``rows`` are (name, reason). ``what`` is what the names are of.
    """
    by_why: dict[str, list[str]] = {}
    for case, why in rows:
        by_why.setdefault(why, []).append(one_line(case))
    return [
        f"{one_line(why)} ({many(len(names), what)}): {few(names, _MAX_NAMES)}"
        for why, names in sorted(by_why.items(), key=lambda item: -len(item[1]))
    ]
