"""The command ``requirements``: list the requirements."""

from collections.abc import Sequence

import click

from conformance.cli.exit import exit_with, usage_error


@click.command(short_help="List the requirements with their levels and sources.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="The format of the list.",
)
def requirements(ids: tuple[str, ...], form: str) -> None:
    """List all requirements, or those with the given IDs.

    Each requirement is listed with its level in each profile, its condition and its source.

    Exit codes: 0 success, 2 bad usage.
    """
    exit_with(lambda: _requirements(ids, form))


def _requirements(ids: Sequence[str], form: str) -> int:
    """Print the requirements with these ids, or all; return 2 for an unknown id, else 0."""
    from shutil import get_terminal_size

    from conformance.judging.requirements import chapters, requirements
    from conformance.judging.requirements.typed_ids import id_like
    from conformance.reports.requirement_list import (
        as_json,
        as_markdown,
        as_tables,
        as_text,
        chosen,
    )

    ids = list(map(id_like, ids))
    if unknown := [name for name in ids if name not in requirements()]:
        from conformance.runs.selection import why_unknown

        return usage_error(why_unknown(unknown, requirements()))
    listed = chosen(ids) if ids else chapters()
    match form:
        case "md":
            print(as_tables(listed) if ids else as_markdown())
        case "json":
            print(as_json(listed))
        case _:
            print(as_text(listed, get_terminal_size().columns))
    return 0
