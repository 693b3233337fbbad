"""Findings as every report shows them: with truncated and redacted evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.judging.finding_group import JudgedFinding
from conformance.protocol.exchange import Json
from conformance.traffic.redaction import excerpt
from conformance.traffic.redaction.patterns import BY_LOOK, Rule


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding: what is wrong, where, what was expected and what was received.

    ``known`` describes the known deviation that explains it, None if there is none. ``accepted``
    is why the user accepts it, None if the user does not.
    """

    message: str
    expected: Json = None
    actual: Json = None
    event: int | None = None
    pointer: str = ""
    count: int = 1
    known: str | None = None
    accepted: str | None = None


def report_finding(judged: JudgedFinding, secrets: Sequence[Rule] = BY_LOOK) -> ReportedFinding:
    """Truncate a finding's evidence and take out the secrets that the redaction rules find."""
    finding = judged.finding
    message, expected, actual, pointer = excerpt.shown_all(
        (finding.message, finding.expected, finding.actual, finding.pointer), secrets
    )
    return ReportedFinding(
        message=str(message),
        expected=expected,
        actual=actual,
        event=finding.event,
        pointer=str(pointer),
        count=finding.count,
        known=judged.known.described if judged.known else None,
        accepted=judged.accepted.described if judged.accepted else None,
    )
