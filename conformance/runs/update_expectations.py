"""Write a user's expectations from a report: add what fails, and on request remove what is over."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.endpoints.reference.in_process import NAME as SELF_TEST
from conformance.judging.expectations import Expectation
from conformance.judging.expectations_file import TABLE, entry_lines
from conformance.judging.profiles.model import Condition
from conformance.judging.requirements import Requirement
from conformance.runs.expectations import names_of
from conformance.runs.results import CaseVerdict, Report

FEW_CASES = 5
"""Up to this many failing cases of a requirement have an entry each; more have one together."""

_HEAD = """\
# The failures of this target that are accepted, and why. An entry without a reason is refused.
"""
_NEEDS_REASON = "# a reason is needed: why is this failure accepted, and who will fix it?"
_OTHER_TABLE = re.compile(rf"\[(?!\s*{TABLE}\s*\.)")


@dataclass(frozen=True, slots=True)
class Updated:
    """The new text of a file, and how many entries were added and removed."""

    text: str
    added: int
    removed: int


def updated(
    text: str, entries: Sequence[Expectation], report: Report, *, prune: bool = False
) -> Updated:
    """Return the text of a file with an entry for each failure of a report.

    What stands in the text stays as it is. A new entry follows the last one of its requirement, or
    else the last of all; several new ones are sorted by requirement, target and case.

    Args:
        text: the text of the file, "" for a new one.
        entries: the entries in the text, in their order.
        report: the run whose unexpected failures are accepted.
        prune: also remove the entries that always occur and that no failure of the report confirms.
    """
    verdicts = [
        verdict
        for target in report.targets
        if target.name != SELF_TEST
        for verdict in target.verdicts
    ]
    outdated = _outdated(entries, verdicts) if prune else set()
    kept = [entry for number, entry in enumerate(entries) if number not in outdated]
    new = sorted(_missing(kept, verdicts, report), key=_order)
    return Updated(_written(text, entries, outdated, new), len(new), len(outdated))


def _outdated(entries: Iterable[Expectation], verdicts: Iterable[CaseVerdict]) -> set[int]:
    broken = [verdict for verdict in verdicts if verdict.verdict in ("fail", "accepted", "known")]
    return {
        number
        for number, entry in enumerate(entries)
        if entry.frequency == "always" and not any(_is_about(entry, verdict) for verdict in broken)
    }


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
