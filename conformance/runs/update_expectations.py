"""Add the failures of a report to a user's expectations; if asked, remove entries that are over."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.cases.case_ref import names_of
from conformance.endpoints.reference.in_process import NAME as SELF_TEST
from conformance.judging.expectations import Expectation
from conformance.judging.expectations_file import TABLE, entry_lines
from conformance.judging.profiles.model import Condition
from conformance.judging.requirements import Requirement
from conformance.runs.outdated_expectations import is_kept_by
from conformance.runs.results import CaseVerdict, Report

FEW_CASES = 5
"""Up to this many failing cases of a requirement have an entry each; more have one together."""

_HEAD = """\
# The failures of this target that are accepted, and why. An entry without a reason is refused.
"""
_NEEDS_REASON = "# a reason is needed: why is this failure accepted, and who will fix it?"
_NO_ANSWERS = (
    "no answers, so nothing can be accepted or removed: run again and save the report of an"
    " endpoint that answers, conformance run ... --report DIR"
)
_BROKEN, _HELD = frozenset({"fail", "accepted", "known"}), frozenset({"pass", "stale"})
_OTHER_TABLE = re.compile(rf"\[(?!\s*{TABLE}\s*\.)")


@dataclass(frozen=True, slots=True)
class Updated:
    """The new text of a file, and how many entries were added and removed.

    ``untested`` counts the entries that were kept although asked to be removed if they no longer
    fail: the report does not say whether they do.
    """

    text: str
    added: int
    removed: int
    untested: int = 0


class NothingTested(ValueError):
    """Raised for a report without answers; the message is one line with the fix."""


def updated(
    text: str,
    entries: Sequence[Expectation],
    report: Report,
    cases: Collection[str] = (),
    *,
    prune: bool = False,
) -> Updated:
    """Return the text of a file with an entry for each failure of a report.

    The text stays as it is, except for the comment that asks for a reason: it is removed once there
    is one. A new entry follows the last one of its requirement, or else the last of all; several
    new ones are sorted by requirement, target and case.

    Args:
        text: the text of the file, "" for a new one.
        entries: the entries in the text, in their order.
        report: the run whose unexpected failures are accepted.
        cases: the ids of all cases; a report that has only some of those that an entry names does
            not show that it no longer fails.
        prune: also remove the entries that always occur, if the report tested their requirement and
            it holds.

    Raises NothingTested if the report has no answers.
    """
    targets = [target for target in report.targets if target.name != SELF_TEST]
    if not any(target.replies or target.verdicts for target in targets):
        raise NothingTested(_NO_ANSWERS)
    verdicts = [verdict for target in targets for verdict in target.verdicts]
    states = [_state(entry, verdicts, report, cases) if prune else "" for entry in entries]
    outdated = {number for number, state in enumerate(states) if state == "over"}
    kept = [entry for number, entry in enumerate(entries) if number not in outdated]
    new = sorted(_missing(kept, verdicts, report), key=_order)
    return Updated(
        _written(text, entries, outdated, new), len(new), len(outdated), states.count("untested")
    )


def _state(
    entry: Expectation, verdicts: Iterable[CaseVerdict], report: Report, cases: Collection[str]
) -> Literal["", "over", "untested"]:
    """Return whether a report shows that a failure is over, or does not test it; else ""."""
    if entry.frequency == "sometimes":
        return ""
    outcomes = {verdict.verdict for verdict in verdicts if _is_about(entry, verdict)}
    if outcomes & _BROKEN:
        return ""
    if entry.condition != Condition():  # only the run itself knew whether the condition applied
        is_over = any(is_kept_by(entry, problem) for problem in report.expectation_problems)
    else:
        is_over = bool(outcomes & _HELD) and not _is_narrowed(entry, report, cases)
    return "over" if is_over else "untested"


def _is_narrowed(entry: Expectation, report: Report, cases: Collection[str]) -> bool:
    """True if the user selected only some of the cases that the entry names."""
    in_report = {row.case for row in (*report.not_asked, *report.unanswered)}
    for target in report.targets:
        in_report |= {reply.case for reply in target.replies}
        in_report |= {verdict.case for verdict in target.verdicts}
    chosen = {name for case in in_report for name in names_of(case)}
    return any(case not in chosen and entry.names(entry.target, [case]) for case in cases)


def _is_about(entry: Expectation, verdict: CaseVerdict) -> bool:
    return entry.requirement == verdict.requirement and entry.names(
        verdict.target, names_of(verdict.case)
    )


@dataclass(frozen=True, slots=True)
class _New:
    requirement: Requirement
    target: str
    case: str


def _order(new: _New) -> tuple[str, str, str]:
    return new.requirement.id, new.target, new.case


def _missing(
    entries: Collection[Expectation], verdicts: Iterable[CaseVerdict], report: Report
) -> Iterator[_New]:
    """Yield an entry for each failing case, or one for a requirement that fails in many cases.

    A requirement about what a model says has one for all cases, as chance decides where it fails.
    Existing entries with a condition did not accept these failures, so they do not count.
    """
    several = len({target.name for target in report.targets} - {SELF_TEST}) > 1
    failing: dict[tuple[str, str], list[CaseVerdict]] = {}
    plain = [entry for entry in entries if entry.condition == Condition()]
    for verdict in verdicts:
        if verdict.verdict == "fail" and not any(_is_about(entry, verdict) for entry in plain):
            name = verdict.target if several else ""
            failing.setdefault((verdict.requirement, name), []).append(verdict)
    for (_, name), group in failing.items():
        cases = list(dict.fromkeys(verdict.case for verdict in group))
        each = len(cases) <= FEW_CASES and group[0].about_protocol
        for case in cases if each else [""]:
            yield _New(group[0].entry, name, case)


def _block(new: _New) -> str:
    frequency = "always" if new.requirement.about == "protocol" else "sometimes"
    lines = [
        f"[[{TABLE}]]",
        f"# {new.requirement.sentence}",
        f"requirement = {json.dumps(new.requirement.id)}",
        *([f"target = {json.dumps(new.target)}"] if new.target else []),
        *([f"case = {json.dumps(new.case)}"] if new.case else []),
        f'occurs = "{frequency}"',
        _NEEDS_REASON,
        'reason = ""',
    ]
    return "\n".join(lines) + "\n"


def _written(
    text: str, entries: Sequence[Expectation], outdated: Collection[int], new: Iterable[_New]
) -> str:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = [number - 1 for number in entry_lines(text)]
    ends = [_end(lines, start) for start in starts]
    after: dict[str, int] = {
        entry.requirement: end for entry, end in zip(entries, ends, strict=False)
    }
    at_end = ends[-1] if ends else len(lines)
    inserted: dict[int, list[str]] = {}
    for each in new:
        place = after.get(each.requirement.id, at_end)
        inserted.setdefault(place, []).append(_block(each))
    dropped = {
        line for number in outdated for line in range(_first(lines, starts[number]), ends[number])
    }
    dropped |= {
        line
        for entry, start, end in zip(entries, starts, ends, strict=False)
        for line in range(start, end)
        if entry.reason.strip() and lines[line].strip() == _NEEDS_REASON
    }
    made: list[str] = [] if lines else [_HEAD]
    for number in range(len(lines) + 1):
        for block in inserted.get(number, ()):
            made += ["" if not made or made[-1].strip() == "" else "\n", block]
        if number < len(lines) and number not in dropped:
            if inserted.get(number) and lines[number].strip():
                made.append("\n")
            made.append(lines[number])
    return "".join(made)


def _end(lines: Sequence[str], start: int) -> int:
    """Return the number of the line after the last one of the entry that begins at ``start``.

    Comments before the next table belong to that table.
    """
    end = start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number].strip()
        if _OTHER_TABLE.match(line):
            break
        if line and not line.startswith("#"):
            end = number + 1
    return end


def _first(lines: Sequence[str], start: int) -> int:
    """Return the number of the first line of an entry: its comments, and one empty line above."""
    first = start
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first - 1 if first and not lines[first - 1].strip() else first
