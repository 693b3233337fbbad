"""The command ``lint``: check recorded traffic and print the findings."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.emit_options import CODE_SETTINGS, EMIT_HELP, METAVAR, test_file_of
from conformance.cli.exit import exit_with, usage_error
from conformance.cli.judging_options import FAIL_ON_SETTINGS, expected_here
from conformance.cli.output_options import OUTPUT_SETTINGS, OutputError, outputs_of

if TYPE_CHECKING:
    from conformance.judging.expectations import Expectations
    from conformance.judging.requirements import Level
    from conformance.judging.suite import Suite
    from conformance.reports.text.lint import CollectedFindings
    from conformance.runs.lint import Tally, UnreportedFinding

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
    **FAIL_ON_SETTINGS,
    help="The lowest level of an unexpected finding that makes the exit code 1.",
)
@click.option(
    "--expectations",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=(
        "The findings that you accept. [default: conformance-expectations.toml in the working"
        " folder]"
    ),
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
@click.option("--emit", metavar=METAVAR, help=EMIT_HELP)
@click.option("--code", **CODE_SETTINGS)
@click.option(
    "--no-evidence", is_flag=True, help="Do not quote values from the traffic in the findings."
)
@click.option(
    "--show",
    multiple=True,
    type=click.Choice(["known", "accepted"]),
    help="List these in full instead of counting them.",
)
@click.option(
    "--verbose", "-v", is_flag=True, help="Show all broken requirements with all examples."
)
def lint(
    paths: tuple[str, ...],
    profile: str,
    fail_on: str,
    expectations: Path | None,
    form: str,
    outputs: tuple[str, ...],
    emit: str | None,
    code: str | None,
    no_evidence: bool,
    show: tuple[str, ...],
    verbose: bool,
) -> None:
    """Check recorded traffic against the requirements.

    PATH is a file of JSONL records, a HAR file, a vcrpy cassette, a folder of such files, or the
    character - for standard input.

    Exit codes: 0 no unexpected finding, 1 an unexpected finding or an expired expectation, 2 bad
    usage or unreadable input, 3 nothing could be judged, or a rule crashed.
    """
    output = _Output(form, frozenset(show), verbose, outputs, emit, code or "")
    given = _Given(tuple(paths), profile, fail_on, expectations, quote=not no_evidence)
    exit_with(lambda: _lint(given, output))


@dataclass(frozen=True, slots=True)
class _Given:
    """What to lint and how to judge it, as given on the command line."""

    paths: tuple[str, ...]
    profile: str
    fail_on: str
    expectations: Path | None
    quote: bool


@dataclass(frozen=True, slots=True)
class _Output:
    """How to print the findings: the format, what of the text in full, and other formats.

    ``emit`` is the value of --emit, ``code`` the client as which requests are shown, "" for none.
    """

    form: str
    show: frozenset[str]
    verbose: bool
    outputs: tuple[str, ...]
    emit: str | None
    code: str


def _lint(given: _Given, output: _Output) -> int:
    """Lint the recordings and print the findings; return the exit code."""
    from conformance.judging.profiles import UnknownProfile, profile
    from conformance.judging.suite import shipped_suite
    from conformance.judging.verdict import LEVELS_TO_FAIL
    from conformance.reports.formats import LINT_FORMATS
    from conformance.runs.lint import AUTO, Tally, lint
    from conformance.runs.selection import SelectionError
    from conformance.traffic import read

    suite, levels = shipped_suite(), LEVELS_TO_FAIL[given.fail_on]
    try:
        if given.profile != AUTO:
            profile(given.profile)
        expected = expected_here(given.expectations, suite)
        test_file = test_file_of(output.emit)
        inputs = [Path(path) for path in given.paths]
        taken = [*inputs, *filter(None, (test_file, given.expectations))]
        outputs = outputs_of(output.outputs, [*LINT_FORMATS], taken=taken)
        if test_file and test_file.resolve() in {path.resolve() for path in inputs}:
            raise OutputError(f"--emit pytest={test_file}: this file is judged; name another")
        if (outputs.all or test_file) and output.form != "text":
            option = "--output" if outputs.all else "--emit"
            raise OutputError(f"{option} and --format {output.form}: give only one of them")
    except UnknownProfile as error:
        return usage_error(f"{error}, and {AUTO}")
    except (OutputError, SelectionError) as error:
        return usage_error(str(error))
    tally, started = Tally(), time.monotonic()
    with _progress(given.paths) as advance:
        rows = lint(
            read(given.paths, advance, leave_out=True),
            given.profile,
            tally,
            suite,
            quote=given.quote,
            expected=expected,
        )
        if output.form != "text":
            _print_json(rows, tally, output.form)
            for problem in expected.expired:
                print(problem, file=sys.stderr)
            return _code(tally, levels, suite, expected)
        from conformance.reports.text.lint import CollectedFindings, View, render

        findings = CollectedFindings(
            levels,
            keep=_MOST_KEPT if outputs.all else 0,
            keep_exchanges=bool(test_file or output.code),
        )
        findings.gather(rows)
    code = _code(tally, levels, suite, expected)
    if not outputs.replace_text:
        from rich.console import Console

        view = View(
            code,
            time.monotonic() - started,
            output.show,
            output.verbose,
            expected.expired,
            output.code,
        )
        render(findings, tally, Console(highlight=False), view)
    if outputs.all:
        from conformance.cli.repository_paths import in_repository
        from conformance.reports.formats.found_in_lint import found_in_lint

        found = found_in_lint(findings, tally, code, suite, expected.expired, in_repository)
        outputs.write(found, LINT_FORMATS, lambda same: same)
    if test_file:
        _emit(findings, suite, test_file)
    return code


def _emit(findings: "CollectedFindings", suite: "Suite", path: Path) -> None:
    """Write the test file of --emit. Raises OSError."""
    from conformance.cli.emit_options import write_test_file
    from conformance.reports.pytest_file import FailingExchange, alone, pytest_file

    single, left_out = alone(findings.broken())
    failing = [
        FailingExchange(each, place.exchange, place.profile)
        for each in single
        if (place := findings.exchanges.get(each.entry.id))
    ]
    write_test_file(pytest_file(path.name, failing, suite, left_out), path)


def _code(
    tally: "Tally", levels: tuple["Level", ...], suite: "Suite", expected: "Expectations"
) -> int:
    if tally.unreadable:
        return 2
    if tally.fails(levels, suite) or (levels and expected.expired):
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

    size = size_of(paths, leave_out=True) if sys.stderr.isatty() else None
    if size is None or size < _MIN_BYTES_FOR_PROGRESS:
        yield None
        return
    with progress_bar(size, in_bytes=True) as bar:
        yield bar.advance
