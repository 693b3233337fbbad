"""The verdict on one requirement, and the crash of a rule."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Level, Requirement

MUST_ONLY: tuple[Level, ...] = ("must",)

Outcome: TypeAlias = Literal["pass", "fail", "known", "stale", "not exercised", "error"]


@dataclass(frozen=True, slots=True)
class RuleCrash:
    """An exception that a rule raised, which is a bug of the suite; ``why`` is one line."""

    requirement: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exchange, a twin or a conversation shows of one requirement.

    ``found`` is the finding of outcome ``fail`` or ``known``, or the crash of ``error``. ``stale``
    are the deviations that should have occurred: given for outcome ``stale``, else empty.
    """

    requirement: str
    level: Level
    outcome: Outcome
    found: JudgedFinding | RuleCrash | None = None
    stale: tuple[Deviation, ...] = ()


def verdict(
    requirement: str,
    level: Level,
    found: JudgedFinding | RuleCrash | None,
    *,
    exercised: bool,
    stale: Callable[[str], tuple[Deviation, ...]],
) -> Verdict:
    """Turn a finding, a crash or their absence into a verdict.

    ``stale`` gives the deviations from a requirement that should have occurred; it is called only
    if the requirement was exercised and nothing was found.
    """
    if isinstance(found, RuleCrash):
        return Verdict(requirement, level, "error", found)
    if found is not None:
        return Verdict(requirement, level, "known" if found.known else "fail", found)
    if not exercised:
        return Verdict(requirement, level, "not exercised")
    absent = stale(requirement)
    return Verdict(requirement, level, "stale" if absent else "pass", stale=absent)


def fails_run(
    requirement: Requirement,
    level: Level,
    outcome: Outcome,
    fail_on: Collection[Level] = MUST_ONLY,
) -> bool:
    """True if a verdict makes a run, a lint or a test fail.

    It does if the requirement is about the protocol, and either broken at a level of ``fail_on``
    or stale. A requirement about what a model says never fails a run.
    """
    return requirement.about == "protocol" and (
        outcome == "stale" or (outcome == "fail" and level in fail_on)
    )


def crash(requirement: str, error: Exception) -> RuleCrash:
    """The crash of a rule with the type and message of the exception."""
    return RuleCrash(requirement, f"{type(error).__name__}: {error}")
