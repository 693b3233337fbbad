"""The command ``cassettes check``: what is wrong with recorded cassettes, and which cases have
none."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from conformance._files import data_folder
from conformance._text import few, many
from conformance.cases import cases
from conformance.cli.exit import usage_error
from conformance.runs.cassette_check import half_written, problems, several_versions
from conformance.runs.collecting import NO_CASSETTE, replayed
from conformance.runs.selection import Selection, SelectionError
from conformance.runs.selection import cassettes as cassettes_of

_NAMED = 8  # cases without a cassette that are named


def check(folder: Path | None, targets: Iterable[str], days: int) -> int:
    """Print what is wrong with cassettes, a line each, and what is missing; the exit code."""
    shelf = folder or data_folder("cassettes")
    chosen = tuple(targets)
    try:
        paths = cassettes_of(shelf, chosen)
        missing = _missing(shelf, sorted({path.parent.name for path in paths}))
    except SelectionError as error:
        return usage_error(str(error))
    found = [*problems(paths, cases(), datetime.now(UTC).date(), days), *half_written(shelf)]
    for line in (*found, *several_versions(paths)):
        print(line)
    for target, names in missing.items():
        print(f"{target}: no cassette for {many(len(names), 'case')}: {few(names, _NAMED)}")
    print(f"{many(len(paths), 'cassette')}, {many(len(found), 'problem')}.")
    return 1 if found else 0


def _missing(shelf: Path, targets: list[str]) -> dict[str, list[str]]:
    """By target, the cases it could answer and has no cassette for."""
    found: dict[str, list[str]] = {}
    for each in replayed(shelf, Selection(targets=tuple(targets))).not_asked:
        if each.why == NO_CASSETTE:
            found.setdefault(each.target, []).append(each.case)
    return found
