"""The table as Markdown: all requirements, with the evidence of those that are broken below."""

from collections.abc import Iterator, Sequence

from conformance._text import one_line
from conformance.reports.formats.markdown_text import cell as table_cell
from conformance.reports.formats.markdown_text import code, text
from conformance.reports.matrix import words
from conformance.reports.matrix.matrix import BROKEN, Cell, Matrix, Row


def as_markdown(matrix: Matrix, *, heading: str = "# Requirements and targets") -> str:
    """Return the page; ``heading`` is its first lines."""
    return "\n".join(_lines(matrix, heading)) + "\n"


def _lines(matrix: Matrix, heading: str) -> Iterator[str]:
    yield from (heading, "", text(words.verdict_line(matrix)), "", words.LEGEND, "")
    yield from (f"- Note: {text(note)}" for note in matrix.notes)
    yield from ("", "## Targets", "")
    yield from _table(
        ["Target", "What it is", "Requirements"],
        [
            [code(column.name), text(words.description(column)), text(words.summed_up(column))]
            for column in matrix.columns
        ],
    )
    rows = matrix.broken_rows()
    if rows:
        yield from ("", "## Broken requirements", "")
        yield from _cells(matrix, rows)
        yield from ("", "### Evidence", "")
        yield from _table(
            ["Requirement", "Target", "First case and finding"],
            [
                [row.entry.id, code(column.name), _evidence(each)]
                for row in rows
                for column, each in zip(matrix.columns, row.cells, strict=True)
                if each.status in BROKEN
            ],
        )
    yield from ("", "## What this does to clients", "")
    told = [(column, sentence) for column in matrix.columns for sentence in words.impact(column)]
    yield from (f"- {code(column.name)}: {text(sentence)}" for column, sentence in told)
    yield words.MEASURED if not told else f"\n{words.MEASURED}"
    yield from ("", "## All requirements", "")
    yield from _cells(matrix, matrix.rows)


def _evidence(cell: Cell) -> str:
    case, _, rest = words.evidence(cell).partition(": ")
    return f"{code(case)}: {text(rest)}" if rest else code(case)


def _cells(matrix: Matrix, rows: Sequence[Row]) -> Iterator[str]:
    yield from _table(
        ["Requirement", "Level", *(code(column.name) for column in matrix.columns)],
        [[row.entry.id, words.level_of(row), *map(words.cell_text, row.cells)] for row in rows],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(map(table_cell, map(one_line, head))) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(map(table_cell, row)) + " |" for row in rows)
