"""Fuzz what reads data from outside: ``python -m tests.fuzz``."""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.engines import has_atheris, instrumented


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets, or run files again; return 1 if something is wrong."""
    options = _options().parse_args(arguments)
    guided = options.engine == "atheris" and not options.replay
    if sys.platform == "linux" and Path("/dev/shm").is_dir():
        tempfile.tempdir = "/dev/shm"  # the targets read thousands of small files each second
    with instrumented(guided=guided):
        from tests.fuzz.targets import TARGETS
    if options.replay:
        return max([_replayed(path) for path in options.replay])
    if unknown := [name for name in options.target if name not in TARGETS]:
        print(f"unknown target {unknown[0]}; the targets are {', '.join(TARGETS)}")
        return 2
    names = options.target or list(TARGETS)
    return _fuzzed(names, options.seconds, options.seed, options.crashes, guided=guided)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together")
    parser.add_argument("--target", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs")
    parser.add_argument(
        "--engine",
        choices=["atheris", "chance"],
        default="atheris" if has_atheris() else "chance",
        help="how inputs are chosen: by coverage, or by chance",
    )
    parser.add_argument(
        "--crashes",
        type=Path,
        default=Path("tests", "fuzz", "crashes"),
        help="where to write inputs that break something",
    )
    parser.add_argument(
        "--replay", type=Path, nargs="+", help="run these files again, whose folder is the target"
    )
    return parser


def _replayed(path: Path) -> int:
    from tests.fuzz.crash_files import failure_of

    failure = failure_of(path.resolve().parent.name, path.read_bytes())
    if failure is None:
        print(f"{path}: nothing is wrong")
        return 0
    traceback.print_exception(failure)
    return 1


def _fuzzed(names: list[str], seconds: float, seed: int, crashes: Path, *, guided: bool) -> int:
    from tests.fuzz.crash_files import command
    from tests.fuzz.limits import Limits
    from tests.fuzz.session import fuzz

    print(f"{len(names)} targets, {'guided by coverage' if guided else 'by chance'}", flush=True)
    total, failures = 0, 0
    for name in names:
        outcome = fuzz(name, seconds / len(names), seed, crashes, Limits(), guided=guided)
        total += outcome.inputs
        failures += len(outcome.failures)
        rate = outcome.inputs / outcome.seconds
        print(f"{name:13}{outcome.inputs:10,} inputs {rate:8,.0f}/s", flush=True)
        for path, kind in outcome.failures.items():
            print(f"  {kind}\n    {command(path)}", flush=True)
    print(f"{total:,} inputs, {failures} failures", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
