"""Two ways to make inputs: guided by coverage with atheris, or at random without it."""

import importlib
import importlib.util
import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from random import Random

from tests.fuzz.mutations import LONGEST, mutated

Run = Callable[[bytes], None]

_MOST_KEPT = 4000
_LONGEST_KEPT = 1 << 13
"""Bytes; longer inputs are not changed again: they take more time and seldom find more."""


def has_atheris() -> bool:
    """Return whether atheris is installed; it has no wheels for some systems."""
    return importlib.util.find_spec("atheris") is not None


@contextmanager
def instrumented(*, guided: bool) -> Iterator[None]:
    """Instrument the modules of the package that are imported inside the context for coverage."""
    if not guided:
        yield
        return
    atheris = importlib.import_module("atheris")
    silent = redirect_stderr(io.StringIO())  # of a line for each module
    with silent, atheris.instrument_imports(include=["conformance"]):
        yield


def by_chance(run: Run, seeds: Sequence[bytes], seed: int, seconds: float) -> None:
    """Run the seeds, then changed copies of them, some of which are changed again."""
    random, kept = Random(seed), list(seeds)
    for data in seeds:
        run(data)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(random.choice(kept), random, seeds)
        run(data)
        if len(data) <= _LONGEST_KEPT and random.random() < 0.1:
            if len(kept) < _MOST_KEPT:
                kept.append(data)
            else:
                kept[random.randrange(len(seeds), _MOST_KEPT)] = data


def by_coverage(run: Run, seeds: Sequence[bytes], seed: int, seconds: float, folder: Path) -> None:
    """Let atheris choose which inputs to change again. Ends the process."""
    atheris = importlib.import_module("atheris")
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, data in enumerate(seeds):
        (corpus / str(number)).write_bytes(data)

    def change(data: bytes, longest: int, number: int) -> bytes:
        random = Random(number)
        if random.random() < 0.1:
            return bytes(atheris.Mutate(data, longest))
        return mutated(data, random, seeds)[:longest]

    options = {
        "max_total_time": max(1, round(seconds)),
        "max_len": LONGEST,
        "seed": seed % 2**31 or 1,
        "rss_limit_mb": 0,
        "timeout": 100_000,  # the parent looks after that
        "verbosity": 0,
        "reload": 0,
        "artifact_prefix": f"{folder}/",
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], run, custom_mutator=change)
    atheris.Fuzz()
