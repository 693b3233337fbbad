"""A request as the case that it is: what a request was made to show, told by what it asks."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

from conformance.cases import MODEL, Case, cases
from conformance.cases.digest import digest
from conformance.protocol.exchange import Json, Request


def probes_shown_by(request: Request) -> tuple[str, ...]:
    """The requirements whose right answer a request shows, sorted: those of the cases that ask just
    this, whatever the model and the credential.

    None where no case asks this; of a conversation only the first turn is recognised.
    """
    place = urlsplit(request.url).path
    path = max((each for each in _paths() if place.endswith(each)), key=len, default="")
    exact = _probes().get(_digest(path, request.body))
    return _probes().get(_digest(path, _of_any_model(request.body)), ()) if exact is None else exact


def _of_any_model(body: Json) -> Json:
    return (
        {**body, "model": MODEL}
        if isinstance(body, dict) and isinstance(body.get("model"), str)
        else body
    )


def _digest(path: str, body: Json) -> str:
    try:
        return digest(Case("", "", "", frozenset(), path, body))
    except (
        ValueError,
        RecursionError,
    ):  # nothing that a case asks is nested so deep, or holds such numbers and characters
        return ""


@cache
def _paths() -> frozenset[str]:
    return frozenset(case.path for case in cases())


@cache
def _probes() -> Mapping[str, tuple[str, ...]]:
    """By digest, without what credential is sent and how the conversation goes on."""
    found: dict[str, set[str]] = {}
    for case in cases():
        found.setdefault(digest(replace(case, auth="right", then=())), set()).update(case.probes)
    return {asked: tuple(sorted(rows)) for asked, rows in found.items()}
