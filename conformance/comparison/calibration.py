"""How often the comparison would alarm if nothing changed: OLD's own samples, split by a coin."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from conformance.comparison.metric import Metric
from conformance.comparison.sample import Measured, Side
from conformance.comparison.statistics import compare

FEWEST_SAMPLES = 4
"""The fewest samples of a question that can be split into two sides with two each."""


def calibrate(
    old: Sequence[Measured], metrics: Mapping[str, Metric], seed: int, splits: int = 200
) -> tuple[float, int]:
    """Return the share of splits that make the comparison fail, and the number of splits.

    Each split divides the samples of each question into two sides of equal size. (0.0, 0) if no
    question has ``FEWEST_SAMPLES``. The same seed gives the same splits.
    """
    by_question: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for each in old:
        by_question[each.sample.question, each.sample.case].append(each)
    enough = [those for those in by_question.values() if len(those) >= FEWEST_SAMPLES]
    if not enough:
        return 0.0, 0
    chance = random.Random(seed)
    alarms = sum(
        any(result.fails for result in compare(list(_split(enough, chance)), metrics))
        for _ in range(splits)
    )
    return alarms / splits, splits


def _split(questions: Sequence[Sequence[Measured]], chance: random.Random) -> Iterator[Measured]:
    for samples in questions:
        half = len(samples) // 2
        drawn = chance.sample(range(len(samples)), 2 * half)
        sides: tuple[tuple[Side, Sequence[int]], ...] = (
            ("old", drawn[:half]),
            ("new", drawn[half:]),
        )
        for side, places in sides:
            for number, place in enumerate(sorted(places), 1):
                each = samples[place]
                yield replace(
                    each,
                    sample=replace(each.sample, side=side, number=number, position=None),
                )
