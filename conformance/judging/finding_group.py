"""Findings as a profile sees them: which one is told, how many there are, and whether a known
deviation explains them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.judging.deviations import explanation
from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Level
from conformance.protocol.exchange import Finding


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding seen through a profile: its level, and the known deviation that explains it."""

    finding: Finding
    level: Level
    known: Deviation | None


@dataclass(slots=True)
class FindingGroup:
    """The findings of one requirement seen through a profile, one after another: they are counted,
    and one of them is kept, as there may be millions.

    It is the first that no known deviation explains, so that what is known hides nothing else; the
    first of all where each is explained.
    """

    requirement: str
    level: Level
    deviations: Sequence[Deviation]
    count: int = 0
    kept: tuple[bool, int, Finding, Deviation | None] | None = None

    def take(self, finding: Finding) -> None:
        """Count a finding, and keep it if it says more than the one that was kept."""
        self.count += 1
        event = -1 if finding.event is None else finding.event
        if self.kept is not None and self.kept[:2] <= (False, event):
            return
        known = explanation(self.deviations, finding)
        if self.kept is None or (known is not None, event) < self.kept[:2]:
            self.kept = known is not None, event, finding, known

    def judged(self) -> JudgedFinding:
        """What was seen of one finding or more."""
        assert self.kept is not None
        _, _, finding, known = self.kept
        return JudgedFinding(
            replace(finding, requirement=self.requirement, count=self.count), self.level, known
        )

    def of(self, findings: Iterable[Finding]) -> JudgedFinding:
        """What is seen of one finding or more."""
        for finding in findings:
            self.take(finding)
        return self.judged()
