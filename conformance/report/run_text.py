"""The report of a run for people: a table a target, what was not expected, and what nobody put to the test."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from conformance.ledger import requirements
from conformance.report.findings import heading, told
from conformance.report.plain import many, one_line
from conformance.report.unreadable import unreadable
from conformance.run.summary import ChapterCounts, by_chapter, counts, verdicts_of
from conformance.run.values import CaseVerdict, Report, TargetVerdicts, Unanswered

_WIDE = 80  # columns from which on there is room for the titles of chapters
_STYLES = {"error": "bold red", "fail": "red", "stale": "yellow", "known": "dim"}


def render(report: Report, console: Console) -> None:
    """Print the report of a run."""
    for target in report.targets:
        console.print(Text(_heading(target), style="bold"))
        for line in _table(target, titles=console.width >= _WIDE):
            console.print(Text(line), no_wrap=True)
        console.print()
    verdicts = [verdict for target in report.targets for verdict in target.verdicts]
    for outcome, title in (("error", "Not judged"), ("fail", "Unexpected failures"), ("stale", "Stale deviations")):
        _unexpected([verdict for verdict in verdicts if verdict.verdict == outcome], title, outcome, console)
    for line in _counted(report, verdicts):
        console.print(Text(line))
    for line in unreadable(report.unreadable):
        console.print(Text(line), soft_wrap=True)
    console.print(Text(closing(report), style="bold"))


def closing(report: Report) -> str:
    """The run on one line."""
    verdicts = verdicts_of(report)
    counted = counts(verdicts)
    must = sum(verdict.decides for verdict in verdicts if verdict.verdict == "fail")
    parts = [
        many(must, "must failure"),
        f"{counted['fail'] - must} other",
        f"{counted['stale']} stale",
        f"{counted['known']} known",
        f"{counted['pass']:,} passed",
    ]
    parts += [f"{counted['error']} not judged"] if counted["error"] else []
    parts += [f"{len(report.unanswered)} unanswered"] if report.unanswered else []
    parts += [f"{len(report.unreadable)} unreadable"] if report.unreadable else []
    cases = sum(target.cases for target in report.targets if not target.self_test)
    return f"{many(cases, 'case')}: {', '.join(parts)}."


def _heading(target: TargetVerdicts) -> str:
    server = " ".join(filter(None, (target.server, target.server_version)))
    whence = f"{'self-test, ' if target.self_test else ''}{target.provenance or 'unknown provenance'}{', from ' + server if server else ''}"
    judged = f"judged as {target.profile}{' (assumed: nothing tells its profile; --profile NAME does)' if target.assumed else ''}"
    return one_line(f"{target.name}: {many(target.cases, 'case')}, {whence}, {judged}")


def _table(target: TargetVerdicts, *, titles: bool) -> Iterator[str]:
    """A line a chapter, the worst first: verdicts by outcome, then how many of its requirements were put to the test."""
    width = 32 if titles else 5
    yield f"{'':<{width}}{'must':>5}{'should':>7}"
    yield f"{'':<{width}}{'fails':>5}{'fails':>7}{'stale':>6}{'error':>6}{'known':>6}{'pass':>7}{'rows':>7}"
    for protocol in (True, False):
        for number, each in enumerate(by_chapter(target, protocol=protocol)):
            if not number and not protocol:
                yield "about the model:"
            name = f"{each.chapter.prefix} {each.chapter.title}" if titles else each.chapter.prefix
            yield f"{name:<{width}}{_cells(each)}"


def _cells(each: ChapterCounts) -> str:
    widths = ((each.must, 5), (each.should, 7), (each.stale, 6), (each.error, 6), (each.known, 6), (each.passed, 7))
    return "".join(f"{count or '':>{width}}" for count, width in widths) + f"{f'{each.exercised}/{each.rows}':>7}"


def _unexpected(verdicts: list[CaseVerdict], title: str, outcome: str, console: Console) -> None:
    if not verdicts:
        return
    console.print(Text(f"{title} ({len(verdicts)})", style=_STYLES[outcome]))
    order = list(requirements())
    verdicts.sort(key=lambda verdict: (not verdict.decides, not verdict.about_protocol, verdict.level, order.index(verdict.requirement)))
    for _, group in groupby(verdicts, key=lambda verdict: (verdict.requirement, verdict.level)):
        for number, verdict in enumerate(group):
            if not number:
                console.print(Padding(Text(heading(verdict), style="bold"), (0, 0, 0, 2), expand=False))
            console.print(Padding(Text(one_line(f"{verdict.target}/{verdict.case}")), (0, 0, 0, 4), expand=False))
            for line in told(verdict):
                console.print(Padding(Text(line), (0, 0, 0, 6), expand=False))
    console.print()


def _counted(report: Report, verdicts: Iterable[CaseVerdict]) -> Iterator[str]:
    """What is not listed one by one."""
    known = Counter(verdict.requirement for verdict in verdicts if verdict.verdict == "known")
    if known:
        yield f"Known deviations ({known.total()}): {', '.join(f'{row} {count}' for row, count in known.most_common())}"
    for target in report.targets:
        if target.not_exercised:
            yield from _not_exercised(target)
    yield from _cases("Not asked", report.not_asked)
    yield from _cases("Unanswered", report.unanswered)


def _not_exercised(target: TargetVerdicts) -> Iterator[str]:
    name = one_line(target.name)
    judged = {verdict.requirement for verdict in target.verdicts}
    by_one = [row for row in target.not_exercised if row in judged]
    by_more = [row for row in target.not_exercised if row not in judged]
    if by_one:
        yield f"Not exercised by {name} ({len(by_one)}): {', '.join(by_one)}"
    if by_more:
        yield f"Not exercised by {name}, as no single exchange shows them ({len(by_more)}): {', '.join(by_more)}"


def _cases(title: str, cases: Iterable[Unanswered]) -> Iterator[str]:
    by_why: dict[str, list[str]] = {}
    for each in cases:
        by_why.setdefault(each.why, []).append(each.case)
    for why, names in by_why.items():
        yield f"{title} ({len(names)}), {one_line(why)}: {', '.join(names)}"
