"""The verdict on each metric, from the samples of both sides; docs/comparison.md explains it.

Swapping OLD and NEW turns "worse" into "better" and changes nothing else.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist, fmean, pvariance

from conformance.comparison import intervals
from conformance.comparison.calibration import calibrate
from conformance.comparison.metric import Metric
from conformance.comparison.pairing import always_harmed
from conformance.comparison.proof import (
    Proof,
    Tested,
    beyond_margin,
    proofs,
    tested_metrics,
)
from conformance.comparison.result import Judgement, MetricResult, QuestionResult
from conformance.comparison.sample import Measured

__all__ = ["ALPHA", "calibrate", "compare", "confirm", "planned", "suspects"]

ALPHA = 0.01
"""The probability of a false alarm, over all metrics of a comparison."""

_NO_WORSE_ALPHA = 0.05
"""The probability that "no worse" is wrong, for each metric."""

_SUSPECT = 0.1
"""The p-value up to which a metric is asked again."""

_LIKELY = 0.8
"""The probability with which the further questions would give a verdict."""


def compare(
    measured: Sequence[Measured], metrics: Mapping[str, Metric], *, alpha: float = ALPHA
) -> tuple[MetricResult, ...]:
    """Return a result for each metric with at least one complete pair, the worst first.

    ``metrics`` are those to compare, by name; ``alpha`` is the probability of any false "worse".
    """
    tested = tested_metrics(measured, metrics)
    proved = proofs(tested, alpha)
    answered = _answered_shares(measured)
    results = [_result(each, proved[each.metric.name], answered) for each in tested]
    return tuple(sorted(results, key=_badness))


def suspects(results: Iterable[MetricResult]) -> dict[str, tuple[str, ...]]:
    """Return, by metric, the questions to ask again: those of harmed metrics without a proof.

    Only metrics that gate are asked again, and only the questions on which the sides differ.
    """
    return {
        result.metric.name: tuple(each.question for each in result.by_question)
        for result in results
        if result.metric.gates
        and (
            result.judgement == "changed"
            or (
                result.judgement == "cannot tell"
                and result.p_worse <= _SUSPECT
                and _harm(result) > 0
            )
        )
    }


def confirm(
    results: Sequence[MetricResult], fresh: Sequence[Measured], metrics: Mapping[str, Metric]
) -> tuple[MetricResult, ...]:
    """Return the results with what fresh samples of the suspects say; see ``suspects``.

    The samples that raised the suspicion are not counted again. A suspect is worse if the fresh
    samples alone prove it, corrected for all metrics that could have become suspects: a state that
    lasts makes fresh answers resemble the first, so that a suspicion is no independent evidence.
    One that "changed" stays so if on one question all answers of NEW are bad both times.
    """
    names = {name: metrics[name] for name in suspects(results)}
    candidates = sum(result.metric.gates and result.differing > 0 for result in results)
    alpha = ALPHA * len(names) / max(candidates, 1)
    seconds = {result.metric.name: result for result in compare(fresh, names, alpha=alpha)}
    return tuple(
        sorted(
            (_confirmed(result, seconds.get(result.metric.name)) for result in results),
            key=_badness,
        )
    )


def planned(
    metrics: Mapping[str, Metric], questions: Mapping[str, int], samples: int = 1
) -> tuple[str, ...]:
    """Return the metrics for which this many questions cannot prove "no worse".

    ``questions`` has the number of questions that ask for a metric, by its name; other metrics are
    left out, and so are those that are not shares. More ``samples`` of a question do not help.
    """
    least = {
        margin: intervals.questions_for_share(0.0, 0.0, margin, _NO_WORSE_ALPHA)
        for margin in {metrics[name].margin for name in questions}
    }
    return tuple(
        name
        for name, number in questions.items()
        if metrics[name].unit == "share" and number < (least[metrics[name].margin] or math.inf)
    )


def _confirmed(result: MetricResult, second: MetricResult | None) -> MetricResult:
    if second is None:
        return result
    if second.judgement == "worse":
        return replace(
            result,
            judgement="worse",
            survives=second.survives,
            more_questions=None,
            confirmed=True,
        )
    if result.judgement == "changed":
        both = _always(result) & _always(second)
        if not both:
            return replace(result, judgement="cannot tell", confirmed=False)
        is_new = not _is_bad_in_old(result) and not _is_bad_in_old(second)
        fresh = any(_is_fresh(second, question) for question in both)
        return replace(result, confirmed=is_new and fresh)
    return replace(result, confirmed=False)


def _always(result: MetricResult) -> set[str]:
    """Return the questions on which all answers of NEW are bad and none of OLD is."""
    bad, good = (0.0, 1.0) if result.metric.worse == "less" else (1.0, 0.0)
    return {each.question for each in result.by_question if (each.old, each.new) == (good, bad)}


def _is_bad_in_old(result: MetricResult) -> bool:
    """Return whether OLD has a bad answer to any question: then NEW has nothing new."""
    return result.old < 1 if result.metric.worse == "less" else result.old > 0


def _is_fresh(result: MetricResult, question: str) -> bool:
    """Return whether both sides gave more than one answer, so that none is only a stored copy."""
    return any(
        each.question == question and min(each.old_answers, each.new_answers) > 1
        for each in result.by_question
    )


def _result(
    tested: Tested, proof: Proof, answered: Mapping[str, tuple[float, float]]
) -> MetricResult:
    metric, units = tested.metric, tested.units
    sign = -1 if metric.worse == "less" else 1
    differences = [sign * float(each) for each in tested.harms]
    is_share = metric.unit == "share"
    interval = (intervals.share_interval if is_share else intervals.mean_interval)(
        differences, ALPHA
    )
    old, new = (fmean(float(getattr(unit, side)) for unit in units) for side in ("old", "new"))
    judgement = _judgement(tested, proof)
    return MetricResult(
        metric,
        judgement,
        questions=len(units),
        differing=tested.differing,
        pairs=len(tested.pairs),
        old=old if is_share else math.exp(old),
        new=new if is_share else math.exp(new),
        old_answered=answered.get(metric.name, (None, None))[0],
        new_answered=answered.get(metric.name, (None, None))[1],
        difference=fmean(differences) if is_share else _ratio(fmean(differences)),
        interval=interval if is_share else (_ratio(interval[0]), _ratio(interval[1])),
        p_worse=tested.p_worse,
        p_better=tested.p_better,
        survives=proof.survives_worse,
        beyond_margin=beyond_margin(tested),
        more_questions=_more(tested) if judgement == "cannot tell" else None,
        by_question=_by_question(tested),
    )


def _judgement(tested: Tested, proof: Proof) -> Judgement:
    if tested.metric.worse == "neither":
        return "changed" if proof.is_worse or proof.is_better else "cannot tell"
    if proof.is_worse:
        return "worse"
    if proof.is_better:
        return "better"
    if not proof.able and always_harmed(tested.pairs, tested.metric):
        return "changed"
    return "no worse" if _is_no_worse(tested) else "cannot tell"


def _is_no_worse(tested: Tested) -> bool:
    harm = [float(each) for each in tested.harms]
    if tested.metric.unit == "share":
        return intervals.share_bound(harm, _NO_WORSE_ALPHA) < tested.metric.margin
    return intervals.mean_bound(harm, _NO_WORSE_ALPHA) < math.log1p(tested.metric.margin)


def _more(tested: Tested) -> int | None:
    """Return about how many more questions like these would give a verdict, None if unknown."""
    metric, count = tested.metric, len(tested.harms)
    harm = [float(each) for each in tested.harms]
    mean, variance = fmean(harm), pvariance(harm)
    needed: list[float] = []
    if metric.unit == "share":
        least = intervals.questions_for_share(mean, variance, metric.margin, _NO_WORSE_ALPHA)
        if least is not None:
            needed.append(least)
    elif mean < math.log1p(metric.margin) and variance:
        quantile = NormalDist().inv_cdf(1 - _NO_WORSE_ALPHA)
        needed.append(variance * (quantile / (math.log1p(metric.margin) - mean)) ** 2)
    if mean > 0 and variance:
        quantile = NormalDist().inv_cdf(1 - ALPHA / 10) + NormalDist().inv_cdf(_LIKELY)
        needed.append(variance * (quantile / mean) ** 2)
    more = [math.ceil(each - count) for each in needed if each > count]
    return min(more) if more else None


def _by_question(tested: Tested) -> tuple[QuestionResult, ...]:
    is_share = tested.metric.unit == "share"
    rows = [(harm, unit) for harm, unit in zip(tested.harms, tested.units, strict=True) if harm]
    rows.sort(key=lambda row: (-row[0], row[1].question))
    return tuple(
        QuestionResult(
            unit.question,
            float(unit.old) if is_share else math.exp(unit.old),
            float(unit.new) if is_share else math.exp(unit.new),
            unit.old_answers,
            unit.new_answers,
        )
        for _, unit in rows
    )


def _answered_shares(measured: Iterable[Measured]) -> dict[str, tuple[float, float]]:
    """Return the means among usable answers of OLD and of NEW, by metric."""
    values: dict[str, dict[str, list[float]]] = {}
    for each in measured:
        for name, value in each.answered.items():
            values.setdefault(name, {"old": [], "new": []})[each.sample.side].append(value)
    return {
        name: (fmean(sides["old"]), fmean(sides["new"]))
        for name, sides in values.items()
        if sides["old"] and sides["new"]
    }


def _ratio(logarithm: float) -> float:
    return math.expm1(min(logarithm, _LARGEST))


def _harm(result: MetricResult) -> float:
    return -result.difference if result.metric.worse == "less" else result.difference


_LARGEST = 700.0
"""Above it, the exponential is too large for a float."""

_ORDER: Sequence[Judgement] = ("worse", "changed", "cannot tell", "better", "no worse")


def _badness(result: MetricResult) -> tuple[object, ...]:
    return (
        not result.fails,
        _ORDER.index(result.judgement),
        not result.metric.gates,
        result.p_worse,
        -_harm(result),
        result.metric.name,
    )
