"""Turn a generated request body into a case."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from conformance.cases import Case
from conformance.cases.digest import SHORT, digest
from conformance.cases.features import FEATURES, Area, Body, features_of, needs_of
from conformance.cases.schema_violations import Breach
from conformance.protocol.exchange import CHAT_COMPLETIONS

NEGATIVE: Area = "negative"
"""The area of requests that violate the request schema."""

PLAINEST, PLAIN_SOURCE = "the plainest request", "OA-SPEC"
"""The description and the source of a request without any feature."""


def bare(body: Body) -> Case:
    """Return a case that has only a request, to compute its digest."""
    return Case("", "", "", frozenset(), CHAT_COMPLETIONS, body)


def minted(body: Body, area: Area, covers: Collection[str]) -> Case:
    """Return the case of a generated body that is the first to cover the pairs in ``covers``."""
    shown = features_of(body)
    features = [feature for name, feature in FEATURES.items() if name in shown]
    phrase = ", ".join(feature.phrase for feature in features)
    source = _join_unique(source for feature in features for source in feature.source.split(", "))
    return _named(
        Case(
            "",
            phrase or PLAINEST,
            source or PLAIN_SOURCE,
            needs_of(body),
            CHAT_COMPLETIONS,
            body,
            covers=tuple(sorted(covers)),
        ),
        area,
    )


def minted_negative(body: Body, breach: Breach) -> Case:
    """Return the case of a generated body that violates the request schema."""
    needs = breach.needs | needs_of(body)
    return _named(
        Case(
            "",
            breach.phrase,
            breach.source,
            needs,
            CHAT_COMPLETIONS,
            body,
            probes=breach.probes,
            violates=breach.violation,
        ),
        NEGATIVE,
    )


def id_of(case: Case, area: Area) -> str:
    """Return the id of a generated case: its area and the beginning of its digest."""
    return f"{area}-{digest(case)[:SHORT]}"


def _named(case: Case, area: Area) -> Case:
    return replace(case, id=id_of(case, area))


def _join_unique(sources: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(sources))
