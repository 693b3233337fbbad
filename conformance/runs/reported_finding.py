"""A finding as every report shows it: evidence truncated and redacted, and the known deviation that
explains it."""

from dataclasses import dataclass

from conformance.judging.finding_group import JudgedFinding
from conformance.protocol.exchange import Json
from conformance.traffic.redaction import excerpt


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """What is wrong, where, what was expected and what came; ``known`` describes the known
    deviation that explains it, if any."""

    message: str
    expected: Json = None
    actual: Json = None
    event: int | None = None
    pointer: str = ""
    count: int = 1
    known: str | None = None


def report_finding(judged: JudgedFinding) -> ReportedFinding:
    """Truncate and redact the evidence of a finding."""
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
