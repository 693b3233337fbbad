"""A time limit that guards against a hang and against nothing else: how fast something is,
benchmarks tell."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hang_guard(usual: float = 1) -> Iterator[None]:
    """Fail if the block takes more than ten times its usual time, in seconds of wall time; a usual
    time below one second counts as one."""
    limit = 10 * max(usual, 1)
    start = time.monotonic()
    yield
    elapsed = time.monotonic() - start
    assert elapsed < limit, f"took {elapsed:.1f} s, where {limit:.0f} s is far more than it needs"
