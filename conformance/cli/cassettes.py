"""The commands ``cassettes check`` and ``cassettes import``."""

import re
from collections.abc import Iterable
from pathlib import Path

import click

from conformance.cli.exit import exit_with, usage_error

_MAX_NAMES = 8  # cases without a cassette that are listed per target
_HTTPS_URL = re.compile(r"https://[\w.-]+(:\d+)?(/[\w./~%#?&=+,;:@!$*'()-]*)?", re.ASCII)


@click.group(short_help="Check and import recorded cassettes.")
def cassettes() -> None:
    """Check recorded cassettes before you rely on them, and import those that others recorded."""


@cassettes.command(
    "check", short_help="Find cassettes that are unused, stale or broken, or contain secrets."
)
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    help="Check only the cassettes of this target; repeatable.",
)
@click.option(
    "--days",
    default=365,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="The maximum age of a cassette in days; an older cassette is stale.",
)
def check_command(folder: Path | None, targets: tuple[str, ...], days: int) -> None:
    """Check the cassette files below FOLDER, or those of this package without FOLDER.

    Finds cassettes that are unused, stale or unreadable, that were recorded with another request
    than that of the case, whose answer is incomplete, or that contain a secret.

    Exit codes: 0 no problem, 1 a problem, 2 bad usage.
    """
    exit_with(lambda: _check(folder, targets, days))


@cassettes.command("import", short_help="Turn an archive of `conformance collect` into cassettes.")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of all cassettes.  [default: cassettes of the checkout, or ./cassettes]",
)
@click.option(
    "--source",
    default="",
    metavar="URL",
    help="The https URL where the archive comes from, such as an issue; noted in the README.",
)
@click.option(
    "--any-host",
    is_flag=True,
    help="Accept answers of other hosts than Google's for a profile of Google's endpoints.",
)
def import_command(archive: Path, folder: Path | None, source: str, any_host: bool) -> None:
    """Write the answers in ARCHIVE as cassettes, DIR/TARGET/CASE.yaml.

    TARGET is the profile and the model. The archive is not trusted: it must be what `conformance
    collect` writes, with answers that were recorded live, without secrets and not over a year old,
    for the profiles of Google's endpoints from a host of Google. Otherwise nothing is written.
    Incomplete answers and those to cases that have changed are left out. DIR/TARGET/README.md notes
    where the answers come from.

    Exit codes: 0 imported, 1 the archive cannot be used, 2 bad usage.
    """
    exit_with(lambda: _import(archive, folder, source, any_host=any_host))


def _import(archive: Path, folder: Path | None, source: str, *, any_host: bool) -> int:
    """Import an archive and print what was written and left out; return the exit code."""
    import sys
    from datetime import UTC, datetime

    from conformance._text import many, printable
    from conformance.cases.corpus import shipped_corpus
    from conformance.runs.archive.archive_error import ArchiveError
    from conformance.runs.archive.importing import import_archive
    from conformance.runs.cassette_folders import local_cassette_folder

    if source and not _HTTPS_URL.fullmatch(source):
        return usage_error(f"--source {source!r}: write an https URL, such as that of the issue")
    today = datetime.now(UTC).date()
    cassettes_here = folder or local_cassette_folder()
    try:
        imported = import_archive(
            archive, cassettes_here, shipped_corpus(), today, source, any_host=any_host
        )
    except ArchiveError as error:
        print(f"Error: {archive}: {printable(str(error))}", file=sys.stderr)
        return 1
    for case, why in sorted(imported.left_out.items()):
        print(f"left out: {case}: {why}")
    print(f"{imported.folder}: {many(len(imported.written), 'cassette')} written.")
    return 0


def _check(folder: Path | None, targets: Iterable[str], days: int) -> int:
    """Print one line for each problem, and the cases without a cassette; return the exit code."""
    from datetime import UTC, datetime

    from conformance._files import data_folder
    from conformance._text import escaped, few, many, without_command
    from conformance.cases import cases
    from conformance.runs.cassette_check import (
        half_written,
        not_files,
        problems,
        several_versions,
    )
    from conformance.runs.selection import SelectionError
    from conformance.runs.selection import cassettes as cassettes_of

    cassette_folder = folder or data_folder("cassettes")
    try:
        paths = cassettes_of(cassette_folder, tuple(targets))
        missing = _missing(cassette_folder, sorted({path.parent.name for path in paths}))
    except SelectionError as error:
        return usage_error(str(error))
    lines = [
        *problems(paths, cases(), datetime.now(UTC).date(), days),
        *not_files(cassette_folder),
        *half_written(cassette_folder),
    ]
    for line in (*lines, *several_versions(paths)):
        print(without_command(escaped(line)))
    for target, names in missing.items():
        print(f"{target}: no cassette for {many(len(names), 'case')}: {few(names, _MAX_NAMES)}")
    print(f"{many(len(paths), 'cassette')}, {many(len(lines), 'problem')}.")
    return 1 if lines else 0


def _missing(cassette_folder: Path, targets: list[str]) -> dict[str, list[str]]:
    """Return, by target, the cases that it supports and has no cassette for."""
    from conformance.runs.collecting import replayed
    from conformance.runs.selection import NO_CASSETTE, Selection

    missing: dict[str, list[str]] = {}
    for skipped in replayed(cassette_folder, Selection(targets=tuple(targets))).not_asked:
        if skipped.why == NO_CASSETTE:
            missing.setdefault(skipped.target, []).append(skipped.case)
    return missing
