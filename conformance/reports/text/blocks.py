"""Findings as blocks of plain text, for assertion messages, warnings and test reports."""

from collections.abc import Iterable, Iterator

from conformance._text import many
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.runs.lint import LintFinding


def blocks(findings: Iterable[LintFinding]) -> list[str]:
    """Return one block per broken requirement: its first finding and the number of others.

    Returns an empty list for no findings.
    """
    by_requirement: dict[str, list[LintFinding]] = {}
    for finding in findings:
        by_requirement.setdefault(finding.requirement, []).append(finding)
    return ["\n  ".join(_lines(first, len(others))) for first, *others in by_requirement.values()]


def _lines(first: LintFinding, others: int) -> Iterator[str]:
    """Yield the requirement, the location, the message, the evidence and the source."""
    yield heading(first.entry, first.level)
    yield from filter(None, [located(first.location or first.exchange, first.reported)])
    yield message(first.reported)
    yield from evidence(first.reported)
    yield source(first.entry)
    if others:
        yield f"and in {many(others, 'other exchange')}"
