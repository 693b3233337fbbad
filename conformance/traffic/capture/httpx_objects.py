"""Convert httpx and httpx2 responses into exchanges.

The two libraries have the same API, and a project may have either or both. This module looks only
at libraries that are already loaded, and never imports them.
"""

import sys
from dataclasses import replace
from typing import Any

from conformance.protocol.answer_limit import why_not_judged
from conformance.protocol.exchange import Exchange, Headers, Request, Response
from conformance.traffic.formats.body import request_body
from conformance.traffic.formats.record_fields import why_not_chat_completions
from conformance.traffic.redaction.redact import redact

LIBRARIES = ("httpx", "httpx2")


class NotAnExchange(ValueError):
    """A response cannot be judged; the message is one line and says how to fix that."""


def is_response(value: object) -> bool:
    """Return whether a value is a response of one of the libraries."""
    return any(
        name in sys.modules and isinstance(value, sys.modules[name].Response) for name in LIBRARIES
    )


def exchange_of(response: Any) -> Exchange:
    """Return the redacted exchange of a response whose body was read.

    Raises:
        NotAnExchange: the body was not read or has too many parts, or the request is not a Chat
            Completions call.
    """
    request = request_of(response)
    if why := why_not_chat_completions(request.method, request.url):
        raise NotAnExchange(why)
    body = content_of(response)
    if body is None:
        raise NotAnExchange(
            "the body of this streamed response was not read: call read() first, or take the"
            " exchange from the fixture conformance_capture"
        )
    if why := why_not_judged(body):
        raise NotAnExchange(why)
    return shareable(
        Exchange(
            "response",
            request,
            Response(response.status_code, headers_of(response), body, fidelity="bytes"),
        )
    )


def shareable(exchange: Exchange) -> Exchange:
    """Redact a captured exchange, and set its origin to the method and URL of the request.

    The origin is "" if the URL is not known.
    """
    redacted = redact(exchange)
    return replace(
        redacted,
        origin=f"{redacted.request.method} {redacted.request.url}" if redacted.request.url else "",
    )


def content_of(response: Any) -> bytes | None:
    """Return the decompressed body of a response, or None if it was not read."""
    try:
        content: bytes = response.content
    except RuntimeError:  # ResponseNotRead
        return None
    return content


def request_of(response: Any) -> Request:
    """Return the request of a response.

    A response constructed without a request gives an empty ``Request``; a request body that was
    streamed gives the body None.
    """
    try:
        request = response.request
    except RuntimeError:  # a response constructed in a test has no request
        return Request()
    try:
        body = request_body(request.content)
    except RuntimeError:  # RequestNotRead
        body = None
    return Request(request.method, str(request.url), tuple(request.headers.multi_items()), body)


def headers_of(response: Any) -> Headers:
    """Return the header fields of a response in their order."""
    return tuple(response.headers.multi_items())
