"""A suite with more requirements and rules than those it was made from."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from conformance.judging.profiles import Profile
from conformance.judging.requirements import Level, Requirement
from conformance.judging.rule import Rule
from conformance.judging.suite import Suite


def extended(suite: Suite, entries: Iterable[Requirement], rules: Iterable[Rule]) -> Suite:
    """Return the suite with these requirements and rules besides its own.

    A requirement has one level for all profiles, the one of ``levels`` under its profile's name or
    else the only one there. Raises ValueError if an id exists already, or a requirement has no
    rule or a rule no requirement.
    """
    added = {entry.id: entry for entry in entries}
    checking = {rule.requirement: rule for rule in rules}
    if taken := sorted(added.keys() & suite.requirements.keys()):
        raise ValueError(f"{taken[0]} is a requirement of the suite already: choose another id")
    if lacking := sorted(added.keys() - checking.keys()):
        raise ValueError(f"{lacking[0]} has no rule")
    if unknown := sorted(checking.keys() - added.keys()):
        raise ValueError(f"a rule checks {unknown[0]}, which is not among its requirements")
    return replace(
        suite,
        requirements=MappingProxyType({**suite.requirements, **added}),
        rules=MappingProxyType({**suite.rules, **checking}),
        profiles=MappingProxyType(
            {name: _with_levels(each, added.values()) for name, each in suite.profiles.items()}
        ),
    )


def _with_levels(profile: Profile, entries: Iterable[Requirement]) -> Profile:
    levels: dict[str, Level] = {
        entry.id: entry.levels[profile.name]
        if profile.name in entry.levels
        else next(iter(entry.levels.values()))
        for entry in entries
    }
    return replace(profile, levels=MappingProxyType({**profile.levels, **levels}))
