"""The ledger as text for a terminal, as a page of the docs and as JSON."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from conformance.judging.requirements import (
    COLUMNS,
    EDITION,
    LEVELS,
    Chapter,
    Requirement,
    chapters,
    reserved,
)

_CODES = ("VG", "VL", "TG", "GA", "OA", "OC")
_MARKS = {"must": "M", "should": "S", "may": "y"}

_HEAD = f"""\
# Requirements

<!-- Generated from conformance/judging/requirements/: do not edit. `conformance requirements --format md > docs/requirements.md` writes it anew. -->

Edition {EDITION}. One row is one testable requirement; ids never change and are never used again.

Columns: {", ".join(f"{code} = {column}" for code, column in zip(_CODES, COLUMNS, strict=True))}.

- **M** must, **S** should, **y** may (never a finding), **–** does not apply.
- **needs** is what can show a violation: one *exchange*, a *twin* (two exchanges that differ in one thing), a *session* (several turns) or a *probe* (a
  request made on purpose).
- **when** is the kind of answer, then what else must be there; where it is not, or cannot be seen, the requirement is not exercised.
- **about** is *model* where the outcome depends on what a model says: such findings are counted apart.
- **source** is a section or a key of the [protocol reference](protocol.md), or a word that its head explains, such as *recordings* and *reports*.
"""

_TABLE_HEAD = (
    f"| ID | Requirement | {' | '.join(_CODES)} | needs | when | about | source"
    f" |\n|---|---|{':-:|' * len(_CODES)}---|---|---|---|"
)

_RESERVED_HEAD = """
## Reserved

No endpoint can break these: they are tests of the suite itself, and no requirement takes their ids.

| ID | The judge |
|---|---|"""


def chosen(ids: Collection[str]) -> tuple[Chapter, ...]:
    """The chapters with the requirements of these ids alone."""
    kept = (
        replace(chapter, requirements=tuple(row for row in chapter.requirements if row.id in ids))
        for chapter in chapters()
    )
    return tuple(chapter for chapter in kept if chapter.requirements)


def as_text(those: Iterable[Chapter], width: int) -> str:
    """Chapters for a terminal of this many columns."""
    return "\n".join(line for chapter in those for line in _chapter_lines(chapter, max(width, 40)))


def _chapter_lines(chapter: Chapter, width: int) -> Iterator[str]:
    yield f"{chapter.prefix}  {chapter.title}"
    for row in chapter.requirements:
        yield from wrap(
            row.sentence, width, initial_indent=f"  {row.id:<9} ", subsequent_indent=" " * 12
        )
        yield from wrap(
            _terms(row),
            width,
            initial_indent=" " * 12,
            subsequent_indent=" " * 14,
            break_on_hyphens=False,
        )
    yield ""


def _terms(row: Requirement) -> str:
    by_level = (
        (level, [column for column in COLUMNS if row.levels.get(column) == level])
        for level in LEVELS
    )
    levels = "; ".join(
        f"{level}: {'all' if len(columns) == len(COLUMNS) else ', '.join(columns)}"
        for level, columns in by_level
        if columns
    )
    return (
        f"{levels} | needs: {row.needs} | when: {row.when} | about: {row.about} | source:"
        f" {', '.join(row.source)}"
    )


def as_markdown() -> str:
    """The ledger as the requirements page of the docs."""
    return "\n".join((_HEAD.rstrip("\n"), "", as_tables(chapters()), _reserved_table()))


def as_tables(those: Iterable[Chapter]) -> str:
    """Chapters as Markdown, a table each."""
    return "\n\n".join(
        "\n".join(
            (
                f"## {chapter.prefix} – {chapter.title}\n",
                _TABLE_HEAD,
                *map(_table_row, chapter.requirements),
            )
        )
        for chapter in those
    )


def _table_row(row: Requirement) -> str:
    marks = (_MARKS[row.levels[column]] if column in row.levels else "–" for column in COLUMNS)
    return _line(
        (row.id, row.sentence, *marks, row.needs, row.when, row.about, ", ".join(row.source))
    )


def _reserved_table() -> str:
    return "\n".join((_RESERVED_HEAD, *map(_line, reserved().items())))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(those: Iterable[Chapter]) -> str:
    """Chapters as one JSON document: edition, then chapters with their requirements."""
    content: list[dict[str, Any]] = [
        {
            "prefix": chapter.prefix,
            "name": chapter.name,
            "title": chapter.title,
            "requirements": list(map(_as_object, chapter.requirements)),
        }
        for chapter in those
    ]
    return json.dumps({"edition": EDITION, "chapters": content}, indent=2, ensure_ascii=False)


def _as_object(row: Requirement) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Requirement.__slots__} | {
        "levels": dict(row.levels)
    }
