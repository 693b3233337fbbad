"""Generate cases until the corpus is complete.

It is complete when every pair of features that can be combined has a case, and every violation of
the request schema.
"""

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
from conformance.cases.strategies import MAX_FEATURES, exactly
from conformance.cases.strategies.negative import negative
from conformance.judging.profiles import capabilities

_Drawn = TypeVar("_Drawn")

CANDIDATES = 4
"""The number of requests that are drawn for one case, so that not all have the simplest values."""

_LIMITS = ("max-tokens", "max-completion-tokens")
_NEED_PREPARATION = frozenset({"cached-content"})


def open_pairs(corpus: Sequence[Case]) -> set[str]:
    """Return the pairs of features that no case covers."""
    return set(pairs()).difference(*(case.covers for case in corpus))


def grow(corpus: Sequence[Case], other_cases: Sequence[Case], seed: int) -> Iterator[Case]:
    """Yield new cases until every pair and every violation has one.

    The same seed gives the same cases, as long as the version of Hypothesis is the same.

    Args:
        corpus: The generated cases so far.
        other_cases: Further cases, whose requests must not be generated again.
        seed: The seed of all random choices.
    """
    digests = {digest(case) for case in (*corpus, *other_cases)}
    yield from _negatives(corpus, seed)
    yield from _positives(corpus, digests, seed)


def _negatives(corpus: Sequence[Case], seed: int) -> Iterator[Case]:
    violated = {case.violates for case in corpus}
    for name, breach in BREACHES.items():
        if breach.violation not in violated:
            yield minted_negative(_drawn(negative(name), seed, name, 1)[0][0], breach)


def _positives(corpus: Sequence[Case], digests: set[str], seed: int) -> Iterator[Case]:
    left = open_pairs(corpus)
    sizes = Counter(case.id.rsplit("-", 1)[0] for case in corpus)
    for able in _stages():
        for pair in sorted(left, key=lambda pair: _number(seed, pair)):
            if pair not in left or completed(pair.split("+"), able) is None:
                continue
            body = _body(_choose_features(pair, able, left, seed), digests, seed, pair)
            covers = pairs_of(features_of(body)) & left
            case = minted(body, _area(pair, sizes), covers)
            left -= covers
            sizes[case.id.rsplit("-", 1)[0]] += 1
            digests.add(digest(case))
            yield case


def _stages() -> list[frozenset[str]]:
    """Return sets of capabilities, the smallest first.

    So a pair gets a request that as many profiles as possible can serve. Capabilities that need
    preparation come last, because they would limit all other pairs in the same request.
    """
    stages = sorted(set(capabilities()), key=lambda able: (len(able), sorted(able)))
    return [able - _NEED_PREPARATION for able in stages] + stages


def _choose_features(pair: str, able: frozenset[str], left: set[str], seed: int) -> frozenset[str]:
    """Return features for a request that covers the pair and many of the open pairs.

    Starts with the pair and a token limit, if possible, then adds step by step the features that
    cover the most open pairs. The token limit does not count towards ``MAX_FEATURES``.
    """
    shown = _with_limit(pair, able, seed)
    others = sorted(FEATURES, key=lambda name: _number(seed, f"{pair} {name}"))
    while len(shown) <= MAX_FEATURES:
        wider = [
            found
            for name in others
            if name not in shown
            and (found := completed(shown | {name}, able))
            and len(found) <= MAX_FEATURES + 1
        ]
        best = max(
            wider, key=lambda found: len(pairs_of(found) & left) / len(found - shown), default=shown
        )
        if len(pairs_of(best) & left) == len(pairs_of(shown) & left):
            return shown
        shown = best
    return shown


def _with_limit(pair: str, able: frozenset[str], seed: int) -> frozenset[str]:
    """Return the pair with a token limit, if possible, so that real targets respond quickly."""
    wanted = completed(pair.split("+"), able) or frozenset()
    old_first = _number(seed, pair) % 2 and "effort" not in {
        FEATURES[name].factor for name in wanted
    }  # OpenAI's reasoning models accept only the new one
    limits = _LIMITS[:: 1 if old_first else -1]
    return next((found for limit in limits if (found := completed(wanted | {limit}, able))), wanted)


def _body(features: frozenset[str], digests: set[str], seed: int, label: str) -> Body:
    """Draw a body with these features that no case has yet.

    Takes the last one drawn, because later ones have less simple values.
    """
    return [
        body
        for body in _drawn(exactly(features), seed, label, CANDIDATES)
        if digest(bare(body)) not in digests
    ][-1]


def _area(pair: str, sizes: Counter[str]) -> Area:
    """Return the area of one feature of the pair: the one with fewer cases."""
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
