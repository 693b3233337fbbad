"""How large a difference may be, given what was measured: bounds and intervals.

Shares use a betting bound (Waudby-Smith and Ramdas, "Estimating means of bounded random variables
by betting", 2024): a player bets on each question that the mean harm is below a value. If it is
not, the capital rarely grows; the bound is the value at which it grew too much to be chance. The
bound holds for every distribution, also for differences that are rare. Ratios use Student's t.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

_STAKES = (0.03, 0.08, 0.15, 0.25, 0.4, 0.6, 0.99)
"""The parts of the capital that the player bets; the capital is divided among these strategies."""

_WEIGHTS = (0.08, 0.08, 0.08, 0.08, 0.08, 0.1, 0.5)
"""How much of the capital each strategy gets; half goes to the one for differences that are 0."""

_HALVINGS = 24


def excludes_mean(values: Sequence[float], mean: float, alpha: float) -> bool:
    """True if the mean is proved to be below ``mean`` at level ``alpha``.

    The values are from -1 to 1.
    """
    return _log_capital(values, mean) >= -math.log(alpha)


def share_bound(values: Sequence[float], alpha: float) -> float:
    """Return the upper bound of the mean of values from -1 to 1; 1.0 if nothing is known."""
    low, high = (fmean(values) if values else 1.0), 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if excludes_mean(values, middle, alpha) else (middle, high)
    return high


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


def least_questions(margin: float, alpha: float) -> int:
    """Return how many questions without a difference prove that a share changed less than this."""
    growth_of_largest = math.log1p(_STAKES[-1] * margin / (1 - margin))
    number = math.ceil(-math.log(alpha * _WEIGHTS[-1]) / growth_of_largest)
    while number > 1 and excludes_mean([0.0] * (number - 1), margin, alpha):
        number -= 1  # the other strategies help a little
    return number


def growth(values: Sequence[float], mean: float) -> float:
    """Return how fast the capital of the best strategy grows, as a logarithm for each question.

    It is at most 0 if more questions like these would not prove that the mean is below ``mean``.
    """
    return max(
        fmean(math.log1p(stake / (1 - mean) * (mean - value)) for value in values)
        for stake in _STAKES
    )


_LEAST_VALUES = 7


def _log_capital(values: Sequence[float], mean: float) -> float:
    """Return the logarithm of the capital after all bets; it begins at 0."""
    if mean >= 1:
        return math.inf
    logs = [
        math.log(weight) + sum(math.log1p(stake / (1 - mean) * (mean - value)) for value in values)
        for stake, weight in zip(_STAKES, _WEIGHTS, strict=True)
    ]
    largest = max(logs)
    return largest + math.log(sum(math.exp(each - largest) for each in logs))


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
