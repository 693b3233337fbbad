"""The command ``lint``: check recorded traffic and print the findings."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from conformance.cli.exit import exit_with, usage_error
from conformance.cli.output_options import OUTPUT_SETTINGS, OutputError, Outputs, outputs_of

if TYPE_CHECKING:
    from conformance.judging.requirements import Level
    from conformance.judging.suite import Suite
    from conformance.reports.text.lint import CollectedFindings
    from conformance.runs.lint import Tally, UnreportedFinding

_FAILING: dict[str, tuple["Level", ...]] = {
    "must": ("must",),
    "should": ("must", "should"),
    "never": (),
}
_MIN_BYTES_FOR_PROGRESS = 4 << 20
_MOST_KEPT = 100  # answers that break one requirement, for other formats


@click.command(short_help="Check recorded traffic against the requirements.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--profile",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="Judge by this profile, such as openai; auto chooses a profile for each exchange.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should", "never"]),
    default="must",
    show_default=True,
    help="The lowest level of an unexpected finding that makes the exit code 1.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "ndjson"]),
    default="text",
    show_default=True,
    help="The format of the findings.",
)
@click.option(
    "--output",
    "outputs",
    **OUTPUT_SETTINGS,
    help=(
        "Also write the findings as sarif, markdown or github; repeatable. FILE may be - for"
        " standard output, in place of the text, and github may have no FILE."
    ),
)
@click.option(
    "--no-evidence", is_flag=True, help="Do not quote values from the traffic in the findings."
)
@click.option(
    "--show",
    multiple=True,
    type=click.Choice(["known"]),
    help="List these in full instead of counting them.",
)
@click.option(
    "--verbose", "-v", is_flag=True, help="Show all broken requirements with all examples."
)
def lint(
    paths: tuple[str, ...],
    profile: str,
    fail_on: str,
    form: str,
    outputs: tuple[str, ...],
    no_evidence: bool,
    show: tuple[str, ...],
    verbose: bool,
) -> None:
    """Check recorded traffic against the requirements.

    PATH is a file of JSONL records, a HAR file, a vcrpy cassette, a folder of such files, or the
    character - for standard input.

    Exit codes: 0 no unexpected finding, 1 an unexpected finding, 2 bad usage or unreadable input,
    3 a rule crashed.
    """
    output = _Output(form, frozenset(show), verbose, outputs)
    exit_with(lambda: _lint(paths, profile, fail_on, output, quote=not no_evidence))


@dataclass(frozen=True, slots=True)
class _Output:
    """How to print the findings: the format, what of the text in full, and other formats."""

    form: str
    show: frozenset[str]
    verbose: bool
    outputs: tuple[str, ...]


def _lint(paths: Sequence[str], name: str, fail_on: str, output: _Output, *, quote: bool) -> int:
    """Lint the recordings and print the findings; return the exit code."""
    from conformance.judging.profiles import UnknownProfile, profile
    from conformance.judging.suite import shipped_suite
    from conformance.reports.formats import LINT_FORMATS
    from conformance.runs.lint import AUTO, Tally, lint
    from conformance.traffic import read

    try:
        if name != AUTO:
            profile(name)
        outputs = outputs_of(output.outputs, [*LINT_FORMATS])
        if outputs.all and output.form != "text":
            raise OutputError(f"--output and --format {output.form}: give only one of them")
    except UnknownProfile as error:
        return usage_error(f"{error}, and {AUTO}")
    except OutputError as error:
        return usage_error(str(error))
    tally, suite, levels = Tally(), shipped_suite(), _FAILING[fail_on]
    started = time.monotonic()
    with _progress(paths) as advance:
        rows = lint(read(paths, advance), name, tally, suite, quote=quote)
        if output.form != "text":
            _print_json(rows, tally, output.form)
            return _code(tally, levels, suite)
        from conformance.reports.text.lint import CollectedFindings, View, render

        findings = CollectedFindings(levels, keep=_MOST_KEPT if outputs.all else 0)
        findings.gather(rows)
    code = _code(tally, levels, suite)
    if not outputs.replace_text:
        from rich.console import Console

        view = View(code, time.monotonic() - started, output.show, output.verbose)
        render(findings, tally, Console(highlight=False), view)
    if outputs.all:
        _write(outputs, findings, tally, code, suite)
    return code


def _write(
    outputs: Outputs, findings: "CollectedFindings", tally: "Tally", code: int, suite: "Suite"
) -> None:
    from conformance.reports.formats import LINT_FORMATS
    from conformance.reports.formats.found_in_lint import found_in_lint

    found = found_in_lint(findings, tally, code, suite)
    outputs.write(found, LINT_FORMATS, lambda same: same)


def _code(tally: "Tally", levels: tuple["Level", ...], suite: "Suite") -> int:
    if tally.unreadable:
        return 2
    if tally.fails(levels, suite):
        return 1
    return 3 if tally.crashes or tally.judges_nothing else 0


def _print_json(rows: Iterator["UnreportedFinding"], tally: "Tally", form: str) -> None:
    """Print the findings as JSON; the iterator is used up, which fills ``tally``."""
    from conformance.reports.json import lint as lint_json
    from conformance.reports.text.unreadable import not_judged, unreadable

    out = sys.stdout.buffer
    for line in (
        lint_json.lines(rows, tally) if form == "ndjson" else (lint_json.document(rows, tally),)
    ):
        out.write(line + b"\n")
    for text in unreadable(tally.unreadable, tally.more_unreadable):
        print(text, file=sys.stderr)
    for text in not_judged(tally.not_judged):
        print(text, file=sys.stderr)


@contextmanager
def _progress(paths: Sequence[str]) -> Iterator[Callable[[int], object] | None]:
    """Show a progress bar for large inputs; yield the function that advances it, or None."""
    from conformance.runs.progress import progress_bar
    from conformance.traffic import size_of

    size = size_of(paths) if sys.stderr.isatty() else None
    if size is None or size < _MIN_BYTES_FOR_PROGRESS:
        yield None
        return
    with progress_bar(size, in_bytes=True) as bar:
        yield bar.advance
