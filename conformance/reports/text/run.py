"""The report of a run for people: a table a target, what was not expected, and what nobody put to
the test."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console

from conformance._text import few, many, one_line
from conformance.judging.requirements import requirements
from conformance.reports.text import known_deviations
from conformance.reports.text import sdk as sdk_text
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.reports.text.terminal import prose, verbatim
from conformance.reports.text.unreadable import unreadable
from conformance.runs.results import CaseVerdict, Report, TargetVerdicts
from conformance.runs.summary import ChapterCounts, by_chapter, counts, verdicts_of

_WIDE = 80  # columns from which on there is room for the titles of chapters
_SHOWN = 3  # verdicts of one requirement that are shown with their evidence
_NAMED = 8  # cases without an answer that are named for each reason
_MANY = 100  # requirements that were not exercised, as in a run of a few cases: too many to list
_STYLES = {"error": "bold red", "fail": "red", "stale": "yellow"}


def render(report: Report, console: Console) -> None:
    """Print the report of a run."""
    for target in _shown_whole(report):
        prose(console, _heading(target), style="bold")
        for line in _table(target, titles=console.width >= _WIDE):
            verbatim(console, line)
        console.print()
    verdicts = [verdict for target in report.targets for verdict in target.verdicts]
    for outcome, title in (
        ("error", "Not judged"),
        ("fail", "Unexpected failures"),
        ("stale", "Stale deviations"),
    ):
        _unexpected(
            [verdict for verdict in verdicts if verdict.verdict == outcome], title, outcome, console
        )
    known_deviations.render(_known(verdicts), console)
    if report.sdk:
        sdk_text.render(report.sdk, console)
    for line in _left_out(report):
        prose(console, line)
    for line in unreadable(report.unreadable):
        verbatim(console, line)
    prose(console, closing(report), style="bold")


def _shown_whole(report: Report) -> list[TargetVerdicts]:
    """The targets that are shown with all their tables: the real ones, or the self-test where there
    is nothing else."""
    return [target for target in report.targets if not target.self_test] or list(report.targets)


def closing(report: Report) -> str:
    """The run on one line, and on one of its own what the suite answered itself."""
    real = any(not target.self_test for target in report.targets)
    lines = (
        [_closing(report, self_test=True)]
        if any(target.self_test for target in report.targets)
        else []
    )
    return "\n".join([*lines, _closing(report)] if real or not lines else lines)


def _closing(report: Report, *, self_test: bool = False) -> str:
    verdicts = verdicts_of(report, self_test=self_test)
    counted = counts(verdicts)
    must = sum(verdict.fails_run for verdict in verdicts if verdict.verdict == "fail")
    parts = [
        many(must, "must failure"),
        many(counted["fail"] - must, "other failure"),
        f"{counted['stale']:,} stale",
        f"{counted['known']:,} known",
        f"{counted['pass']:,} passed",
    ]
    parts += [f"{counted['error']:,} not judged"] if counted["error"] else []
    refused = sum(
        len(target.refusals) for target in report.targets if target.self_test is self_test
    )
    parts += [f"{refused:,} refused"] if refused else []
    parts += [f"{len(report.unanswered):,} unanswered"] if report.unanswered else []
    parts += [f"{len(report.unreadable)} unreadable"] if report.unreadable else []
    cases = sum(target.cases for target in report.targets if target.self_test is self_test)
    return f"{'Self-test, ' if self_test else ''}{many(cases, 'case')}: {', '.join(parts)}."


def _heading(target: TargetVerdicts) -> str:
    server = " ".join(filter(None, (target.server, target.server_version)))
    assumed = " (assumed: nothing tells its profile; --profile NAME does)" if target.assumed else ""
    parts = (
        *(["self-test"] if target.self_test else []),
        target.provenance or "unknown provenance",
        *([f"from {server}"] if server else []),
        f"judged as {target.profile}{assumed}",
    )
    return one_line(f"{target.name}: {many(target.cases, 'case')}, {', '.join(parts)}")


def _table(target: TargetVerdicts, *, titles: bool) -> Iterator[str]:
    """A line a chapter, the worst first: verdicts by outcome, then how many of its requirements
    were put to the test."""
    width = 32 if titles else 5
    yield f"{'':<{width}}{'must':>5}{'should':>7}"
    outcomes = f"{'stale':>6}{'error':>6}{'known':>6}{'pass':>7}{'rows':>7}"
    yield f"{'':<{width}}{'fails':>5}{'fails':>7}{outcomes}"
    for protocol in (True, False):
        for number, each in enumerate(by_chapter(target, protocol=protocol)):
            if not number and not protocol:
                yield "about the model:"
            name = f"{each.chapter.prefix} {each.chapter.title}" if titles else each.chapter.prefix
            yield f"{name:<{width}}{_cells(each)}"


def _cells(each: ChapterCounts) -> str:
    widths = (
        (each.must, 5),
        (each.should, 7),
        (each.stale, 6),
        (each.error, 6),
        (each.known, 6),
        (each.passed, 7),
    )
    return (
        "".join(f"{count or '':>{width}}" for count, width in widths)
        + f"{f'{each.exercised}/{each.rows}':>7}"
    )


def _unexpected(verdicts: list[CaseVerdict], title: str, outcome: str, console: Console) -> None:
    if not verdicts:
        return
    prose(console, f"{title} ({len(verdicts):,})", style=_STYLES[outcome])
    order = list(requirements())
    verdicts.sort(
        key=lambda verdict: (
            not verdict.fails_run,
            not verdict.about_protocol,
            verdict.level,
            order.index(verdict.requirement),
        )
    )
    for (requirement, level), group in groupby(
        verdicts, key=lambda verdict: (verdict.requirement, verdict.level)
    ):
        prose(console, heading(requirement, level), 2, style="bold")
        prose(console, source(requirement), 4)
        _examples(list(group), console)
    console.print()


def _examples(verdicts: list[CaseVerdict], console: Console) -> None:
    """The first verdicts on one requirement with their evidence, and the names of the others."""
    for verdict in verdicts[:_SHOWN]:
        for found in verdict.findings:
            verbatim(console, located(f"{verdict.target}/{verdict.case}", found), 4)
            prose(console, message(found), 6)
            for line in evidence(found):
                verbatim(console, line, 6)
    for target, others in groupby(verdicts[_SHOWN:], key=lambda verdict: verdict.target):
        names = [one_line(verdict.case) for verdict in others]
        prose(console, f"and {len(names):,} more of {one_line(target)}: {', '.join(names)}", 4)


def _known(verdicts: Iterable[CaseVerdict]) -> Counter[tuple[str, str]]:
    known = (verdict for verdict in verdicts if verdict.verdict == "known")
    return Counter(
        (verdict.requirement, found.known)
        for verdict in known
        for found in verdict.findings
        if found.known
    )


def _left_out(report: Report) -> Iterator[str]:
    """What was not put to the test."""
    shown = _shown_whole(report)
    for target in shown:
        yield from _not_exercised(target)
        refused = (
            (
                f"{target.name}/{reply.case}",
                f"status {reply.status}{f': {reply.said}' if reply.said else ''}",
            )
            for reply in target.refusals
        )
        yield from _cases("Refused", refused)
    hidden = {target.name for target in report.targets} - {target.name for target in shown}
    yield from _cases(
        "Not asked",
        (
            (each.case, each.why.partition(": ")[0])
            for each in report.not_asked
            if each.target not in hidden
        ),
    )
    yield from _cases("Unanswered", ((each.case, each.why) for each in report.unanswered))
    if report.attempts:
        yield (
            f"Asked again: {many(len(report.attempts), 'time')}, after"
            f" {', '.join(sorted({one_line(each.why) for each in report.attempts}))}"
        )


def _not_exercised(target: TargetVerdicts) -> Iterator[str]:
    name = one_line(target.name)
    judged = {verdict.requirement for verdict in target.verdicts}
    if len(target.not_exercised) > _MANY:
        yield (
            f"Not exercised by {name}: {len(target.not_exercised)} requirements, which --format"
            " json lists"
        )
        return
    by_one = [row for row in target.not_exercised if row in judged]
    by_more = [row for row in target.not_exercised if row not in judged]
    if by_one:
        yield f"Not exercised by {name} ({len(by_one)}): {', '.join(by_one)}"
    if by_more:
        yield (
            f"Not exercised by {name}, as it takes several exchanges or one made for it"
            f" ({len(by_more)}): {', '.join(by_more)}"
        )


def _cases(title: str, cases: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Cases, each with the reason why it is here, gathered by reason."""
    by_why: dict[str, list[str]] = {}
    for case, why in cases:
        by_why.setdefault(why, []).append(case)
    for why, names in by_why.items():
        yield f"{title} ({len(names)}), {one_line(why)}: {few(names, _NAMED)}"
