"""Errors as OpenAI and Google tell them."""

from conformance.faults.kit.body_edits import Object, with_error
from conformance.protocol.exchange import Exchange


def openai_error(
    message: str,
    kind: str | None = "invalid_request_error",
    *,
    param: str | None = None,
    code: str | int | None = None,
) -> Object:
    """The body of an error in OpenAI's dialect."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def google_error(message: str, code: int = 400, status: str = "INVALID_ARGUMENT") -> Object:
    """The body of an error in Google's dialect."""
    return {"error": {"code": code, "message": message, "status": status}}


def refused_by_openai(exchange: Exchange, message: str) -> Exchange:
    """The request refused in OpenAI's dialect."""
    return with_error(exchange, 400, openai_error(message))


def refused_by_google(exchange: Exchange, message: str) -> Exchange:
    """The request refused in Google's dialect, by an error in an array, as its endpoints send
    it."""
    return with_error(exchange, 400, [google_error(message)])
