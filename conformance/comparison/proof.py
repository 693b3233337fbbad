"""What the exact test proves about each metric, corrected for how many metrics are tested."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean

from conformance.comparison.holm import testable, thresholds
from conformance.comparison.metric import Metric
from conformance.comparison.pairing import Pair, Unit, harms, pairs_of, units_of
from conformance.comparison.sample import Measured
from conformance.comparison.sign_flip import p_value

_WINDOWS = 20
"""From how many places of the run a tenth of it is left out."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A metric with its pairs, and the units and p-values that follow from them."""

    metric: Metric
    pairs: Sequence[Pair]
    units: Sequence[Unit]
    harms: Sequence[Fraction | float]
    p_worse: float
    p_better: float
    differing: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proved about a metric.

    ``able`` is whether enough questions differ to prove anything. ``survives_worse`` and
    ``survives_better`` are None if there is nothing to survive, or the order of the run is unknown.
    """

    able: bool
    proves_worse: bool = False
    proves_better: bool = False
    survives_worse: bool | None = None
    survives_better: bool | None = None

    @property
    def is_worse(self) -> bool:
        """True if harm is proved, and stays so without any tenth of the run."""
        return self.proves_worse and self.survives_worse is not False

    @property
    def is_better(self) -> bool:
        """True if benefit is proved, and stays so without any tenth of the run."""
        return self.proves_better and self.survives_better is not False


def tested_metrics(measured: Sequence[Measured], metrics: Mapping[str, Metric]) -> list[Tested]:
    """Return each metric that has a complete pair, with the p-values of both directions."""
    pairs = {name: pairs_of(measured, name) for name in metrics}
    return [_tested(metrics[name], those) for name, those in pairs.items() if those]


def proofs(tested: Sequence[Tested], alpha: float) -> dict[str, Proof]:
    """Return, by metric, what is proved.

    ``alpha`` is the probability of any false "worse", and of any false "better".
    """
    able = set(testable({each.metric.name: each.differing for each in tested}, alpha))
    worse = thresholds({t.metric.name: t.p_worse for t in tested if t.metric.name in able}, alpha)
    better = thresholds({t.metric.name: t.p_better for t in tested if t.metric.name in able}, alpha)
    return {
        each.metric.name: (
            _proof(each, worse[each.metric.name], better[each.metric.name])
            if each.metric.name in able
            else Proof(able=False)
        )
        for each in tested
    }


def beyond_margin(tested: Tested) -> bool:
    """Return whether the measured harm is larger than the margin of the metric."""
    margin = tested.metric.margin
    limit = margin if tested.metric.unit == "share" else math.log1p(margin)
    return fmean(map(float, tested.harms)) > limit


def _tested(metric: Metric, pairs: Sequence[Pair]) -> Tested:
    units = units_of(pairs, metric)
    harm = harms(units, metric)
    return Tested(
        metric,
        pairs,
        units,
        harm,
        p_value(harm),
        p_value([-each for each in harm]),
        sum(each != 0 for each in harm),
    )


def _proof(tested: Tested, level_worse: float, level_better: float) -> Proof:
    worse, better = tested.p_worse <= level_worse, tested.p_better <= level_better
    return Proof(
        able=True,
        proves_worse=worse,
        proves_better=better,
        survives_worse=_survives(tested, level_worse, 1) if worse else None,
        survives_better=_survives(tested, level_better, -1) if better else None,
    )


def _survives(tested: Tested, level: float, sign: int) -> bool | None:
    """Return whether a proof stays without any tenth of the run; None if the order is unknown."""
    positions = [pair.position for pair in tested.pairs if pair.position is not None]
    if len(positions) < len(tested.pairs):
        return None
    return all(
        p_value([sign * harm for harm in harms(units_of(kept, tested.metric), tested.metric)])
        <= level
        for kept in _without_a_tenth(tested.pairs, sorted(set(positions)))
    )


def _without_a_tenth(pairs: Sequence[Pair], positions: Sequence[int]) -> Iterable[list[Pair]]:
    """Yield the pairs without a tenth of their positions, from each of 20 starts."""
    length = math.ceil(len(positions) / 10)
    last = len(positions) - length
    for start in sorted({round(n * last / (_WINDOWS - 1)) for n in range(_WINDOWS)}):
        left_out = range(positions[start], positions[start + length - 1] + 1)
        yield [pair for pair in pairs if pair.position not in left_out]
