"""The command ``diff``: two reports compared, and the exit code that it makes."""

import sys
from pathlib import Path

from conformance.cli.exit import usage_error
from conformance.reports.diff.comparability import NotComparable, NothingAnswered
from conformance.reports.diff.compare import compare, exit_code
from conformance.reports.diff.saved_report import ReportError, read_report


def run(old: Path, new: Path, form: str) -> int:
    """Compare two reports and print what changed; the exit code. A file that is no report, and two
    that cannot be compared, are told in one line."""
    try:
        diff = compare(read_report(old), read_report(new))
    except NothingAnswered as error:
        usage_error(str(error))
        return 3
    except (ReportError, NotComparable) as error:
        return usage_error(str(error))
    if form == "json":
        from conformance.reports.diff.as_json import as_json

        sys.stdout.buffer.write(as_json(diff))
    else:
        from rich.console import Console

        from conformance.reports.diff.as_text import render

        render(diff, Console(highlight=False))
    return exit_code(diff)
