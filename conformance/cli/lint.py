"""The command ``lint``: reads, judges, prints, and gives the exit code."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from conformance.cli.exit import usage_error
from conformance.judging.profiles import UnknownProfile, profile
from conformance.judging.requirements import Level
from conformance.runs.lint import AUTO, Row, Tally, lint
from conformance.traffic import read, size_of

_FAILING: dict[str, tuple[Level, ...]] = {
    "must": ("must",),
    "should": ("must", "should"),
    "never": (),
}
_LONG = 4 << 20  # bytes from which on progress is shown


def run(paths: Sequence[str], name: str, fail_on: str, form: str, *, quote: bool) -> int:
    """Lint the recordings and print the findings; the exit code."""
    try:
        if name != AUTO:
            profile(name)
    except UnknownProfile as error:
        return usage_error(f"{error}, and {AUTO}")
    tally = Tally()
    with _progress(paths) as advance:
        _print(lint(read(paths, advance), name, tally, quote=quote), tally, form)
    if form != "text":
        from conformance.reports.text.unreadable import unreadable

        for line in unreadable(tally.unreadable, tally.more_unreadable):
            print(line, file=sys.stderr)
    if tally.unreadable:
        return 2
    if not tally.exchanges:
        return usage_error("no exchange was judged: the recordings hold no Chat Completions call")
    if tally.fails(_FAILING[fail_on]):
        return 1
    return 3 if tally.crashes else 0


def _print(rows: Iterator[Row], tally: Tally, form: str) -> None:
    if form == "text":
        from rich.console import Console

        from conformance.reports.text.lint import CollectedFindings, render

        gathered = CollectedFindings()
        gathered.gather(rows)
        render(gathered, tally, Console(highlight=False))
        return
    from conformance.reports.json import lint as lint_json

    out = sys.stdout.buffer
    for line in (
        lint_json.lines(rows, tally) if form == "ndjson" else (lint_json.document(rows, tally),)
    ):
        out.write(line + b"\n")


@contextmanager
def _progress(paths: Sequence[str]) -> Iterator[Callable[[int], object] | None]:
    """A bar on standard error where that is a terminal and the work is long."""
    size = size_of(paths) if sys.stderr.isatty() else None
    if size is None or size < _LONG:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=size)
        yield lambda more: progress.advance(task, more)
