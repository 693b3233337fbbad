"""Time several candidates in turn in one process, so that a busy neighbour slows all alike."""

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(
    candidates: Mapping[str, Callable[[], object]], times: int = 1, rounds: int = 7
) -> dict[str, float]:
    """Run all candidates in turn, ``times`` times each, in ``rounds`` rounds.

    Returns the median processor time of one run of each candidate, in seconds, by name.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = time.process_time()
            for _ in range(times):
                run()
            seconds[name].append((time.process_time() - start) / times)
    return {name: statistics.median(taken) for name, taken in seconds.items()}
