"""Bounds hold what they promise, and are never better than chance allows."""

import math
import random

import pytest

from conformance.comparison import intervals


@pytest.mark.parametrize(("margin", "least"), [(0.05, 60), (0.02, 150)])
def test_no_failure_in_n_questions_proves_no_more_than_3_in_n(margin: float, least: int) -> None:
    number = intervals.questions_for_share(0.0, 0.0, margin, 0.05)
    assert number is not None
    assert least <= number <= 1.25 * least
    assert intervals.share_bound([0.0] * number, 0.05) < margin
    assert intervals.share_bound([0.0] * (number - 1), 0.05) >= margin


def test_no_number_of_questions_proves_a_harm_that_is_measured_away() -> None:
    assert intervals.questions_for_share(0.05, 0.1, 0.05, 0.05) is None
    assert intervals.questions_for_share(0.0, 0.0, 0.0, 0.05) is None


@pytest.mark.parametrize("events", [0, 1, 2, 5, 10, 20])
def test_the_bound_of_rare_events_is_that_of_poisson(events: int) -> None:
    poisson = {0: 3.0, 1: 4.74, 2: 6.30, 5: 10.51, 10: 16.96, 20: 29.06}[events]
    bound = 1_000 * intervals.share_bound([1.0] * events + [0.0] * (1_000 - events), 0.05)
    assert 0.98 * poisson <= bound <= 1.2 * poisson


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("questions", [30, 100])
def test_the_bound_of_a_share_is_above_the_truth_nineteen_times_in_twenty(
    share: float, questions: int
) -> None:
    chance = random.Random(1)
    below = sum(
        intervals.share_bound([float(chance.random() < share) for _ in range(questions)], 0.05)
        < share
        for _ in range(1_000)
    )
    assert below <= 65  # 50 of 1,000, and what chance adds in one of 50 such tests


def test_the_interval_of_a_share_holds_its_mean_and_mirrors() -> None:
    values = [0.0] * 60 + [1 / 3] * 30 + [-1 / 3] * 10
    low, high = intervals.share_interval(values, 0.01)
    assert low < sum(values) / 100 < high
    mirrored = intervals.share_interval([-each for each in values], 0.01)
    assert mirrored == pytest.approx((-high, -low))


def test_more_questions_make_the_interval_narrower() -> None:
    few, many = ([0.0, 0.0, 1.0, -1.0] * number for number in (10, 100))
    assert intervals.share_bound(many, 0.05) < intervals.share_bound(few, 0.05) / 2


def test_students_quantile_is_that_of_the_tables() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]  # mean 4.5, error sqrt(6 / 8)
    assert intervals.mean_bound(values, 0.005) == pytest.approx(
        4.5 + 3.4995 * math.sqrt(6 / 8), abs=2e-2
    )


def test_few_values_have_no_bound() -> None:
    assert intervals.mean_interval([1.0, 2.0], 0.01) == (-math.inf, math.inf)
    assert intervals.share_bound([], 0.05) == pytest.approx(1.0)
