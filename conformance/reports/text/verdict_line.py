"""The first line of a report: whether the run passed, and if not, why."""

from collections import Counter
from collections.abc import Iterable

from conformance._text import duration, many, one_line
from conformance.judging.verdict import MUST_ONLY, fails_run
from conformance.runs.results import CaseVerdict, Report, TargetVerdicts
from conformance.runs.summary import exercises_nothing, exit_code

WORDS = {0: "PASS", 1: "FAIL", 2: "UNREADABLE", 3: "INCONCLUSIVE"}
"""The first word of a report by the exit code of the run."""


def word_of(report: Report) -> str:
    """Return the word for the verdict: PASS, FAIL, UNREADABLE or INCONCLUSIVE."""
    return WORDS[exit_code(report)]


def verdict_line(report: Report, seconds: float | None = None) -> str:
    """Return the verdict, what was tested, the time, and the main reason if the run did not pass.

    A failed run has the failures of the targets as a whole. The last reason is the most frequent
    one: why cases got no answer, why they were refused, or that the answers are empty. Self-tests
    are counted only if there is no other target. Accepted failures are counted beside the broken
    requirements, so that a run that passes with them does not look like one without failures.
    """
    word = word_of(report)
    time = [] if seconds is None else [duration(seconds)]
    if not report.targets and report.unanswered:
        names = ", ".join(sorted({one_line(case.target) for case in report.unanswered}))
        cases = many(len(report.unanswered), "case")
        why = _most_frequent(case.why for case in report.unanswered)
        return f"{word}: {names}, {', '.join([f'no answer to any of {cases}', *time])}: {why}"
    targets = report.main_targets
    names = one_line(targets[0].name) if len(targets) == 1 else many(len(targets), "target")
    parts = [f"{word}: {', '.join([names, _tested(targets), *time])}"]
    if word == WORDS[1]:
        parts += [failure for target in targets for failure in target.failures]
        if outdated := report.expectation_problems:
            parts.append(f"{many(len(outdated), 'expectation')} out of date")
    return "; ".join(filter(None, [*parts, _reason(report, targets)]))


def _tested(targets: Iterable[TargetVerdicts]) -> str:
    verdicts = [verdict for target in targets for verdict in target.verdicts]
    tested, broken, accepted = tested_by(verdicts), broken_by(verdicts), accepted_by(verdicts)
    cases = sum(target.cases for target in targets)
    parts = [
        f"{len(broken)} of {many(len(tested), 'tested requirement')} broken",
        *([f"{len(accepted):,} accepted"] if accepted else []),
        many(cases, "case"),
    ]
    return ", ".join(parts)


def tested_by(verdicts: Iterable[CaseVerdict]) -> frozenset[str]:
    """Return the ids of the requirements that were tested."""
    return frozenset(
        verdict.requirement for verdict in verdicts if verdict.verdict != "not exercised"
    )


def broken_by(verdicts: Iterable[CaseVerdict]) -> frozenset[str]:
    """Return the ids of the requirements that count as broken.

    They are those that fail the run, or that would by default if the user lets nothing fail it.
    """
    return frozenset(verdict.requirement for verdict in verdicts if _is_broken(verdict))


def _is_broken(verdict: CaseVerdict) -> bool:
    levels = verdict.fail_on.levels or MUST_ONLY
    stale = verdict.fail_on.stale
    return fails_run(verdict.entry, verdict.level, verdict.verdict, levels, stale=stale)


def accepted_by(verdicts: Iterable[CaseVerdict]) -> frozenset[str]:
    """Return the ids of the requirements that are broken in a way that the user accepts."""
    return frozenset(verdict.requirement for verdict in verdicts if verdict.verdict == "accepted")


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
    if exercises_nothing(report):
        return "no requirement was tested"
    return f"{many(thin, 'answer')} empty, cut, filtered or declined" if thin else ""


def _most_frequent(reasons: Iterable[str]) -> str:
    """Return the reason that most cases share; what precedes the cause of a chain is left out."""
    counted = Counter(
        why.partition("without an answer: ")[2] or why for why in map(one_line, reasons)
    )
    return next((why for why, _ in counted.most_common(1)), "")
