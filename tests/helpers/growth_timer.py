"""A process of its own that measures how the time of judging grows with the length of a list.

Its arguments are names of ``GROWN``; it writes one JSON line for each, ``[name, length, seconds,
seconds for twice the length]``.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from conformance.judging.judge import Judge, judge_for
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from tests.helpers.grown_exchanges import GROWN
from tests.helpers.project import ROOT

PROFILES = ("openai", "vertex-gemini")

_START = 2_000
_END = 64_000
_MEASURABLE = 0.1  # seconds; the clock of processor time ticks every 4 ms
_HANGS = 600  # seconds of wall time for all names

Growth = tuple[str, int, float, float]


def growth(names: Sequence[str], processes: int = 2) -> list[Growth]:
    """Return name, length, and the seconds for it and for twice the length, for each name."""
    shares = [names[number::processes] for number in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        return [each for found in pool.map(_measured, shares) for each in found]


def _measured(names: Sequence[str]) -> list[Growth]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.helpers.growth_timer", *names],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=_HANGS,
    )
    return [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


def main() -> None:
    """Measure the exchanges that the arguments name."""
    gc.disable()
    suite = shipped_suite()
    judges = [judge_for(suite.profile(name), suite) for name in PROFILES]
    for name in sys.argv[1:]:
        print(json.dumps([name, *_grown(judges, GROWN[name])]), flush=True)


def _grown(judges: Sequence[Judge], make: Callable[[int], Exchange]) -> tuple[int, float, float]:
    length = _START
    _seconds(judges, make(length))  # the first time is longer
    before = _seconds(judges, make(length))
    while before < _MEASURABLE and length < _END:
        length *= 2
        before = _seconds(judges, make(length))
    after = _seconds(judges, make(2 * length))
    if after > 2 * before:  # once more, as something else may have disturbed it
        before = max(before, _seconds(judges, make(length)))
        after = min(after, _seconds(judges, make(2 * length)))
    return length, before, after


def _seconds(judges: Sequence[Judge], exchange: Exchange) -> float:
    start = time.process_time()
    for judge in judges:
        for _ in judge.findings(exchange):
            pass
    seconds = time.process_time() - start
    gc.collect()
    return seconds


if __name__ == "__main__":
    main()
