"""The command ``run``: its help text; ``run_cases`` does the work."""

import sys
from urllib.parse import urlsplit

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
    if sys.stderr and sys.stderr.isatty():
        print(first_line(options), file=sys.stderr, flush=True)
    from conformance.cli.run_cases import run_cases

    exit_with(lambda: run_cases(options))


def first_line(options: RunOptions) -> str:
    """Return what the run does, to be printed at once: the modules that do it take time to load.

    Of a URL only the host is named, as the rest may hold a secret.
    """
    if not (options.live or options.url):
        return "Judging recordings ..."
    try:
        host = urlsplit(options.url or options.at.base_url or "").hostname or "the target"
    except ValueError:  # reported later with its reason
        host = "the target"
    return f"Asking {ascii(host)[1:-1]}; Ctrl-C prints what is known so far ..."
