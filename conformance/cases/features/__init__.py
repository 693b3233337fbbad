"""Detect the features of requests from their bodies.

The corpus covers each feature, and each pair of features that can be combined. This package has no
side effects and does not need Hypothesis.
"""

from collections.abc import Collection, Iterator
from functools import cache
from itertools import combinations

from conformance.cases.features import formats, google, media, messages, options, results, tools
from conformance.cases.features.combined_needs import combined_needs
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
"""The features by name, from simple to special."""

AREAS: tuple[Area, ...] = tuple(dict.fromkeys(feature.area for feature in FEATURES.values()))
"""The areas in the order of their features."""


def features_of(body: Json) -> frozenset[str]:
    """Return the names of the features that a body has; empty if it is not an object."""
    return (
        frozenset(name for name, feature in FEATURES.items() if feature.is_in(body))
        if isinstance(body, dict)
        else frozenset()
    )


def needs_of(body: Json) -> frozenset[str]:
    """Return the capabilities that the features of a body and their combination need."""
    combined = combined_needs(body) if isinstance(body, dict) else frozenset()
    return needs_of_all(features_of(body)) | combined


def needs_of_all(names: Collection[str]) -> frozenset[str]:
    """Return the capabilities that the named features need."""
    return frozenset().union(*(FEATURES[name].needs for name in names))


def pairs_of(names: Collection[str]) -> frozenset[str]:
    """Return all pairs of the named features, each as ``a+b`` in alphabetical order."""
    return frozenset(f"{first}+{second}" for first, second in combinations(sorted(names), 2))


@cache
def pairs() -> frozenset[str]:
    """Return all pairs of features that one request to some profile can combine."""
    return frozenset(
        f"{first}+{second}"
        for first, second in combinations(sorted(FEATURES), 2)
        if may_go_together({first, second})
    )


def may_go_together(names: Collection[str]) -> bool:
    """Return whether one request can have these features and those they imply."""
    return completed(names) is not None


def completed(
    names: Collection[str], within: frozenset[str] | None = None
) -> frozenset[str] | None:
    """Add the features that the named features imply, and prefer simple ones.

    Args:
        names: The names of the features.
        within: The capabilities of one target, or None to allow those of any one profile.

    Returns:
        The names, or None if no request can have all of them.
    """
    return _completed(frozenset(names), within)


@cache
def _completed(names: frozenset[str], within: frozenset[str] | None) -> frozenset[str] | None:
    if not _are_compatible(names) or not any(
        needs_of_all(names) <= able for able in (capabilities() if within is None else (within,))
    ):
        return None
    missing = next(_missing(names), None)
    if missing is None:
        return names
    return next(
        (
            complete
            for name in missing
            if (complete := _completed(names | {name}, within)) is not None
        ),
        None,
    )


def _missing(names: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Yield the implied groups of which no feature is among the names."""
    return (
        group
        for name in FEATURES
        if name in names
        for group in FEATURES[name].implies
        if names.isdisjoint(group)
    )


def _are_compatible(names: frozenset[str]) -> bool:
    return all(_compatible()[name].issuperset(names) for name in names)


@cache
def _compatible() -> dict[str, frozenset[str]]:
    """Return, for each feature, the features that can be combined with it, and itself."""
    return {
        name: frozenset(
            other.name
            for other in FEATURES.values()
            if name == other.name or not _excludes(feature, other)
        )
        for name, feature in FEATURES.items()
    }


def _excludes(first: Feature, second: Feature) -> bool:
    return bool(
        (first.factor and first.factor == second.factor)
        or first.excludes & {second.name, second.factor}
        or second.excludes & {first.name, first.factor}
    )
