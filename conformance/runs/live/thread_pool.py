"""Process items in several threads and yield each result as soon as it is ready."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def done(
    work: Callable[[T], R],
    items: Sequence[T],
    at_once: int,
    is_over: Callable[[], bool] = lambda: False,
) -> Generator[tuple[T, R], None, None]:
    """Yield each item with the result of ``work``, in the order in which the work ends.

    At most ``at_once`` results are outstanding, so a consumer that stops early stops the work.
    Stopping does not wait for running work: the threads are daemons. An exception in ``work`` is
    raised here.

    Once ``is_over`` is true, which ``work`` or the consumer decides, no other item is taken, but
    the results of running work are still waited for and yielded.
    """
    waiting = deque(items)
    taken = 0
    taking = threading.Lock()
    results: SimpleQueue[tuple[T, R | None, BaseException | None]] = SimpleQueue()
    allowed = threading.Semaphore(at_once)

    def run() -> None:
        nonlocal taken
        while allowed.acquire():
            with taking:
                if not waiting or is_over():
                    return
                item = waiting.popleft()
                taken += 1
            try:
                results.put((item, work(item), None))
            except BaseException as error:
                results.put((item, None, error))

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=run, daemon=True).start()
    try:
        for given in range(len(items)):
            with taking:
                if given == taken and is_over():
                    return
            item, result, error = results.get()
            if error is not None:
                raise error
            yield item, result  # type: ignore[misc]
            allowed.release()
    finally:
        waiting.clear()
        allowed.release(at_once)
