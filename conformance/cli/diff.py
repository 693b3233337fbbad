"""The command ``diff``: compare two saved reports."""

import sys
from pathlib import Path

import click

from conformance.cli.exit import exit_with, usage_error


@click.command(short_help="Compare the reports of two runs.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The format of the comparison.",
)
@click.option(
    "--require-proof",
    is_flag=True,
    help="Exit with 3 if NEW may be worse, but one answer a side cannot tell.",
)
def diff(old: Path, new: Path, form: str, require_proof: bool) -> None:
    """Compare two reports: print which verdicts changed and which answers are missing in NEW.

    OLD and NEW are report.json files, or folders that contain one. If each report has exactly one
    real target, those two targets are compared, even if their names differ. Otherwise targets with
    the same name are compared.

    A server that is asked twice answers differently, so a change in one case proves nothing. NEW is
    worse if the exact test of `conformance compare` says so, by question, or if a must requirement
    about the protocol held in each of at least 2 cases of OLD and is broken in each case of NEW.

    Exit codes: 0 not proved to be worse, 1 NEW is worse (or a known deviation of a shipped
    recording became stale), 2 a report cannot be read or the reports cannot be compared, 3 cases
    that have an answer in OLD are unanswered, truncated or errors in NEW.
    """
    exit_with(lambda: _diff(old, new, form, require_proof=require_proof))


def _diff(old: Path, new: Path, form: str, *, require_proof: bool) -> int:
    """Compare two reports and print the changes; return the exit code."""
    from conformance.cases.corpus import shipped_corpus
    from conformance.judging.own_checks import with_own_checks
    from conformance.judging.suite import shipped_suite
    from conformance.reports.diff.comparability import NotComparable, NothingAnswered
    from conformance.reports.diff.compare import compare, exit_code
    from conformance.reports.diff.saved_report import ReportError, read_report

    try:
        suite, corpus = with_own_checks(shipped_suite()), shipped_corpus()
        changes = compare(read_report(old, suite, corpus), read_report(new, suite, corpus))
    except NothingAnswered as error:
        usage_error(str(error))
        return 3
    except (ReportError, NotComparable) as error:
        return usage_error(str(error))
    if form == "json":
        from conformance.reports.diff.as_json import as_json

        sys.stdout.buffer.write(as_json(changes))
    else:
        from rich.console import Console

        from conformance.reports.diff.as_text import render

        render(changes, Console(highlight=False))
    return exit_code(changes, require_proof=require_proof)
