"""The command ``hunt``: its help text; ``hunt_failures`` does the work."""

import click

from conformance.cli.exit import exit_with
from conformance.cli.hunt_options import HuntOptions
from conformance.cli.options import takes_options


@click.command(short_help="Generate new requests and shrink the ones that fail.")
@takes_options(HuntOptions)
def hunt(options: HuntOptions) -> None:
    """Generate requests with Hypothesis until the target breaks a requirement.

    Prints the smallest request that breaks it, as curl, httpx and openai code.

    Exit codes: 0 no requirement is broken, 1 a requirement is broken, 2 bad usage, 3 the target
    stopped answering.
    """
    from conformance.cli.hunt_failures import hunt_failures

    exit_with(lambda: hunt_failures(options))
