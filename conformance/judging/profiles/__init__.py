"""Profiles: what each kind of target must do and is known to break, one TOML file each."""

import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from conformance._text import did_you_mean, shortened
from conformance.judging.profiles.loading import read_profile
from conformance.judging.profiles.model import Auth, Condition, Deviation, Profile

__all__ = [
    "FALLBACK",
    "PROFILE_HEADER",
    "Auth",
    "Condition",
    "Deviation",
    "Profile",
    "UnknownProfile",
    "capabilities",
    "profile",
    "profile_for_url",
    "profile_matching",
    "profile_names",
]

FALLBACK = "openai-compatible"
"""The profile of a target that nothing identifies."""

PROFILE_HEADER = "x-conformance-profile"
"""The response header in which a server names its profile, as the reference endpoint does."""

_LONGEST_NAME = 80
"""How many characters of an unknown name a message repeats."""

_FOLDER = Path(__file__).parent
_HOST = re.compile(r"https://[^/?#]*", re.IGNORECASE)


class UnknownProfile(ValueError):
    """A profile name that does not exist; the message offers near names and lists all.

    ``named_by`` goes before it and says who named the profile, such as "the recording names an ".
    """

    def __init__(self, name: str, names: Collection[str], named_by: str = "") -> None:
        shown = shortened(name, _LONGEST_NAME)
        super().__init__(
            f"{named_by}unknown profile {shown!r}{did_you_mean(shown, names)}; there are"
            f" {', '.join(names)}"
        )


@cache
def profile_names() -> tuple[str, ...]:
    """The names of all profiles, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def profile(name: str) -> Profile:
    """The shipped profile with this name. Raises UnknownProfile."""
    if name not in profile_names():
        raise UnknownProfile(name, profile_names())
    return read_profile(_FOLDER / f"{name}.toml")


@cache
def _all_profiles() -> tuple[Profile, ...]:
    return tuple(map(profile, profile_names()))


@cache
def capabilities() -> tuple[frozenset[str], ...]:
    """The capabilities of each shipped profile, in the order of their names."""
    return tuple(each.capabilities for each in _all_profiles())


def profile_for_url(url: str) -> str | None:
    """The name of the first shipped profile whose URL patterns match a request's URL, or None."""
    matching = profile_matching(url, _all_profiles())
    return matching.name if matching else None


def profile_matching(url: str, profiles: Iterable[Profile]) -> Profile | None:
    """The first of the profiles whose URL patterns match a request's URL, or None.

    Scheme and host may have upper-case letters, and https may name its default port, ``:443``.
    """
    plain = _plain(url)
    return next(
        (each for each in profiles if any(pattern.search(plain) for pattern in each.urls)), None
    )


def _plain(url: str) -> str:
    """Return a URL with scheme and host in lower case, and without the default port of https."""
    start = _HOST.match(url)
    if start is None:
        return url
    return start[0].lower().removesuffix(":443") + url[start.end() :]
