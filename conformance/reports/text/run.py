"""The report of a run as text: tables, failures, known deviations, and what was not tested."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Console

from conformance._text import few, many, one_line
from conformance.reports.text import known_deviations
from conformance.reports.text import sdk as sdk_text
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.reports.text.terminal import prose, verbatim
from conformance.reports.text.unreadable import not_judged, unreadable
from conformance.reports.text.verdict_line import verdict_line
from conformance.runs.results import CaseVerdict, Report, TargetVerdicts
from conformance.runs.selection import UNSUPPORTED
from conformance.runs.summary import ChapterCounts, by_chapter, counts, verdicts_of

_MIN_WIDTH_FOR_TITLES = 80  # columns
_MAX_EXAMPLES = 3  # verdicts of one requirement that are shown with their evidence
_MAX_NAMES = 8  # cases without an answer that are listed for each reason
_MAX_REQUIREMENTS = 100  # requirements not tested; a run of few cases has more, which are counted
_STYLES = {"error": "bold red", "fail": "red", "stale": "yellow"}


def render(report: Report, console: Console) -> None:
    """Print the report of a run, the verdict first."""
    prose(console, verdict_line(report), style="bold")
    console.print()
    for target in _main_targets(report):
        prose(console, _heading(target), style="bold")
        for line in _table(target, report, titles=console.width >= _MIN_WIDTH_FOR_TITLES):
            verbatim(console, line)
        console.print()
    verdicts = [verdict for target in report.targets for verdict in target.verdicts]
    for outcome, title in (
        ("error", "Rules that crashed"),
        ("fail", "Unexpected failures"),
        ("stale", "Stale deviations"),
    ):
        _unexpected(
            [verdict for verdict in verdicts if verdict.verdict == outcome],
            list(report.requirements),
            title,
            outcome,
            console,
        )
    known_deviations.render(_known(verdicts), console)
    if report.sdk:
        sdk_text.render(report.sdk, console)
    for line in _not_tested(report):
        prose(console, line)
    for line in unreadable(report.unreadable):
        verbatim(console, line)
    for line in not_judged(_not_judged(report)):
        verbatim(console, line)
    prose(console, closing(report), style="bold")


def _main_targets(report: Report) -> list[TargetVerdicts]:
    """Return the targets that get a table: the real ones, or else the self-tests."""
    return [target for target in report.targets if not target.self_test] or list(report.targets)


def _not_judged(report: Report) -> Counter[str]:
    counted: Counter[str] = Counter()
    for target in report.targets:
        counted.update(dict(target.not_judged))
    return counted


def closing(report: Report) -> str:
    """Return one line of counts for the self-test, if any, and one for the real targets."""
    real = any(not target.self_test for target in report.targets)
    lines = (
        [_counts_line(report, self_test=True)]
        if any(target.self_test for target in report.targets)
        else []
    )
    return "\n".join([*lines, _counts_line(report)] if real or not lines else lines)


def _counts_line(report: Report, *, self_test: bool = False) -> str:
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
    parts += [many(counted["error"], "crashed rule")] if counted["error"] else []
    refused = sum(
        len(target.refusals) for target in report.targets if target.self_test is self_test
    )
    parts += [f"{refused:,} refused"] if refused else []
    thin = sum(
        len(target.thin_answers) for target in report.targets if target.self_test is self_test
    )
    parts += [f"{thin:,} empty, cut, filtered or declined"] if thin else []
    parts += [f"{len(report.unanswered):,} unanswered"] if report.unanswered else []
    parts += [f"{len(report.unreadable)} unreadable"] if report.unreadable else []
    in_part = sum(
        target.judged_in_part for target in report.targets if target.self_test is self_test
    )
    parts += [f"{in_part:,} judged in part"] if in_part else []
    cases = sum(target.cases for target in report.targets if target.self_test is self_test)
    return f"{'Self-test, ' if self_test else ''}{many(cases, 'case')}: {', '.join(parts)}."


def _heading(target: TargetVerdicts) -> str:
    server = " ".join(filter(None, (target.server, target.server_version)))
    assumed = " (assumed; to change it, use --profile NAME)" if target.assumed else ""
    parts = (
        *(["self-test"] if target.self_test else []),
        target.provenance or "unknown provenance",
        *([f"from {server}"] if server else []),
        f"judged as {target.profile}{assumed}",
    )
    return one_line(f"{target.name}: {many(target.cases, 'case')}, {', '.join(parts)}")


def _table(target: TargetVerdicts, report: Report, *, titles: bool) -> Iterator[str]:
    """Yield a header and one line per chapter, the worst first.

    A line counts verdicts by outcome, then how many requirements of the chapter were tested.
    """
    width = 32 if titles else 5
    yield f"{'':<{width}}{'must':>5}{'should':>7}"
    outcomes = f"{'stale':>6}{'error':>6}{'known':>6}{'pass':>7}{'tested':>7}"
    yield f"{'':<{width}}{'fails':>5}{'fails':>7}{outcomes}"
    for protocol in (True, False):
        for number, row in enumerate(by_chapter(target, report.requirements, protocol=protocol)):
            if not number and not protocol:
                yield "about the model's output:"
            name = f"{row.prefix} {row.title}" if titles else row.prefix
            yield f"{name:<{width}}{_cells(row)}"


def _cells(row: ChapterCounts) -> str:
    widths = (
        (row.must, 5),
        (row.should, 7),
        (row.stale, 6),
        (row.error, 6),
        (row.known, 6),
        (row.passed, 7),
    )
    return (
        "".join(f"{count or '':>{width}}" for count, width in widths)
        + f"{f'{row.exercised}/{row.rows}':>7}"
    )


def _unexpected(
    verdicts: list[CaseVerdict], order: Sequence[str], title: str, outcome: str, console: Console
) -> None:
    if not verdicts:
        return
    prose(console, f"{title} ({len(verdicts):,})", style=_STYLES[outcome])
    verdicts.sort(
        key=lambda verdict: (
            not verdict.fails_run,
            not verdict.about_protocol,
            verdict.level,
            order.index(verdict.requirement),
        )
    )
    for _, group in groupby(verdicts, key=lambda verdict: (verdict.requirement, verdict.level)):
        of_requirement = list(group)
        first = of_requirement[0]
        prose(console, heading(first.entry, first.level), 2, style="bold")
        prose(console, source(first.entry), 4)
        _examples(of_requirement, console)
    console.print()


def _examples(verdicts: list[CaseVerdict], console: Console) -> None:
    """Print the first verdicts on one requirement with evidence, and the cases of the others."""
    for verdict in verdicts[:_MAX_EXAMPLES]:
        for finding in verdict.findings:
            verbatim(console, located(f"{verdict.target}/{verdict.case}", finding), 4)
            prose(console, message(finding), 6)
            for line in evidence(finding):
                verbatim(console, line, 6)
    for target, others in groupby(verdicts[_MAX_EXAMPLES:], key=lambda verdict: verdict.target):
        names = [one_line(verdict.case) for verdict in others]
        prose(
            console,
            f"and {many(len(names), 'more case')} on {one_line(target)}: {', '.join(names)}",
            4,
        )


def _known(verdicts: Iterable[CaseVerdict]) -> Counter[tuple[str, str]]:
    known = (verdict for verdict in verdicts if verdict.verdict == "known")
    return Counter(
        (verdict.requirement, finding.known)
        for verdict in known
        for finding in verdict.findings
        if finding.known
    )


def _not_tested(report: Report) -> Iterator[str]:
    """Yield requirements that were not tested, and cases refused, skipped or unanswered."""
    shown = _main_targets(report)
    for target in shown:
        yield from _requirements_not_tested(target)
        refused = (
            (
                f"{target.name}/{reply.case}",
                f"status {reply.status}{f', {reply.said}' if reply.said else ''}",
            )
            for reply in target.refusals
        )
        yield from _cases("Refused", refused)
        thin = [
            (f"{target.name}/{reply.case}", "no usable text or call, or cut at the token limit")
            for reply in target.thin_answers
        ]
        yield from _cases("Empty, cut, filtered or declined", thin)
        if target.says_too_little:
            yield (
                f"{target.name}: half or more of the cases got no usable answer, so the run proves"
                " little. If the answers are cut: a model that thinks spends its token limit on"
                " thoughts; is the model named as the profile knows it?"
            )
    hidden = {target.name for target in report.targets} - {target.name for target in shown}
    skipped = [entry for entry in report.not_asked if entry.target not in hidden]
    yield from _unsupported(entry.why for entry in skipped if entry.why.startswith(UNSUPPORTED))
    yield from _cases(
        "Skipped",
        (
            (entry.case, entry.why.partition(": ")[0])
            for entry in skipped
            if not entry.why.startswith(UNSUPPORTED)
        ),
    )
    yield from _cases("Unanswered", ((case.case, case.why) for case in report.unanswered))
    if report.attempts:
        yield (
            f"Retries: {len(report.attempts):,}, after"
            f" {', '.join(sorted({one_line(attempt.why) for attempt in report.attempts}))}"
        )


def _requirements_not_tested(target: TargetVerdicts) -> Iterator[str]:
    name = one_line(target.name)
    judged = {verdict.requirement for verdict in target.verdicts}
    if len(target.not_exercised) > _MAX_REQUIREMENTS:
        yield (
            f"Not tested on {name}: {len(target.not_exercised)} requirements; --format json lists"
            " them"
        )
        return
    testable = [row for row in target.not_exercised if row in judged]
    others = [row for row in target.not_exercised if row not in judged]
    if testable:
        yield f"Not tested on {name} ({many(len(testable), 'requirement')}): {', '.join(testable)}"
    if others:
        yield (
            f"Not tested on {name} ({many(len(others), 'requirement')}, each of which needs several"
            f" exchanges or a dedicated request): {', '.join(others)}"
        )


def _unsupported(reasons: Iterable[str]) -> Iterator[str]:
    """Yield one line for each target or model that lacks capabilities, and count those."""
    by_reason: dict[str, list[str]] = {}
    for why in reasons:
        reason, _, lacking = why.partition(": ")
        by_reason.setdefault(reason, []).append(lacking)
    for reason, lists in by_reason.items():
        lacks = Counter(name for names in lists for name in names.split(", "))
        counted = ", ".join(f"{name} {count:,}" for name, count in lacks.most_common())
        yield f"Skipped: {one_line(reason)} ({many(len(lists), 'case')}): {one_line(counted)}"


def _cases(title: str, cases: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield one line per reason, with the cases that share it; ``cases`` are (case, reason)."""
    by_why: dict[str, list[str]] = {}
    for case, why in cases:
        by_why.setdefault(why, []).append(case)
    for why, names in by_why.items():
        yield f"{title}: {one_line(why)} ({many(len(names), 'case')}): {few(names, _MAX_NAMES)}"
