"""Make a failing input shorter, as long as it fails in the same way."""

import time
from collections.abc import Callable, Iterator


def shrunk(data: bytes, breaks: Callable[[bytes], bool], seconds: float) -> bytes:
    """Return the input without the parts that the failure does not need, within a time limit."""
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
