"""How large a difference may be, given what was measured: bounds and intervals.

Ratios use Student's t. For shares that is too narrow when differences are rare: 2 harmed questions
of 100 would exclude a harm of 5 points, which chance brings about in 12 of 100 comparisons. So a
few made-up questions with the largest harm, 1, are added first. Without any difference the bound is
then 3.4 divided by the number of questions, near the 3 of the exact bound, and never below it. The
number of made-up questions was chosen so that the bound of k events is that of Poisson's
distribution or slightly above it, for k up to 20; ``benchmarks/compare_statistics.py`` simulates
how often it is wrong.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, pvariance, stdev

_LEAST_VALUES = 7
_MOST_QUESTIONS = 1_000_000


def share_bound(values: Sequence[float], alpha: float) -> float:
    """Return the upper bound of the mean of values from -1 to 1; 1.0 for fewer than 7 values."""
    if len(values) < _LEAST_VALUES:
        return 1.0
    return _projected(fmean(values), pvariance(values), len(values), alpha)


def share_interval(values: Sequence[float], alpha: float) -> tuple[float, float]:
    """Return the bounds of the mean of values from -1 to 1 at confidence 1 - ``alpha``."""
    return (
        -share_bound([-value for value in values], alpha / 2),
        share_bound(values, alpha / 2),
    )


def mean_bound(values: Sequence[float], alpha: float) -> float:
    """Return the upper bound of the mean by Student's t; infinity for fewer than 7 values."""
    if len(values) < _LEAST_VALUES:
        return math.inf
    error = stdev(values) / math.sqrt(len(values))
    return fmean(values) + _t_quantile(1 - alpha, len(values) - 1) * error


def mean_interval(values: Sequence[float], alpha: float) -> tuple[float, float]:
    """Return the bounds of the mean by Student's t at confidence 1 - ``alpha``."""
    return (
        -mean_bound([-value for value in values], alpha / 2),
        mean_bound(values, alpha / 2),
    )


def questions_for_share(mean: float, variance: float, margin: float, alpha: float) -> int | None:
    """Return how many questions with this mean and variance bring the bound below ``margin``.

    None if no number does, or only more than a million. Without any difference (0.0, 0.0) it is
    the least number that can prove that a share changed by less than the margin.
    """
    if mean >= margin or _projected(mean, variance, _MOST_QUESTIONS, alpha) >= margin:
        return None
    low, high = _LEAST_VALUES - 1, _MOST_QUESTIONS
    while high - low > 1:
        middle = (low + high) // 2
        below = _projected(mean, variance, middle, alpha) < margin
        low, high = (low, middle) if below else (middle, high)
    return high


def _projected(mean: float, variance: float, number: int, alpha: float) -> float:
    """Return the bound of a share for this many values with this mean and variance."""
    added = (NormalDist().inv_cdf(1 - alpha) ** 2 + 3) / 4
    total = number + added
    center = (number * mean + added) / total
    square = (number * (variance + mean**2) + added) / total
    error = math.sqrt(max(square - center**2, 0.0) / (total - 1))
    return min(center + _t_quantile(1 - alpha, number - 1) * error, 1.0)


def _t_quantile(probability: float, freedom: int) -> float:
    """Return the quantile of Student's t (expansion 26.7.5 of Abramowitz and Stegun)."""
    z = NormalDist().inv_cdf(probability)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / float(freedom**power) for power, term in enumerate(terms))
