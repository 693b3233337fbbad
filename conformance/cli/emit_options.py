"""The options ``--emit pytest=FILE.py`` and ``--code NAME``: what to do about a failing request.

The first writes failing exchanges as a test file with cassettes, the second shows requests as code.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.output_options import OutputError

if TYPE_CHECKING:
    from conformance.reports.pytest_file import PytestFile

EMIT_HELP = (
    "Also write a test file for pytest from the failing answers: a cassette with the smallest"
    " evidence and a test for each broken requirement. Give a name that ends in .py, or a folder."
)
METAVAR = "pytest=FILE"

CODE_SETTINGS: Mapping[str, Any] = {
    "type": click.Choice(["curl", "httpx", "openai"]),
    "help": (
        "Show the failing request as code for curl, httpx or the openai SDK under each broken"
        " requirement that is shown in detail; the key is read from an environment variable."
    ),
}
"""Settings of ``click.option`` for ``--code``."""

_KIND = "pytest"
_DEFAULT_NAME = "test_conformance.py"
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.py")


def test_file_of(given: str | None) -> Path | None:
    """Return the test file that a value of --emit names, before any work; None without a value.

    Raises OutputError.
    """
    if given is None:
        return None
    kind, _, name = given.partition("=")
    if kind != _KIND or not name:
        raise OutputError(f"--emit {given}: write --emit pytest=FILE.py, or pytest=FOLDER")
    path = Path(name)
    if path.is_dir():
        path = path / _DEFAULT_NAME
    if not _FILE_NAME.fullmatch(path.name):
        raise OutputError(
            f"--emit {given}: name a file of letters, digits, '_', '-' and '.' that ends in .py, or"
            " an existing folder"
        )
    if not path.parent.is_dir():
        raise OutputError(
            f"--emit {given}: there is no folder {path.parent}; create it or name another"
        )
    return path


def write_test_file(made: "PytestFile", path: Path) -> None:
    """Write the files, and print on standard error what was written and left out.

    Without a test, nothing is written. Raises OSError.
    """
    from conformance._files import write_atomic
    from conformance._text import many

    tests = len(made.files) - 1
    if tests:
        for name, content in reversed([*made.files.items()]):
            write_atomic(path.parent / name, content)
    _say(made.left_out)
    _say([f"{many(tests, 'test')} in {path}" if tests else f"No test to write into {path}"])


def _say(lines: Iterable[str]) -> None:
    from conformance._text import printable

    for line in lines:
        print(printable(line), file=sys.stderr)
