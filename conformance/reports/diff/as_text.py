"""The comparison of two reports as text: the verdict, then what got worse, then other changes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from rich.console import Console

from conformance._text import few, many, one_line
from conformance.judging.verdict import Outcome
from conformance.reports.diff import words
from conformance.reports.diff.compare import (
    Change,
    Compared,
    Diff,
    Kind,
    OnlyInOne,
    StatusChange,
)
from conformance.reports.diff.saved_report import ReadTarget
from conformance.reports.text.findings import evidence, heading, level_of, located, message
from conformance.reports.text.terminal import prose, verbatim

_MAX_EXAMPLES = 3  # changes of one requirement that are shown with their evidence
_MAX_NAMES = 8  # cases that are listed per requirement or per reason, and reasons that are listed

_MAX_LOST = 60  # cases that are listed because they lost their tool call

_EVIDENT: tuple[tuple[Kind, str], ...] = (
    ("deviation", "Newly stale deviations"),
    ("accepted", "Newly stale deviations that were accepted failures"),
    ("exercised", "Failing in NEW, not tested in OLD"),
    ("crash", "Rules that crashed"),
)


_EXCUSED: Mapping[tuple[Outcome | None, Outcome | None], tuple[Kind, str]] = {
    ("pass", "known"): ("deviation", "Passed in OLD, a known deviation in NEW"),
    ("pass", "accepted"): ("accepted", "Passed in OLD, an accepted failure in NEW"),
}
_OTHERS: tuple[tuple[Kind, str], ...] = (
    ("deviation", "Other changes of known or stale deviations"),
    ("accepted", "Other changes of accepted failures"),
)
_WAS: Mapping[Outcome | None, str] = {
    "pass": "passed",
    "fail": "failed",
    "known": "was a known deviation",
    "accepted": "was an accepted failure",
    "stale": "was a stale deviation",
    "error": "the rule crashed",
    None: "was not tested",
}
_IS: Mapping[Outcome | None, str] = {
    "pass": "passes now",
    "fail": "fails now",
    "known": "is a known deviation now",
    "accepted": "is an accepted failure now",
    "stale": "is a stale deviation now",
    "error": "the rule crashes now",
    None: "is not tested now",
}


def render(diff: Diff, console: Console) -> None:
    """Print the comparison."""
    prose(console, words.verdict_line(diff), style="bold")
    if counts := words.counts_line(diff):
        prose(console, counts)
    if words.word_of(diff) == "cannot tell":
        prose(console, f"{words.ASK_AGAIN}.")
    for note in diff.notes:
        prose(console, f"Note: {one_line(note)}.", hang=6)
    for target in diff.targets:
        console.print()
        prose(console, f"OLD  {_description(target.old)}", hang=5)
        prose(console, f"NEW  {_description(target.new)}", hang=5)
        prose(console, f"{many(target.cases, 'case')} answered in both", 5)
        _changes(target, console)


def _description(target: ReadTarget) -> str:
    parts = filter(
        None,
        (
            target.model,
            target.server and f"from {target.server}",
            f"judged as {', '.join(target.profiles)}" if target.profiles else "without an answer",
        ),
    )
    return one_line(f"{target.name}: {', '.join(parts)}")


def _is_evident(change: Change) -> bool:
    """True if a change is shown with its evidence, because it is a problem in NEW."""
    return (
        change.kind in ("regression", "crash")
        or change.new in ("fail", "error")
        or (change.new == "stale" and change.fails_run)
    )


def _changes(target: Compared, console: Console) -> None:
    """Print all changes of a target: first what got worse, then everything else."""
    evident, brief = (
        [change for change in target.changes if _is_evident(change) is is_evident]
        for is_evident in (True, False)
    )
    _lost_calls(target, console)
    proofs = {result.metric.name: words.proof_of(result) for result in target.results}
    _with_evidence(_of("regression", evident), "Newly failing", console, proofs)
    _by_reason(
        "Unanswered or truncated in NEW",
        [(case.why, case.case) for case in target.left_open],
        console,
        style="red",
    )
    _by_reason(
        "Refused in NEW",
        _statuses(case for case in target.restated if case.lost),
        console,
        style="red",
    )
    for kind, title in _EVIDENT:
        _with_evidence(_of(kind, evident), title, console)
    excused = [change for change in brief if (change.old, change.new) in _EXCUSED]
    for kind, title in _EXCUSED.values():
        _by_requirement(_of(kind, excused), title, console)
    _by_requirement(_of("fixed", brief), "Fixed", console)
    for kind, title in _OTHERS:
        others = [change for change in _of(kind, brief) if change not in excused]
        _by_requirement(others, title, console)
    _counted(_of("exercised", brief), "Tested only in NEW", console)
    _counted(_of("not exercised", brief), "Tested only in OLD", console)
    _by_reason(
        "Answered with another status",
        _statuses(case for case in target.restated if not case.lost),
        console,
    )
    for title, cases in (("Only in OLD", target.only_old), ("Only in NEW", target.only_new)):
        _only(title, cases, console)


def _of(kind: Kind, changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind == kind]


def _lost_calls(target: Compared, console: Console) -> None:
    """Print the cases that lost their tool call, whatever a profile excuses."""
    if not target.lost_calls:
        return
    console.print()
    title = f"Lost their tool call ({len(target.lost_calls):,} of {target.calls:,} in OLD)"
    prose(console, title, style="red")
    for result in target.results:
        if not result.metric.is_requirement:
            prose(console, f"{result.metric.name}  {words.proof_of(result)}", 2)
    names = [one_line(case) for case in target.lost_calls]
    prose(console, few(names, _MAX_LOST), 2)


def _with_evidence(
    changes: Sequence[Change],
    title: str,
    console: Console,
    proofs: Mapping[str, str] = MappingProxyType({}),
) -> None:
    if not changes:
        return
    console.print()
    prose(console, f"{title} ({len(changes):,})", style="red")
    for _, group in groupby(changes, key=lambda change: (change.requirement, change.level)):
        of_requirement = list(group)
        first = of_requirement[0]
        prose(console, heading(first.entry, first.level), 2, style="bold")
        if first.requirement in proofs:
            prose(console, proofs[first.requirement], 4)
        _examples(of_requirement, console)


def _examples(changes: Sequence[Change], console: Console) -> None:
    """Print the first changes of one requirement with evidence, and the cases of the others."""
    for change in changes[:_MAX_EXAMPLES]:
        for number, finding in enumerate(change.findings):
            verbatim(console, located(change.case, finding), 4)
            if not number:
                prose(console, _old_and_new(change), 6)
            prose(console, message(finding), 6)
            for line in evidence(finding):
                verbatim(console, line, 6)
    if others := changes[_MAX_EXAMPLES:]:
        prose(console, f"and {many(len(others), 'more case')}: {_cases(others)}", 4)


def _by_requirement(changes: Sequence[Change], title: str, console: Console) -> None:
    """Print one line per requirement and kind of change, with the cases that changed so."""
    if not changes:
        return
    console.print()
    prose(console, f"{title} ({len(changes):,})", style="dim")
    by_change: dict[str, list[Change]] = {}
    for change in changes:
        level = level_of(change.entry, change.level)
        by_change.setdefault(f"{change.requirement}  {level}  {_old_and_new(change)}", []).append(
            change
        )
    for text, group in by_change.items():
        prose(console, f"{text} ({many(len(group), 'case')}): {_cases(group)}", 2, hang=4)


def _counted(changes: Sequence[Change], title: str, console: Console) -> None:
    """Print how often each requirement changed, without the cases.

    Such changes are frequent: another output of the model allows other requirements to be tested.
    """
    if not changes:
        return
    console.print()
    prose(console, f"{title} ({len(changes):,})", style="dim")
    prose(
        console,
        ", ".join(
            f"{row} {count:,}"
            for row, count in Counter(change.requirement for change in changes).items()
        ),
        2,
        hang=2,
    )


def _old_and_new(change: Change) -> str:
    return f"{_WAS[change.old]}, {_IS[change.new]}"


def _cases(changes: Iterable[Change]) -> str:
    return few([one_line(change.case) for change in changes], _MAX_NAMES)


def _only(title: str, cases: Sequence[OnlyInOne], console: Console) -> None:
    """Print the cases that only one target answered, by the reason why the other did not."""
    failures = sum(case.failures for case in cases)
    _by_reason(
        title,
        [(case.why.partition(": ")[0], case.case) for case in cases],
        console,
        f", {many(failures, 'unexpected failure')}" if failures else "",
    )


def _statuses(cases: Iterable[StatusChange]) -> list[tuple[str, str]]:
    return [
        (f"was {case.old}, is {case.new}{f': {case.said}' if case.said else ''}", case.case)
        for case in cases
    ]


def _by_reason(
    title: str,
    cases: Sequence[tuple[str, str]],
    console: Console,
    more: str = "",
    style: str = "dim",
) -> None:
    """Print cases by reason, the most frequent reason first; ``cases`` are (reason, case)."""
    if not cases:
        return
    console.print()
    prose(console, f"{title} ({many(len(cases), 'case')}{more})", style=style)
    by_why: dict[str, list[str]] = {}
    for why, case in cases:
        by_why.setdefault(why, []).append(one_line(case))
    reasons = sorted(by_why.items(), key=lambda reason: -len(reason[1]))
    for why, names in reasons[:_MAX_NAMES]:
        prose(
            console,
            f"{one_line(why)} ({many(len(names), 'case')}): {few(names, _MAX_NAMES)}",
            2,
            hang=4,
        )
    if others := reasons[_MAX_NAMES:]:
        prose(
            console,
            f"and {many(sum(len(names) for _, names in others), 'case')} for"
            f" {many(len(others), 'other reason')}",
            2,
        )
