"""The sign-flip test gives the same as counting all signs one by one."""

import time
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.comparison.sign_flip import least_p_value, p_value


def counted(differences: list[Fraction]) -> float:
    changed = [each for each in differences if each]
    sums = [
        sum(sign * each for sign, each in zip(signs, changed, strict=True))
        for signs in product((1, -1), repeat=len(changed))
    ]
    return sum(each >= sum(changed) for each in sums) / len(sums)


@given(st.lists(st.fractions(-1, 1, max_denominator=6), max_size=9))
def test_it_counts_the_signs_whose_sum_is_as_large(differences: list[Fraction]) -> None:
    assert p_value(differences) == counted(differences)


def test_one_sample_a_side_is_the_binomial_test_of_mcnemar() -> None:
    worse, better = [Fraction(1)] * 8, [Fraction(-1)] * 2
    assert p_value(worse + better + [Fraction()] * 90) == (1 + 10 + 45) / 2**10


def test_without_a_difference_nothing_is_shown() -> None:
    assert p_value([]) == p_value([Fraction()] * 5) == p_value([0.0]) == 1.0


@pytest.mark.parametrize("number", [1, 7, 10, 64])
def test_the_least_p_value_is_that_of_equal_signs(number: int) -> None:
    assert p_value([Fraction(1, 3)] * number) == least_p_value(number)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=40))
def test_the_two_directions_count_each_choice_of_signs(differences: list[float]) -> None:
    both = p_value(differences) + p_value([-each for each in differences])
    assert both >= 1 - 1e-9  # the sum itself belongs to both
    assert 0 < p_value(differences) <= 1


def test_a_thousand_questions_take_bounded_time() -> None:
    begun = time.process_time()
    assert p_value([0.001 * (n % 7 - 2.9) for n in range(2_000)]) > 0
    assert time.process_time() - begun < 20
