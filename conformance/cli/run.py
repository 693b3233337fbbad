"""The command ``run``: its help text; ``run_cases`` does the work."""

import click

from conformance.cli.exit import exit_with
from conformance.cli.options import GroupedCommand, takes_options
from conformance.cli.run_options import RunOptions

_EXAMPLES = """
Examples:
  conformance run                                    replay the shipped recordings
  conformance run http://127.0.0.1:8081/v1           ask a server on this machine
  conformance run https://gateway.example/v1 --model my-model --api-key-env KEY
  conformance run http://127.0.0.1:8081/v1 --feature streaming --max-minutes 5
  conformance run --live --profile vertex-gemini --project my-project \\
    --location global --model google/gemini-3.5-flash --plan
"""


@click.command(
    cls=GroupedCommand,
    short_help="Check the shipped recordings or a live endpoint.",
    epilog=_EXAMPLES,
)
@takes_options(RunOptions)
def run(options: RunOptions) -> None:
    """Check the endpoint at URL or, without it, the shipped recordings.

    URL is what comes before /chat/completions. With --live instead of URL, the endpoint is the one
    that the environment or conformance.toml describes.

    Prints which requirements are broken and which were not tested. docs/live.md describes live
    runs.

    Exit codes: 0 no unexpected failure, 1 an unexpected failure or a stale deviation, 2 bad usage
    or unreadable input, 3 some cases could not be judged.
    """
    from conformance.cli.run_cases import run_cases

    exit_with(lambda: run_cases(options))
