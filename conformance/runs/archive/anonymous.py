"""Remove from an exchange what redaction leaves: header values and ids that identify the account.

Recordings on the own machine keep them, because they help to find a request in the logs of the
service. An archive is published.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from conformance.protocol.exchange import Exchange, Headers
from conformance.traffic.redaction.patterns import MARK, Rule
from conformance.traffic.redaction.redact import redact

_KEPT = re.compile(
    r"content-(type|length|encoding|language|disposition)|transfer-encoding|connection|keep-alive"
    r"|date|expires|pragma|cache-control|vary|age|allow|server|server-timing|alt-svc|retry-after.*"
    r"|www-authenticate|strict-transport-security|x-(content-type|frame)-options|x-xss-protection"
    r"|x-accel-buffering|x-ratelimit-.*|access-control-.*|x-(vertex|gemini)-.*|x-conformance-.*"
    r"|openai-(version|processing-ms)"
)
"""The response header fields whose values say nothing about the account."""

_REQUEST_ID: Rule = (
    re.compile(r'("request_?id"\s*:\s*")(?!REDACTED)[^"\\]+', re.IGNORECASE),
    r"\1REDACTED",
)
"""The rule for the id of a request that Google's error details name (google.rpc.RequestInfo)."""


def anonymous(exchange: Exchange, secrets: Sequence[Rule]) -> Exchange:
    """Return the exchange without secrets and without what identifies the account.

    All names of header fields are kept. The value of a response header field is kept only if it is
    known to say nothing about the account. Doing this again changes nothing.

    Args:
        exchange: The exchange.
        secrets: The rules for the secrets of the run.
    """
    clean = redact(exchange, (*secrets, _REQUEST_ID))
    response = replace(clean.response, headers=_headers(clean.response.headers))
    return replace(clean, response=response)


def _headers(headers: Headers) -> Headers:
    return tuple(
        (name, value if _KEPT.fullmatch(name) else _scheme_of(value) + MARK)
        for name, value in headers
    )


def _scheme_of(value: str) -> str:
    """Return the start of a value that was redacted before, up to the mark."""
    before, mark, _ = value.partition(MARK)
    return before if mark and before in ("", "Bearer ", "Basic ") else ""
