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
"""The profile for a target of which nothing is known."""

_FOLDER = Path(__file__).parent


class UnknownProfile(ValueError):
    """There is no profile of this name; the message lists those there are."""


@cache
def profile_names() -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def profile(name: str) -> Profile:
    """The profile of this name. Raises UnknownProfile."""
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
    """What the kinds of target can do, one after the other."""
    return tuple(each.capabilities for each in _all_profiles())


def profile_for_url(url: str) -> str | None:
    """The name of the profile that a request's URL proves, or None where it proves none."""
    for candidate in _all_profiles():
        if any(pattern.search(url) for pattern in candidate.urls):
            return candidate.name
    return None
