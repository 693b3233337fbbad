"""Work of several threads comes as it is ready, and an end before the end waits for nothing."""

import threading
import time

import pytest

from conformance.runs.live.thread_pool import done
from tests.helpers.hang_guard import hang_guard


def test_each_item_comes_once_with_its_result() -> None:
    assert sorted(done(lambda number: number * 2, range(50), 4)) == [
        (number, number * 2) for number in range(50)
    ]
    assert list(done(str, [], 4)) == []


def test_one_at_a_time_keeps_the_order() -> None:
    assert list(done(str, [3, 1, 2], 1)) == [(3, "3"), (1, "1"), (2, "2")]


def test_as_many_work_at_once_as_said() -> None:
    barrier = threading.Barrier(3, timeout=10)

    def meet(_: int) -> int:
        return barrier.wait()

    assert {place for _, place in done(meet, range(3), 3)} == {0, 1, 2}


def test_what_the_work_raises_is_raised_here_and_the_rest_is_left() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(done(fail, range(1000), 1))
    time.sleep(0.05)
    assert len(begun) < 10


def test_who_stops_waits_for_nothing() -> None:
    held = threading.Event()
    results = done(lambda number: number if number == 0 else held.wait(30), [0, 1, 2], 2)
    with hang_guard():
        assert next(results) == (0, 0)
        results.close()
    held.set()


def test_nothing_is_begun_beyond_what_was_looked_at() -> None:
    begun: list[int] = []
    results = done(begun.append, range(100), 2)
    for taken in range(1, 6):
        next(results)
        time.sleep(0.01)
        assert len(begun) <= taken + 1
    results.close()


def test_the_threads_end_with_the_work() -> None:
    before = threading.active_count()
    assert len(list(done(str, range(20), 4))) == 20
    results = done(str, range(20), 4)
    next(results)
    results.close()
    until = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= before
