"""Make an input that breaks something shorter, as long as it breaks the same."""

import time
from collections.abc import Callable, Iterator


def shrunk(data: bytes, breaks: Callable[[bytes], bool], seconds: float) -> bytes:
    """The input without the parts that are not needed, after at most so much time."""
    end = time.monotonic() + seconds
    size = max(1, len(data) // 2)
    while size and time.monotonic() < end:
        shorter = next(
            (
                each
                for each in _without_a_part(data, size)
                if time.monotonic() < end and breaks(each)
            ),
            None,
        )
        if shorter is None:
            size //= 2
        else:
            data = shorter
            size = min(size, max(1, len(data) // 2))
    return data


def _without_a_part(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[:start] + data[start + size :]
