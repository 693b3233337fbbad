"""The command ``matrix``: one table of requirements and targets from saved reports."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.cli.exit import exit_with, usage_error


@click.command(short_help="Show what each target does with each requirement.")
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json", "html"]),
    default="text",
    show_default=True,
    help="The format of the table. Text lists only what a target breaks.",
)
def matrix(reports: tuple[Path, ...], form: str) -> None:
    """Show one table of all targets in saved reports: what each does with each requirement.

    REPORTS are report.json files, or folders that contain one. A cell says in how many of the
    tested cases a target breaks the requirement, with the first case and finding. Below stands what
    this does to clients such as the official SDK.

    Exit codes: 0 all reports could be read, whatever is broken, 2 bad usage, or a report that
    cannot be read; the others are shown all the same.
    """
    exit_with(lambda: _matrix(reports, form))


def _matrix(paths: Sequence[Path], form: str) -> int:
    """Print the table of the reports that can be read; return 2 if one cannot, else 0."""
    from conformance.cases.corpus import shipped_corpus
    from conformance.judging.own_checks import with_own_checks
    from conformance.judging.suite import shipped_suite
    from conformance.reports.json.saved_file import ReportError
    from conformance.reports.matrix.matrix import matrix_of
    from conformance.reports.matrix.saved import read_for_matrix

    suite, corpus = with_own_checks(shipped_suite()), shipped_corpus()
    code, read = 0, []
    for path in paths:
        try:
            read.append(read_for_matrix(path, suite, corpus))
        except ReportError as error:
            code = usage_error(str(error))
        except OSError as error:
            code = usage_error(f"{path}: {error.strerror or error}")
    if not read:
        return code
    table = matrix_of(read)
    sys.stdout.flush()
    match form:
        case "md":
            from conformance.reports.matrix.markdown import as_markdown

            sys.stdout.buffer.write(as_markdown(table).encode())
        case "json":
            from conformance.reports.matrix.as_json import as_json

            sys.stdout.buffer.write(as_json(table))
        case "html":
            from conformance.reports.matrix.html import as_html

            sys.stdout.buffer.write(as_html(table))
        case _:
            from rich.console import Console

            from conformance.reports.matrix.text import render

            render(table, Console(highlight=False))
    return code
