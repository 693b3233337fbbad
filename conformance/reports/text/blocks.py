"""Findings as blocks of plain text, for assertion messages, warnings and test reports."""

from collections.abc import Iterable, Iterator

from conformance._text import many
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.runs.lint import Row


def blocks(rows: Iterable[Row]) -> list[str]:
    """Return one block per broken requirement: its first finding and the number of others.

    Returns an empty list for no findings.
    """
    by_requirement: dict[str, list[Row]] = {}
    for row in rows:
        by_requirement.setdefault(row.requirement, []).append(row)
    return ["\n  ".join(_lines(first, len(others))) for first, *others in by_requirement.values()]


def _lines(row: Row, others: int) -> Iterator[str]:
    """Yield the requirement, the location, the message, the evidence and the source."""
    yield heading(row.requirement, row.level)
    yield from filter(None, [located(row.location or row.exchange, row)])
    yield message(row)
    yield from evidence(row)
    yield source(row.requirement)
    if others:
        yield f"and in {many(others, 'other exchange')}"
