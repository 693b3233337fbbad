"""The command ``collect``: its help text; ``collect_answers`` does the work."""

import click

from conformance.cli.collect_options import CollectOptions
from conformance.cli.exit import exit_with
from conformance.cli.options import takes_options


@click.command(short_help="Collect the answers of a live endpoint for an issue.")
@takes_options(CollectOptions)
def collect(options: CollectOptions) -> None:
    """Send the core cases and the documented examples, and pack the answers into one archive.

    Prints how many requests and tokens this takes and asks before anything is sent. The archive is
    conformance-google-DATE.zip, or conformance-PROFILE-DATE.zip for a --base-url that is not on a
    host of Google. It has the answers, the report and the versions of the software. It has no
    credential, no project and no name of an account, a user or a machine. Attach it to an issue.
    docs/google.md describes each step.

    Exit codes: 0 all cases were answered, 1 the archive would hold a secret and was not written, 2
    bad usage, or no consent, 3 some cases were not answered; the archive has the others.
    """
    from conformance.cli.collect_answers import collect_answers

    exit_with(lambda: collect_answers(options))
