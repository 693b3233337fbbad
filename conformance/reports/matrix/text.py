"""The table as text: the requirements that a target breaks, in at most the width of a terminal."""

from collections.abc import Sequence

from rich.console import Console

from conformance._text import few, many, one_line, printable, shortened
from conformance.reports.matrix import words
from conformance.reports.matrix.matrix import BROKEN, Matrix, Row
from conformance.reports.text.terminal import prose, verbatim

_HEAD = "Requirement"
_GAP = "  "
_LONGEST_NAME = 18
_MOST_NAMES = 4


def render(matrix: Matrix, console: Console) -> None:
    """Print the verdict, the targets, the broken requirements with evidence, and the clients."""
    prose(console, words.verdict_line(matrix), style="bold")
    for note in matrix.notes:
        prose(console, f"Note: {note}.", hang=6)
    for column in matrix.columns:
        console.print()
        prose(console, printable(column.name), style="bold")
        prose(console, words.description(column), 2)
        prose(console, words.summed_up(column), 2)
    rows = matrix.broken_rows()
    if rows:
        console.print()
        _broken(matrix, rows, console)
    _clients(matrix, console)


def _broken(matrix: Matrix, rows: Sequence[Row], console: Console) -> None:
    """Print a line for each row, as a table if that fits, else with the number of targets."""
    labels = [f"{row.entry.id} {words.level_of(row)}" for row in rows]
    first = max(map(len, [_HEAD, *labels]))
    names = [shortened(one_line(column.name), _LONGEST_NAME) for column in matrix.columns]
    cells = [[words.cell_text(cell) for cell in row.cells] for row in rows]
    widths = [
        max(len(names[number]), *(len(line[number]) for line in cells))
        for number in range(len(names))
    ]
    if len(set(names)) == len(names) and first + sum(widths) + 2 * len(widths) <= console.width:
        head = [name.ljust(width) for name, width in zip(names, widths, strict=True)]
        verbatim(console, _GAP.join([_HEAD.ljust(first), *head]).rstrip(), style="dim")
        fits = True
    else:
        prose(console, f"{_HEAD}, and how many targets break it", style="dim")
        cells = [[_counted(matrix, row)] for row in rows]
        widths, fits = [0], False
    for label, line, row in zip(labels, cells, rows, strict=True):
        told = [text.ljust(width) for text, width in zip(line, widths, strict=True)]
        line_text = _GAP.join([label.ljust(first), *told]).rstrip()
        if fits:
            verbatim(console, line_text)
        else:
            prose(console, line_text, hang=first + len(_GAP))
        _evidence(matrix, row, console)


def _counted(matrix: Matrix, row: Row) -> str:
    """Return how many targets break a requirement, and which."""
    broken = [
        one_line(column.name)
        for column, cell in zip(matrix.columns, row.cells, strict=True)
        if cell.status in BROKEN
    ]
    known = all(cell.status not in ("broken", "crashed") for cell in row.cells)
    applies = sum(cell.level is not None for cell in row.cells)
    how = ", as known or accepted" if known else ""
    return f"{len(broken):,} of {many(applies, 'target')}{how}: {few(broken, _MOST_NAMES)}"


def _evidence(matrix: Matrix, row: Row, console: Console) -> None:
    """Print the first finding of the worst target."""
    number = next(n for n, cell in enumerate(row.cells) if cell.status == row.worst)
    name = one_line(matrix.columns[number].name)
    prose(console, f"{name}: {words.evidence(row.cells[number])}", 4, hang=2, style="dim")


def _clients(matrix: Matrix, console: Console) -> None:
    if not any(map(words.impact, matrix.columns)):
        return
    console.print()
    prose(console, "What this does to clients", style="bold")
    for column in matrix.columns:
        for sentence in words.impact(column):
            prose(console, f"{one_line(column.name)}: {sentence}", 2, hang=2)
    prose(console, words.MEASURED, 2, style="dim")
