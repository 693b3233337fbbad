"""Read the message of an error in any of the usual forms, and why an answer was truncated."""

import json
import re
from http import HTTPStatus

from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

LONGEST = 240
"""Maximum length of an error text, in characters."""

_BAD_KEY = re.compile(
    r"API_KEY_INVALID|api key not valid|invalid authorization header", re.IGNORECASE
)
_REASON = re.compile(r'"reason"\s*:\s*"(\w+)"')


def why_cut(exchange: Exchange) -> str:
    """Return why an answer is truncated: what the recording says, or that the connection ended."""
    return str(exchange.meta.get("why_cut", "the connection ended before the answer was complete"))


def is_bad_key(exchange: Exchange) -> bool:
    """Return whether an error says that the API key is not valid.

    Any status of 400 or above counts. The Gemini API says it with status 400.
    """
    return (
        exchange.response.status >= HTTPStatus.BAD_REQUEST
        and _BAD_KEY.search(error_text(exchange)) is not None
    )


def error_text(exchange: Exchange) -> str:
    """Return the message of an error answer and the reasons in its details, on one line.

    At most ``LONGEST`` characters; "" if the body has no message that can be read.
    """
    body = fold(exchange).body
    body = body[0] if isinstance(body, list) and body else body
    error = (
        body.get("error", body.get("message", body.get("detail")))
        if isinstance(body, dict)
        else None
    )
    text = (
        error
        if isinstance(error, str)
        else error.get("message")
        if isinstance(error, dict)
        else None
    )
    if not isinstance(text, str):
        return ""
    return " ".join(" ".join((text, *_REASON.findall(json.dumps(error)))).split())[:LONGEST]
