"""Two reports compared, for people: the sum of it first, then what broke with its evidence, and
everything else by requirement."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console

from conformance._text import few, many, one_line
from conformance.reports.diff.compare import (
    Change,
    Compared,
    Diff,
    Kind,
    OnlyInOne,
    StatusChange,
    summary,
)
from conformance.reports.diff.saved_report import ReadTarget
from conformance.reports.text.findings import evidence, heading, level_of, located, message
from conformance.reports.text.terminal import prose, verbatim

_SHOWN = 3  # changes of one requirement that are shown with their evidence
_NAMED = (
    8  # cases that are named of each requirement, or for each reason, and reasons that are told
)

_EVIDENT: tuple[tuple[Kind, str], ...] = (
    ("deviation", "Newly stale deviations"),
    ("exercised", "Failing where OLD put nothing to the test"),
    ("crash", "Rules that crashed"),
)


def render(diff: Diff, console: Console) -> None:
    """Print the diff."""
    prose(console, closing(diff), style="bold")
    for note in diff.notes:
        prose(console, f"Note: {one_line(note)}.", hang=6)
    for target in diff.targets:
        console.print()
        prose(console, f"OLD  {_named(target.old)}", hang=5)
        prose(console, f"NEW  {_named(target.new)}", hang=5)
        prose(console, f"{many(target.cases, 'case')} answered in both", 5)
        _changes(target, console)


def closing(diff: Diff) -> str:
    """The diff in one sentence."""
    counted = summary(diff)
    failing = sum(
        change.kind == "exercised" and _is_evident(change)
        for target in diff.targets
        for change in target.changes
    )
    changed = any(target.changes for target in diff.targets)
    parts = [
        *(
            [many(counted["regression"], "regression"), f"{counted['mended']:,} mended"]
            if changed
            else ["No verdict changed"]
        ),
        *_some(counted["deviation"], "known or stale changed"),
        *_some(counted["crash"], "crashed"),
        *_some(
            counted["exercised"], f"newly exercised{f' ({failing:,} failing)' if failing else ''}"
        ),
        *_some(counted["not exercised"], "no longer exercised"),
        *(
            f"{many(counted[side], 'case')} only in {side.removeprefix('only_').upper()}"
            for side in ("only_old", "only_new")
            if counted[side]
        ),
    ]
    decided = (
        f" {many(counted['deciding'], 'change')} of the protocol"
        f" decide{'' if counted['deciding'] > 1 else 's'} the exit code."
        if counted["deciding"]
        else ""
    )
    undecided = (
        f" {many(counted['lost'] + counted['left_open'], 'case')} can no longer be judged."
        if counted["lost"] or counted["left_open"]
        else ""
    )
    return f"{', '.join(parts)}.{decided}{undecided}"


def _some(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"{count:,} {what}"


def _named(target: ReadTarget) -> str:
    told = filter(
        None,
        (
            target.model,
            target.server and f"from {target.server}",
            f"judged as {', '.join(target.profiles)}",
        ),
    )
    return one_line(f"{target.name}: {', '.join(told)}")


def _is_evident(change: Change) -> bool:
    """Whether a change is shown with its evidence: what is worse than before, and what is stale or
    fails for the first time."""
    return change.kind in ("regression", "crash") or change.new in ("fail", "stale", "error")


def _changes(target: Compared, console: Console) -> None:
    """What broke, what can no longer be judged and what is worse in another way, then what is
    better, other, or only in one of them."""
    evident, brief = (
        [change for change in target.changes if _is_evident(change) is is_evident]
        for is_evident in (True, False)
    )
    _with_evidence(_of("regression", evident), "Regressions", console)
    _by_reason(
        "Left open in NEW",
        [(each.why, each.case) for each in target.left_open],
        console,
        style="red",
    )
    _by_reason(
        "Refused in NEW",
        _statuses(each for each in target.restated if each.lost),
        console,
        style="red",
    )
    for kind, title in _EVIDENT:
        _with_evidence(_of(kind, evident), title, console)
    excused = [
        change
        for change in _of("deviation", brief)
        if (change.old, change.new) == ("pass", "known")
    ]
    _by_requirement(excused, "Passed in OLD, now excused as a known deviation", console)
    _by_requirement(_of("mended", brief), "Mended", console)
    _by_requirement(
        [change for change in _of("deviation", brief) if change not in excused],
        "Known or stale deviations that changed",
        console,
    )
    _counted(_of("exercised", brief), "Newly exercised", console)
    _counted(_of("not exercised", brief), "No longer exercised", console)
    _by_reason(
        "Answered with another status",
        _statuses(each for each in target.restated if not each.lost),
        console,
    )
    for title, cases in (("Only in OLD", target.only_old), ("Only in NEW", target.only_new)):
        _only(title, cases, console)


def _of(kind: Kind, changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind == kind]


def _with_evidence(changes: Sequence[Change], title: str, console: Console) -> None:
    if not changes:
        return
    console.print()
    prose(console, f"{title} ({len(changes):,})", style="red")
    for (requirement, level), group in groupby(
        changes, key=lambda change: (change.requirement, change.level)
    ):
        prose(console, heading(requirement, level), 2, style="bold")
        _examples(list(group), console)


def _examples(changes: Sequence[Change], console: Console) -> None:
    """The first changes of one requirement with their evidence, and the names of the others."""
    for change in changes[:_SHOWN]:
        for number, found in enumerate(change.findings):
            verbatim(console, located(change.case, found), 4)
            if not number:
                prose(console, _way(change), 6)
            prose(console, message(found), 6)
            for line in evidence(found):
                verbatim(console, line, 6)
    if others := changes[_SHOWN:]:
        prose(console, f"and {len(others):,} more: {_cases(others)}", 4)


def _by_requirement(changes: Sequence[Change], title: str, console: Console) -> None:
    """A line for each way in which a requirement changed, with the cases in which it did."""
    if not changes:
        return
    console.print()
    prose(console, f"{title} ({len(changes):,})", style="dim")
    alike: dict[str, list[Change]] = {}
    for change in changes:
        alike.setdefault(
            f"{change.requirement}  {level_of(change.requirement, change.level)}  {_way(change)}",
            [],
        ).append(change)
    for what, of_one in alike.items():
        prose(console, f"{what} ({len(of_one):,}): {_cases(of_one)}", 2, hang=4)


def _counted(changes: Sequence[Change], title: str, console: Console) -> None:
    """How often each requirement changed so, on one line: a model that says something else shows
    something else."""
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


def _way(change: Change) -> str:
    return f"was {change.old or 'not exercised'}, is {change.new or 'not exercised'}"


def _cases(changes: Iterable[Change]) -> str:
    return few([one_line(change.case) for change in changes], _NAMED)


def _only(title: str, cases: Sequence[OnlyInOne], console: Console) -> None:
    """The cases that only one answered, gathered by the reason why the other did not."""
    failures = sum(case.failures for case in cases)
    _by_reason(
        title,
        [(case.why.partition(": ")[0], case.case) for case in cases],
        console,
        f", {many(failures, 'unexpected failure')}" if failures else "",
    )


def _statuses(cases: Iterable[StatusChange]) -> list[tuple[str, str]]:
    return [
        (f"was {each.old}, is {each.new}{f': {each.said}' if each.said else ''}", each.case)
        for each in cases
    ]


def _by_reason(
    title: str,
    cases: Sequence[tuple[str, str]],
    console: Console,
    more: str = "",
    style: str = "dim",
) -> None:
    """Cases, each with the reason why it is here, gathered by reason, the most frequent first."""
    if not cases:
        return
    console.print()
    prose(console, f"{title} ({many(len(cases), 'case')}{more})", style=style)
    by_why: dict[str, list[str]] = {}
    for why, case in cases:
        by_why.setdefault(why, []).append(one_line(case))
    reasons = sorted(by_why.items(), key=lambda each: -len(each[1]))
    for why, names in reasons[:_NAMED]:
        prose(console, f"{one_line(why)} ({len(names):,}): {few(names, _NAMED)}", 2, hang=4)
    if others := reasons[_NAMED:]:
        prose(
            console,
            f"and {many(sum(len(names) for _, names in others), 'case')} for"
            f" {many(len(others), 'other reason')}",
            2,
        )
