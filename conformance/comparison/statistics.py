"""The verdict on each metric, from the samples of both sides; docs/comparison.md explains it.

Swapping OLD and NEW turns "worse" into "better" and changes nothing else.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist, fmean, pvariance

from conformance.comparison import intervals
from conformance.comparison.holm import testable, thresholds
from conformance.comparison.metric import Metric
from conformance.comparison.pairing import Pair, Unit, harms, pairs_of, units_of
from conformance.comparison.result import Judgement, MetricResult, QuestionResult
from conformance.comparison.sample import Measured
from conformance.comparison.sign_flip import p_value

ALPHA = 0.01
"""The probability of a false alarm, over all metrics of a comparison."""

NO_WORSE_ALPHA = 0.05
"""The probability that "no worse" is wrong, for each metric."""

FEWEST = 7
"""The fewest differing questions that can prove anything at ``ALPHA``: 2^-7 is below it."""

_WINDOWS = 20
"""From how many places of the run a tenth of it is left out."""

_SUSPECT = 0.1
"""The p-value up to which a metric is asked again."""

_UNLIKELY_POWER = 0.8


@dataclass(frozen=True, slots=True)
class _Tested:
    """A metric with its pairs, and the units and p-values that follow from them."""

    metric: Metric
    pairs: Sequence[Pair]
    units: Sequence[Unit]
    harms: Sequence[Fraction | float]
    p_worse: float
    p_better: float

    @property
    def differing(self) -> int:
        return sum(harm != 0 for harm in self.harms)


def compare(
    measured: Sequence[Measured], metrics: Mapping[str, Metric], *, alpha: float = ALPHA
) -> tuple[MetricResult, ...]:
    """Return a result for each metric with at least one complete pair, the worst first.

    ``metrics`` are those to compare, by name; ``alpha`` is the probability of any false "worse".
    """
    tested = [_tested(metric, pairs_of(measured, name)) for name, metric in metrics.items()]
    tested = [each for each in tested if each.pairs]
    able = set(testable({each.metric.name: each.differing for each in tested}, alpha))
    worse = _levels({each.metric.name: each.p_worse for each in tested}, able, alpha)
    better = _levels({each.metric.name: each.p_better for each in tested}, able, alpha)
    answered = _answered_shares(measured)
    results = [
        _result(each, worse.get(each.metric.name, 0.0), better.get(each.metric.name, 0.0), answered)
        for each in tested
    ]
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

    The samples that raised the suspicion are not counted again. A suspect with enough questions is
    worse if the fresh samples alone prove it; one with fewer stays "changed" only if all its fresh
    answers in NEW are bad and none in OLD is, for at least one question.
    """
    names = {name: metrics[name] for name in suspects(results)}
    seconds = {result.metric.name: result for result in compare(fresh, names)}
    return tuple(
        sorted(
            (_confirmed(result, seconds.get(result.metric.name)) for result in results),
            key=_badness,
        )
    )


def planned(metrics: Mapping[str, Metric], questions: Mapping[str, int]) -> tuple[str, ...]:
    """Return the metrics for which this many questions cannot prove "no worse".

    ``questions`` has the number of questions that ask for a metric, by its name; other metrics are
    left out, and so are those that are not shares.
    """
    return tuple(
        name
        for name, number in questions.items()
        if metrics[name].unit == "share"
        and number < intervals.least_questions(metrics[name].margin, NO_WORSE_ALPHA)
    )


def _confirmed(result: MetricResult, second: MetricResult | None) -> MetricResult:
    if second is None:
        return result
    if second.judgement == "worse":
        return replace(result, judgement="worse", confirmed=True)
    if result.judgement == "changed":
        kept = second.judgement == "changed"
        return replace(result, judgement="changed" if kept else "cannot tell", confirmed=kept)
    return replace(result, confirmed=False)


def _tested(metric: Metric, pairs: Sequence[Pair]) -> _Tested:
    units = units_of(pairs, metric)
    harm = harms(units, metric)
    return _Tested(metric, pairs, units, harm, p_value(harm), p_value([-each for each in harm]))


def _levels(p_values: Mapping[str, float], able: set[str], alpha: float) -> dict[str, float]:
    return thresholds({name: p for name, p in p_values.items() if name in able}, alpha)


def _result(
    tested: _Tested, level: float, level_better: float, answered: Mapping[str, tuple[float, float]]
) -> MetricResult:
    metric, units = tested.metric, tested.units
    harm = [float(each) for each in tested.harms]
    sign = -1 if metric.worse == "less" else 1
    proved = tested.p_worse <= level
    survives = _survives(tested, level, 1) if proved else None
    proved_better = tested.p_better <= level_better
    survives_better = _survives(tested, level_better, -1) if proved_better else None
    judgement = _judgement(
        tested,
        is_worse=proved and survives is not False,
        is_better=proved_better and survives_better is not False,
    )
    means = [sign * each for each in harm]
    is_share = metric.unit == "share"
    interval = (intervals.share_interval if is_share else intervals.mean_interval)(means, ALPHA)
    difference = fmean(means)
    margin = metric.margin if is_share else math.log1p(metric.margin)
    old, new = (fmean(float(getattr(unit, side)) for unit in units) for side in ("old", "new"))
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
        difference=difference if is_share else math.expm1(difference),
        interval=interval if is_share else (_ratio(interval[0]), _ratio(interval[1])),
        p_worse=tested.p_worse,
        p_better=tested.p_better,
        survives=survives,
        beyond_margin=fmean(harm) > margin,
        more_questions=_more(tested, harm, margin) if judgement == "cannot tell" else None,
        by_question=_by_question(tested),
    )


def _judgement(tested: _Tested, *, is_worse: bool, is_better: bool) -> Judgement:
    metric = tested.metric
    if metric.worse == "neither":
        return "changed" if is_worse or is_better else "cannot tell"
    if is_worse:
        return "worse"
    if is_better:
        return "better"
    if tested.differing < FEWEST and any(
        harm == 1 and min(unit.old_answers, unit.new_answers) > 1
        for unit, harm in zip(tested.units, tested.harms, strict=True)
    ):
        return "changed"
    return "no worse" if _is_no_worse(tested) else "cannot tell"


def _is_no_worse(tested: _Tested) -> bool:
    metric = tested.metric
    harm = [float(each) for each in tested.harms]
    if metric.unit == "share":
        return intervals.excludes_mean(harm, metric.margin, NO_WORSE_ALPHA)
    return intervals.mean_bound(harm, NO_WORSE_ALPHA) < math.log1p(metric.margin)


def _survives(tested: _Tested, level: float, sign: int) -> bool | None:
    """Return whether a proof stays without any tenth of the run; None if the order is unknown."""
    positions = sorted({pair.position for pair in tested.pairs if pair.position is not None})
    if not positions or any(pair.position is None for pair in tested.pairs):
        return None
    count = len(positions)
    length = math.ceil(count / 10)
    starts = sorted({round(n * (count - length) / (_WINDOWS - 1)) for n in range(_WINDOWS)})
    for start in starts:
        first, last = positions[start], positions[start + length - 1]
        kept = [pair for pair in tested.pairs if not first <= (pair.position or 0) <= last]
        harm = [sign * each for each in harms(units_of(kept, tested.metric), tested.metric)]
        if p_value(harm) > level:
            return False
    return True


def _more(tested: _Tested, harm: Sequence[float], margin: float) -> int | None:
    """Return about how many more questions like these would give a verdict, None if unknown."""
    metric, n = tested.metric, len(harm)
    needed: list[float] = []
    mean, variance = fmean(harm), pvariance(harm)
    if metric.unit == "share":
        growth = intervals.growth(harm, margin)
        if growth > 0:
            needed.append(-math.log(NO_WORSE_ALPHA / 2) / growth)
    elif mean < margin and variance:
        quantile = NormalDist().inv_cdf(1 - NO_WORSE_ALPHA)
        needed.append(variance * (quantile / (margin - mean)) ** 2)
    if mean > 0 and variance:
        quantile = NormalDist().inv_cdf(1 - ALPHA / 10) + NormalDist().inv_cdf(_UNLIKELY_POWER)
        needed.append(variance * (quantile / mean) ** 2)
    more = [math.ceil(each - n) for each in needed if each > n]
    return min(more) if more else None


def _by_question(tested: _Tested) -> tuple[QuestionResult, ...]:
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
    return math.expm1(min(logarithm, 700.0))


def _harm(result: MetricResult) -> float:
    return -result.difference if result.metric.worse == "less" else result.difference


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
