"""Answer a request, as a pure function."""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from conformance import __version__
from conformance.endpoints.reference.answers.completion import completion
from conformance.endpoints.reference.answers.drafts import drafts
from conformance.endpoints.reference.answers.serialising import as_bytes, as_error_bytes
from conformance.endpoints.reference.answers.stream import events
from conformance.endpoints.reference.dialects.dialect import Dialect, dialect_of
from conformance.endpoints.reference.dialects.error_bodies import body_of
from conformance.endpoints.reference.dialects.google_errors import in_googles_words
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_model
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
        authorise(request.headers, token)
        return _naming(dialect, _routed(request, dialect))
    except Refused as refusal:
        return refused(refusal, dialect)


def refused(refusal: Refused, dialect: Dialect) -> Response:
    """Return the error response for a refusal, in the form of the dialect."""
    if dialect.is_google:
        refusal = in_googles_words(refusal, dialect)
    body = body_of(refusal, dialect)
    kind = "application/json; charset=UTF-8" if dialect.is_google else "application/json"
    response = Response(
        refusal.status,
        (
            ("content-type", "text/html; charset=UTF-8" if isinstance(body, str) else kind),
            ("server", SERVER),
            *((("www-authenticate", "Bearer"),) if refusal.status == 401 else ()),
            *((("retry-after", str(refusal.retry_after)),) if refusal.retry_after else ()),
        ),
        body.encode() if isinstance(body, str) else as_error_bytes(body, dialect),
        fidelity="bytes",
    )
    return _naming(dialect, response)


def _naming(dialect: Dialect, response: Response) -> Response:
    """Return a response that names the profile of the dialect in a header."""
    return replace(response, headers=(*response.headers, (PROFILE_HEADER, dialect.profile)))


def authorise(headers: Headers, token: str) -> None:
    """Raise Refused unless the headers have the bearer token."""
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
    base, route, name = _split(path, dialect)
    if route not in dialect.routes or not dialect.base.fullmatch(base):
        raise Refused("There is no route for this URL.", status=404, code="unknown_url")
    method = "GET" if route == "/models" else "POST"
    if request.method != method:
        raise Refused(f"This route only accepts {method}.", status=405)
    if route == "/chat/completions":
        return _chat(request, dialect)
    return _as_json(_model(name, dialect) if name else _models(dialect), dialect)


def _split(path: str, dialect: Dialect) -> tuple[str, str, str]:
    """Split a path into its base, its route, and the model's name in /models/NAME, else ""."""
    base, slash, name = path.partition("/models/")
    if slash and dialect.base.fullmatch(base):
        return base, "/models", name
    route = next((route for route in dialect.routes if path.endswith(route)), "")
    return path.removesuffix(route), route, ""


def _models(dialect: Dialect) -> Json:
    return {"object": "list", "data": [_listed(name, dialect) for name in dialect.listed]}


def _model(name: str, dialect: Dialect) -> Json:
    """Return the entry of a model. Raises Refused if it is not served."""
    if not dialect.models.fullmatch(name):
        raise unknown_model(name, dialect)
    return _listed(name, dialect)


def _listed(name: str, dialect: Dialect) -> Json:
    if dialect.is_google:
        name = f"models/{name.removeprefix('models/')}"
        return {"id": name, "object": "model", "owned_by": "google", "display_name": name}
    return {
        "id": name,
        "object": "model",
        "created": 1_767_225_600,
        "owned_by": "chat-conformance",
    }


def _chat(request: Request, dialect: Dialect) -> Response:
    asked = understand(request.body, dialect, request.headers)
    choices = drafts(asked, dialect)
    if asked.stream:
        response = _as_stream(events(asked, choices, dialect))
    else:
        response = _as_json(completion(asked, choices, dialect), dialect)
    if asked.tier and dialect.profile == "gemini-api":
        tier = ("x-gemini-service-tier", asked.tier)
        return replace(response, headers=(*response.headers, tier))
    return response


def _as_json(value: Json, dialect: Dialect) -> Response:
    headers = (("content-type", "application/json"), ("server", SERVER))
    return Response(200, headers, as_bytes(value, dialect), fidelity="bytes")


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
