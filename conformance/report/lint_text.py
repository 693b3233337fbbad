"""The findings of a lint for people: a table with the worst first, the first example of each, and what was judged as what."""

from collections.abc import Iterable, Iterator

import orjson
from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.exchange import Json
from conformance.ledger import Level, requirements
from conformance.lint import Row, Tally
from conformance.profiles import FALLBACK
from conformance.report.unreadable import unreadable

STYLES = {"must": "bold red", "should": "yellow", "known": "dim"}
_EXAMPLES = 200  # characters of evidence
_WIDE = 64  # columns from which on there is room for a table


class Examples:
    """The first finding of each requirement that no known deviation explains; of one that is always explained, the first of all."""

    def __init__(self) -> None:
        self._first: dict[str, Row] = {}

    def gather(self, rows: Iterable[Row]) -> None:
        """Run through the findings and keep the examples."""
        for row in rows:
            kept = self._first.get(row.requirement)
            if kept is None or _rank(row) < _rank(kept):
                self._first[row.requirement] = row

    def worst_first(self, tally: Tally) -> list[Row]:
        """The examples, unexpected musts first, then shoulds, then what is known; the more frequent first."""
        return sorted(self._first.values(), key=lambda row: (_rank(row), -tally.findings[row.requirement], row.requirement))


def _rank(row: Row) -> int:
    levels: tuple[Level, ...] = ("must", "should", "may")
    return (10 if row.known else 0) + (5 if requirements()[row.requirement].about == "model" else 0) + levels.index(row.level)


def render(examples: Examples, tally: Tally, console: Console) -> None:
    """Print the outcome of a lint."""
    rows = examples.worst_first(tally)
    if rows:
        console.print(_table(rows, tally) if console.width >= _WIDE else _list(rows, tally))
        for row in rows:
            if not row.known:
                console.print(_example(row))
    for line in unreadable(tally.unreadable):
        console.print(Text(line), soft_wrap=True)
    for requirement, (where, why) in sorted(tally.crashes.items()):
        console.print(Text(f"error  the rule {requirement} crashed at {where}: {why}. Please report it."), soft_wrap=True)
    for line in _closing(rows, tally):
        console.print(Text(line))


def _table(rows: list[Row], tally: Tally) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), expand=False)
    table.add_column("level", no_wrap=True)
    table.add_column("requirement", no_wrap=True)
    table.add_column("found", justify="right", no_wrap=True)
    table.add_column("known", justify="right", no_wrap=True)
    table.add_column("what is required")
    for row in rows:
        counts = str(tally.findings[row.requirement]), str(tally.known[row.requirement] or "")
        table.add_row(_level(row), row.requirement, *counts, Text(_sentence(row)))
    return table


def _list(rows: list[Row], tally: Tally) -> Group:
    """The table for a narrow terminal: two lines or more a requirement."""
    lines: list[RenderableType] = []
    for row in rows:
        known = f", known {tally.known[row.requirement]}" if tally.known[row.requirement] else ""
        lines.append(Text.assemble(_level(row), f" {row.requirement}  found {tally.findings[row.requirement]}{known}"))
        lines.append(Padding(Text(_sentence(row)), (0, 0, 0, 2)))
    return Group(*lines, "")


def _level(row: Row) -> Text:
    level = "known" if row.known else row.level
    return Text(level, style=STYLES.get(level, ""))


def _sentence(row: Row) -> str:
    requirement = requirements()[row.requirement]
    return requirement.sentence + (" (model)" if requirement.about == "model" else "")


def _example(row: Row) -> RenderableType:
    event = "" if row.event is None else f" event {row.event}"
    times = f", {row.count} times in this exchange" if row.count > 1 else ""
    lines = [Text(f"{row.requirement}  {row.location or row.exchange}{event}{' ' + row.pointer if row.pointer else ''}", style="bold", overflow="fold")]
    details = [Text(row.message + times)]
    details += [Text(f"{name}  {_brief(value)}") for name, value in (("expected", row.expected), ("actual  ", row.actual)) if value is not None]
    return Group(*lines, *(Padding(detail, (0, 0, 0, 2)) for detail in details))


def _brief(value: Json) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    text = " ".join(text.split())
    return text if len(text) <= _EXAMPLES else text[: _EXAMPLES - 1] + "…"


def _closing(rows: list[Row], tally: Tally) -> Iterator[str]:
    judged = ", ".join(f"{name} {count}" for name, count in tally.profiles.most_common())
    yield f"{_many(tally.exchanges, 'exchange')} judged{' as ' + judged if judged else ''}."
    if tally.guessed:
        yield f"{_many(tally.guessed, 'exchange')} told nothing of the profile, so {FALLBACK} was used; --profile NAME says it better."
    if tally.skipped:
        yield f"{_many(tally.skipped, 'exchange')} passed over: no Chat Completions call."
    new = tally.findings.total() - tally.known.total()
    left = f", {len(tally.unreadable)} unreadable" if tally.unreadable else ""
    yield f"{_many(new, 'finding')} of {_many(len({row.requirement for row in rows if not row.known}), 'requirement')}, {tally.known.total()} known{left}."


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
