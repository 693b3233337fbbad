"""The first line of a report: whether the run passed, and if not, why."""

from collections import Counter
from collections.abc import Iterable

from conformance._text import many, one_line
from conformance.runs.results import Report, TargetVerdicts
from conformance.runs.summary import exercises_nothing, exit_code

WORDS = {0: "PASS", 1: "FAIL", 2: "UNREADABLE", 3: "INCONCLUSIVE"}
"""The first word of a report by the exit code of the run."""


def verdict_line(report: Report) -> str:
    """Return the verdict, what was tested, and the main reason if the run did not pass.

    A failed run has the failures of the targets as a whole, then the requirement that most cases
    break. The last reason is the most frequent one: why cases got no answer, why they were refused,
    or that the answers are empty. Self-tests are counted only if there is no other target.
    """
    code = exit_code(report)
    if not report.targets and report.unanswered:
        names = ", ".join(sorted({one_line(case.target) for case in report.unanswered}))
        cases = many(len(report.unanswered), "case")
        why = _most_frequent(case.why for case in report.unanswered)
        return f"{WORDS[code]}: {names}, no answer to any of {cases}: {why}"
    targets = [target for target in report.targets if not target.self_test] or list(report.targets)
    word = "INCONCLUSIVE" if code == 0 and exercises_nothing(report) else WORDS[code]
    names = one_line(targets[0].name) if len(targets) == 1 else many(len(targets), "target")
    parts = [f"{word}: {names}, {_tested(targets)}"]
    if code == 1:
        parts += [failure for target in targets for failure in target.failures]
        parts += [_most_broken(targets)]
    return "; ".join(filter(None, [*parts, _reason(report, targets)]))


def _tested(targets: Iterable[TargetVerdicts]) -> str:
    verdicts = [verdict for target in targets for verdict in target.verdicts]
    tested = {verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"}
    broken = {verdict.requirement for verdict in verdicts if verdict.fails_run}
    cases = sum(target.cases for target in targets)
    return (
        f"{len(broken)} of {many(len(tested), 'tested requirement')} broken, {many(cases, 'case')}"
    )


def _most_broken(targets: Iterable[TargetVerdicts]) -> str:
    """Return the requirement that most cases break, with its first finding, "" if none is broken.

    Only what makes the run fail counts, and a stale deviation only if nothing else does.
    """
    broken = [verdict for target in targets for verdict in target.verdicts if verdict.fails_run]
    if not broken:
        return ""
    broken = [verdict for verdict in broken if verdict.verdict == "fail"] or broken
    ((most, count),) = Counter(verdict.requirement for verdict in broken).most_common(1)
    first = next(verdict for verdict in broken if verdict.requirement == most)
    what = f": {one_line(first.findings[0].message)}" if first.findings else ""
    return f"{most} in {many(count, 'case')}{what}"


def _reason(report: Report, targets: Iterable[TargetVerdicts]) -> str:
    """Return what keeps the run from a clear verdict, "" if nothing does."""
    if report.unreadable:
        return f"{many(len(report.unreadable), 'recording')} cannot be read"
    if report.unanswered:
        why = _most_frequent(case.why for case in report.unanswered)
        return f"{many(len(report.unanswered), 'case')} without a complete answer: {why}"
    if refusing := [target for target in targets if target.refuses_most]:
        replies = [reply for target in refusing for reply in target.refusals]
        why = _most_frequent(f"status {reply.status}, {reply.said}" for reply in replies)
        return f"{many(len(replies), 'case')} refused: {why}"
    thin = sum(len(target.thin_answers) for target in targets)
    if any(target.says_too_little for target in targets):
        return f"half or more of the answers are empty, cut, filtered or declined ({thin:,})"
    return f"{many(thin, 'answer')} empty, cut, filtered or declined" if thin else ""


def _most_frequent(reasons: Iterable[str]) -> str:
    """Return the reason that most cases share; what precedes the cause of a chain is left out."""
    counted = Counter(
        why.partition("without an answer: ")[2] or why for why in map(one_line, reasons)
    )
    return next((why for why, _ in counted.most_common(1)), "")
