"""Errors: rate limits, failures of the server, refused requests, and what was lost on the way."""

import re
from http import HTTPStatus
from typing import Literal, TypeAlias

from conformance.comparison.sample import Sample
from conformance.protocol.chat.error_messages import why_stream_failed
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.chat.stream_facts import error_in
from conformance.protocol.exchange import Exchange, Json

ErrorClass: TypeAlias = Literal["error-429", "error-5xx", "no-response", "error-4xx"]

INFRASTRUCTURE: tuple[ErrorClass, ...] = ("error-429", "error-5xx", "no-response")
"""The errors that say nothing about what was asked."""

_TIMED_OUT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, 499)
"""499 is what proxies give if the other side closed the connection."""

_LIMITED = re.compile(r"\b429\b|rate.?limit|quota|resource.?exhausted|too many", re.IGNORECASE)
_FILTERED = re.compile(
    r"content.?(?:filter|polic)|safety|moderation|responsible.?ai|prohibited", re.IGNORECASE
)


def error_class(sample: Sample) -> ErrorClass | None:
    """Return what kind of error a sample is, None for an answer.

    error-429:   a rate limit or a spent quota, also as the last event of a stream
    error-5xx:   a failure of the server, likewise
    no-response: no response or not a whole one, a time-out (status 408, 425 or 499), or a status
                 that is neither 200 nor an error
    error-4xx:   the request was refused, with a status or with an error in place of an answer
    """
    if sample.exchange is None:
        return "no-response"
    response = sample.exchange.response
    if response.status >= HTTPStatus.BAD_REQUEST:
        return _of_status(response.status)
    if response.status != HTTPStatus.OK or response.truncated:
        return "no-response"
    if why := why_stream_failed(sample.exchange):
        return "error-429" if _LIMITED.search(why) else "error-5xx"
    return "error-4xx" if _is_error(fold(sample.exchange)) else None


def is_recorded(exchange: Exchange) -> bool:
    """Return whether the recording has what is needed to measure the answer.

    The body must be there, and not be quoted in part.
    """
    return exchange.response.body is not None and not exchange.meta.get("partial")


def is_filtered(facts: Facts) -> bool:
    """Return whether an error says by its code or type that a filter refused the request."""
    return any(_FILTERED.search(name) for name in _names(facts.body))


def _of_status(status: int) -> ErrorClass:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "error-429"
    if status in _TIMED_OUT:
        return "no-response"
    return "error-5xx" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "error-4xx"


def _is_error(facts: Facts) -> bool:
    """Return whether an answer with status 200 is or ends with an error."""
    return bool(facts.failures) or (not facts.choices and error_in(facts.body) is not None)


def _names(body: Json) -> list[str]:
    error = error_in(body) or {}
    inner = error.get("error")
    error = inner if isinstance(inner, dict) else error
    below = error.get("innererror")
    names = [error.get(key) for key in ("code", "type", "status")]
    names += [below.get("code")] if isinstance(below, dict) else []
    return [name for name in names if isinstance(name, str)]
