"""The command ``cases``."""

import shutil
import sys

from conformance.cases import CaseError, cases
from conformance.commands.leaving import refused


def run(form: str) -> int:
    """List all cases; the exit code. A row that is none is told in one line."""
    from conformance.report.case_list import as_json, as_text

    try:
        listed = cases()
    except CaseError as error:
        return refused(str(error))
    if form == "json":
        sys.stdout.buffer.write(as_json(listed) + b"\n")
    else:
        sys.stdout.write(as_text(listed, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))
    return 0
