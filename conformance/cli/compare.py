"""The command ``compare``: its help text; ``compare_sides`` does the work."""

import click

from conformance.cli.compare_options import CompareOptions
from conformance.cli.exit import exit_with
from conformance.cli.options import GroupedCommand, takes_options

_EXAMPLES = """
Examples:
  conformance compare http://127.0.0.1:8081/v1 http://127.0.0.1:8082/v1 --report upgrade
  conformance compare --profile vertex-gemini --project my-project --location global \\
    --old-model google/gemini-2.5-flash --new-model google/gemini-3.5-flash --plan
  conformance compare prod staging --cases my-cases.jsonl
  conformance compare upgrade                     repeat a saved comparison, nothing is sent
  conformance compare --against upgrade http://127.0.0.1:8082/v1
  conformance compare old.jsonl new.jsonl         compare recorded traffic
"""


@click.command(
    cls=GroupedCommand,
    short_help="Ask two endpoints the same, and say what got worse.",
    epilog=_EXAMPLES,
)
@takes_options(CompareOptions)
def compare(options: CompareOptions) -> None:
    """Compare two endpoints, or two models of one: what got worse, and is it more than chance?

    OLD and NEW are each a URL, a target of conformance.toml, a folder saved with --report, or
    recorded traffic. A folder saved by `compare --report` alone is compared again from its answers.

    Both sides are asked the same questions in turn, with a coin for who is first. The result says
    for each metric whether NEW is worse, no worse than a margin, or "cannot tell".

    Exit codes: 0 nothing that counts is worse beyond its margin, 1 something is, 2 bad usage or
    unreadable input, 3 not enough could be compared (or --require-proof, and a verdict is "cannot
    tell").
    """
    from conformance.cli.compare_sides import compare_sides

    exit_with(lambda: compare_sides(options))
