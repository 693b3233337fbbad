"""Many metrics at once: which of them can be tested, and how small each p-value must be."""

from collections.abc import Mapping

from conformance.comparison.sign_flip import least_p_value


def testable(differing: Mapping[str, int], alpha: float) -> list[str]:
    """Return the metrics whose least possible p-value can pass the correction (Tarone 1990).

    ``differing`` has the number of questions on which the sides differ, by metric. It is the same
    if OLD and NEW are swapped, and so is the choice.
    """
    for number in range(1, len(differing) + 1):
        chosen = [name for name, n in differing.items() if least_p_value(n) <= alpha / number]
        if len(chosen) <= number:
            return chosen
    return []


def thresholds(p_values: Mapping[str, float], alpha: float) -> dict[str, float]:
    """Return, by metric, the level that its p-value must not exceed (Holm 1979).

    A metric after one that exceeded its level gets 0.0, as it cannot pass.
    """
    levels: dict[str, float] = {}
    passes = True
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        level = alpha / (len(p_values) - rank)
        passes = passes and p <= level
        levels[name] = level if passes else 0.0
    return levels
