"""Which metrics can be tested, and how small their p-values must be."""

import pytest

from conformance.comparison import holm


def test_the_levels_are_those_of_holm() -> None:
    levels = holm.thresholds({"a": 0.001, "b": 0.004, "c": 0.2}, 0.01)
    assert levels == {"a": pytest.approx(0.01 / 3), "b": pytest.approx(0.005), "c": 0.0}


def test_a_metric_after_one_that_failed_cannot_pass() -> None:
    assert holm.thresholds({"a": 0.006, "b": 0.0061}, 0.01) == {"a": 0.0, "b": 0.0}


def test_a_metric_that_can_never_pass_costs_the_others_nothing() -> None:
    rare = {f"rare {n}": 3 for n in range(100)}
    assert holm.testable({"often": 7} | rare, 0.01) == ["often"]


def test_metrics_are_left_out_until_those_that_stay_can_pass() -> None:
    assert holm.testable({"a": 7, "b": 7}, 0.01) == []  # 2^-7 is above 0.01 / 2
    assert holm.testable({"a": 8, "b": 8}, 0.01) == ["a", "b"]
    assert holm.testable({}, 0.01) == []
