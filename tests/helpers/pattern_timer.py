"""A process of its own that measures regular expressions on pumped texts.

It reads a JSON array of ``[place, source, is_bytes, flags, searched]`` and writes JSON lines:
``{"begins": place}`` before each pattern, and ``{"slow": place, ...}`` for each text on which one
takes more than about linear time. A pattern that needs far too long ends the process: its limit of
processor time is then reached (SIGXCPU).
"""

import gc
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.helpers.package_patterns import Found
from tests.helpers.project import ROOT
from tests.helpers.pumped_texts import Pump, pumps

SIZES = (4_000, 16_000, 64_000)
"""Characters."""

SLOWEST = 0.5
"""Seconds of processor time that the longest text may take."""

STEEPEST = 8
"""How much more the longest text may take than the one before it, which is a quarter of it."""

_MEASURABLE = 0.1  # seconds; the clock of processor time ticks every 4 ms
_LIMIT = 2  # seconds of processor time for one pattern after which it counts as hanging
_PUMPS = 80  # texts for each pattern
_SHORT = 1_000  # characters at which all of them are tried
_CLOSELY = 5  # texts that take longest there, which are then tried at all sizes
_NEGLIGIBLE = 0.003  # seconds; 16 times that is far below what is measurable at the next size


def slow_patterns(found: Sequence[Found], processes: int = 2) -> list[str]:
    """Return what is wrong with the patterns: one line for each text that takes too long."""
    shares = [found[number::processes] for number in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        return [line for lines in pool.map(_measured, shares) for line in lines]


def _measured(share: Sequence[Found]) -> list[str]:
    given = [
        (
            each.place,
            each.pattern.pattern.decode("latin-1")
            if isinstance(each.pattern.pattern, bytes)
            else each.pattern.pattern,
            isinstance(each.pattern.pattern, bytes),
            each.pattern.flags,
            each.searched,
        )
        for each in share
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.helpers.pattern_timer"],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    slow = [str(line) for line in lines if "slow" in line]
    if ran.returncode:
        begun = [line["begins"] for line in lines if "begins" in line]
        slow.append(f"hangs: {begun[-1:]} (exit {ran.returncode}) {ran.stderr[-400:]}")
    return slow


def main() -> None:
    """Measure the patterns that standard input names."""
    gc.disable()
    for place, source, is_bytes, flags, searched in json.load(sys.stdin):
        pattern: re.Pattern[Any] = re.compile(
            source.encode("latin-1") if is_bytes else source, flags
        )
        _limit_processor_time(_LIMIT)
        print(json.dumps({"begins": place}), flush=True)
        for method, run in _uses(pattern, searched=searched):
            for pump, times in _slow_pumps(pattern, run):
                line = {"slow": place, "method": method, "seconds": times, "text": pump}
                print(json.dumps(line), flush=True)


def _limit_processor_time(more: int) -> None:
    """Let this process be ended after so many more seconds of processor time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + more, hard))


def _uses(
    pattern: re.Pattern[Any], *, searched: bool
) -> Iterator[tuple[str, Callable[[Any], object]]]:
    yield "fullmatch", pattern.fullmatch
    if searched:
        empty = pattern.pattern[:0]
        yield "sub", lambda text: pattern.sub(empty, text)
        yield "search", pattern.search


def _slow_pumps(
    pattern: re.Pattern[Any], run: Callable[[Any], object]
) -> Iterator[tuple[Pump, list[float]]]:
    def text(pump: Pump, size: int) -> str | bytes:
        written = pump.text(size)
        return (
            written.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else written
        )

    def seconds(pump: Pump, size: int) -> float:
        return _seconds(run, text(pump, size), time.process_time)

    ranked = sorted(
        pumps(pattern, _PUMPS),
        key=lambda pump: _seconds(run, text(pump, _SHORT), time.perf_counter),
        reverse=True,
    )
    for pump in ranked[:_CLOSELY]:
        if _seconds(run, text(pump, SIZES[1]), time.perf_counter) < _NEGLIGIBLE:
            continue
        times = [seconds(pump, size) for size in SIZES]
        if _is_slow(times):  # once more, as something else may have disturbed it
            again = [seconds(pump, size) for size in SIZES]
            times = list(map(min, times, again))
        if _is_slow(times):
            yield pump, times


def _seconds(run: Callable[[Any], object], text: str | bytes, clock: Callable[[], float]) -> float:
    start = clock()
    run(text)
    return clock() - start


def _is_slow(times: Sequence[float]) -> bool:
    *_, shorter, longest = times
    return longest > SLOWEST or (longest > _MEASURABLE and longest > STEEPEST * shorter)


if __name__ == "__main__":
    main()
