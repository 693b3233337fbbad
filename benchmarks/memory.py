"""Measure the peak memory of lint and run on answers of 8 MB in many shapes.

python -m benchmarks.memory [SHAPE...]

Each figure is ``ru_maxrss`` of a process of its own, in megabytes. The run asks a server on the
loopback that always gives the same answer.
"""

import sys
import tempfile
from pathlib import Path

from tests.helpers.large_answers import SHAPES, peak_of_lint, peak_of_run


def main() -> None:
    """Print a row for each shape."""
    print("| shape | size | lint | run |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for shape in sys.argv[1:] or SHAPES:
            body = SHAPES[shape]()
            lint, run = peak_of_lint(body, Path(folder)), peak_of_run(body)
            print(f"| {shape} | {len(body) / 1e6:.1f} | {lint} | {run} |", flush=True)


if __name__ == "__main__":
    main()
