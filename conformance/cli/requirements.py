"""The command ``requirements``: prints the ledger, or the rows of it that are named."""

from collections.abc import Sequence
from shutil import get_terminal_size

from conformance._text import did_you_mean
from conformance.cli.exit import usage_error
from conformance.judging.requirements import chapters, requirements
from conformance.reports.requirement_list import as_json, as_markdown, as_tables, as_text, chosen


def run(ids: Sequence[str], form: str) -> int:
    """Print the requirements of these ids, or all; the exit code. An id that none has is told in
    one line."""
    if unknown := [name for name in ids if name not in requirements()]:
        meant = did_you_mean(unknown[0].upper(), requirements())
        return usage_error(
            f"unknown requirement {', '.join(map(repr, unknown))}{meant}; `conformance"
            " requirements` lists them"
        )
    those = chosen(ids) if ids else chapters()
    match form:
        case "md":
            print(as_tables(those) if ids else as_markdown())
        case "json":
            print(as_json(those))
        case _:
            print(as_text(those, get_terminal_size().columns))
    return 0
