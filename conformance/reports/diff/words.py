"""The sentences about a comparison of two reports, in the words of ``conformance compare``."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from conformance._text import few, many
from conformance.reports.diff.compare import Diff, fails, summary
from conformance.reports.diff.proof import Proved

DiffWord: TypeAlias = Literal["worse", "cannot tell", "no worse"]
"""The verdict on all cases of both reports: worse makes the exit code 1; cannot tell: something is
bad in NEW that was not in OLD; no worse: nothing is."""

_MOST_NAMED = 3

ASK_AGAIN = "`conformance compare OLD NEW` asks both again, as often as it takes to tell"


def word_of(diff: Diff) -> DiffWord:
    """Return the verdict on two reports."""
    if fails(diff):
        return "worse"
    changed = any(
        target.lost_calls or any(change.kind == "regression" for change in target.changes)
        for target in diff.targets
    )
    return "cannot tell" if changed else "no worse"


def verdict_line(diff: Diff) -> str:
    """Return the verdict, and on what, in one sentence."""
    results = [result for target in diff.targets for result in target.results]
    cases = f"{many(sum(target.cases for target in diff.targets), 'case')} answered in both"
    match word_of(diff):
        case "worse":
            failing = [result for result in results if result.fails]
            if not failing:
                return f"NEW fails on {cases}: known deviations are stale that must not be."
            return f"NEW is worse than OLD on {cases}: {_named(diff, failing)}."
        case "cannot tell":
            harmed = [result for result in results if result.harmed and result.word != "better"]
            named = _named(diff, sorted(harmed, key=lambda result: not result.metric.gates))
            told = "Cannot tell from one answer a side whether NEW is worse than OLD"
            return f"{told} on {cases}{f': {named}' if named else ''}."
        case "no worse":
            changed = any(target.changes for target in diff.targets)
            what = "Nothing newly fails" if changed else "No verdict changed"
            return f"{what} on {cases}."


def counts_line(diff: Diff) -> str:
    """Return the number of changes by kind, in one to three sentences, "" without any."""
    counted = summary(diff)
    failing = sum(
        change.kind == "exercised" and change.new in ("fail", "error")
        for target in diff.targets
        for change in target.changes
    )
    only_new = f"tested only in NEW{f' ({failing:,} failing)' if failing else ''}"
    parts = [
        *_some(counted["regression"], "newly failing"),
        *_some(counted["fixed"], "fixed"),
        *_changed(counted["deviation"], "known or stale deviations"),
        *_changed(counted["accepted"], "accepted failures"),
        *_some(counted["crash"], "rule crashes changed"),
        *_some(counted["exercised"], only_new),
        *_some(counted["not exercised"], "tested only in OLD"),
        *(
            f"{many(counted[side], 'case')} only in {side.removeprefix('only_').upper()}"
            for side in ("only_old", "only_new")
            if counted[side]
        ),
    ]
    lost = counted["lost"] + counted["left_open"]
    sentences = [
        f"Verdicts: {', '.join(parts)}." if parts else "",
        f"{many(lost, 'case')} can no longer be judged." if lost else "",
        f"Exit code 1 because of {many(counted['deciding'], 'change')} about the protocol."
        if counted["deciding"]
        else "",
    ]
    return " ".join(filter(None, sentences))


def proof_of(result: Proved) -> str:
    """Return what the cases say about one metric, in half a line."""
    counts = f"{_rate(result)}, on {many(result.result.questions, 'question')}"
    match result.word:
        case "worse":
            within = "" if result.result.beyond_margin else ", within the margin"
            return f"worse{within}: {counts}; by chance with p = {result.result.p_worse:.1g}"
        case "always broken":
            return f"worse: it held in each case of OLD and is broken in each of NEW: {counts}"
        case "changed":
            return f"changed on these cases: {counts}"
        case "cannot tell":
            return f"cannot tell from one answer a side: {counts}"
        case word:
            return f"{word}: {counts}"


def _named(diff: Diff, results: Sequence[Proved]) -> str:
    """Return what is worse or changed: lost tool calls first, then the first metrics."""
    counted = summary(diff)
    lost, calls = counted["lost_tool_calls"], counted["tool_calls"]
    return ", ".join(
        [
            *([f"{lost:,} of {many(calls, 'tool call')} lost"] if lost else []),
            *(
                [few([f"{each.metric.name} {_rate(each)}" for each in results], _MOST_NAMED)]
                if results
                else []
            ),
        ]
    )


def _rate(result: Proved) -> str:
    """Return in how many cases it is so: "broken in 0 -> 3 of 12 cases"."""
    broken = "broken in " if result.metric.is_requirement else ""
    return f"{broken}{result.old:,} -> {result.new:,} of {many(result.cases, 'case')}"


def _some(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"{count:,} {what}"


def _changed(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"{many(count, 'change')} of {what}"
