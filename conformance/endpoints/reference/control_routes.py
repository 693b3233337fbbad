"""Protect the routes that control the endpoint: ``/_faults`` and ``/_requests``.

A web page in a browser on the same machine could reach them too, so the key of the endpoint is
required, and the request must not come from another site.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.routing import Route

from conformance._text import one_line, safe_json
from conformance.endpoints.reference.answering import TOKEN, authorise
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.protocol.exchange import Json


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request to a control route must have.

    ``token`` is its bearer token. ``host`` is the address that the server listens on; a request
    must name it, or the loopback interface, in its header Host. If the server listens on all
    addresses (0.0.0.0 or ::), any IP address may be named, but no name, because a page can give
    its own name to any address. With None, in process, Host is not checked.
    """

    token: str = TOKEN
    host: str | None = None

    def route(
        self, path: str, serve: Callable[[Incoming], Awaitable[Outgoing]], methods: Sequence[str]
    ) -> Route:
        """Return a route that serves only the requests that have what they must have."""

        async def guarded(incoming: Incoming) -> Outgoing:
            try:
                self.check(incoming)
            except Refused as refusal:
                message = f"{incoming.method} {path} is not allowed: {refusal.message}"
                response = as_json({"error": {"message": message}}, refusal.status)
                if refusal.status == 401:
                    response.headers["www-authenticate"] = "Bearer"
                return response
            return await serve(incoming)

        return Route(path, guarded, methods=list(methods))

    def check(self, incoming: Incoming) -> None:
        """Raise Refused for a request from another site or without the key."""
        host = ", ".join(incoming.headers.getlist("host"))
        if self.host is not None and not _names(host, self.host):
            raise Refused(
                f"the header Host names {one_line(host) or 'nothing'}; it must name localhost or"
                " the address that the server listens on",
                status=403,
            )
        for origin in incoming.headers.getlist("origin"):
            if _place_of(origin) != host.lower():
                raise Refused(f"it comes from the web page {one_line(origin)}", status=403)
        authorise(tuple(incoming.headers.items()), self.token)


def _place_of(origin: str) -> str | None:
    """Return the host and port of an origin in lower case, None if it has none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _names(host_header: str, listens_on: str) -> bool:
    """Return whether the value of a header Host names the loopback interface or the address."""
    try:
        named = (urlsplit(f"//{host_header}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    if named in ("localhost", listens_on.lower()) or named.endswith(".localhost"):
        return True
    try:
        address = ip_address(named)
    except ValueError:
        return False
    return address.is_loopback or _is_any(listens_on)


def _is_any(address: str) -> bool:
    try:
        return not address or ip_address(address).is_unspecified
    except ValueError:
        return False


def as_json(value: Json, status: int = 200) -> Outgoing:
    """Return a JSON response."""
    return Outgoing(safe_json(orjson.dumps(value)), status, media_type="application/json")
