"""What judging ends with: the verdict on one requirement, or the crash of a rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.requirements import Level

Outcome: TypeAlias = Literal["pass", "fail", "known", "stale", "not exercised", "error"]


@dataclass(frozen=True, slots=True)
class RuleCrash:
    """A rule that did not come to an end, which is a fault of the suite."""

    requirement: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one exchange shows of one requirement."""

    requirement: str
    level: Level
    outcome: Outcome
    found: JudgedFinding | RuleCrash | None = None


def verdict(
    row: str,
    level: Level,
    found: JudgedFinding | RuleCrash | None,
    *,
    exercised: bool,
    stale: Callable[[], bool],
) -> Verdict:
    """What is found, or not found, of one requirement; ``stale`` says whether a deviation should
    have come, and is asked only where nothing is found."""
    if isinstance(found, RuleCrash):
        return Verdict(row, level, "error", found)
    if found is not None:
        return Verdict(row, level, "known" if found.known else "fail", found)
    if not exercised:
        return Verdict(row, level, "not exercised")
    return Verdict(row, level, "stale" if stale() else "pass")


def crash(requirement: str, error: Exception) -> RuleCrash:
    """The crash of a rule, of which people are told."""
    return RuleCrash(requirement, f"{type(error).__name__}: {error}")
