"""The command ``expectations``: keep the file of accepted failures up to date."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.exit import exit_with, usage_error

if TYPE_CHECKING:
    from conformance.runs.update_expectations import Updated


@click.group(short_help="Keep the file of the failures that you accept.")
def expectations() -> None:
    """Keep the file of the failures that you accept, conformance-expectations.toml."""


@expectations.command(short_help="Add the failures of a saved report to the file.")
@click.argument("report", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--expectations",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "The file to write. [default: conformance-expectations.toml in the working folder, or"
        " conformance.toml if that has the expectations]"
    ),
)
@click.option(
    "--prune",
    is_flag=True,
    help='Also remove the entries with occurs = "always" that the report tested and found to hold.',
)
def update(report: Path, file: Path | None, prune: bool) -> None:
    """Add an entry for each unexpected failure of a report, without a reason: you write that.

    DIR is the folder of `conformance run --report DIR`, or its report.json. Entries and comments
    that stand in the file stay as they are.

    Exit codes: 0 the file is up to date, 2 the report or the file cannot be used.
    """
    exit_with(lambda: _update(report, file, prune=prune))


def _update(report: Path, file: Path | None, *, prune: bool) -> int:
    from conformance._files import write_atomic
    from conformance.cases.corpus import shipped_corpus
    from conformance.judging.expectations_file import NAME, ExpectationsError, entry_lines
    from conformance.judging.own_checks import with_own_checks
    from conformance.judging.suite import shipped_suite
    from conformance.reports.json.saved_file import ReportError
    from conformance.reports.json.saved_run import read_run
    from conformance.runs.find_expectations import (
        entries_in,
        find_expectations,
        shown_path,
        text_of,
    )
    from conformance.runs.update_expectations import NothingTested, updated

    suite, corpus = with_own_checks(shipped_suite()), shipped_corpus()
    try:
        run = read_run(report, suite, corpus)
        path = find_expectations(Path.cwd(), file) or Path(NAME)
        text = text_of(path) if path.exists() else ""
        entries = entries_in(path, text, suite, drafts=True)
        if len(entry_lines(text)) != len(entries):
            raise ExpectationsError(
                f"{shown_path(path)}: begin each entry with [[expectations]] on a line of its own"
            )
        made = updated(text, entries, run, corpus.cases.keys(), prune=prune)
        after = entries_in(path, made.text, suite, drafts=True)
    except NothingTested as error:
        return usage_error(f"{report}: {error}")
    except ExpectationsError as error:
        for mistake in error.mistakes:
            usage_error(mistake)
        return 2
    except ReportError as error:
        return usage_error(str(error))
    if made.text != text:
        write_atomic(path, made.text.encode())
    without_reason = sum(not entry.reason for entry in after)
    print(_summary(shown_path(path), made, without_reason))
    return 0


def _summary(path: str, made: "Updated", without_reason: int) -> str:
    parts = [
        f"{made.added:,} added",
        *([f"{made.removed:,} removed"] if made.removed else []),
        *([f"{made.untested:,} kept, not tested in this report"] if made.untested else []),
    ]
    left = (
        f"; write a reason for {without_reason:,}: an entry without one is refused"
        if without_reason
        else ""
    )
    return f"{path}: {', '.join(parts)}{left}"
