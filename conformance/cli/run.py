"""The command ``run``: its help text; ``run_cases`` does the work."""

import click

from conformance.cli.exit import exit_with
from conformance.cli.options import takes_options
from conformance.cli.run_options import RunOptions


@click.command(short_help="Check the shipped recordings or a live endpoint.")
@takes_options(RunOptions)
def run(options: RunOptions) -> None:
    """Check the shipped recordings, or a live endpoint with --live.

    Prints which requirements are broken and which were not tested. docs/live.md describes live
    runs.

    Exit codes: 0 no unexpected failure, 1 an unexpected failure or a stale deviation, 2 bad usage
    or unreadable input, 3 some cases could not be judged.
    """
    from conformance.cli.run_cases import run_cases

    exit_with(lambda: run_cases(options))
