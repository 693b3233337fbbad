"""The options of ``run`` that say what is accepted and what makes the run fail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click

from conformance.cli.options import option
from conformance.cli.target_options import ENDPOINT

if TYPE_CHECKING:
    from conformance.judging.expectations import Expectations
    from conformance.judging.suite import Suite
    from conformance.runs.selection import Selection

OUTPUT = "Output and exit"
"""A heading of ``--help``."""

FAIL_ON_SETTINGS: Mapping[str, Any] = {
    "type": click.Choice(["must", "should", "never"]),
    "default": "must",
    "show_default": True,
}
"""Settings of ``click.option`` that are the same for each command with ``--fail-on``."""


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
            group=OUTPUT,
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
            group=ENDPOINT,
        ),
    ]
    fail_on: Annotated[
        str,
        option(
            "--fail-on",
            help="The lowest level of a broken requirement that makes the exit code 1.",
            group=OUTPUT,
            **FAIL_ON_SETTINGS,
        ),
    ]


def with_judging(
    selection: "Selection",
    options: JudgingOptions,
    recorded: Iterable[str] = (),
    *,
    shipped: bool,
) -> "Selection":
    """Return a selection that accepts and fails as the options say.

    Args:
        selection: the selection so far.
        options: the options.
        recorded: ids of recordings, which need not be cases of the corpus.
        shipped: whether the shipped recordings are judged. A known deviation that does not occur in
            them is out of date, and a file in the working folder is not about them.

    Raises SelectionError and OSError.
    """
    import sys
    from dataclasses import replace

    from conformance._text import printable
    from conformance.judging.expectations import NO_EXPECTATIONS
    from conformance.judging.verdict import LEVELS_TO_FAIL, FailOn
    from conformance.runs.behind import check_behind

    behind = (options.behind or "").strip()
    if behind and (note := check_behind(behind, selection.suite)):
        print(printable(note), file=sys.stderr)
    levels = LEVELS_TO_FAIL[options.fail_on]
    expected = NO_EXPECTATIONS
    if options.expectations or not shipped:
        cases = {*selection.corpus.cases, *recorded}
        expected = expected_here(options.expectations, selection.suite, cases)
    return replace(
        selection,
        expected=expected,
        fail_on=FailOn(levels, stale=shipped and bool(levels)),
        behind=behind,
    )


def expected_here(
    file: Path | None, suite: "Suite", cases: Collection[str] | None = None
) -> "Expectations":
    """Return the expectations in a file, or in that of the working folder; without one, none.

    ``cases`` are those that an entry may name, None if it may name anything.

    Raises SelectionError and OSError. Of several mistakes, all but the last are printed.
    """
    from datetime import UTC, datetime

    from conformance.cli.exit import usage_error
    from conformance.judging.expectations import NO_EXPECTATIONS
    from conformance.judging.expectations_file import ExpectationsError
    from conformance.runs.find_expectations import find_expectations, read_expectations
    from conformance.runs.selection import SelectionError

    try:
        path = find_expectations(Path.cwd(), file)
        if path is None:
            return NO_EXPECTATIONS
        return read_expectations(path, suite, cases, datetime.now(UTC).date())
    except ExpectationsError as error:
        *others, last = error.mistakes
        for mistake in others:
            usage_error(mistake)
        raise SelectionError(last) from None
