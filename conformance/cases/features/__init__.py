"""The features of requests, told from their bodies: what a corpus has to cover, alone and in pairs.
Pure, and without Hypothesis."""

from collections.abc import Collection, Iterator
from functools import cache
from itertools import combinations

from conformance.cases.features import formats, google, media, messages, options, results, tools
from conformance.cases.features.feature import Area, Body, Feature
from conformance.judging.profiles import capabilities
from conformance.protocol.exchange import Json

__all__ = [
    "AREAS",
    "FEATURES",
    "Area",
    "Body",
    "Feature",
    "completed",
    "features_of",
    "may_go_together",
    "needs_of",
    "pairs",
    "pairs_of",
]

FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        *messages.FEATURES,
        *options.FEATURES,
        *formats.FEATURES,
        *tools.FEATURES,
        *results.FEATURES,
        *media.FEATURES,
        *google.FEATURES,
    )
}
"""By name, from plain to special."""

AREAS: tuple[Area, ...] = tuple(dict.fromkeys(feature.area for feature in FEATURES.values()))


def features_of(body: Json) -> frozenset[str]:
    """The features that a body shows; none where it is no object."""
    return (
        frozenset(name for name, feature in FEATURES.items() if feature.is_in(body))
        if isinstance(body, dict)
        else frozenset()
    )


def needs_of(body: Json) -> frozenset[str]:
    """The capabilities that the features of a body need."""
    return needs_of_all(features_of(body))


def needs_of_all(names: Collection[str]) -> frozenset[str]:
    """The capabilities that features need."""
    return frozenset().union(*(FEATURES[name].needs for name in names))


def pairs_of(names: Collection[str]) -> frozenset[str]:
    """All pairs of some features, each ``one+other`` in the order of the alphabet."""
    return frozenset(f"{one}+{other}" for one, other in combinations(sorted(names), 2))


@cache
def pairs() -> frozenset[str]:
    """All pairs of features that one request to some kind of target may show."""
    return frozenset(
        f"{one}+{other}"
        for one, other in combinations(sorted(FEATURES), 2)
        if may_go_together({one, other})
    )


def may_go_together(names: Collection[str]) -> bool:
    """Whether one request may show these features, with whatever they imply."""
    return completed(names) is not None


def completed(
    names: Collection[str], within: frozenset[str] | None = None
) -> frozenset[str] | None:
    """The features with what they imply, the plainest of it; None where no request to a target of
    some kind may have them all.

    ``within`` are the capabilities of the one target that is thought of; None for that of any
    profile.
    """
    return _completed(frozenset(names), within)


@cache
def _completed(names: frozenset[str], within: frozenset[str] | None) -> frozenset[str] | None:
    if not _agree(names) or not any(
        needs_of_all(names) <= able for able in (capabilities() if within is None else (within,))
    ):
        return None
    missing = next(_missing(names), None)
    if missing is None:
        return names
    return next(
        (found for each in missing if (found := _completed(names | {each}, within)) is not None),
        None,
    )


def _missing(names: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Groups of which a feature demands one, and none is there."""
    return (
        group
        for name in FEATURES
        if name in names
        for group in FEATURES[name].implies
        if names.isdisjoint(group)
    )


def _agree(names: frozenset[str]) -> bool:
    return all(_compatible()[name].issuperset(names) for name in names)


@cache
def _compatible() -> dict[str, frozenset[str]]:
    """For each feature those that it does not exclude, and that do not exclude it, itself among
    them."""
    return {
        name: frozenset(
            other.name
            for other in FEATURES.values()
            if name == other.name or not _excludes(feature, other)
        )
        for name, feature in FEATURES.items()
    }


def _excludes(one: Feature, other: Feature) -> bool:
    return bool(
        (one.factor and one.factor == other.factor)
        or one.excludes & {other.name, other.factor}
        or other.excludes & {one.name, one.factor}
    )
