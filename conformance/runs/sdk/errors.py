"""Compare the errors in an answer with the exceptions that the SDK raises."""

from collections.abc import Iterator
from typing import Any

import openai

from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Json
from conformance.runs.sdk.excerpt import brief, line
from conformance.runs.sdk.player import library
from conformance.runs.sdk.reading import Break

_BY_STATUS: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}


def raised(call: str, facts: Facts, error: Exception) -> Iterator[Break]:
    """Yield what is wrong with the exception that a call raised.

    Either the answer gives no reason for it, or it has the wrong class, or details of the error are
    missing in it.
    """
    if facts.status >= 400:
        if type(error) is not class_of(facts.status) or error.status_code != facts.status:
            yield Break(
                call,
                "raised",
                f"{line(error)} for status {facts.status}, expected"
                f" {class_of(facts.status).__name__}",
            )
        else:
            yield from _lost_details(call, _error(facts.body), error)
    elif facts.failures and type(error) is openai.APIError:
        yield from _lost_details(call, _error(facts.failures[0].value), error)
    elif not _is_expected(facts, error):
        yield Break(call, "raised", line(error))


def not_raised(call: str, facts: Facts) -> Iterator[Break]:
    """Yield the error or truncation in an answer for which a call raised no exception."""
    if facts.status >= 400:
        yield Break(call, "lost", f"the error: status {facts.status} raised no exception")
    elif facts.failures:
        event = facts.failures[0].event
        place = "outside of the events" if event is None else f"in event {event}"
        yield Break(call, "lost", f"the error {place} of the stream")
    elif facts.exchange.response.truncated and not facts.done:
        yield Break(call, "lost", "the truncation: the interrupted connection raised no exception")


def class_of(status: int) -> type[openai.APIStatusError]:
    """Return the exception class that the SDK documents for a status of 400 or more."""
    return (
        openai.InternalServerError
        if status >= 500
        else _BY_STATUS.get(status, openai.APIStatusError)
    )


def _is_expected(facts: Facts, error: Exception) -> bool:
    """True if an answer that is not an error is reason enough for the exception.

    The reasons are a truncated response, and text that ended at a limit or filter and that the SDK
    therefore does not parse.
    """
    reasons = {choice.finish_reason for choice in facts.choices}
    return (
        (
            isinstance(error, openai.APIConnectionError | library().TransportError)
            and facts.exchange.response.truncated
        )
        or (isinstance(error, openai.LengthFinishReasonError) and "length" in reasons)
        or (
            isinstance(error, openai.ContentFilterFinishReasonError) and "content_filter" in reasons
        )
    )


def _error(body: Json) -> dict[str, Json]:
    """Return the error object of a body, {} if there is none.

    The body may be a list whose first item has it, or be the error itself; a string becomes its
    ``message``.
    """
    value = body[0] if isinstance(body, list) and body else body
    error = value.get("error", value) if isinstance(value, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _lost_details(call: str, details: dict[str, Json], error: Any) -> Iterator[Break]:
    """Yield the message, type, param and code that are missing in the exception."""
    message = details.get("message")
    if isinstance(message, str) and message.strip() not in str(error):
        yield Break(
            call,
            "lost",
            f"the message of the error: {type(error).__name__} says {brief(str(error))}",
        )
    for name in ("type", "param", "code"):
        value = details.get(name)
        if isinstance(value, str | int) and str(getattr(error, name, None)) != str(value):
            yield Break(
                call,
                "lost",
                f"the {name} of the error, {brief(value)}: {type(error).__name__}.{name} is"
                f" {brief(getattr(error, name, None))}",
            )
