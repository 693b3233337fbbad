"""Requests that between them show every pair of features soon, and requests with fewer features
than one that failed."""

from collections.abc import Collection, Iterator
from functools import cache
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.features import FEATURES, Body, completed, pairs, pairs_of
from conformance.cases.strategies import exactly, requests

DENSITY = 14
"""Features of a set."""


def crowded(wanted: Collection[str], within: frozenset[str]) -> SearchStrategy[Body]:
    """Bodies with the features wanted and, of a target with these capabilities, few or many others;
    fewer and plainer ones first.

    Raises ValueError where no request may have all that is wanted.
    """
    few = requests(wanted, within)
    sets = [more for names in covering(within) if (more := completed(names.union(wanted), within))]
    return st.one_of(few, st.sampled_from(sets).flatmap(exactly)) if sets else few


def fewer(
    features: frozenset[str], wanted: Collection[str], within: frozenset[str]
) -> Iterator[SearchStrategy[Body]]:
    """Bodies without one of the features, and without those that imply it; what is wanted stays."""
    for name in sorted(features.difference(wanted)):
        left = completed(
            {each for each in features if name not in (completed({each}, within) or ())}, within
        )
        if left is not None and len(left) < len(features):
            yield exactly(left)


@cache
def covering(within: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Sets of features that a target with these capabilities may be asked for at once, of which
    each pair stands in one at least."""
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
