"""The command ``hunt``: its help text; ``hunt_failures`` does the work."""

import click

from conformance.cli.exit import exit_with
from conformance.cli.hunt_options import HuntOptions
from conformance.cli.options import takes_options


@click.command(short_help="Find generated requests that break a requirement.")
@takes_options(HuntOptions)
def hunt(options: HuntOptions) -> None:
    """Generate requests with Hypothesis, to find some that make the target break a requirement.

    Prints the smallest such request for each broken requirement, as curl, httpx and openai code.

    Exit codes: 0 no requirement is broken, 1 a requirement is broken, 2 bad usage, 3 the target
    stopped answering.
    """
    from conformance.cli.hunt_failures import hunt_failures

    exit_with(lambda: hunt_failures(options))
