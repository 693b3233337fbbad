"""How often an endpoint compared with itself would alarm, by splitting its own samples."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.comparison.metric import Metric
from conformance.comparison.proof import beyond_margin, proofs, tested_metrics
from conformance.comparison.sample import Measured, Side

_STRETCHES = 20
"""The parts of the run that are given to one half or the other as a whole."""


def calibrate(
    old: Sequence[Measured],
    metrics: Mapping[str, Metric],
    seed: int,
    splits: int = 200,
    alpha: float = 0.01,
) -> tuple[float, int]:
    """Split the samples of one side at random, again and again, and count the splits that alarm.

    The samples of a question are paired, and a coin decides which of a pair belongs to which half.
    All questions that were asked in the same stretch of the run, a twentieth of it, share a coin:
    so a split alarms if answers near in time are alike, which a coin for each question would hide.
    It cannot show that answers to a question stay alike for the whole run.

    Returns the share of splits in which a metric that gates is worse, beyond its margin, and the
    number of splits; (0.0, 0) for samples of which no question was answered twice.
    """
    groups: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for each in old:
        groups[each.sample.question, each.sample.case].append(each)
    if splits < 1 or not any(len(samples) > 1 for samples in groups.values()):
        return 0.0, 0
    last = max((each.sample.position or 0 for each in old), default=0)
    gating = {name: metric for name, metric in metrics.items() if metric.gates}
    alarms = sum(
        _alarms(_split(groups, random.Random(f"{seed} {n}"), last + 1), gating, alpha)
        for n in range(splits)
    )
    return alarms / splits, splits


def _alarms(measured: Sequence[Measured], metrics: Mapping[str, Metric], alpha: float) -> bool:
    tested = tested_metrics(measured, metrics)
    proved = proofs(tested, alpha)
    return any(proved[each.metric.name].is_worse and beyond_margin(each) for each in tested)


def _split(
    groups: Mapping[tuple[str, str], Sequence[Measured]], chance: random.Random, length: int
) -> list[Measured]:
    """Return two halves of the samples, as if they were those of two sides."""
    coins = [chance.random() < 0.5 for _ in range(_STRETCHES)]
    numbers = sorted({each.sample.number for samples in groups.values() for each in samples})
    rank = {number: chance.random() for number in numbers}  # the same rounds are paired everywhere
    halves = []
    for samples in groups.values():
        shuffled = sorted(samples, key=lambda each: rank[each.sample.number])
        for number, (one, other) in enumerate(zip(shuffled[::2], shuffled[1::2], strict=False), 1):
            position = one.sample.position
            if position is None:
                heads = chance.random() < 0.5
            else:
                heads = coins[position * _STRETCHES // length]
            sides: tuple[Side, Side] = ("old", "new") if heads else ("new", "old")
            for each, side in zip((one, other), sides, strict=True):
                sample = replace(each.sample, side=side, number=number, position=position)
                halves.append(Measured(sample, each.values, each.answered))
    return halves
