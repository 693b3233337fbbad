"""The command ``report``: show a saved report again, in any format."""

from pathlib import Path

import click

from conformance.cli.emit_options import CODE_SETTINGS
from conformance.cli.exit import exit_with, usage_error
from conformance.cli.output_options import OUTPUT_HELP, OUTPUT_SETTINGS, OutputError, outputs_of
from conformance.cli.run_options import SHOWN


@click.command(short_help="Show a saved report again, in any format.")
@click.argument("path", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--output",
    "outputs",
    **OUTPUT_SETTINGS,
    help=OUTPUT_HELP,
)
@click.option("--code", **CODE_SETTINGS)
@click.option(
    "--show",
    multiple=True,
    type=click.Choice(SHOWN),
    help="List these in full instead of counting them; repeatable.",
)
@click.option(
    "--verbose", "-v", is_flag=True, help="Show all broken requirements with all examples."
)
def report(
    path: Path,
    outputs: tuple[str, ...],
    code: str | None,
    show: tuple[str, ...],
    verbose: bool,
) -> None:
    """Show the report that `conformance run --report DIR` saved, or write it in other formats.

    DIR may also be the file report.json itself. Without --output, the text report is printed.

    Exit codes: 0 the report could be read, whatever its verdict is, 2 bad usage, or a report that
    cannot be read.
    """
    exit_with(lambda: _report(path, outputs, frozenset(show), code or "", verbose=verbose))


def _report(
    path: Path, given: tuple[str, ...], show: frozenset[str], code: str, *, verbose: bool
) -> int:
    from conformance.cases.corpus import shipped_corpus
    from conformance.judging.own_checks import with_own_checks
    from conformance.judging.suite import shipped_suite
    from conformance.reports.formats import FORMATS
    from conformance.reports.formats.found import found_in
    from conformance.reports.json.run import NAME
    from conformance.reports.json.saved_file import ReportError
    from conformance.reports.json.saved_run import read_run

    try:
        outputs = outputs_of(given, [*FORMATS], taken=(path, path / NAME))
        saved = read_run(path, with_own_checks(shipped_suite()), shipped_corpus())
    except (OutputError, ReportError) as error:
        return usage_error(str(error))
    if outputs.all:
        outputs.write(saved, FORMATS, found_in)
        return 0
    from rich.console import Console

    from conformance.reports.text.run import View, render

    view = View(show, verbose, seconds=saved.seconds, code=code, saved_before=True)
    render(saved, Console(highlight=False), view)
    return 0
