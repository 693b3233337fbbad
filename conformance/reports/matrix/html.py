"""The table as one page of HTML, whose head and first column stay in view."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from conformance.reports.formats.html.elements import Html, el, prose
from conformance.reports.matrix import words
from conformance.reports.matrix.matrix import BROKEN, Cell, Matrix, Row


def as_html(matrix: Matrix) -> bytes:
    """Return the page; its text is escaped, and its own policy allows only its own style."""
    line = words.verdict_line(matrix)
    body = el(
        "body",
        el(
            "header",
            el("p", "Requirements and targets", class_="label"),
            el("h1", line),
            el("p", prose(words.LEGEND.replace("*", "`"))),
            *(el("p", f"Note: {note}.") for note in matrix.notes),
        ),
        el("main", *_sections(matrix)),
    )
    return f"<!doctype html>\n{el('html', _head(line), body, lang='en')}\n".encode()


def _sections(matrix: Matrix) -> Iterator[Html]:
    yield el("section", el("h2", "Targets"), _targets(matrix))
    rows = matrix.broken_rows()
    if rows:
        yield el("section", el("h2", "Broken requirements"), _table(matrix, rows, "Broken"))
    yield el("section", el("h2", "What this does to clients"), *_clients(matrix))
    yield el("section", el("h2", "All requirements"), _table(matrix, matrix.rows, "All"))


def _targets(matrix: Matrix) -> Html:
    return el(
        "dl",
        *(
            el(
                "div",
                el("dt", column.name),
                el("dd", words.description(column), el("br"), words.summed_up(column)),
            )
            for column in matrix.columns
        ),
    )


def _table(matrix: Matrix, rows: Sequence[Row], title: str) -> Html:
    head = [
        el("th", "Requirement", scope="col"),
        *(el("th", column.name, scope="col") for column in matrix.columns),
    ]
    return el(
        "div",
        el("table", el("thead", el("tr", *head)), el("tbody", *map(_row, rows))),
        class_="scroll",
        tabindex="0",
        role="group",
        aria_label=f"{title}: requirements and targets",
    )


def _row(row: Row) -> Html:
    return el(
        "tr",
        el(
            "th",
            el("strong", row.entry.id),
            f" {words.level_of(row)}",
            el("span", prose(row.entry.sentence), class_="more"),
            scope="row",
        ),
        *map(_cell, row.cells),
    )


def _cell(cell: Cell) -> Html:
    kind = "none" if cell.level is None else cell.status.replace(" ", "-")
    label = el("span", words.cell_text(cell), class_="tag")
    if cell.status not in BROKEN:
        return el("td", label, class_=kind)
    shown = el("details", el("summary", label), el("p", words.evidence(cell), class_="more"))
    return el("td", shown, class_=kind)


def _clients(matrix: Matrix) -> Iterator[Html]:
    told = [(column, words.impact(column)) for column in matrix.columns]
    for column, sentences in told:
        if sentences:
            yield el("h3", column.name)
            yield el("ul", *(el("li", sentence) for sentence in sentences))
    yield el("p", words.MEASURED, class_="more")


@cache
def _style() -> str:
    return Path(__file__).with_name("matrix.css").read_text(encoding="utf-8")


def _head(title: str) -> Html:
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("title", title),
        el("style", Html(_style())),
    )
