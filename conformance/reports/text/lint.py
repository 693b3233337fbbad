"""The findings of a lint for people: a table with the worst first, the first example of each, what
is known, and what was judged as what."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance._text import many, printable
from conformance.judging.profiles import FALLBACK
from conformance.judging.requirements import requirements
from conformance.reports.text import known_deviations
from conformance.reports.text.findings import evidence, level_of, located, message
from conformance.reports.text.terminal import prose, verbatim
from conformance.reports.text.unreadable import unreadable
from conformance.runs.lint import Row, Tally

_STYLES = {"must": "bold red", "should": "yellow"}
_RANKS = ("must", "should", "may")
_WIDE = 64  # columns from which on there is room for a table


class CollectedFindings:
    """What a report shows of many findings: the worst and first unexpected one of each requirement,
    and counts of those that are known."""

    def __init__(self) -> None:
        self._first: dict[str, Row] = {}
        self.known: Counter[tuple[str, str]] = Counter()

    def gather(self, rows: Iterable[Row]) -> None:
        """Run through the findings."""
        for row in rows:
            if row.known:
                self.known[row.requirement, row.known] += 1
                continue
            kept = self._first.get(row.requirement)
            if kept is None or _rank(row) < _rank(kept):
                self._first[row.requirement] = row

    def worst_first(self, tally: Tally) -> list[Row]:
        """The examples: musts first, then shoulds, then what is about the model; the more frequent
        first."""
        return sorted(
            self._first.values(),
            key=lambda row: (_rank(row), -_unexpected(row, tally), row.requirement),
        )


def _rank(row: Row) -> tuple[bool, int]:
    return requirements()[row.requirement].about == "model", _RANKS.index(row.level)


def _unexpected(row: Row, tally: Tally) -> int:
    return tally.findings[row.requirement] - tally.known[row.requirement]


def render(gathered: CollectedFindings, tally: Tally, console: Console) -> None:
    """Print the outcome of a lint."""
    rows = gathered.worst_first(tally)
    if rows:
        _summary(rows, tally, console)
        for row in rows:
            _example(row, console)
        console.print()
    known_deviations.render(gathered.known, console)
    for line in unreadable(tally.unreadable, tally.more_unreadable):
        verbatim(console, line)
    for requirement, (where, why) in sorted(tally.crashes.items()):
        verbatim(
            console,
            f"error  the rule {requirement} crashed at {printable(where)}: {printable(why)}. Please"
            " report it.",
        )
    for line in _closing(rows, tally):
        prose(console, line)


def _summary(rows: list[Row], tally: Tally, console: Console) -> None:
    """The table of what was found; on a narrow terminal two lines or more a requirement."""
    if console.width < _WIDE:
        for row in rows:
            console.print(
                Text.assemble(_level(row), f" {row.requirement}  found {_unexpected(row, tally):,}")
            )
            prose(console, requirements()[row.requirement].sentence, 2)
        console.print()
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("level", no_wrap=True)
    table.add_column("requirement", no_wrap=True)
    table.add_column("found", justify="right", no_wrap=True)
    table.add_column("what is required")
    for row in rows:
        table.add_row(
            _level(row),
            row.requirement,
            f"{_unexpected(row, tally):,}",
            Text(requirements()[row.requirement].sentence),
        )
    console.print(table, "")


def _level(row: Row) -> Text:
    return Text(level_of(row.requirement, row.level), style=_STYLES.get(row.level, ""))


def _example(row: Row, console: Console) -> None:
    verbatim(
        console, f"{row.requirement}  {located(row.location or row.exchange, row)}", style="bold"
    )
    prose(console, message(row), 2)
    for line in evidence(row):
        verbatim(console, line, 2)


def _closing(rows: list[Row], tally: Tally) -> Iterator[str]:
    left = f", {tally.all_unreadable:,} unreadable" if tally.unreadable else ""
    if tally.skipped:
        yield f"{many(tally.skipped, 'exchange')} skipped: no Chat Completions call."
    if not tally.exchanges:
        yield f"0 exchanges judged{left}."
        return
    yield f"{many(tally.exchanges, 'exchange')} judged{_by_profile(tally)}."
    if tally.guessed:
        yield (
            f"{FALLBACK} was assumed for {many(tally.guessed, 'exchange')}, as nothing tells the"
            " profile; --profile NAME does."
        )
    unexpected = tally.findings.total() - tally.known.total()
    of = f" of {many(len(rows), 'requirement')}" if rows else ""
    yield f"{many(unexpected, 'unexpected finding')}{of}, {tally.known.total():,} known{left}."


def _by_profile(tally: Tally) -> str:
    (first, _), *others = tally.profiles.most_common()
    return (
        ": " + ", ".join(f"{count:,} as {name}" for name, count in tally.profiles.most_common())
        if others
        else f" as {first}"
    )
