"""Answer a request, as a pure function."""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import orjson

from conformance import __version__
from conformance.endpoints.reference.answers.completion import completion
from conformance.endpoints.reference.answers.drafts import drafts
from conformance.endpoints.reference.answers.stream import events
from conformance.endpoints.reference.dialects.dialect import Dialect, dialect_of
from conformance.endpoints.reference.dialects.refusal import Refused, body_of
from conformance.endpoints.reference.request.parsing import understand
from conformance.judging.profiles import PROFILE_HEADER
from conformance.protocol.exchange import Headers, Json, Request, Response

TOKEN = "self-test"
"""The default bearer token that requests must have."""

SERVER = f"chat-conformance-reference/{__version__}"
"""The ``server`` header of each answer, by which the client marks recordings as emulated."""


def answer(request: Request, profile: str, token: str = TOKEN) -> Response:
    """Return the response to a request in the dialect of a profile.

    A malformed request gets an error response; it never raises an exception. Each event of a stream
    is one entry of ``reads``.

    Args:
        request: The request; its URL may be only a path.
        profile: One of ``PROFILES``.
        token: The bearer token that the request must have.

    Raises:
        LookupError: The profile is not served.
    """
    dialect = dialect_of(profile)
    try:
        _authorise(request.headers, token)
        return _naming(dialect, _routed(request, dialect))
    except Refused as refusal:
        return refused(refusal, dialect)


def refused(refusal: Refused, dialect: Dialect) -> Response:
    """Return the error response for a refusal, in the form of the dialect."""
    response = _as_json(
        body_of(refusal, dialect),
        refusal.status,
        (("www-authenticate", "Bearer"),) if refusal.status == 401 else (),
    )
    return _naming(dialect, response)


def _naming(dialect: Dialect, response: Response) -> Response:
    """Return a response that names the profile of the dialect in a header."""
    return replace(response, headers=(*response.headers, (PROFILE_HEADER, dialect.profile)))


def _authorise(headers: Headers, token: str) -> None:
    header = next((value for name, value in headers if name == "authorization"), None)
    if header is None:
        raise Refused(
            "The request has no credential: send it as Authorization: Bearer TOKEN.",
            status=401,
            code="missing_api_key",
        )
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        credential.strip().encode(), token.encode()
    ):
        raise Refused(
            "The credential of the request is not valid.", status=401, code="invalid_api_key"
        )


def _routed(request: Request, dialect: Dialect) -> Response:
    path = urlsplit(request.url).path
    route = next(
        (
            route
            for route in dialect.routes
            if path.endswith(route) and dialect.base.fullmatch(path.removesuffix(route))
        ),
        None,
    )
    if route is None:
        raise Refused("There is no route for this URL.", status=404, code="unknown_url")
    method = "GET" if route == "/models" else "POST"
    if request.method != method:
        raise Refused(f"This route only accepts {method}.", status=405)
    return _models(dialect) if route == "/models" else _chat(request.body, dialect)


def _models(dialect: Dialect) -> Response:
    data = [
        {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "chat-conformance"}
        for name in dialect.listed
    ]
    return _as_json({"object": "list", "data": data})


def _chat(body: Json, dialect: Dialect) -> Response:
    parsed = understand(body, dialect)
    choices = drafts(parsed, dialect)
    if parsed.stream:
        return _as_stream(events(parsed, choices, dialect))
    return _as_json(completion(parsed, choices, dialect))


def _as_json(value: Json, status: int = 200, headers: Headers = ()) -> Response:
    return Response(
        status,
        (("content-type", "application/json"), ("server", SERVER), *headers),
        orjson.dumps(value),
        fidelity="bytes",
    )


def _as_stream(pieces: Iterable[bytes]) -> Response:
    parts = list(pieces)
    headers = (
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("server", SERVER),
    )
    return Response(
        200, headers, b"".join(parts), tuple((0.0, len(part)) for part in parts), fidelity="bytes"
    )
