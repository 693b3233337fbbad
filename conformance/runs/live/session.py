"""The live half of the command ``run``: cases are sent, and what came is kept as it comes, so that
an end before the end loses nothing."""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from conformance._files import stale_temp_files
from conformance._text import many, printable
from conformance.cases import Case
from conformance.endpoints.client.budget import Budget, tokens_of
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.retries import Attempt
from conformance.runs.collecting import CollectedAnswers, of_answers
from conformance.runs.live.asking import AskOptions, ask, chosen, may_cost_money
from conformance.runs.live.resuming import answered_before
from conformance.runs.live.signals import ended_as_by_ctrl_c, undisturbed
from conformance.runs.progress import progress_bar
from conformance.runs.results import Answer, Report, Unanswered
from conformance.runs.selection import Selection, SelectionError
from conformance.runs.summary import report_of

ANSWERS = "answers"
"""The folder of a report that holds what a live run was answered, as cassettes."""

WriteReport: TypeAlias = Callable[[Report, Path], object]
"""Writes a report into a folder."""

EVERY = 10.0
"""Seconds from one partial report to the next."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How a live run was asked to send: the rest of what was typed."""

    at_once: int = 1
    budget: Budget = field(default_factory=Budget)
    everything: bool = False
    record: bool = False
    resume: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class _Progress:
    """What a run has until now."""

    target: str
    selection: Selection
    cases: Sequence[Case]
    not_asked: list[Unanswered]
    outcomes: list[Answer | Unanswered]
    attempts: list[Attempt]

    def gathered(self, missing: str = "") -> CollectedAnswers:
        """All of it; the cases without an outcome are unanswered for the reason given."""
        answers = [each for each in self.outcomes if isinstance(each, Answer)]
        unanswered = [each for each in self.outcomes if isinstance(each, Unanswered)]
        there = {each.case.partition("#")[0] for each in self.outcomes}
        unanswered += [
            Unanswered(self.target, case.id, missing)
            for case in self.cases
            if missing and case.id not in there
        ]
        found = of_answers(answers, self.selection, self.not_asked, unanswered)
        found.attempts.extend(self.attempts)
        return found

    def report(self, missing: str) -> Report:
        """The report on all of it."""
        found = self.gathered(missing)
        return report_of(
            found.judged_cases,
            self.selection,
            found.unreadable,
            found.not_asked,
            found.unanswered,
            found.attempts,
        )


def ask_live(
    target: LiveTarget,
    selection: Selection,
    sending: LiveOptions,
    report: Path | None,
    cassettes: Path,
    write: WriteReport,
) -> CollectedAnswers:
    """Send what is chosen and give what comes back; with a report, parts of it are written
    meanwhile. Raises SelectionError and OSError."""
    cases, not_asked = chosen(
        target, selection, everything=sending.everything or not may_cost_money(target.base_url)
    )
    before = _before(report, target, cases) if sending.resume and report else {}
    if report and not sending.resume:
        _put_aside(report / ANSWERS)
    left = [case for case in cases if case.id not in before]
    so_far = _Progress(
        target.name,
        selection,
        cases,
        not_asked,
        [answer for turns in before.values() for answer in turns],
        [],
    )
    folders = (*((report / ANSWERS,) if report else ()), *((cassettes,) if sending.record else ()))
    manner = AskOptions(sending.at_once, sending.budget, folders, sending.limits)
    try:
        with _kept(so_far, report, write):
            written = time.monotonic()
            with progress_bar(len(left)) as bar:
                for outcomes in ask(target, left, manner, so_far.attempts.append):
                    so_far.outcomes += outcomes
                    if report and time.monotonic() - written > EVERY:
                        write(so_far.report("not asked yet"), report)
                        written = time.monotonic()
                    bar.advance(1)
    except TargetError as error:
        raise SelectionError(str(error)) from None
    return so_far.gathered()


def _before(report: Path, target: LiveTarget, cases: Sequence[Case]) -> dict[str, list[Answer]]:
    """What the run of this report was answered; how much that is, is said, and what it left
    half-written is removed."""
    for path in (*stale_temp_files(report), *stale_temp_files(report / ANSWERS / target.name)):
        path.unlink()
    before = answered_before(report / ANSWERS, target, cases)
    if before:
        print(
            f"{len(before):,} of {many(len(cases), 'case')} were answered before and are not asked"
            " again.",
            file=sys.stderr,
        )
    else:
        folder = report / ANSWERS / target.name
        print(
            f"Nothing to go on from: {folder} holds no answers of {target.model} at"
            f" {target.base_url} to these cases; all are asked.",
            file=sys.stderr,
        )
    return before


def _put_aside(answers: Path) -> None:
    """Keep the answers of an earlier run out of the way of this one, in place of those of a run
    before."""
    aside = answers.with_name(f"{ANSWERS}.before")
    if answers.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        answers.replace(aside)


@contextmanager
def _kept(so_far: _Progress, report: Path | None, write: WriteReport) -> Iterator[None]:
    """Where the run ends before its end, write what it has and say how to go on."""
    try:
        with ended_as_by_ctrl_c():
            yield
    except BaseException as error:
        if report and (
            so_far.outcomes or not isinstance(error, TargetError)
        ):  # where the first request cannot even be made, there is nothing to keep
            with undisturbed():
                write(so_far.report("the run ended before"), report)
            print(
                f"What was answered so far is in {report}; the same command with --resume goes on.",
                file=sys.stderr,
            )
        elif isinstance(error, KeyboardInterrupt):
            print(
                "Nothing was kept: with --report DIR the answers are, and --resume goes on.",
                file=sys.stderr,
            )
        raise


def describe_plan(
    target: LiveTarget, selection: Selection, sending: LiveOptions, report: Path | None
) -> str:
    """What would be sent, as text: requests and estimated tokens, and what the budget would leave.
    Nothing is sent."""
    cases, not_asked = chosen(
        target, selection, everything=sending.everything or not may_cost_money(target.base_url)
    )
    before = answered_before(report / ANSWERS, target, cases) if sending.resume and report else {}
    cases = [case for case in cases if case.id not in before]
    requests = sum(1 + len(case.then) for case in cases)
    tokens = sum(map(tokens_of, cases))
    lines = [
        f"{target.name} as {target.profile}, model {target.model}, at {target.base_url}:",
        (
            f"{many(len(cases), 'case')}, up to {many(requests, 'request')} and about"
            f" {many(tokens, 'token')}."
        ),
        *([f"{many(len(before), 'case')} answered before."] if before else []),
        *(
            f"Not asked ({count:,}): {why}."
            for why, count in Counter(
                each.why.partition(": ")[0] for each in not_asked
            ).most_common()
        ),
    ]
    budget = sending.budget
    if budget.requests is not None and budget.requests < requests:
        lines.append(f"The budget ends after {budget.requests:,} requests.")
    if budget.tokens is not None and budget.tokens < tokens:
        lines.append(f"The budget of {budget.tokens:,} tokens may end before.")
    if budget.minutes is not None:
        lines.append(f"The budget ends after {budget.minutes:g} minutes.")
    return "\n".join([*map(printable, lines), "Nothing was sent.", ""])
