"""Profiles: what each kind of target must do and is known to break, one TOML file each."""

from functools import cache
from pathlib import Path

from conformance._text import did_you_mean
from conformance.judging.profiles.loading import read_profile
from conformance.judging.profiles.model import Auth, Condition, Deviation, Profile

__all__ = [
    "FALLBACK",
    "Auth",
    "ChosenProfile",
    "Condition",
    "Deviation",
    "Profile",
    "UnknownProfile",
    "capabilities",
    "choose_profile",
    "profile",
    "profile_for_url",
    "profile_names",
]

FALLBACK = "openai-compatible"
"""The profile of a target that nothing identifies."""

_FOLDER = Path(__file__).parent


class UnknownProfile(ValueError):
    """A profile name that does not exist; the message lists the names that do."""


@cache
def profile_names() -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def profile(name: str) -> Profile:
    """The shipped profile with this name. Raises UnknownProfile."""
    if name not in profile_names():
        near = did_you_mean(name, profile_names())
        raise UnknownProfile(
            f"unknown profile {name!r}{near}; there are {', '.join(profile_names())}"
        )
    return read_profile(_FOLDER / f"{name}.toml")


@cache
def _all_profiles() -> tuple[Profile, ...]:
    return tuple(map(profile, profile_names()))


@cache
def capabilities() -> tuple[frozenset[str], ...]:
    """The capabilities of each shipped profile, in the order of their names."""
    return tuple(each.capabilities for each in _all_profiles())


def profile_for_url(url: str) -> str | None:
    """The name of the first profile whose URL patterns match a request's URL, or None."""
    for candidate in _all_profiles():
        if any(pattern.search(url) for pattern in candidate.urls):
            return candidate.name
    return None
