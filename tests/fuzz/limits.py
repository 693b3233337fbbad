"""Limits on the time and memory of one input, enforced in the process that runs it."""

import contextlib
import resource
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SECONDS = 2.0
"""Seconds of processor time that one input of at most 64 kB may take."""

MEMORY = 512 << 20
"""The most bytes that one input may add to the memory of the process."""


@dataclass(frozen=True)
class Limits:
    """Limits in seconds.

    ``processor`` is the processor time of one input. ``silence`` is how long the child may report
    nothing: code that no signal interrupts then hangs. ``shrinking`` is the time to make a failing
    input shorter.
    """

    processor: float = SECONDS
    silence: float = 120.0
    shrinking: float = 5.0


class TooSlow(BaseException):
    """An input took too much processor time; not an ``Exception``, which the judge would catch."""


@contextlib.contextmanager
def limited_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise TooSlow if the block takes more than so many seconds of processor time.

    Raised in the middle of Python code, otherwise at the end: a C library cannot be interrupted.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    if time.process_time() - start > seconds:
        raise TooSlow(f"more than {seconds:g} s of processor time")


def limit_memory(more: int = MEMORY) -> None:
    """Let this process allocate at most so many more bytes; beyond that, MemoryError is raised.

    Does nothing on systems that do not say how much memory a process has.
    """
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        used = int(statistics.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + more, hard))
