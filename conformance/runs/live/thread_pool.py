"""Process items in several threads and yield each result as soon as it is ready."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def done(
    work: Callable[[T], R], items: Sequence[T], at_once: int
) -> Generator[tuple[T, R], None, None]:
    """Yield each item with the result of ``work``, in the order in which the work ends.

    At most ``at_once`` results are outstanding, so a consumer that stops early stops the work.
    Stopping does not wait for running work: the threads are daemons. An exception in ``work`` is
    raised here.
    """
    waiting = deque(items)
    results: SimpleQueue[tuple[T, R | None, BaseException | None]] = SimpleQueue()
    allowed = threading.Semaphore(at_once)

    def run() -> None:
        while allowed.acquire() and waiting:
            try:
                item = waiting.popleft()
            except IndexError:  # another thread took the last
                return
            try:
                results.put((item, work(item), None))
            except BaseException as error:
                results.put((item, None, error))

    for _ in range(min(at_once, len(items))):
        threading.Thread(target=run, daemon=True).start()
    try:
        for _ in items:
            item, result, error = results.get()
            if error is not None:
                raise error
            yield item, result  # type: ignore[misc]
            allowed.release()
    finally:
        waiting.clear()
        allowed.release(at_once)
