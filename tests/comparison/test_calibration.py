"""Splitting the samples of one side shows how often nothing looks like a change."""

import random

from conformance.comparison.calibration import calibrate
from conformance.comparison.sample import Measured
from tests.comparison.made_samples import measured, metric


def samples(share_of_later: float, number: int = 4) -> list[Measured]:
    """Return samples of 40 questions of which the later half is bad with another share."""
    chance = random.Random(1)
    return [
        measured(f"q{question}", "old", n, None, m=float(chance.random() < share))
        for question in range(40)
        for n in range(1, number + 1)
        for share in (0.1 if n <= number / 2 else share_of_later,)
    ]


def test_equal_samples_seldom_alarm() -> None:
    share, splits = calibrate(samples(0.1), {"m": metric()}, seed=1, splits=50)
    assert splits == 50
    assert share <= 0.04


def test_a_seed_repeats_its_splits() -> None:
    some = samples(0.9)
    assert calibrate(some, {"m": metric()}, 5, 30) == calibrate(some, {"m": metric()}, 5, 30)


def test_too_few_samples_are_not_split() -> None:
    assert calibrate(samples(0.1, number=3), {"m": metric()}, seed=1) == (0.0, 0)
