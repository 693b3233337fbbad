"""Growing the corpus: rows are minted until every pair of features that go together, and every
breach of the schema, has one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from conformance.cases import Case
from conformance.cases.digest import digest
from conformance.cases.features import FEATURES, Area, Body, completed, features_of, pairs, pairs_of
from conformance.cases.minting import bare, minted, minted_negative
from conformance.cases.schema_violations import BREACHES
from conformance.cases.strategies import MOST, exactly
from conformance.cases.strategies.negative import negative
from conformance.judging.profiles import capabilities

_Drawn = TypeVar("_Drawn")

CANDIDATES = 4
"""Requests that are drawn for a row, so that not all have the plainest values."""

_LIMITS = ("max-tokens", "max-completion-tokens")
_MADE_BEFOREHAND = frozenset({"cached-content"})


def open_pairs(corpus: Sequence[Case]) -> set[str]:
    """The pairs that no row claims."""
    return set(pairs()).difference(*(case.covers for case in corpus))


def grow(corpus: Sequence[Case], asked: Sequence[Case], seed: int) -> Iterator[Case]:
    """New rows, until there is nothing more to cover; ``asked`` are further cases whose requests
    are not to be minted again.

    With one version of Hypothesis the same seed gives the same rows.
    """
    known = {digest(case) for case in (*corpus, *asked)}
    yield from _negatives(corpus, seed)
    yield from _positives(corpus, known, seed)


def _negatives(corpus: Sequence[Case], seed: int) -> Iterator[Case]:
    there = {case.violates for case in corpus}
    for name, breach in BREACHES.items():
        if breach.violation not in there:
            yield minted_negative(_drawn(negative(name), seed, name, 1)[0][0], breach)


def _positives(corpus: Sequence[Case], known: set[str], seed: int) -> Iterator[Case]:
    left = open_pairs(corpus)
    sizes = Counter(case.id.rsplit("-", 1)[0] for case in corpus)
    for able in _stages():
        for pair in sorted(left, key=lambda pair: _number(seed, pair)):
            if pair not in left or completed(pair.split("+"), able) is None:
                continue
            body = _body(_showing(pair, able, left, seed), known, seed, pair)
            covers = pairs_of(features_of(body)) & left
            case = minted(body, _area(pair, sizes), covers)
            left -= covers
            sizes[case.id.rsplit("-", 1)[0]] += 1
            known.add(digest(case))
            yield case


def _stages() -> list[frozenset[str]]:
    """Capabilities, the fewest first, so that a pair is shown in a request that as many kinds of
    target as possible can be asked.

    What has to be made beforehand comes last, lest it spoil the request for all other pairs in it.
    """
    stages = sorted(set(capabilities()), key=lambda able: (len(able), sorted(able)))
    return [able - _MADE_BEFOREHAND for able in stages] + stages


def _showing(pair: str, able: frozenset[str], left: set[str], seed: int) -> frozenset[str]:
    """The features of a pair, a limit where there may be one, and step by step those that show the
    most pairs that are left.

    A limit is not counted among the features that a request has at most.
    """
    shown = _limited(pair, able, seed)
    others = sorted(FEATURES, key=lambda name: _number(seed, f"{pair} {name}"))
    while len(shown) <= MOST:
        wider = [
            found
            for name in others
            if name not in shown
            and (found := completed(shown | {name}, able))
            and len(found) <= MOST + 1
        ]
        best = max(
            wider, key=lambda found: len(pairs_of(found) & left) / len(found - shown), default=shown
        )
        if len(pairs_of(best) & left) == len(pairs_of(shown) & left):
            return shown
        shown = best
    return shown


def _limited(pair: str, able: frozenset[str], seed: int) -> frozenset[str]:
    """The features of a pair and, where it may be, a limit, so that real targets are quick to
    answer."""
    wanted = completed(pair.split("+"), able) or frozenset()
    old_first = _number(seed, pair) % 2 and "effort" not in {
        FEATURES[name].factor for name in wanted
    }  # OpenAI's models that reason know the new one only
    limits = _LIMITS[:: 1 if old_first else -1]
    return next((found for limit in limits if (found := completed(wanted | {limit}, able))), wanted)


def _body(features: frozenset[str], known: set[str], seed: int, label: str) -> Body:
    """A body with these features that is not asked yet; the later ones that are drawn are the less
    plain."""
    return [
        body
        for body in _drawn(exactly(features), seed, label, CANDIDATES)
        if digest(bare(body)) not in known
    ][-1]


def _area(pair: str, sizes: Counter[str]) -> Area:
    """The area of one feature of a pair: that which has fewer rows."""
    return min(
        (FEATURES[name].area for name in pair.split("+")), key=lambda area: (sizes[area], area)
    )


def _drawn(strategy: SearchStrategy[_Drawn], seed: int, label: str, most: int) -> list[_Drawn]:
    drawn: list[_Drawn] = []

    @seeded(_number(seed, label))
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: _Drawn) -> None:
        drawn.append(value)

    collect()
    return drawn


def _number(seed: int, label: str) -> int:
    return int.from_bytes(sha256(f"{seed} {label}".encode()).digest()[:8])
