"""Find the case that a request belongs to, by the content of the request."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

from conformance.cases import MODEL, Case, cases
from conformance.cases.digest import digest
from conformance.cases.thinking_room import with_room
from conformance.protocol.exchange import Json, Request


def probes_shown_by(request: Request) -> tuple[str, ...]:
    """Return the requirements that a request tests deliberately, sorted.

    These are the requirements of all cases with the same path and body, whatever the model and the
    credential. Returns () if no case has this request. Of a conversation, only the first turn is
    recognized.
    """
    url_path = urlsplit(request.url).path
    path = max((path for path in _paths() if url_path.endswith(path)), key=len, default="")
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
    # Values that cannot be written as JSON text, or are nested too deeply: no case has any.
    except (ValueError, RecursionError):
        return ""


@cache
def _paths() -> frozenset[str]:
    return frozenset(case.path for case in cases())


@cache
def _probes() -> Mapping[str, tuple[str, ...]]:
    """Return requirements by request digest; credential and further turns are ignored."""
    by_digest: dict[str, set[str]] = {}
    for case in cases():
        plain = replace(case, auth="right", then=())
        for sent in {digest(plain), digest(with_room(plain))}:
            by_digest.setdefault(sent, set()).update(case.probes)
    return {key: tuple(sorted(probes)) for key, probes in by_digest.items()}
