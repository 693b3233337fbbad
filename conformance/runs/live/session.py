"""The live mode of ``run``: send cases and store each answer at once, so none is lost."""

import math
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from conformance._files import stale_temp_files
from conformance._text import many, printable
from conformance.cases import Case
from conformance.cases.case_ref import parse_case
from conformance.endpoints.client import http_client
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.diagnosis import Check
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_endpoint import daily_limit, default_rate, meter_of
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.preflight import CONNECT, preflight
from conformance.endpoints.client.readiness import wait_until_ready
from conformance.endpoints.client.retries import Attempt
from conformance.endpoints.client.token_estimate import estimate
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange
from conformance.runs.case_judging import judge_case
from conformance.runs.collecting import CollectedAnswers, of_answers
from conformance.runs.live.asking import AskOptions, ask, chosen, may_cost_money
from conformance.runs.live.live_progress import LiveProgress, shown
from conformance.runs.live.resuming import answered_before
from conformance.runs.live.signals import ended_as_by_ctrl_c, undisturbed
from conformance.runs.results import Answer, Report, Unanswered
from conformance.runs.selection import Selection, SelectionError

ANSWERS = "answers"
"""The folder inside a report folder that holds the answers of a live run as cassettes."""

WriteReport: TypeAlias = Callable[[Report, Path], object]
"""Writes a report into a folder."""

_NOT_REACHED = "the run ended before this case"
_INTERRUPTED = "interrupted before this case"

EVERY = 10.0
"""Seconds from one partial report to the next."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """The command line options of a live run.

    ``everything`` sends all cases, ``core_only`` only the core ones; with neither, the endpoint's
    address decides. ``record`` stores cassettes; ``resume`` uses the answers in the report folder.
    ``wait`` is how many seconds to wait for an endpoint that is still starting. If ``looks`` is
    true, a few small requests first find out whether the endpoint answers at all. ``spent`` is
    the number of requests that were sent before; they count in the budget.
    """

    at_once: int = 1
    budget: Budget = field(default_factory=Budget)
    everything: bool = False
    record: bool = False
    resume: bool = False
    limits: Limits = field(default_factory=Limits)
    core_only: bool = False
    wait: float = 0.0
    looks: bool = False
    spent: int = 0

    def sends_all(self, base_url: str) -> bool:
        """True if all cases are sent: as asked, or because the endpoint is on the local network."""
        return self.everything or not (self.core_only or may_cost_money(base_url))


class NotReady(Exception):
    """No case was sent, as none would be answered; the message says why and how to fix it.

    ``collected`` are the answers of an earlier run, and all other cases as unanswered.
    """

    def __init__(self, why: str, collected: CollectedAnswers) -> None:
        super().__init__(why)
        self.collected = collected


class Interrupted(KeyboardInterrupt):
    """The run was interrupted; ``collected`` are the answers so far."""

    def __init__(self, collected: CollectedAnswers) -> None:
        super().__init__()
        self.collected = collected


@dataclass(slots=True)
class _SoFar:
    """The state of a live run: its cases, and the outcomes and retries so far."""

    target: str
    selection: Selection
    cases: Sequence[Case]
    not_asked: list[Unanswered]
    outcomes: list[Answer | Unanswered]
    attempts: list[Attempt]

    def gathered(self, missing: str = "") -> CollectedAnswers:
        """Judge the answers so far.

        Cases without an outcome are added as unanswered for the reason ``missing``, or left out if
        that is "".
        """
        answers = [outcome for outcome in self.outcomes if isinstance(outcome, Answer)]
        unanswered = [outcome for outcome in self.outcomes if isinstance(outcome, Unanswered)]
        finished = {parse_case(outcome.case).id for outcome in self.outcomes}
        unanswered += [
            Unanswered(self.target, case.id, missing)
            for case in self.cases
            if missing and case.id not in finished
        ]
        collected = of_answers(answers, self.selection, self.not_asked, unanswered)
        collected.attempts.extend(self.attempts)
        return collected

    def report(self, missing: str) -> Report:
        """Build the report so far; ``missing`` is the reason for cases without an outcome."""
        collected = self.gathered(missing)
        return collected.report(self.selection)


def ask_live(
    target: LiveTarget,
    selection: Selection,
    sending: LiveOptions,
    report: Path | None,
    cassettes: Path,
    write: WriteReport,
) -> CollectedAnswers:
    """Send the selected cases and return the judged answers.

    Args:
        report: the report folder. Answers are stored there as they come, and a partial report is
            written every ``EVERY`` seconds and if the run is interrupted. None stores nothing.
        cassettes: the folder for answers if ``sending.record`` is set.
        write: writes a partial report into the folder.

    If an answer or a partial report cannot be written, no other case is sent; the result has the
    answers to all cases that were, and the error as ``unwritten``.

    Raises SelectionError, OSError if there is no answer yet, NotReady if no case would be answered,
    and Interrupted instead of KeyboardInterrupt if there are answers.
    """
    cases, not_asked = chosen(target, selection, everything=sending.sends_all(target.base_url))
    before = _load_answers(report, target, cases) if sending.resume and report else {}
    if report and not sending.resume:
        _move_aside(report / ANSWERS)
    remaining = [case for case in cases if case.id not in before]
    so_far = _SoFar(
        target.name,
        selection,
        cases,
        not_asked,
        [answer for turns in before.values() for answer in turns],
        [],
    )
    folders = (*((report / ANSWERS,) if report else ()), *((cassettes,) if sending.record else ()))
    meter = meter_of(target, sending.budget, sending.spent)
    options = AskOptions(sending.at_once, sending.budget, folders, sending.limits, meter)
    unwritten: list[OSError] = []
    try:
        with _saved_if_interrupted(so_far, report, write):
            if remaining:
                wait_until_ready(target, sending.wait)
            if remaining and sending.looks and (wrong := _look(target, meter, sending.limits)):
                why = f"{wrong.said} - fix: {wrong.fix}"
                raise NotReady(why, so_far.gathered(why))
            written = time.monotonic()
            progress = LiveProgress(len(remaining), _seconds_left(meter))
            with shown(progress):
                for outcomes in ask(
                    target,
                    remaining,
                    options,
                    so_far.attempts.append,
                    lambda: bool(unwritten),
                    progress.begins,
                ):
                    so_far.outcomes += outcomes
                    progress.ends(_case_of(outcomes), _broken_in(outcomes, selection))
                    if report and not unwritten and time.monotonic() - written > EVERY:
                        try:
                            write(so_far.report("not sent yet"), report)
                        except OSError as error:
                            unwritten.append(error)
                        written = time.monotonic()
    except TargetError as error:
        raise SelectionError(str(error)) from None
    except OSError as error:
        if not so_far.outcomes:
            raise
        unwritten.append(error)
    if unwritten:
        return replace(so_far.gathered(_NOT_REACHED), unwritten=unwritten[0])
    return so_far.gathered()


def _look(target: LiveTarget, meter: BudgetMeter, limits: Limits) -> Check | None:
    """Return why no case would be answered, None if the run can begin."""
    hasty = replace(limits, connect=min(CONNECT, limits.connect))

    def send_to(case: Case, at: LiveTarget) -> Exchange | Unreachable:
        return meter.asking(lambda asked: http_client.send(asked, at, hasty))(case)

    return preflight(target, send_to)


def _seconds_left(meter: BudgetMeter) -> float | None:
    left = meter.seconds_left()
    return None if math.isinf(left) else left


def _case_of(outcomes: Sequence[Answer | Unanswered]) -> str:
    return parse_case(outcomes[0].case).id if outcomes else ""


def _broken_in(outcomes: Sequence[Answer | Unanswered], selection: Selection) -> set[str]:
    """Return the requirements that make the run fail, as far as each answer alone shows."""
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    return {
        verdict.requirement
        for answer in answers
        for verdict in judge_case(answer, selection).verdicts
        if verdict.fails_run
    }


def _load_answers(
    report: Path, target: LiveTarget, cases: Sequence[Case]
) -> dict[str, list[Answer]]:
    """Return the answers to resume from, by case id, and print how many there are.

    Incomplete files of a killed run are deleted.
    """
    for path in (*stale_temp_files(report), *stale_temp_files(report / ANSWERS / target.name)):
        path.unlink()
    before = answered_before(report / ANSWERS, target, cases)
    if before:
        print(
            f"{len(before):,} of {many(len(cases), 'case')} already have an answer and are not sent"
            " again.",
            file=sys.stderr,
        )
    else:
        folder = report / ANSWERS / target.name
        print(
            f"Nothing to resume: {folder} has no answers of {target.model} at {target.base_url} to"
            " these cases. All of them are sent.",
            file=sys.stderr,
        )
    return before


def _move_aside(answers: Path) -> None:
    """Rename the answers folder of the previous run, replacing that of the run before it."""
    aside = answers.with_name(f"{ANSWERS}.before")
    if answers.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        answers.replace(aside)


@contextmanager
def _saved_if_interrupted(
    so_far: _SoFar, report: Path | None, write: WriteReport
) -> Iterator[None]:
    """If the run is interrupted, write its partial report and print how to resume it.

    Raises Interrupted instead of KeyboardInterrupt if there are answers.
    """
    try:
        with ended_as_by_ctrl_c():
            yield
    except (OSError, NotReady):  # the caller has the answers and the error
        raise
    except BaseException as error:
        missing = _INTERRUPTED if isinstance(error, KeyboardInterrupt) else _NOT_REACHED
        if report and (
            so_far.outcomes or not isinstance(error, TargetError)
        ):  # if not even the first request can be made, there is nothing to save
            with undisturbed():
                write(so_far.report(missing), report)
            print(
                f"The answers so far are in {report}; to continue, add --resume to the same"
                " command. An answer that still arrives is kept too.",
                file=sys.stderr,
            )
        elif isinstance(error, KeyboardInterrupt):
            print(
                "No answers were saved: use --report DIR to save them, and --resume to continue.",
                file=sys.stderr,
            )
        if isinstance(error, KeyboardInterrupt) and so_far.outcomes:
            raise Interrupted(so_far.gathered(missing)) from None
        raise


def _pace(requests: int, target: LiveTarget, chosen_rate: float | None) -> list[str]:
    """Return lines that say how long the requests take, none without a rate.

    Without a chosen rate, that of the service's smallest plan counts, with its limit per day.
    """
    rate = chosen_rate or default_rate(target)
    if not rate:
        return []
    minutes = many(math.ceil(requests / rate / 60), "minute")
    lines = [f"At {rate:g} requests per second this takes about {minutes}; --rate N changes that."]
    if not chosen_rate and (daily := daily_limit(target)):
        days = math.ceil(requests / daily)
        needs = f", so this needs {many(days, 'day')} with --resume" if days > 1 else ""
        lines.append(
            f"The free tier allows about {many(daily, 'request')} per day and model{needs}; with a"
            " paid plan, give --rate 2."
        )
    return lines


def describe_plan(
    target: LiveTarget, selection: Selection, sending: LiveOptions, report: Path | None
) -> str:
    """Describe, without sending anything, what the run would send.

    The text has the target, the number of cases and requests, the estimated tokens, the skipped
    cases with reasons, and the budgets that may end the run early.
    """
    cases, not_asked = chosen(target, selection, everything=sending.sends_all(target.base_url))
    before = answered_before(report / ANSWERS, target, cases) if sending.resume and report else {}
    cases = [case for case in cases if case.id not in before]
    requests = sum(1 + len(case.then) for case in cases)
    thinks = selection.suite.profile(target.profile).thinks(target.model)
    estimates = [estimate(case, thinks=thinks) for case in cases]
    prompts = sum(each.prompts for each in estimates)
    tokens = prompts + sum(each.answers for each in estimates)
    lines = [
        f"Target {target.name}, profile {target.profile}, model {target.model}, at"
        f" {target.base_url}:",
        (
            f"{many(len(cases), 'case')}, up to {many(requests, 'request')} and about"
            f" {many(tokens, 'token')}."
        ),
        (
            f"Of the tokens, about {prompts:,} are prompts with their images and audio, and"
            f" {tokens - prompts:,} answers{' with their thoughts' if thinks else ''}."
        ),
        *_pace(requests, target, sending.budget.rate),
        *([f"{many(len(before), 'case')} already answered."] if before else []),
        *(
            f"Skipped: {why} ({count:,})."
            for why, count in Counter(
                skipped.why.partition(": ")[0] for skipped in not_asked
            ).most_common()
        ),
    ]
    if sending.looks and cases:
        lines.append("Before them, up to 2 small requests find out whether the endpoint answers.")
    budget = sending.budget
    if budget.requests is not None and budget.requests < requests:
        lines.append(f"The budget of {budget.requests:,} requests ends the run early.")
    if budget.tokens is not None and budget.tokens < tokens:
        lines.append(f"The budget of {budget.tokens:,} tokens may end the run early.")
    if budget.minutes is not None:
        lines.append(f"The budget of {budget.minutes:g} minutes may end the run early.")
    return "\n".join([*map(printable, lines), ""])
