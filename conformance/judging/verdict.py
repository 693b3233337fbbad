"""The verdict on one requirement, and the crash of a rule."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from conformance.judging.expectations import Expectation
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Level, Requirement

MUST_ONLY: tuple[Level, ...] = ("must",)

LEVELS_TO_FAIL: Mapping[str, tuple[Level, ...]] = MappingProxyType(
    {"must": MUST_ONLY, "should": ("must", "should"), "never": ()}
)
"""The levels at which a broken requirement makes a run or a lint fail, by value of --fail-on."""

Outcome: TypeAlias = Literal["pass", "fail", "known", "accepted", "stale", "not exercised", "error"]


@dataclass(frozen=True, slots=True)
class FailOn:
    """What makes a run fail.

    A broken requirement does at one of ``levels``; with none of them, nothing does. ``stale`` says
    whether a known deviation does that did not occur: it is out of date for the shipped recordings
    that it was made for, but a user's server that got better must not fail its users' run.
    """

    levels: tuple[Level, ...] = MUST_ONLY
    stale: bool = False

    @property
    def never(self) -> bool:
        """True if nothing makes the run fail."""
        return not self.levels


ON_MUST = FailOn()
"""A broken must of the protocol makes the run fail, and nothing else does."""


@dataclass(frozen=True, slots=True)
class RuleCrash:
    """An exception that a rule raised, which is a bug of the suite; ``why`` is one line."""

    requirement: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exchange, a twin or a conversation shows of one requirement.

    ``found`` is the finding of outcome ``fail``, ``known`` or ``accepted``, or the crash of
    ``error``. ``stale`` are the deviations that should have occurred: given for outcome ``stale``,
    else empty. ``expected`` are the user's expectations that apply to what was tested, whether the
    requirement is broken or holds.
    """

    requirement: str
    level: Level
    outcome: Outcome
    found: JudgedFinding | RuleCrash | None = None
    stale: tuple[Deviation, ...] = ()
    expected: tuple[Expectation, ...] = ()


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
        return Verdict(requirement, level, found.outcome, found)
    if not exercised:
        return Verdict(requirement, level, "not exercised")
    absent = stale(requirement)
    return Verdict(requirement, level, "stale" if absent else "pass", stale=absent)


def fails_run(
    requirement: Requirement,
    level: Level,
    outcome: Outcome,
    fail_on: Collection[Level] = MUST_ONLY,
    *,
    stale: bool = False,
) -> bool:
    """True if a verdict makes a run, a lint or a test fail.

    It does if the requirement is about the protocol, and either broken at a level of ``fail_on``
    or, with ``stale``, stale. A requirement about what a model says never fails a run.
    """
    return requirement.about == "protocol" and (
        (outcome == "stale" and stale) or (outcome == "fail" and level in fail_on)
    )


def crash(requirement: str, error: Exception) -> RuleCrash:
    """The crash of a rule with the type and message of the exception."""
    return RuleCrash(requirement, f"{type(error).__name__}: {error}")
