"""Everything that judges, as one value: requirements, profiles and rules."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from conformance.judging.group_rule import SessionRule, TwinRule
from conformance.judging.profiles import (
    FALLBACK,
    PROFILE_HEADER,
    Profile,
    UnknownProfile,
    profile,
    profile_matching,
    profile_names,
)
from conformance.judging.requirements import Requirement, requirements
from conformance.judging.rule import Rule
from conformance.judging.rules import rules, session_rules, twin_rules
from conformance.protocol.exchange import Exchange, Headers


class ChosenProfile(NamedTuple):
    """The profile that judges an exchange; ``assumed`` if nothing names or proves it."""

    profile: Profile
    assumed: bool


@dataclass(frozen=True, eq=False)
class Suite:
    """The requirements, profiles and rules that judge together, each by its id or name.

    A front door makes one and passes it down, so two suites can judge in one process without
    seeing each other. Suites are equal only if they are the same object.

    Raises ValueError, with one sentence, if a profile has a level for a requirement that the suite
    lacks, if a rule checks one, or if no profile can judge exchanges that name none.
    """

    requirements: Mapping[str, Requirement]
    profiles: Mapping[str, Profile]
    rules: Mapping[str, Rule]
    twin_rules: Mapping[str, TwinRule]
    session_rules: Mapping[str, SessionRule]

    def __post_init__(self) -> None:
        places: list[tuple[str, Collection[str]]] = [
            *((f"profile {each.name}", each.levels) for each in self.profiles.values()),
            ("rules", self.rules),
            ("twin_rules", self.twin_rules),
            ("session_rules", self.session_rules),
        ]
        for place, ids in places:
            if lacking := sorted(set(ids) - self.requirements.keys()):
                raise ValueError(f"{place}: {lacking[0]} is not a requirement of this suite")
        for name, each in self.profiles.items():
            if name != each.name:
                raise ValueError(f"profiles: {name!r} is the key of the profile {each.name!r}")
        if FALLBACK not in self.profiles and len(self.profiles) != 1:
            raise ValueError(
                f"profiles: a suite needs {FALLBACK}, for exchanges that name no profile, or only"
                " one profile"
            )

    @property
    def fallback(self) -> Profile:
        """The profile of an exchange that nothing identifies: openai-compatible or the only one."""
        return self.profiles.get(FALLBACK) or next(iter(self.profiles.values()))

    def profile(self, name: str) -> Profile:
        """The profile with this name. Raises UnknownProfile, whose message offers near names."""
        if name not in self.profiles:
            raise UnknownProfile(name, self.profiles)
        return self.profiles[name]

    def choose_profile(self, exchange: Exchange, chosen: str | None = None) -> ChosenProfile:
        """Choose the profile that judges an exchange.

        In this order: the profile ``chosen`` by the user, the one that the recording names in
        ``meta.profile``, the one that the URL proves, the one that the response names in its header
        ``x-conformance-profile``, else ``fallback``, which is then only assumed.

        Raises UnknownProfile if the profile chosen by the user or named by the recording does not
        exist. A header that names no profile is ignored: it is what a server says.
        """
        if chosen:
            return ChosenProfile(self.profile(chosen), False)
        if named := exchange.meta.get("profile"):
            if (name := str(named)) not in self.profiles:
                raise UnknownProfile(name, self.profiles, "the recording names an ")
            return ChosenProfile(self.profiles[name], False)
        found = profile_matching(exchange.request.url, self.profiles.values()) or self.profiles.get(
            _named_by_server(exchange.response.headers)
        )
        return ChosenProfile(found or self.fallback, found is None)


def _named_by_server(headers: Headers) -> str:
    """The profile that a response names in its headers, "" if none."""
    return next((value.strip() for name, value in headers if name == PROFILE_HEADER), "")


@cache
def shipped_suite() -> Suite:
    """The suite that ships with the package."""
    return Suite(
        requirements=requirements(),
        profiles=MappingProxyType({name: profile(name) for name in profile_names()}),
        rules=rules(),
        twin_rules=twin_rules(),
        session_rules=session_rules(),
    )
