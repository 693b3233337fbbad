"""Collapse the findings of one requirement into one, and find the deviation that explains it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.judging.deviations import explanation
from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Level
from conformance.protocol.exchange import Finding


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding with its level in a profile and the known deviation that explains it, if any."""

    finding: Finding
    level: Level
    known: Deviation | None


@dataclass(slots=True)
class FindingGroup:
    """Counts the findings of one requirement and keeps one of them: there may be millions.

    It keeps the first that no known deviation explains; if all are explained, the first of all.
    """

    requirement: str
    level: Level
    deviations: Sequence[Deviation]
    count: int = 0
    kept: tuple[bool, int, Finding, Deviation | None] | None = None

    def take(self, finding: Finding) -> None:
        """Count a finding, and keep it instead of the kept one if it goes before it."""
        self.count += 1
        event = -1 if finding.event is None else finding.event
        if self.kept is not None and self.kept[:2] <= (False, event):
            return
        known = explanation(self.deviations, finding)
        if self.kept is None or (known is not None, event) < self.kept[:2]:
            self.kept = known is not None, event, finding, known

    def judged(self) -> JudgedFinding:
        """The kept finding with the total count; ``take`` must have been called."""
        assert self.kept is not None
        _, _, finding, known = self.kept
        return JudgedFinding(
            replace(finding, requirement=self.requirement, count=self.count), self.level, known
        )

    def of(self, findings: Iterable[Finding]) -> JudgedFinding:
        """Take all findings (one or more) and return the kept one."""
        for finding in findings:
            self.take(finding)
        return self.judged()
