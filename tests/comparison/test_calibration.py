"""OLD's own samples, split at random, show how often nothing would alarm."""

import random

from conformance.comparison.calibration import calibrate
from conformance.comparison.sample import Measured
from tests.comparison.made_samples import drawn, measured, metric

METRICS = {"m": metric()}


def old_samples(share: float, samples: int = 4, bad: range = range(0)) -> list[Measured]:
    chance = random.Random(1)
    return [
        each
        for each in drawn(
            lambda side, question, position: {
                "m": float(position in bad or chance.random() < share)
            },
            samples=samples,
        )
        if each.sample.side == "old"
    ]


def test_independent_answers_seldom_alarm() -> None:
    share, splits = calibrate(old_samples(0.1), METRICS, seed=1, splits=100)
    assert splits == 100
    assert share <= 0.03


def test_a_long_bad_stretch_of_the_run_alarms() -> None:
    share, _ = calibrate(old_samples(0.0, bad=range(100, 200)), METRICS, seed=1, splits=100)
    assert share > 0.05


def test_the_same_seed_splits_alike() -> None:
    samples = old_samples(0.0, bad=range(100, 200))
    first, again = (calibrate(samples, METRICS, seed=7, splits=20) for _ in range(2))
    assert first == again


def test_samples_without_an_order_are_split_too() -> None:
    samples = [measured(f"q{n}", "old", k, None, m=0.0) for n in range(20) for k in (1, 2)]
    assert calibrate(samples, METRICS, seed=1, splits=5) == (0.0, 5)


def test_single_samples_cannot_be_split() -> None:
    assert calibrate(old_samples(0.1, samples=1), METRICS, seed=1) == (0.0, 0)
    assert calibrate([], METRICS, seed=1) == (0.0, 0)
