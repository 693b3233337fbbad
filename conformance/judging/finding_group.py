"""Collapse the findings of one requirement into one, and find what explains it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.judging.deviations import explanation
from conformance.judging.expectations import Expectation
from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Level
from conformance.protocol.exchange import Finding


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding with its level in a profile and what explains it, if anything does.

    That is a known deviation of the profile, or else an expectation of the user.
    """

    finding: Finding
    level: Level
    known: Deviation | None
    accepted: Expectation | None = None

    @property
    def outcome(self) -> Literal["fail", "known", "accepted"]:
        """The outcome of the requirement."""
        return "known" if self.known else "accepted" if self.accepted else "fail"


_Kept = tuple[int, int, Finding, Deviation | None, Expectation | None]


@dataclass(slots=True)
class FindingGroup:
    """Counts the findings of one requirement and keeps one of them: there may be millions.

    It keeps the first that nothing explains, else the first that only an expectation of the user
    explains, else the first that a known deviation explains.
    """

    requirement: str
    level: Level
    deviations: Sequence[Deviation]
    expected: Sequence[Expectation] = ()
    count: int = 0
    kept: _Kept | None = None

    def take(self, finding: Finding) -> None:
        """Count a finding, and keep it instead of the kept one if it goes before it."""
        self.count += 1
        event = -1 if finding.event is None else finding.event
        if self.kept is not None and self.kept[:2] <= (0, event):
            return
        known = explanation(self.deviations, finding)
        accepted = None if known else explanation(self.expected, finding)
        rank = 2 if known else 1 if accepted else 0
        if self.kept is None or (rank, event) < self.kept[:2]:
            self.kept = rank, event, finding, known, accepted

    def judged(self) -> JudgedFinding:
        """The kept finding with the total count; ``take`` must have been called."""
        assert self.kept is not None
        _, _, finding, known, accepted = self.kept
        counted = Finding(
            self.requirement,
            finding.message,
            finding.expected,
            finding.actual,
            finding.event,
            finding.pointer,
            self.count,
        )
        return JudgedFinding(counted, self.level, known, accepted)

    def of(self, findings: Iterable[Finding]) -> JudgedFinding:
        """Take all findings (one or more) and return the kept one."""
        for finding in findings:
            self.take(finding)
        return self.judged()
