"""Results come as they are ready, and an early end does not wait for running work."""

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


def test_the_given_number_of_items_is_processed_at_once() -> None:
    barrier = threading.Barrier(3, timeout=10)

    def meet(_: int) -> int:
        return barrier.wait()

    assert {place for _, place in done(meet, range(3), 3)} == {0, 1, 2}


def test_an_exception_of_the_work_is_raised_and_ends_it() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(done(fail, range(1000), 1))
    time.sleep(0.05)
    assert len(begun) < 10


def test_stopping_early_does_not_wait() -> None:
    held = threading.Event()
    results = done(lambda number: number if number == 0 else held.wait(30), [0, 1, 2], 2)
    with hang_guard():
        assert next(results) == (0, 0)
        results.close()
    held.set()


def test_no_more_results_are_outstanding_than_given() -> None:
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


def test_once_it_is_over_running_work_is_waited_for_and_no_other_is_begun() -> None:
    all_run = threading.Barrier(3, timeout=10)
    over: list[int] = []
    later = threading.Event()

    def work(number: int) -> int:
        all_run.wait()
        if number == 0:
            over.append(number)
        else:
            later.wait(10)
        return number

    found = []
    with hang_guard():
        for item, _ in done(work, range(100), 3, lambda: bool(over)):
            later.set()
            found.append(item)
    assert sorted(found) == [0, 1, 2]


def test_the_consumer_can_end_it_too() -> None:
    found: list[int] = []
    with hang_guard():
        for item, _ in done(str, range(100), 4, lambda: len(found) > 4):
            found.append(item)
    assert 5 <= len(found) <= 9
