"""Minting: from a body to the row that is frozen."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from conformance.cases import Case
from conformance.cases.digest import SHORT, digest
from conformance.cases.features import FEATURES, Area, Body, features_of, needs_of
from conformance.cases.schema_violations import Breach
from conformance.protocol.exchange import CHAT_COMPLETIONS

NEGATIVE: Area = "negative"
"""The area of requests that break the schema of requests."""

PLAINEST, PLAIN_SOURCE = "the plainest request", "OA-SPEC"
"""What a request without any feature is called, and where it is documented."""


def bare(body: Body) -> Case:
    """A case that is nothing yet but what is asked."""
    return Case("", "", "", frozenset(), CHAT_COMPLETIONS, body)


def minted(body: Body, area: Area, covers: Collection[str]) -> Case:
    """The case of a body that was the first to show some pairs of features."""
    shown = features_of(body)
    features = [feature for name, feature in FEATURES.items() if name in shown]
    phrase = ", ".join(feature.phrase for feature in features)
    source = _each_once(source for feature in features for source in feature.source.split(", "))
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
    """The case of a body that breaks the schema of requests."""
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
    """The id of a minted case: its area and the beginning of its digest."""
    return f"{area}-{digest(case)[:SHORT]}"


def _named(case: Case, area: Area) -> Case:
    return replace(case, id=id_of(case, area))


def _each_once(sources: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(sources))
