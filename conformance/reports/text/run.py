"""The report of a run as text: the verdict, the broken requirements, the worst in detail."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from conformance._text import duration, many, one_line
from conformance.reports.shown_requests import codes_in
from conformance.reports.text import sdk as sdk_text
from conformance.reports.text.broken import Form, all_of, worst_of
from conformance.reports.text.chapters import heading, table
from conformance.reports.text.left_out import left_out
from conformance.reports.text.page import PAGE, Line, filled, height, show
from conformance.reports.text.unreadable import not_judged, not_judged_in, unreadable
from conformance.reports.text.verdict_line import verdict_line, word_of
from conformance.runs.broken import broken_in
from conformance.runs.results import Report
from conformance.runs.summary import exit_code

_MIN_WIDTH_FOR_TITLES = 80  # columns
_MAX_TARGETS = 12  # lines of targets
_MAX_UNREADABLE = 8  # lines about recordings that cannot be read
_MAX_PROBLEMS = 3  # expectations that are out of date


@dataclass(frozen=True, slots=True)
class View:
    """What to show of a report.

    ``show`` are names of ``left_out.NAMES``, or ``chapters``, to list in full. ``verbose`` shows
    all broken requirements with all their examples. ``saved`` is the report that was written,
    ``seconds`` how long the command took; None if unknown. ``code`` is the name of the client as
    which requests are shown, "" for none. ``saved_before`` is true if a command with an
    exit code of its own shows the report again. ``code_of_end`` is the exit code of a run that was
    interrupted, None if it ended by itself.
    """

    show: frozenset[str] = frozenset()
    verbose: bool = False
    saved: Path | None = None
    seconds: float | None = None
    code: str = ""
    saved_before: bool = False
    code_of_end: int | None = None


_BRIEF = View()


def render(report: Report, console: Console, view: View = _BRIEF) -> None:
    """Print the report of a run, the verdict first."""
    width = console.width
    head = [*_head(report, view, width)]
    tail = [*_tail(report, view, width)]
    brief = replace(view, show=frozenset())  # what is asked for does not count for the page
    around = height(_head(report, brief, width), width) + height(_tail(report, brief, width), width)
    broken = broken_in(report)
    form = Form(width, report.repeat, _has_several(report), codes_in(report, view.code))
    show(console, head)
    show(console, all_of(broken, form) if view.verbose else worst_of(broken, form, PAGE - around))
    if report.sdk:
        sdk_text.render(report.sdk, console)
    show(console, tail)


def _head(report: Report, view: View, width: int) -> Iterator[Line]:
    """Yield the verdict, one line per target, and the expectations that are out of date."""
    yield from filled(verdict_line(report, view.seconds), width, style="bold")
    targets = report.main_targets
    for target in targets[:_MAX_TARGETS]:
        yield from filled(heading(target, live=report.seconds is not None), width, indent=2, hang=2)
        if "chapters" in view.show:
            titles = width >= _MIN_WIDTH_FOR_TITLES
            yield from (Line(line) for line in table(target, report, titles=titles))
    if len(targets) > _MAX_TARGETS:
        yield Line(f"  +{len(targets) - _MAX_TARGETS:,} more targets")
    problems = report.expectation_problems
    shown = len(problems) if view.verbose else _MAX_PROBLEMS
    for problem in problems[:shown]:
        yield from filled(one_line(problem), width, indent=2, hang=2)
    if len(problems) > shown:
        yield Line(f"  +{len(problems) - shown:,} more expectations that are out of date: -v")
    yield Line("")


def _has_several(report: Report) -> bool:
    return len({target.name for target in report.main_targets}) > 1


def _tail(report: Report, view: View, width: int) -> Iterator[Line]:
    """Yield what was left out, then the verdict again with the exit code and the file."""
    for kind in left_out(report, report.main_targets):
        if kind.name in view.show:
            yield from filled(f"{kind.line}:", width)
            for each in kind.entries:
                yield from filled(each, width, indent=2, hang=2)
        else:
            yield from filled(f"{kind.line} (--show {kind.name})", width, hang=2)
    lines = [*unreadable(report.unreadable)]
    most = len(lines) if view.verbose else _MAX_UNREADABLE
    yield from map(Line, lines[:most])
    if len(lines) > most:
        yield Line(f"+{len(lines) - most:,} more lines about what cannot be read: -v")
    for line in not_judged(not_judged_in(report)):
        yield from filled(line, width, hang=2)
    self_tests = [target for target in report.targets if target.self_test]
    if 0 < len(self_tests) < len(report.targets):
        cases = many(sum(target.cases for target in self_tests), "case")
        yield Line(f"Self-test: {cases} of the suite's own endpoint")
    in_part = sum(target.judged_in_part for target in report.targets)
    said = "the run's exit code was" if view.saved_before else "exit code"
    end = exit_code(report) if view.code_of_end is None else f"{view.code_of_end} (interrupted)"
    parts = [
        f"{word_of(report)}: {said} {end}",
        *([f"{in_part:,} judged in part"] if in_part else []),
        *([duration(view.seconds)] if view.seconds is not None else []),
        *([f"report: {one_line(str(view.saved))}"] if view.saved else []),
    ]
    yield from filled(", ".join(parts), width, style="bold")
