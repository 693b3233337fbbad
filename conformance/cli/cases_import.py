"""The command ``cases import``: make cases from recorded traffic."""

import sys
from pathlib import Path

import click

from conformance.cli.exit import exit_with, usage_error


@click.command("import", short_help="Make cases of your own from recorded traffic.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the cases to this file instead of standard output.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.option(
    "--check",
    is_flag=True,
    help="Let each case check what was answered: the tool called, or JSON by the schema asked for.",
)
def import_command(paths: tuple[str, ...], output: Path | None, force: bool, check: bool) -> None:
    """Make one case for each different request in PATH, for `conformance run --cases FILE`.

    PATH are files or folders of recorded traffic, as `conformance lint` reads them. Secrets are
    removed, and nothing of the headers is kept; read the file all the same before you share it.
    What could not become a case is counted by reason on standard error.

    Exit codes: 0 success, 2 no request could become a case, or a file cannot be read or written.
    """
    exit_with(lambda: _import(paths, output, force=force, check=check))


def _import(paths: tuple[str, ...], output: Path | None, *, force: bool, check: bool) -> int:
    from conformance._files import write_atomic
    from conformance._text import many, printable
    from conformance.cases.corpus_writer import line_of
    from conformance.runs.case_import import import_cases
    from conformance.traffic import read

    if output and output.exists() and not force:
        return usage_error(f"--output {output}: the file exists; --force replaces it")
    imported = import_cases(read(paths), with_checks=check)
    for why, count in imported.left_out.items():
        print(f"Left out: {printable(why)} ({count:,}).", file=sys.stderr)
    if not imported.cases:
        return usage_error("no request could become a case")
    content = "".join(f"{line_of(case)}\n" for case in imported.cases).encode("ascii")
    if output is None:
        sys.stdout.buffer.write(content)
        return 0
    write_atomic(output, content)
    print(f"{many(len(imported.cases), 'case')} written to {output}.", file=sys.stderr)
    return 0
