"""The command line. Each command imports what it needs when it is called, so that the others start quickly."""

import click

from conformance import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conformance")
def main() -> None:
    """Judge Chat Completions traffic against the ledger of requirements."""


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True, help="How to list them.")
def requirements(form: str) -> None:
    """List every requirement with its levels, its condition and its source."""
    from shutil import get_terminal_size

    from conformance.ledger.listing import as_json, as_markdown, as_text

    match form:
        case "md":
            click.echo(as_markdown())
        case "json":
            click.echo(as_json())
        case _:
            click.echo(as_text(get_terminal_size().columns))
