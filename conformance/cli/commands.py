"""The command ``conformance`` and the list of its commands.

The modules of the commands import what they need when a command runs, so that ``--help`` is fast.
"""

import sys
from typing import Any

import click

from conformance import __version__
from conformance.cli.cases import cases
from conformance.cli.cassettes import cassettes
from conformance.cli.collect import collect
from conformance.cli.compare import compare
from conformance.cli.corpus import corpus
from conformance.cli.diff import diff
from conformance.cli.doctor import doctor
from conformance.cli.exit import INTERRUPTED
from conformance.cli.expectations import expectations
from conformance.cli.explain import explain
from conformance.cli.hunt import hunt
from conformance.cli.lint import lint
from conformance.cli.matrix import matrix
from conformance.cli.report import report
from conformance.cli.requirements import requirements
from conformance.cli.run import run
from conformance.cli.serve import serve


class _Interruptible(click.Group):
    """A group whose commands Ctrl-C ends with exit code 130, not with the 1 of click."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, which imports what it needs before it handles Ctrl-C itself."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            raise SystemExit(INTERRUPTED) from None


@click.group(
    cls=_Interruptible,
    commands=[
        cases,
        cassettes,
        collect,
        compare,
        corpus,
        diff,
        doctor,
        expectations,
        explain,
        hunt,
        lint,
        matrix,
        report,
        requirements,
        run,
        serve,
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="conformance")
def main() -> None:
    """Check Chat Completions traffic against the conformance requirements.

    `conformance run` checks the shipped recordings or a live endpoint, `conformance lint PATH`
    checks traffic that you recorded. Each command has its own --help.
    """
