"""From samples to one pair of numbers for each question: the units of chance."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from conformance.comparison.metric import Metric
from conformance.comparison.sample import Measured, Sample, Side


@dataclass(frozen=True, slots=True)
class Pair:
    """The values of both sides for one sample of a question.

    ``old_same`` and ``new_same`` are equal for byte-equal answers of that side to the question.
    """

    question: str
    position: int | None
    old: float
    new: float
    old_same: object
    new_same: object


@dataclass(frozen=True, slots=True)
class Unit:
    """One question: the mean value of each side, over its distinct answers."""

    question: str
    old: Fraction | float
    new: Fraction | float
    old_answers: int
    new_answers: int


def pairs_of(measured: Iterable[Measured], metric: str) -> list[Pair]:
    """Return the complete pairs: the samples that have a finite value on both sides."""
    sides: dict[Side, dict[tuple[str, str, int], Measured]] = {"old": {}, "new": {}}
    for each in measured:
        if math.isfinite(each.values.get(metric, math.nan)):
            sample = each.sample
            sides[sample.side][sample.question, sample.case, sample.number] = each
    return [
        Pair(
            key[0],
            old.sample.position,
            old.values[metric],
            new.values[metric],
            _same(old.sample),
            _same(new.sample),
        )
        for key, old in sides["old"].items()
        if (new := sides["new"].get(key))
    ]


def units_of(pairs: Iterable[Pair], metric: Metric) -> list[Unit]:
    """Return one unit for each question of the pairs.

    Shares keep their values; other units are means of logarithms, so that differences are ratios.
    Byte-equal answers of one side to a question count once.
    """
    by_question: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_question[pair.question].append(pair)
    convert: Callable[[float], Fraction | float]
    convert = Fraction if metric.unit == "share" else _logarithm
    units = []
    for question, those in by_question.items():
        old = _distinct((pair.old_same, convert(pair.old)) for pair in those)
        new = _distinct((pair.new_same, convert(pair.new)) for pair in those)
        units.append(Unit(question, _mean(old), _mean(new), len(old), len(new)))
    return units


def harms(units: Sequence[Unit], metric: Metric) -> list[Fraction | float]:
    """Return how much worse NEW is than OLD for each question; below 0 where it is better.

    For a metric without direction, more counts as harm.
    """
    sign = -1 if metric.worse == "less" else 1
    return [sign * (unit.new - unit.old) for unit in units]


def always_harmed(pairs: Iterable[Pair], metric: Metric) -> bool:
    """Return whether for one question all answers of NEW are bad, at least two, and none of OLD."""
    bad, good = (0.0, 1.0) if metric.worse == "less" else (1.0, 0.0)
    harmed: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        harmed[pair.question].append((pair.old, pair.new) == (good, bad))
    return metric.unit == "share" and any(
        len(those) > 1 and all(those) for those in harmed.values()
    )


def _distinct(
    answers: Iterable[tuple[object, Fraction | float]],
) -> dict[object, Fraction | float]:
    """Return the mean value of the answers that are equal to each other, by answer."""
    groups: dict[object, list[Fraction | float]] = defaultdict(list)
    for same, value in answers:
        groups[same].append(value)
    return {same: sum(values) / len(values) for same, values in groups.items()}


def _same(sample: Sample) -> object:
    exchange = sample.exchange
    if exchange is None or exchange.response.body is None:
        return sample.case, sample.number
    return exchange.response.status, exchange.response.body


def _mean(values: Mapping[object, Fraction | float]) -> Fraction | float:
    return sum(values.values()) / len(values)


def _logarithm(value: float) -> float:
    return math.log(max(value, 1.0))
