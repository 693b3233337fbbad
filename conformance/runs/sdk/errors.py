"""Errors: what an answer tells of and how the SDK has to raise it."""

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
    """What is wrong with an exception that a call raised: the answer tells of no such thing, or
    tells more than the exception does."""
    if facts.status >= 400:
        if type(error) is not class_of(facts.status) or error.status_code != facts.status:
            yield Break(
                call,
                "raised",
                f"{line(error)} for status {facts.status}, where {class_of(facts.status).__name__}"
                " stands for it",
            )
        else:
            yield from _untold(call, _error(facts.body), error)
    elif facts.failures and type(error) is openai.APIError:
        yield from _untold(call, _error(facts.failures[0].value), error)
    elif not _tells_of(facts, error):
        yield Break(call, "raised", line(error))


def not_raised(call: str, facts: Facts) -> Iterator[Break]:
    """What an answer tells of and a call did not raise."""
    if facts.status >= 400:
        yield Break(call, "lost", f"the error: status {facts.status} raised nothing")
    elif facts.failures:
        yield Break(
            call, "lost", f"the error that event {facts.failures[0].event} of the stream is"
        )
    elif facts.exchange.response.truncated and not facts.done:
        yield Break(call, "lost", "that the connection was cut")


def class_of(status: int) -> type[openai.APIStatusError]:
    """The class that stands for a status."""
    return (
        openai.InternalServerError
        if status >= 500
        else _BY_STATUS.get(status, openai.APIStatusError)
    )


def _tells_of(facts: Facts, error: Exception) -> bool:
    """Whether an answer that is no error tells of what was raised: a cut, or a text that a limit or
    a filter ended and that parsing refuses."""
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
    """The error that a body holds, also where it stands in a list, or is the body itself."""
    value = body[0] if isinstance(body, list) and body else body
    error = value.get("error", value) if isinstance(value, dict) else None
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _untold(call: str, told: dict[str, Json], error: Any) -> Iterator[Break]:
    """What an error says and its exception does not."""
    message = told.get("message")
    if isinstance(message, str) and message.strip() not in str(error):
        yield Break(
            call,
            "lost",
            f"the message of the error: {type(error).__name__} says {brief(str(error))}",
        )
    for name in ("type", "param", "code"):
        value = told.get(name)
        if isinstance(value, str | int) and str(getattr(error, name, None)) != str(value):
            yield Break(
                call,
                "lost",
                f"the {name} of the error, {brief(value)}: {type(error).__name__}.{name} is"
                f" {brief(getattr(error, name, None))}",
            )
