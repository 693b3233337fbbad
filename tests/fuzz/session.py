"""Fuzz one target in a child process, and report the result.

The child writes each input into memory that it shares with its parent. So the parent knows which
input made the child hang or die.
"""

import mmap
import os
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from tests.fuzz.crash_files import failure_of, keep, kind_of
from tests.fuzz.engines import by_chance, by_coverage
from tests.fuzz.limits import Limits, limit_memory
from tests.fuzz.shrinking import shrunk
from tests.fuzz.targets import TARGETS

SLOWER = 3
"""How many times longer instrumented code takes."""

_HEAD = struct.Struct("<QI")
"""The number of inputs, and the length of the input."""
_SIZE = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """The result for a target: the number of inputs, the seconds they took, and the failures.

    ``failures`` has a kind for each path.
    """

    target: str
    inputs: int
    seconds: float
    failures: dict[Path, str]


def fuzz(
    target: str,
    seconds: float,
    seed: int,
    crashes: Path,
    limits: Limits,
    *,
    guided: bool,
) -> Outcome:
    """Fuzz a target for some time; write each kind of failure as a file into ``crashes``."""
    seeds = TARGETS[target].seeds()
    processor = limits.processor * (SLOWER if guided else 1)
    limits = replace(limits, processor=processor)
    start = time.monotonic()
    failures: dict[Path, str] = {}
    inputs = 0
    shared = mmap.mmap(-1, _SIZE)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        while (left := seconds - (time.monotonic() - start)) > 0:
            before = inputs
            shared[: _HEAD.size] = _HEAD.pack(0, 0)
            recorder = _Recorder(target, folder / "failures", shared, limits)
            engine = partial(by_coverage, folder=folder) if guided else by_chance
            make = partial(engine, recorder.run, seeds, seed + inputs, left)
            why = _in_child(make, shared, folder, limits.silence)
            count, length = _HEAD.unpack_from(shared)
            inputs += count
            if why:
                why += _last_line(folder / "log")
                data = bytes(shared[_HEAD.size : _HEAD.size + length])
                failures[keep(target, data, crashes)] = why
            if not why or inputs == before:
                break
        for path in sorted((folder / "failures").glob("*")):
            kind, _, data = path.read_bytes().partition(b"\n")
            failures[keep(target, data, crashes)] = kind.decode()
    return Outcome(target, inputs, time.monotonic() - start, failures)


def _last_line(log: Path) -> str:
    """Return the last line that the child wrote, "" if it wrote none."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return "".join(f": {line[:200]}" for line in lines[-2:-1])


def _in_child(work: Callable[[], None], shared: mmap.mmap, folder: Path, silence: float) -> str:
    """Run in a child; return why it died, "" if it ended by itself."""
    child = os.fork()
    if not child:
        _run(work, folder)
    count, since = -1, time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return "" if code == 0 else f"the process ended with {code}"
        if (now := _HEAD.unpack_from(shared)[0]) != count:
            count, since = now, time.monotonic()
        elif time.monotonic() - since > silence:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return f"no end after {silence:g} s"
        time.sleep(0.05)


def _run(work: Callable[[], None], folder: Path) -> NoReturn:
    """Fuzz in the child process, with all temporary files in one folder."""
    status = 1
    try:
        tempfile.tempdir = str(folder)
        os.dup2(os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        limit_memory()
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


class _Recorder:
    """Runs inputs; shortens and writes the first failing input of each kind."""

    def __init__(self, target: str, folder: Path, shared: mmap.mmap, limits: Limits) -> None:
        self._target, self._folder, self._shared = target, folder, shared
        self._limits = limits
        self._count = 0
        self._kinds: set[str] = set()

    def run(self, data: bytes) -> None:
        """Run an input and count it; never raises."""
        self._count += 1
        self._shared[: _HEAD.size] = _HEAD.pack(self._count, len(data))
        self._shared[_HEAD.size : _HEAD.size + len(data)] = data
        failure = failure_of(self._target, data, self._limits.processor)
        if failure is None or (kind := kind_of(failure)) in self._kinds:
            return
        self._kinds.add(kind)
        shorter = shrunk(data, lambda each: self._fails(each, kind), self._limits.shrinking)
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{os.getpid()}-{len(self._kinds)}"
        path.write_bytes(kind.encode() + b"\n" + shorter)

    def _fails(self, data: bytes, kind: str) -> bool:
        failure = failure_of(self._target, data, self._limits.processor)
        return failure is not None and kind_of(failure) == kind
