"""What an error says of itself, in whichever of the usual shapes, and what is said of an answer
that was cut."""

import json
import re
from http import HTTPStatus

from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

LONGEST = 240
"""Characters of what is told."""

_BAD_KEY = re.compile(
    r"API_KEY_INVALID|api key not valid|invalid authorization header", re.IGNORECASE
)
_REASON = re.compile(r'"reason"\s*:\s*"(\w+)"')


def why_cut(exchange: Exchange) -> str:
    """Why an answer that is cut ended before its end."""
    return str(exchange.meta.get("why_cut", "the connection ended before it"))


def is_bad_key(exchange: Exchange) -> bool:
    """Whether an error says, whatever its status, that the key is none: the Gemini API says it with
    status 400."""
    return (
        exchange.response.status >= HTTPStatus.BAD_REQUEST
        and _BAD_KEY.search(error_text(exchange)) is not None
    )


def error_text(exchange: Exchange) -> str:
    """The message of an error answer and the reasons that its details give, on one line, "" where
    it says nothing that can be read."""
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
