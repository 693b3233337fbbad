"""Say on standard error how far a live run is: what is asked, what is broken, how long it takes."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from conformance._text import duration, many, printable, shortened

EVERY = 10.0
"""Seconds from one line to the next if standard error is no terminal."""
_REDRAWN = 1.0
"""Seconds from one line to the next on a terminal, where it replaces the one before."""
_ERASED = "\r\x1b[2K"


@dataclass(slots=True)
class LiveProgress:
    """The state of a live run: ``total`` cases, those sent and answered, and what is broken.

    ``seconds`` is the budget of time, None without one. The methods may be called by any thread.
    """

    total: int
    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    answered: int = 0
    asking: dict[str, None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    _began: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def begins(self, case: str) -> None:
        """Note that a case is sent."""
        with self._lock:
            self.asking[case] = None

    def ends(self, case: str, broken: Iterable[str] = ()) -> None:
        """Note that a case is done, and which requirements its answer breaks."""
        with self._lock:
            self.asking.pop(case, None)
            self.answered += 1
            self.broken.update(broken)

    def line(self) -> str:
        """Return how far the run is, on one line."""
        with self._lock:
            asking, answered, broken = [*self.asking], self.answered, len(self.broken)
        parts = [
            f"{answered:,} of {many(self.total, 'case')}",
            f"{many(broken, 'requirement')} broken so far",
        ]
        if asking:
            more = f" and {len(asking) - 1:,} more" if len(asking) > 1 else ""
            parts.append(f"asking {asking[0]}{more}")
        if (left := self._left(answered)) is not None:
            parts.append(f"about {duration(left)} left")
        return printable(", ".join(parts))

    def _left(self, answered: int) -> float | None:
        """Return the seconds until all cases are answered or the budget of time is spent."""
        spent = self.clock() - self._began
        whole = [spent / answered * self.total] if answered else []
        if self.seconds is not None:
            whole.append(self.seconds)
        return max(0.0, min(whole) - spent) if whole else None


@contextmanager
def shown(
    progress: LiveProgress, every: float = EVERY, out: TextIO | None = None
) -> Iterator[None]:
    """Print the progress again and again inside a block.

    On a terminal one line is replaced once a second, and erased at the end. Otherwise a line is
    printed every ``every`` seconds. ``out`` is where to print, None for standard error.
    """
    stream = out or sys.stderr
    is_terminal, over = stream.isatty(), threading.Event()

    def run() -> None:
        if is_terminal:
            _draw(progress, stream)
        while not over.wait(_REDRAWN if is_terminal else every):
            if is_terminal:
                _draw(progress, stream)
            else:
                print(progress.line(), file=stream, flush=True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if is_terminal:
            print(_ERASED, end="", file=stream, flush=True)


def _draw(progress: LiveProgress, stream: TextIO) -> None:
    width = max(shutil.get_terminal_size().columns - 1, 1)
    print(_ERASED + shortened(progress.line(), width), end="", file=stream, flush=True)
