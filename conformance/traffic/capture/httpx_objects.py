"""Answers that an httpx or httpx2 client got, as exchanges.

The two libraries have the same surface, and a project may have either or both: they are told by the
modules that are loaded, and never imported here.
"""

import sys
from dataclasses import replace
from typing import Any

from conformance.protocol.exchange import Exchange, Headers, Request, Response
from conformance.traffic.formats.body import request_body
from conformance.traffic.formats.record_fields import why_not_chat_completions
from conformance.traffic.redaction.redact import redact

LIBRARIES = ("httpx", "httpx2")


class NotAnExchange(ValueError):
    """An answer that cannot be judged as it is given; the message is one line and names the
    mend."""


def is_response(value: object) -> bool:
    """Whether a value is a response of one of the libraries."""
    return any(
        name in sys.modules and isinstance(value, sys.modules[name].Response) for name in LIBRARIES
    )


def exchange_of(response: Any) -> Exchange:
    """The exchange of a response whose body was read, without secrets. Raises NotAnExchange where
    it was not, or where something else was asked."""
    request = request_of(response)
    if why := why_not_chat_completions(request.method, request.url):
        raise NotAnExchange(why)
    body = content_of(response)
    if body is None:
        raise NotAnExchange(
            "the body of a streamed response is not kept: read() it first, or take the exchange"
            " from the fixture conformance_capture"
        )
    return shareable(
        Exchange(
            "response",
            request,
            Response(response.status_code, headers_of(response), body, fidelity="bytes"),
        )
    )


def shareable(exchange: Exchange) -> Exchange:
    """An exchange without secrets; its origin is the request, as it stands in no file."""
    redacted = redact(exchange)
    return replace(
        redacted,
        origin=f"{redacted.request.method} {redacted.request.url}" if redacted.request.url else "",
    )


def content_of(response: Any) -> bytes | None:
    """The body that a response holds, decoded; None where it was not read."""
    try:
        content: bytes = response.content
    except RuntimeError:  # ResponseNotRead
        return None
    return content


def request_of(response: Any) -> Request:
    """What a response is the answer to, as far as is known; a body that was streamed to the server
    is not."""
    try:
        asked = response.request
    except RuntimeError:  # a response made by hand has none
        return Request()
    try:
        body = request_body(asked.content)
    except RuntimeError:  # RequestNotRead
        body = None
    return Request(asked.method, str(asked.url), tuple(asked.headers.multi_items()), body)


def headers_of(response: Any) -> Headers:
    """The header fields of a response, in their order."""
    return tuple(response.headers.multi_items())
