"""From a request to its answer, as a pure function."""

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

import orjson

from conformance import __version__
from conformance.endpoints.reference.answers.completion import completion
from conformance.endpoints.reference.answers.drafts import drafts
from conformance.endpoints.reference.answers.stream import events
from conformance.endpoints.reference.dialects.dialect import Dialect, dialect_of
from conformance.endpoints.reference.dialects.refusal import Refused, body_of
from conformance.endpoints.reference.request.parsing import understand
from conformance.protocol.exchange import Headers, Json, Request, Response

TOKEN = "self-test"
"""The bearer token that is asked for where no other is set."""

SERVER = f"chat-conformance-reference/{__version__}"
"""What the header ``server`` of each answer says: it is emulated, and no recording of it is one of
a real server."""


def answer(request: Request, profile: str, token: str = TOKEN) -> Response:
    """The answer to a request in the dialect of a profile; the URL of the request may be a path
    only.

    Each event of a stream is one of the ``reads`` of the response. Raises LookupError for a profile
    that is not served, and nothing else.
    """
    dialect = dialect_of(profile)
    try:
        _authorise(request.headers, token)
        return _routed(request, dialect)
    except Refused as refusal:
        return refused(refusal, dialect)


def refused(refusal: Refused, dialect: Dialect) -> Response:
    """The response that tells of a refusal."""
    return _as_json(
        body_of(refusal, dialect),
        refusal.status,
        (("www-authenticate", "Bearer"),) if refusal.status == 401 else (),
    )


def _authorise(headers: Headers, token: str) -> None:
    given = next((value for name, value in headers if name == "authorization"), None)
    if given is None:
        raise Refused(
            "The request has no credential: send it as Authorization: Bearer TOKEN.",
            status=401,
            code="missing_api_key",
        )
    scheme, _, credential = given.partition(" ")
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
            each
            for each in dialect.routes
            if path.endswith(each) and dialect.base.fullmatch(path.removesuffix(each))
        ),
        None,
    )
    if route is None:
        raise Refused("There is nothing at this URL.", status=404, code="unknown_url")
    method = "GET" if route == "/models" else "POST"
    if request.method != method:
        raise Refused(f"This route is asked with {method}.", status=405)
    return _models(dialect) if route == "/models" else _chat(request.body, dialect)


def _models(dialect: Dialect) -> Response:
    data = [
        {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "chat-conformance"}
        for name in dialect.listed
    ]
    return _as_json({"object": "list", "data": data})


def _chat(body: Json, dialect: Dialect) -> Response:
    asked = understand(body, dialect)
    choices = drafts(asked, dialect)
    if asked.stream:
        return _as_stream(events(asked, choices, dialect))
    return _as_json(completion(asked, choices, dialect))


def _as_json(value: Json, status: int = 200, headers: Headers = ()) -> Response:
    return Response(
        status,
        (("content-type", "application/json"), ("server", SERVER), *headers),
        orjson.dumps(value),
        fidelity="bytes",
    )


def _as_stream(pieces: Iterable[bytes]) -> Response:
    made = list(pieces)
    headers = (
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("server", SERVER),
    )
    return Response(
        200, headers, b"".join(made), tuple((0.0, len(piece)) for piece in made), fidelity="bytes"
    )
