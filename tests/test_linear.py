"""Judging takes linear time: twice as long a list or text takes about twice as long."""

from tests.helpers.grown_exchanges import GROWN
from tests.helpers.growth_timer import growth

STEEPEST = 2.6
"""How much more twice the length may take."""

UNMEASURABLE = 0.2
"""Seconds for the longest list: below this, the steps of the clock would decide."""


def test_twice_the_length_takes_about_twice_the_time() -> None:
    steep = [
        (name, length, before, after)
        for name, length, before, after in growth(list(GROWN))
        if after > UNMEASURABLE and after > STEEPEST * before
    ]
    assert not steep
