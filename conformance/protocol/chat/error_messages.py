"""Read the message of an error in any of the usual forms, and why an answer is incomplete."""

import json
import re
from http import HTTPStatus

from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.chat.stream_facts import EventValue, error_in
from conformance.protocol.exchange import Exchange, Json

LONGEST = 240
"""Maximum length of an error text, in characters."""

_BAD_KEY = re.compile(
    r"API_KEY_INVALID|api key (?:not valid|not found|expired)|pass a valid api key"
    r"|invalid authorization header",
    re.IGNORECASE,
)
_REASON = re.compile(r'"reason"\s*:\s*"(\w+)"')
_OUTAGE = re.compile(
    r"rate.?limit|quota|resource.?exhausted|overloaded|cancell?ed|unavailable|server.?error"
    r"|internal|time.?out|deadline.?exceeded",
    re.IGNORECASE,
)
_CLIENT_CLOSED_REQUEST = 499
_ERROR_WORDS = (b"error", b'"message"', b'"detail"')
"""A stream without any of these has no error, so that it need not be read again."""


def why_cut(exchange: Exchange) -> str:
    """Return why an answer is truncated: what the recording says, or that the connection ended."""
    return str(exchange.meta.get("why_cut", "the connection ended before the answer was complete"))


def why_incomplete(exchange: Exchange) -> str:
    """Return why an answer is incomplete, "" for a complete one.

    Incomplete are truncated answers, and streams that ended with an error that says nothing about
    the request; see ``why_stream_failed``.
    """
    if exchange.response.truncated:
        what = "truncated" if exchange.response.body else "not read"
        return f"the answer was {what}: {why_cut(exchange)}"
    error = why_stream_failed(exchange)
    return f"the stream ended with an error: {error}" if error else ""


def why_stream_failed(exchange: Exchange) -> str:
    """Return the error with which a stream ended, "" unless it says nothing about the request.

    Such are rate limits, spent quotas, cancellations and failures of the server (429, 499, 5xx),
    in any form: an event, an array, or JSON outside of the events.
    """
    body = exchange.response.body or b""
    if exchange.response.status != HTTPStatus.OK or not any(word in body for word in _ERROR_WORDS):
        return ""
    error = _last_error(fold(exchange))
    if not _is_outage(error):
        return ""
    facts = [error.get("code"), error.get("status") or error.get("type")]
    name = " ".join(dict.fromkeys(str(fact) for fact in facts if isinstance(fact, str | int)))
    message = error.get("message")
    text = ": ".join(part for part in (name, message) if isinstance(part, str) and part)
    return " ".join(text.split())[:LONGEST]


def _last_error(facts: Facts) -> dict[str, Json]:
    """Return the error that no chunk of the stream follows; {} if there is none.

    A body that is an error and nothing else counts as a stream with only that error.
    """
    failures = facts.failures or (EventValue(0, error_in(facts.body)),)
    last = facts.chunk_events[-1] if facts.chunks else -1
    stray = any(stray.before > last for stray in facts.stray_errors)
    for event, value in reversed(failures):
        if (stray if event is None else event > last) and isinstance(value, dict):
            error = value.get("error")
            return error if isinstance(error, dict) else {"message": error, **value}
    return {}


def _is_outage(error: dict[str, Json]) -> bool:
    codes = [error.get(key) for key in ("code", "http_status_code")]
    names = [error.get(key) for key in ("status", "type", "code", "error_type")]
    return any(_is_outage_status(code) for code in codes) or any(
        _OUTAGE.search(name) for name in names if isinstance(name, str)
    )


def _is_outage_status(code: Json) -> bool:
    number = int(code) if isinstance(code, str) and re.fullmatch(r"\d{3}", code) else code
    return isinstance(number, int) and (
        number in (HTTPStatus.TOO_MANY_REQUESTS, _CLIENT_CLOSED_REQUEST) or 500 <= number <= 599
    )


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
