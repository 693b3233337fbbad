"""Say, without sending anything, what a comparison would send and what it can prove."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from conformance._text import few, many, printable
from conformance.comparison.sample import Sample, Side
from conformance.comparison.statistics import planned
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.live_endpoint import default_rate
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.token_estimate import estimate
from conformance.endpoints.reference.in_process import embedded
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.runs.compare.comparing import measured_of, metrics_of
from conformance.runs.compare.questions import Question
from conformance.runs.compare.settings import Settings

_SECONDS_OF_ANSWER = 2.0
"""A guess for the answer of a small model."""
_MOST_NAMED = 4
_EMULATED = "openai"
_PROMPT_PRICE, _ANSWER_PRICE = 0.3, 2.5
"""US dollars for a million tokens of a small model of a cloud service, as an example."""


def describe(
    targets: Mapping[Side, LiveTarget],
    questions: Sequence[Question],
    settings: Settings,
    budget: Budget,
    at_once: int,
    *,
    confirms: bool,
    before: Sequence[Sample] = (),
) -> str:
    """Return requests, tokens, minutes, a rough cost, and what cannot be proved at this size.

    ``before`` are the samples that are there already. Which metrics the questions ask for is found
    with the reference endpoint, inside this process.
    """
    done = Counter(sample.case for sample in before if sample.side in targets)
    prompts = answers = requests = 0
    for question in questions:
        left = max(settings.samples * len(targets) - done[question.case.id], 0)
        thinks = any(_thinks(target) for target in targets.values())
        each = estimate(question.case, thinks=thinks)
        requests, prompts, answers = (
            requests + left,
            prompts + left * each.prompts,
            answers + left * each.answers,
        )
    lines = [
        *(
            f"{side.upper()}: {target.model} at {target.base_url}"
            for side, target in targets.items()
        ),
        (
            f"On {settings.about}, {many(settings.samples, 'sample')} a side:"
            f" {many(requests, 'request')}, about {many(prompts + answers, 'token')} at most,"
            f" {prompts:,} of prompts and {answers:,} of answers."
        ),
        *(f"Note: {note}." for note in settings.notes),
        _minutes(requests, targets, budget, at_once),
        _cost(prompts, answers),
    ]
    if confirms:
        lines.append(
            "Questions with a suspicious difference are asked again, with as many requests more at"
            " most; --no-confirm leaves that out."
        )
    lines += _early_ends(budget, requests, prompts + answers)
    lines += _not_provable(questions, settings)
    return "".join(f"{printable(line)}\n" for line in lines)


def _thinks(target: LiveTarget) -> bool:
    return profile(target.profile).thinks(target.model)


def _minutes(
    requests: int, targets: Mapping[Side, LiveTarget], budget: Budget, at_once: int
) -> str:
    rates = [rate for target in targets.values() if (rate := default_rate(target))]
    rate = budget.rate or min(rates, default=None)
    guess = requests * _SECONDS_OF_ANSWER / at_once
    seconds = max(requests / rate, guess) if rate else guess
    pace = f"at {rate:g} requests per second" if rate else f"at {_SECONDS_OF_ANSWER:g} s an answer"
    changed = "--rate" if rate else "--concurrency"
    return f"About {many(math.ceil(seconds / 60), 'minute')} {pace}; {changed} N changes that."


def _cost(prompts: int, answers: int) -> str:
    dollars = (prompts * _PROMPT_PRICE + answers * _ANSWER_PRICE) / 1e6
    return (
        f"At {_PROMPT_PRICE:g} dollars for a million tokens of prompts and {_ANSWER_PRICE:g} of"
        f" answers, as for a small model, that is {dollars:,.2f} dollars at most; answers are"
        " mostly far shorter than their limit."
    )


def _early_ends(budget: Budget, requests: int, tokens: int) -> Iterator[str]:
    if budget.requests is not None and budget.requests < requests:
        yield f"The budget of {many(budget.requests, 'request')} ends it early."
    if budget.tokens is not None and budget.tokens < tokens:
        yield f"The budget of {many(budget.tokens, 'token')} may end it early."
    if budget.minutes is not None:
        yield f"The budget of {budget.minutes:g} minutes may end it early."


def _not_provable(questions: Sequence[Question], settings: Settings) -> Iterator[str]:
    """Yield which metrics have too few questions to prove that they are no worse."""
    suite = shipped_suite()
    measured = measured_of(_emulated(questions), settings, suite)
    metrics = metrics_of(measured, suite)
    asked_for = {
        name: len({each.sample.question for each in measured if name in each.values})
        for name in metrics
    }
    names = planned(metrics, asked_for)
    of_behaviour = [name for name in names if not metrics[name].is_requirement]
    if of_behaviour:
        listed = [f"{name} ({many(asked_for[name], 'question')})" for name in of_behaviour]
        yield (
            'Too few questions to prove "no worse", even without a difference, for'
            f" {few(listed, _MOST_NAMED)}."
        )
    if requirements := len(names) - len(of_behaviour):
        yield (
            f"The same goes for {many(requirements, 'requirement')} of the protocol, whose margin"
            " is 2 points; one that breaks is reported all the same."
        )


def _emulated(questions: Sequence[Question]) -> Iterator[Sample]:
    """Yield the answers of the reference endpoint, which needs no network."""
    endpoint = embedded(_EMULATED)
    for question in questions:
        outcome = endpoint(question.case)
        if isinstance(outcome, Exchange):
            yield Sample(question.name, question.case.id, "old", 1, 0, outcome, "", question.case)
