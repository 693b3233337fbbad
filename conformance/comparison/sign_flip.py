"""The exact sign-flip test: how often chance alone gives a sum of differences this large.

If OLD and NEW do not differ, the two sets of answers to one question can be swapped, which turns
the sign of its difference around. The test counts all 2^n ways to do so for n questions. It needs
no assumption about how alike the answers to one question are.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

_MOST_STEPS, _STEPS_OF_MANY = 20_000, 4_000
"""The steps of the grid to which differences are rounded, for up to and for over 300 questions."""

_MANY = 300

_LEAST = 5e-324
"""The smallest float above 0, since no p-value is 0."""


def p_value(differences: Sequence[Fraction | float]) -> float:
    """Return the probability that random signs give a sum as large as this one, or larger.

    ``differences`` has one value for each question, where larger means more of what is tested.
    Differences of 0 do not count. The sum of fractions with small denominators is exact; others are
    rounded to a grid first, and the test is exact for the rounded values. 1.0 without differences.
    """
    steps = [step for step in _on_grid(differences) if step]
    if not steps:
        return 1.0
    # A sum of at least s = sum(steps) means that the steps with a negative sign add up to at most
    # (total - s) / 2. The coefficient of x^k in the product of (1 + x^step) counts the choices of
    # negative steps that add up to k. The product is one integer, with ``width`` bits for each k.
    total = sum(map(abs, steps))
    most = (total - sum(steps)) // 2
    width = len(steps) + 1
    mask = (1 << (most + 1) * width) - 1
    counts = 1
    for step in map(abs, steps):
        counts = (counts + (counts << step * width)) & mask
    # Modulo 2^width - 1 the integer is the sum of its coefficients, which is below that.
    ways = counts % ((1 << width) - 1)
    return max(ways / (1 << len(steps)), _LEAST)


def least_p_value(differing: int) -> float:
    """Return the least p-value that this many differing questions can give."""
    return 0.5**differing


def _on_grid(differences: Sequence[Fraction | float]) -> list[int]:
    """Return the differences as numbers of equal steps."""
    total = sum(abs(float(each)) for each in differences)
    if not total:
        return []
    most = _MOST_STEPS if len(differences) <= _MANY else _STEPS_OF_MANY
    fractions = [each for each in differences if isinstance(each, Fraction)]
    if len(fractions) == len(differences):
        common = lcm(*(each.denominator for each in fractions))
        if total * common <= most:
            return [int(each * common) for each in fractions]
    return [round(float(each) / total * most) for each in differences]
