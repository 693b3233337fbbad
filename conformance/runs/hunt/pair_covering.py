"""Generate requests that soon cover all pairs of features, and simpler ones for shrinking."""

from collections.abc import Collection, Iterator
from functools import cache
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.features import FEATURES, Body, completed, pairs, pairs_of
from conformance.cases.strategies import exactly, requests

DENSITY = 14
"""The maximum number of features in a set, unless a pair needs more."""


def crowded(wanted: Collection[str], within: frozenset[str]) -> SearchStrategy[Body]:
    """Generate bodies with the ``wanted`` features and few or many others.

    ``within`` are the capabilities of the target. Bodies with fewer, simpler features come first.
    Raises ValueError if no request can have all wanted features.
    """
    few = requests(wanted, within)
    sets = [
        feature_set
        for names in covering(within)
        if (feature_set := completed(names.union(wanted), within))
    ]
    return st.one_of(few, st.sampled_from(sets).flatmap(exactly)) if sets else few


def fewer(
    features: frozenset[str], wanted: Collection[str], within: frozenset[str]
) -> Iterator[SearchStrategy[Body]]:
    """Generate, for each feature not in ``wanted``, bodies without it and those that imply it."""
    for name in sorted(features.difference(wanted)):
        left = completed(
            {other for other in features if name not in (completed({other}, within) or ())}, within
        )
        if left is not None and len(left) < len(features):
            yield exactly(left)


@cache
def covering(within: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return sets of features that one request can combine, so that they cover all pairs.

    Pairs that a target with the capabilities ``within`` does not support are left out.
    """
    chance = Random(0)  # the same sets in every hunt
    sets: list[frozenset[str]] = []
    covered: set[str] = set()
    for pair in sorted(pairs()):
        names = None if pair in covered else completed(pair.split("+"), within)
        if names is None:
            continue
        for name in chance.sample(list(FEATURES), len(FEATURES)):
            more = completed(names | {name}, within)
            if more and len(more) <= DENSITY:
                names = more
        covered |= pairs_of(names)
        sets.append(names)
    return tuple(sets)
