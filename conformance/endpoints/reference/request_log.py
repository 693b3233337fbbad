"""What clients sent to the endpoint, without secrets, for tests to read and empty."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.routing import Route

from conformance.endpoints.reference.answering import TOKEN
from conformance.endpoints.reference.control_routes import Guard, as_json
from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.traffic.redaction.patterns import BEGUN, PROJECT, scrub
from conformance.traffic.redaction.redact import redact, rules_for

ROUTE = "/_requests"
"""The route of the log: GET reads it, DELETE empties it."""

KEPT = 1000
"""How many requests are kept; the oldest are dropped."""

LONGEST_BODY = 16_384
"""The most bytes of a body that are kept as JSON, and the most characters of a longer one."""

_LONGEST_FIELD, _MOST_FIELDS = 2000, 100
_AHEAD = 4096
"""The bytes after the cut in which a secret that begins before it may continue."""


def _now() -> datetime:
    return datetime.now(UTC)


class RequestLog:
    """The last requests, oldest first.

    Args:
        token: The bearer token that requests must have; it is removed wherever it occurs.
        clock: Returns the time.
    """

    def __init__(self, token: str, clock: Callable[[], datetime] = _now) -> None:
        self._token = token
        self._clock = clock
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._dropped = 0

    def add(self, request: Request, data: bytes | None, status: int) -> None:
        """Add a request.

        Args:
            request: The request; its URL is the path with the query.
            data: The bytes of its body, None if they were too many to be read.
            status: The status of its answer.
        """
        self._dropped += len(self._entries) == KEPT
        self._entries.append(
            {
                "time": self._clock().isoformat(timespec="milliseconds"),
                **without_secrets(request, data, self._token),
                "status": status,
            }
        )

    def route(self, guard: Guard) -> Route:
        """Return the route that reads and empties the log."""
        return guard.route(ROUTE, self._serve, ["GET", "DELETE"])

    async def _serve(self, incoming: Incoming) -> Outgoing:
        if incoming.method == "DELETE":
            self._entries.clear()
            self._dropped = 0
        return as_json({"requests": list(self._entries), "dropped": self._dropped})


def without_secrets(request: Request, data: bytes | None, token: str) -> dict[str, Json]:
    """Return method, path, headers and body of a request without secrets.

    ``body`` is the parsed JSON body; a text if it is not JSON, nested too deeply or longer than
    ``LONGEST_BODY``, and None if there is none. ``truncated`` says that a part of it was left out.
    """
    public = _with_placeholders(request, token)
    head = redact(Exchange("", replace(public, body=None), Response(200))).request
    body, truncated = _body(public, data)
    return {
        "method": head.method,
        "path": head.url[:_LONGEST_FIELD],
        "headers": _joined(head.headers[1:]),
        "body": body,
        "truncated": truncated,
    }


def _with_placeholders(request: Request, token: str) -> Request:
    """Add the token as the first header, so that it counts as a secret of the request.

    The default token and project of the endpoint are public. They become placeholders, because
    redaction would otherwise remove the words from the body as well.
    """
    headers = [("authorization", f"Bearer {token}"), *request.headers]
    return replace(
        request,
        url=request.url.replace(f"/projects/{TOKEN}/", f"/projects/{PROJECT}/"),
        headers=tuple(
            (name, value.replace(TOKEN, "none") if name == "authorization" else value)
            for name, value in headers
        ),
    )


def _joined(headers: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers[:_MOST_FIELDS]:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return {name[:_LONGEST_FIELD]: value[:_LONGEST_FIELD] for name, value in joined.items()}


def _body(request: Request, data: bytes | None) -> tuple[Json, bool]:
    if not data:
        return None, data is None
    if len(data) <= LONGEST_BODY:
        try:
            clean = redact(Exchange("", request, Response(200))).request.body
            return orjson.Fragment(orjson.dumps(clean)), False
        except (RecursionError, orjson.JSONEncodeError):
            pass  # nested too deeply: kept as text
    text = data[: LONGEST_BODY + _AHEAD].decode(errors="replace")
    clean = scrub(text, (*rules_for(request), BEGUN))[0]
    return clean[:LONGEST_BODY], len(data) > LONGEST_BODY
