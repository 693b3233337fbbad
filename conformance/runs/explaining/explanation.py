"""All that is known about one requirement, as one value."""

from dataclasses import dataclass

from conformance.judging.profiles import Deviation
from conformance.judging.requirements import Requirement
from conformance.judging.requirements.client_impact import ClientImpact, measured_impact
from conformance.judging.suite import Suite
from conformance.runs.explaining.difference import Change, decisive_first, difference
from conformance.runs.explaining.example import Example, example_of


@dataclass(frozen=True, slots=True)
class Breaker:
    """A kind of target that is known to break a requirement; ``server`` is which one, or ""."""

    profile: str
    server: str
    deviation: Deviation


@dataclass(frozen=True, slots=True)
class Explanation:
    """A requirement, explained.

    ``changes`` are what the fault of the example changes, for each of its exchanges: first what the
    finding is about. ``impact`` is None if no fault of the requirement was tried on clients.
    """

    entry: Requirement
    example: Example | None
    changes: tuple[tuple[Change, ...], ...]
    breakers: tuple[Breaker, ...]
    impact: ClientImpact | None


def explanation_of(requirement: str, suite: Suite) -> Explanation:
    """Explain a requirement of the suite, by its id."""
    entry = suite.requirements[requirement]
    example = example_of(entry, suite)
    return Explanation(
        entry,
        example,
        _changes(example) if example else (),
        tuple(_breakers(requirement, suite)),
        measured_impact().by_requirement.get(requirement),
    )


def _changes(example: Example) -> tuple[tuple[Change, ...], ...]:
    """Return what the fault changes in each exchange, first what the finding is about."""
    finding = example.finding
    return tuple(
        decisive_first(difference(before, after), finding.event, finding.pointer)
        for before, after in zip(example.conforming, example.violating, strict=True)
    )


def _breakers(requirement: str, suite: Suite) -> list[Breaker]:
    """Return the known deviations of all profiles, those that always occur first."""
    found = [
        Breaker(profile.name, _server(deviation), deviation)
        for profile in suite.profiles.values()
        for deviation in profile.deviations
        if deviation.requirement == requirement
    ]
    return sorted(found, key=lambda each: each.deviation.frequency)


def _server(deviation: Deviation) -> str:
    """Return the servers that a condition names, as words: its pattern lists names."""
    pattern = deviation.condition.server
    if pattern is None:
        return ""
    return " or ".join(pattern.pattern.removeprefix("(?i)").replace("\\", "").split("|"))
