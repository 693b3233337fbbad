"""Format the requirements as text for a terminal, as Markdown for the docs, and as JSON."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from conformance.judging.requirements import (
    COLUMNS,
    EDITION,
    EVIDENCE,
    GOOGLE_COLUMNS,
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

<!-- Generated from conformance/judging/requirements/: do not edit. To update it: `conformance requirements --format md > docs/requirements.md`. -->

Edition {EDITION}. Each row is one testable requirement. An id never changes and is never reused.

The levels of each requirement, one column per kind of target: {", ".join(f"{code} = {column}" for code, column in zip(_CODES, COLUMNS, strict=True))}.

- **M** must; **S** should; **y** may (violations are not reported); **–** does not apply.
- **needs**: what can show a violation: one *exchange* (a request and its response), a *twin* (two exchanges that differ in one thing), a *session* (several
  turns) or a *probe* (a request made to test this requirement).
- **when**: the kind of response to which the requirement applies (*completion*, *stream*, *error* or *any*), then the conditions. If a condition is not met, or
  the recording does not show whether it is, the requirement counts as not exercised.
- **about**: *model* if the outcome depends on what a model says; such findings are counted separately.
- **why**: which clients or applications break if the requirement is violated, and how. *Measured clients* are those that
  `conformance explain ID` names with their versions.
- **source**: a section or a key of the [protocol reference](protocol.md), or a word that its introduction explains, such as *recordings* and *reports*.

Terms: *With X* and *without X* mean that the request sets X or not. A limit or filter *cuts* a response *short* if the finish_reason shows anything but an end
that the model chose: `length`, a filter, or an unknown value. A request is *answered* if the response has status 200 and at least one choice, and
*rejected* if it has a 4xx status.
"""

_TABLE_HEAD = (
    f"| ID | Requirement | {' | '.join(_CODES)} | needs | when | about | why |"
    f" source |\n|---|---|{':-:|' * len(_CODES)}---|---|---|---|---|"
)

_EVIDENCE_HEAD = f"""
## Evidence

What each requirement rests on, for the kinds of target that Google serves: {", ".join(f"{code} = {column}" for code, column in zip(_CODES, COLUMNS, strict=True) if column in GOOGLE_COLUMNS)}.

- **observed**: genuine answers show it, or public reports about them.
- **documentation**: Google's documentation says it, or the specification of OpenAI, or a standard that the answer claims to follow; no answer that shows it was found.
- **code**: only the source code of the server shows it, or answers of it in other places than Google's. No answer of a container behind Vertex AI was found.
- **none**: nothing was found that supports it; such a requirement is never a must.

An answer or a page of one Gemini endpoint counts for the other (VG, GA) where both are known to share the behaviour; where a row has different words, they do not.

| Kind of target | {" | ".join(EVIDENCE)} | all |
|---|{"--:|" * len(EVIDENCE)}--:|"""

_RESERVED_HEAD = """
## Reserved

No endpoint can violate these: they describe the suite itself, whose own tests check them. No requirement may use their ids.

| ID | What the suite does |
|---|---|"""


def chosen(ids: Collection[str]) -> tuple[Chapter, ...]:
    """Return the chapters reduced to the requirements in `ids`; chapters left empty are omitted."""
    kept = (
        replace(chapter, requirements=tuple(row for row in chapter.requirements if row.id in ids))
        for chapter in chapters()
    )
    return tuple(chapter for chapter in kept if chapter.requirements)


def as_text(selected: Iterable[Chapter], width: int) -> str:
    """Format chapters as text wrapped to `width` columns (at least 40)."""
    return "\n".join(
        line for chapter in selected for line in _chapter_lines(chapter, max(width, 40))
    )


def _chapter_lines(chapter: Chapter, width: int) -> Iterator[str]:
    yield f"{chapter.prefix}  {chapter.title}"
    for row in chapter.requirements:
        yield from wrap(
            row.sentence, width, initial_indent=f"  {row.id:<9} ", subsequent_indent=" " * 12
        )
        for terms in filter(None, (row.why and f"why: {row.why}", _terms(row))):
            yield from wrap(
                terms,
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
    terms = (
        f"{levels} | needs: {row.needs} | when: {row.when} | about: {row.about} | source:"
        f" {', '.join(row.source)}"
    )
    evidence = "; ".join(
        f"{word}: {', '.join(column for column in row.evidence if row.evidence[column] == word)}"
        for word in EVIDENCE
        if word in row.evidence.values()
    )
    return f"{terms} | evidence: {evidence}" if evidence else terms


def as_markdown() -> str:
    """Return docs/requirements.md: all chapters as tables, the evidence, then the reserved ids."""
    return "\n".join(
        (_HEAD.rstrip("\n"), "", as_tables(chapters()), *_evidence(), _reserved_table())
    )


def as_tables(selected: Iterable[Chapter]) -> str:
    """Format chapters as Markdown: a heading and a table for each."""
    return "\n\n".join(
        "\n".join(
            (
                f"## {chapter.prefix} – {chapter.title}\n",
                _TABLE_HEAD,
                *map(_table_row, chapter.requirements),
            )
        )
        for chapter in selected
    )


def _table_row(row: Requirement) -> str:
    marks = (_MARKS[row.levels[column]] if column in row.levels else "–" for column in COLUMNS)
    return _line(
        (
            row.id,
            row.sentence,
            *marks,
            row.needs,
            row.when,
            row.about,
            row.why or "–",
            ", ".join(row.source),
        )
    )


def _evidence() -> Iterator[str]:
    """Yield the lines about what the requirements rest on: counts, then each requirement."""
    rows = [row for chapter in chapters() for row in chapter.requirements if row.evidence]
    yield _EVIDENCE_HEAD
    for column in GOOGLE_COLUMNS:
        words = [row.evidence[column] for row in rows if column in row.evidence]
        counts = (str(words.count(word)) for word in EVIDENCE)
        yield _line((_code(column), *counts, str(len(words))))
    codes = [_code(column) for column in GOOGLE_COLUMNS]
    yield f"\n| ID | {' | '.join(codes)} |\n|---|{'---|' * len(codes)}"
    for row in rows:
        yield _line((row.id, *(row.evidence.get(column, "–") for column in GOOGLE_COLUMNS)))


def _code(column: str) -> str:
    return _CODES[COLUMNS.index(column)]


def _reserved_table() -> str:
    return "\n".join((_RESERVED_HEAD, *map(_line, reserved().items())))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(selected: Iterable[Chapter]) -> str:
    """Format chapters as a JSON document with the keys `edition` and `chapters`."""
    content: list[dict[str, Any]] = [
        {
            "prefix": chapter.prefix,
            "name": chapter.name,
            "title": chapter.title,
            "requirements": list(map(_as_object, chapter.requirements)),
        }
        for chapter in selected
    ]
    return json.dumps({"edition": EDITION, "chapters": content}, indent=2, ensure_ascii=False)


def _as_object(row: Requirement) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Requirement.__slots__} | {
        "levels": dict(row.levels),
        "evidence": dict(row.evidence),
    }
