"""Ask two live sides, or one against stored samples: look first, save each sample at once."""

import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from conformance._text import many, printable
from conformance.cases import Case
from conformance.comparison.sample import Sample, Side
from conformance.comparison.statistics import suspects
from conformance.endpoints.client import http_client
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_endpoint import default_rate, live_endpoint
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.preflight import CONNECT, preflight
from conformance.endpoints.client.readiness import wait_until_ready
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from conformance.runs.compare.asking import SideGone, ask_pairs
from conformance.runs.compare.comparing import compared
from conformance.runs.compare.order import PlannedPair, asking_order
from conformance.runs.compare.pair_progress import PairProgress
from conformance.runs.compare.questions import Question
from conformance.runs.compare.saved import append, appending
from conformance.runs.compare.settings import Settings
from conformance.runs.live.live_progress import shown
from conformance.runs.live.signals import ended_as_by_ctrl_c
from conformance.runs.selection import SelectionError

AGAIN = 12
"""How many fresh samples of each suspected question a side is asked for, unless they are many."""


class NotReady(Exception):
    """A side would answer nothing; the message names it, and says why and how to fix it."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How to ask: how many pairs at once, within which budget and limits, and where to save.

    ``spent`` is the number of requests that were sent before. ``folder`` is None to save nothing.
    ``confirms`` is whether suspected questions are asked again.
    """

    at_once: int = 1
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    spent: int = 0
    folder: Path | None = None
    confirms: bool = True


@dataclass(slots=True)
class Gathered:
    """The samples so far, and how asking ended.

    ``why_ended`` says why pairs are missing, "" if none is; ``missing`` how many.
    """

    samples: list[Sample]
    missing: int = 0
    why_ended: str = ""
    interrupted: bool = False
    unwritten: OSError | None = None

    def ended(self) -> str:
        """Return a note on missing pairs, "" if there are none."""
        if not self.missing:
            return ""
        return f"{many(self.missing, 'pair')} of answers missing: {printable(self.why_ended)}"


def meter_for(targets: Sequence[LiveTarget], budget: Budget, spent: int = 0) -> BudgetMeter:
    """Return one meter for all sides; without a rate, that of the slowest service counts."""
    rates = [rate for target in targets if (rate := default_rate(target))]
    rated = replace(budget, rate=budget.rate or min(rates, default=None))
    thinks = any(profile(target.profile).thinks(target.model) for target in targets)
    meter = BudgetMeter(rated, thinks=thinks)
    meter.requests = spent
    return meter


def gather(
    targets: Mapping[Side, LiveTarget],
    questions: Sequence[Question],
    settings: Settings,
    sending: Sending,
    before: Sequence[Sample] = (),
) -> Gathered:
    """Ask the missing pairs, then the suspects again, and return all samples.

    Args:
        targets: The sides to ask; only NEW if the samples of OLD are stored.
        questions: What to ask.
        settings: Samples, seed and words of the comparison.
        sending: How to ask.
        before: The samples that are there already.

    Raises SelectionError for a target that cannot be used, and NotReady before the first question.
    """
    meter = meter_for([*targets.values()], sending.budget, sending.spent)
    gathered = Gathered([*before])
    pairs = _missing(asking_order(questions, settings.samples, settings.seed), before)
    try:
        with ended_as_by_ctrl_c():
            if pairs:
                _look_at_all(targets, meter, sending)
            endpoints = {
                side: live_endpoint(target, sending.budget, sending.limits, meter=meter)
                for side, target in targets.items()
            }
            _ask(endpoints, pairs, sending, meter, gathered)
            if sending.confirms and len(targets) > 1 and not gathered.why_ended:
                again = _suspected(gathered.samples, questions, settings)
                missing = _missing(again, before)
                if missing:
                    _tell_again(missing)
                    _ask(endpoints, missing, sending, meter, gathered)
    except KeyboardInterrupt:
        gathered.interrupted = True
        gathered.why_ended = "interrupted"
        gathered.missing = len(_missing(pairs, gathered.samples))
    except TargetError as error:
        raise SelectionError(str(error)) from None
    return gathered


def _look_at_all(targets: Mapping[Side, LiveTarget], meter: BudgetMeter, sending: Sending) -> None:
    """Send each side a small request. Raises NotReady, and names the first side that is not."""
    hasty = replace(sending.limits, connect=min(CONNECT, sending.limits.connect))

    def send_to(case: Case, at: LiveTarget) -> Exchange | Unreachable:
        return meter.asking(lambda asked: http_client.send(asked, at, hasty))(case)

    for side, target in targets.items():
        wait_until_ready(target, sending.wait)
        if wrong := preflight(target, send_to):
            raise NotReady(f"{side.upper()}: {wrong.said} - fix: {wrong.fix}")


def _ask(
    endpoints: Mapping[Side, Endpoint],
    pairs: Sequence[PlannedPair],
    sending: Sending,
    meter: BudgetMeter,
    gathered: Gathered,
) -> None:
    """Ask pairs, and add each sample to ``gathered`` and to the file at once."""
    left = meter.seconds_left()
    progress = PairProgress(len(pairs), None if math.isinf(left) else left)
    with ExitStack() as stack:
        file = stack.enter_context(appending(sending.folder)) if sending.folder else None
        stack.enter_context(shown(progress))
        try:
            for asked in ask_pairs(
                endpoints,
                pairs,
                sending.at_once,
                lambda: gathered.unwritten is not None,
                progress.begins,
            ):
                _keep(asked.samples, file, gathered)
                gathered.why_ended = gathered.why_ended or asked.why_missing
                progress.ends(asked.pair.question.case.id)
        except SideGone as error:
            gathered.why_ended = str(error)
    gathered.missing += len(_missing(pairs, gathered.samples))


def _keep(samples: Sequence[Sample], file: BinaryIO | None, gathered: Gathered) -> None:
    gathered.samples.extend(samples)
    if file is None or gathered.unwritten:
        return
    try:
        append(file, samples)
    except OSError as error:
        gathered.unwritten = error
        gathered.why_ended = f"samples cannot be saved: {error.strerror}"


def _missing(pairs: Sequence[PlannedPair], samples: Sequence[Sample]) -> list[PlannedPair]:
    """Return the pairs that lack a side."""
    there: dict[tuple[str, int], set[Side]] = {}
    for sample in samples:
        there.setdefault((sample.case, sample.number), set()).add(sample.side)
    return [pair for pair in pairs if len(there.get(pair.key, ())) < 2]


def _suspected(
    samples: Sequence[Sample], questions: Sequence[Question], settings: Settings
) -> list[PlannedPair]:
    """Return pairs of fresh samples for the questions that have to be asked again.

    If they are many, each is asked less often, so that asking again costs as much as the first time
    at most.
    """
    first = [sample for sample in samples if sample.number <= settings.samples]
    results = compared(first, replace(settings, calibrate=False)).results
    wanted = {question for those in suspects(results).values() for question in those}
    suspected = [question for question in questions if question.name in wanted]
    position = 1 + max((sample.position or 0 for sample in first), default=0)
    most = len(first) // 2 // max(len(suspected), 1)
    often = min(AGAIN, max(most, settings.samples))
    return asking_order(suspected, often, settings.seed, after=settings.samples, position=position)


def _tell_again(pairs: Sequence[PlannedPair]) -> None:
    questions = len({pair.question.name for pair in pairs})
    print(
        f"Asking {many(questions, 'question')} again, {2 * len(pairs):,} requests, to see whether"
        " the differences stay; --no-confirm leaves that out.",
        file=sys.stderr,
    )
