"""Write the constraint files beside this script: exact versions with hashes, Python 3.11 or newer.

Run ``tox run -e lock``. The extras and dependency groups come from pyproject.toml. Each file is
complete: ``pip install --require-hashes -r FILE`` installs what one tox environment needs.
``tests.txt`` is written first. The others, except ``lowest.txt``, use its versions, so that they
agree.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PROJECT = ("pyproject.toml",)
ALL_EXTRAS = (*PROJECT, "--all-extras")
FILES: dict[str, tuple[str, ...]] = {
    "tests.txt": (*ALL_EXTRAS, "--group", "tests"),
    "lowest.txt": (*ALL_EXTRAS, "--group", "tests", "--resolution", "lowest-direct"),
    "run.txt": PROJECT,
    "replay.txt": (*PROJECT, "--group", "replay"),
    "types.txt": (*ALL_EXTRAS, "--group", "types"),
    "mutation.txt": (*PROJECT, "--extra", "serve", "--extra", "suites", "--group", "mutation"),
    "fuzz.txt": (*ALL_EXTRAS, "--group", "tests", "--group", "fuzz"),
    "build.txt": ("--group", "build"),
    "lint.txt": ("--group", "lint"),
    "lock.txt": ("--group", "lock"),
    "tox.txt": ("--group", "tox"),
}
"""The options of ``uv pip compile`` for each file; they select dependencies of pyproject.toml."""

_COMPILE = (
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--upgrade",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
)
_PLAIN = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links")


def main(names: list[str]) -> None:
    """Write the named constraint files, or all of them if ``names`` is empty.

    Raises CalledProcessError if uv fails.
    """
    for name in names or FILES:
        follow = (
            ()
            if name in ("tests.txt", "lowest.txt")
            else ("--constraint", str(FOLDER / "tests.txt"))
        )
        subprocess.run(
            [*_COMPILE, *_PLAIN, *FILES[name], *follow, "--output-file", str(FOLDER / name)],
            cwd=FOLDER.parent,
            check=True,
        )
        print(
            f"{name}: {sum('==' in line for line in (FOLDER / name).read_text().splitlines())}"
            " packages"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
