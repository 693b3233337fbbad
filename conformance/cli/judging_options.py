"""The options of ``run`` that say what is accepted and what makes the run fail."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from conformance.cli.options import option

if TYPE_CHECKING:
    from conformance.judging.expectations import Expectations
    from conformance.runs.selection import Selection

FAIL_ON_SETTINGS = {
    "type": click.Choice(["must", "should", "never"]),
    "default": "must",
    "show_default": True,
}
"""Settings of ``click.option`` for ``--fail-on``."""


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """What is accepted and what makes the run fail, as given on the command line."""

    expectations: Annotated[
        Path | None,
        option(
            "--expectations",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=(
                "The failures that you accept. [default: conformance-expectations.toml in the"
                " working folder, but not for the shipped recordings]"
            ),
            group="Output and exit",
        ),
    ]
    behind: Annotated[
        str | None,
        option(
            "--behind",
            metavar="SERVER",
            help=(
                "The server behind a gateway, such as llama.cpp or vLLM: its known deviations do"
                " not fail the run."
            ),
            group="Endpoint",
        ),
    ]
    fail_on: Annotated[
        str,
        option(
            "--fail-on",
            help="The lowest level of a broken requirement that makes the exit code 1.",
            group="Output and exit",
            **FAIL_ON_SETTINGS,
        ),
    ]


def with_judging(selection: "Selection", options: JudgingOptions, *, shipped: bool) -> "Selection":
    """Return a selection that accepts and fails as the options say.

    ``shipped`` says that the shipped recordings are judged: a known deviation that does not occur
    in them is out of date, and a file in the working folder is not about them.

    Raises SelectionError, ExpectationsError and OSError.
    """
    import sys
    from dataclasses import replace

    from conformance._text import printable
    from conformance.judging.verdict import LEVELS_TO_FAIL, FailOn
    from conformance.runs.behind import check_behind

    behind = (options.behind or "").strip()
    if behind and (note := check_behind(behind, selection.suite)):
        print(printable(note), file=sys.stderr)
    levels = LEVELS_TO_FAIL[options.fail_on]
    return replace(
        selection,
        expected=_expected(options, selection, shipped=shipped),
        fail_on=FailOn(levels, stale=shipped and bool(levels)),
        behind=behind,
    )


def _expected(options: JudgingOptions, selection: "Selection", *, shipped: bool) -> "Expectations":
    from datetime import UTC, datetime

    from conformance.judging.expectations import NO_EXPECTATIONS
    from conformance.runs.find_expectations import find_expectations, read_expectations

    if shipped and not options.expectations:
        return NO_EXPECTATIONS
    path = find_expectations(Path.cwd(), options.expectations)
    if path is None:
        return NO_EXPECTATIONS
    today = datetime.now(UTC).date()
    return read_expectations(path, selection.suite, selection.corpus.cases.keys(), today)
