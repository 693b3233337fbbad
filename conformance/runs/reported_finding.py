"""Findings as every report shows them: with truncated and redacted evidence."""

from dataclasses import dataclass

from conformance.judging.finding_group import JudgedFinding
from conformance.protocol.exchange import Json
from conformance.traffic.redaction import excerpt


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding: what is wrong, where, what was expected and what was received.

    ``known`` describes the known deviation that explains it, None if there is none.
    """

    message: str
    expected: Json = None
    actual: Json = None
    event: int | None = None
    pointer: str = ""
    count: int = 1
    known: str | None = None


def report_finding(judged: JudgedFinding) -> ReportedFinding:
    """Convert a judged finding for reports: truncate and redact its evidence."""
    finding = judged.finding
    return ReportedFinding(
        message=str(excerpt.shown(finding.message)),
        expected=excerpt.shown(finding.expected),
        actual=excerpt.shown(finding.actual),
        event=finding.event,
        pointer=finding.pointer,
        count=finding.count,
        known=judged.known.described if judged.known else None,
    )
