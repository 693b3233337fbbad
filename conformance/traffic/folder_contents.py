"""Find the recordings in a folder, and recognise what in it is not meant to be judged."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance._files import special_file
from conformance.traffic.files import SUFFIXES, why_broken
from conformance.traffic.read_result import LeftOut, Outcome, Unreadable

EXPECTED_TO_FAIL = "expected-to-fail.txt"
"""A file that marks its folder: the recordings are of a target that is expected to fail."""

_ANSWERS = "answers"
_ANSWERS_BEFORE = "answers.before"
_REPORT = "report.json"

_OWN_OUTPUT = re.compile(
    rb"\s*\{\s*(?:"
    rb'"schema_version"\s*:\s*[0-9]+\s*,\s*"edition"\s*:'  # the report of a run
    rb'|"\$schema"\s*:\s*"[^"]*sarif[^"]*"'
    rb'|"schemaVersion"\s*:\s*[0-9]+\s*,\s*"label"\s*:'  # a badge
    rb'|"summary"\s*:\s*\{\s*"exchanges"\s*:'  # lint --format json, and the end of ndjson
    rb'|"exchange"\s*:\s*"[^"]*"\s*,\s*"profile"\s*:\s*"[^"]*"\s*,\s*"requirement"\s*:'
    rb")"
)


def is_own_output(head: bytes) -> bool:
    """True if a file that begins with ``head`` is a report, SARIF, a badge or findings as JSON."""
    return _OWN_OUTPUT.match(head) is not None


def recordings_in(folder: str, others: list[Outcome], *, leave_out: bool = False) -> Iterator[str]:
    """Yield the paths of the recordings in a folder, sorted; hidden entries are ignored.

    Args:
        others: gets what cannot be read, and the folders that are left out.
        leave_out: leave out folders inside this one that are not meant to be judged.
    """

    def tell(error: OSError) -> None:
        others.append(Unreadable(printable_path(str(error.filename)), why_broken(error)))

    for parent, folders, files in os.walk(folder, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if leave_out:
            others += _left_out(parent, folders, files)
        for name in sorted(files):
            if name.startswith(".") or not name.removesuffix(".gz").endswith(SUFFIXES):
                continue
            path = Path(parent, name)
            if kind := special_file(path):
                why = f"{kind}, which is not read in a folder"
                others.append(Unreadable(printable_path(str(path)), why))
            else:
                yield str(path)


def _left_out(parent: str, folders: list[str], files: Sequence[str]) -> Iterator[LeftOut]:
    """Remove the folders that are not meant to be judged from ``folders``, and yield them."""
    is_report = _REPORT in files or _ANSWERS in folders
    for name in [*folders]:
        path = Path(parent, name)
        if name == _ANSWERS_BEFORE and is_report:
            why = "the answers of the run before"
        elif (path / EXPECTED_TO_FAIL).is_file():
            why = f"marked by {EXPECTED_TO_FAIL}"
        else:
            continue
        folders.remove(name)
        yield LeftOut(printable_path(str(path)), why, is_folder=True)


def printable_path(path: str) -> str:
    """Decode a path so that it can be printed, even if its bytes are not valid UTF-8."""
    return os.fsencode(path).decode(errors="replace")
