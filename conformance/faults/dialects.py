"""Error responses in the formats of OpenAI and Google."""

from conformance.faults.kit.body_edits import Object, with_error
from conformance.protocol.exchange import Exchange


def openai_error(
    message: str,
    kind: str | None = "invalid_request_error",
    *,
    param: str | None = None,
    code: str | int | None = None,
) -> Object:
    """Return an error body in OpenAI's format."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def google_error(message: str, code: int = 400, status: str = "INVALID_ARGUMENT") -> Object:
    """Return an error body in Google's format."""
    return {"error": {"code": code, "message": message, "status": status}}


def refused_by_openai(exchange: Exchange, message: str) -> Exchange:
    """Reject the request with status 400 and OpenAI's error format."""
    return with_error(exchange, 400, openai_error(message))


def refused_by_google(exchange: Exchange, message: str) -> Exchange:
    """Reject the request with status 400 and Google's error format.

    The error is in an array, as Google's endpoints send it.
    """
    return with_error(exchange, 400, [google_error(message)])
