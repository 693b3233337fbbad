"""Samples become one pair of numbers for each question."""

import math
from fractions import Fraction

from conformance.comparison.pairing import harms, pairs_of, units_of
from tests.comparison.made_samples import measured, metric


def test_only_complete_pairs_count() -> None:
    samples = [
        measured("a", "old", 1, m=0.0),
        measured("a", "new", 1, m=1.0),
        measured("a", "old", 2, m=1.0),
        measured("a", "new", 2),
        measured("b", "old", 1, m=1.0),
    ]
    pairs = pairs_of(samples, "m")
    assert [(pair.question, pair.old, pair.new) for pair in pairs] == [("a", 0.0, 1.0)]


def test_byte_equal_answers_of_one_side_count_once() -> None:
    samples = [
        measured("a", "old", 1, body=b"x", m=1.0),
        measured("a", "old", 2, body=b"x", m=1.0),
        measured("a", "old", 3, body=b"y", m=0.0),
        *(measured("a", "new", n, body=b"x", m=1.0) for n in (1, 2, 3)),
    ]
    (unit,) = units_of(pairs_of(samples, "m"), metric())
    assert (unit.old, unit.old_answers) == (Fraction(1, 2), 2)
    assert (unit.new, unit.new_answers) == (Fraction(1), 1)


def test_less_of_something_good_is_harm() -> None:
    samples = [measured("a", "old", 1, m=1.0), measured("a", "new", 1, m=0.0)]
    units = units_of(pairs_of(samples, "m"), metric())
    assert harms(units, metric(worse="less")) == [1]
    assert harms(units, metric(worse="more")) == [-1]


def test_milliseconds_are_compared_as_ratios() -> None:
    samples = [measured("a", "old", 1, m=100.0), measured("a", "new", 1, m=200.0)]
    units = units_of(pairs_of(samples, "m"), metric(unit="milliseconds"))
    assert math.isclose(harms(units, metric())[0], math.log(2))
