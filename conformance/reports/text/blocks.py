"""Findings as blocks of plain text: for messages of assertions, warnings and reports of tests,
where nobody wraps or colours them."""

from collections.abc import Iterable, Iterator

from conformance._text import many
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.runs.lint import Row


def blocks(rows: Iterable[Row]) -> list[str]:
    """A block for each requirement that is broken: its first finding, and in how many exchanges
    more it is."""
    by_requirement: dict[str, list[Row]] = {}
    for row in rows:
        by_requirement.setdefault(row.requirement, []).append(row)
    return ["\n  ".join(_lines(first, len(others))) for first, *others in by_requirement.values()]


def _lines(row: Row, others: int) -> Iterator[str]:
    """What is required, where it was met, what is wrong, what was expected and what came, and where
    the requirement comes from."""
    yield heading(row.requirement, row.level)
    yield from filter(None, [located(row.location or row.exchange, row)])
    yield message(row)
    yield from evidence(row)
    yield source(row.requirement)
    if others:
        yield f"and in {many(others, 'exchange')} more"
