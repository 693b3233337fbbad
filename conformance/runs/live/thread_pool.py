"""Work done by several threads at once, whose results come as they are ready."""

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
    """Each item with what the work on it gives, in the order in which it ends; what the work raises
    is raised here.

    No more than ``at_once`` items are begun of which the result has not been taken, so that who
    looks at results can stop in time. Whoever stops iterating leaves what is not begun undone, and
    waits for nothing: the threads end with the program.
    """
    left = deque(items)
    results: SimpleQueue[tuple[T, R | None, BaseException | None]] = SimpleQueue()
    allowed = threading.Semaphore(at_once)

    def run() -> None:
        while allowed.acquire() and left:
            try:
                item = left.popleft()
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
        left.clear()
        allowed.release(at_once)
