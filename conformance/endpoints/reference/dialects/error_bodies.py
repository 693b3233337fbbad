"""The error body of each dialect."""

from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.google_errors import google_body
from conformance.endpoints.reference.dialects.refusal import Refused

_VLLM_TYPE = {
    401: "AuthenticationError",
    404: "NotFoundError",
    405: "MethodNotAllowedError",
    429: "Too Many Requests",
    500: "InternalServerError",
    503: "Service Unavailable",
}
_OPENAI_TYPE = {429: "requests", 500: "server_error", 503: "server_error"}


def body_of(refusal: Refused, dialect: Dialect) -> Any:
    """Return the body of a refusal: JSON, or a page as text.

    Google: see ``google_body``. OpenAI: an object. vLLM: the same with an integer code.
    """
    code: str | int | None = refusal.code
    match dialect.vendor:
        case "google":
            return google_body(refusal, dialect)
        case "vllm":
            kind, code = _VLLM_TYPE.get(refusal.status, "BadRequestError"), refusal.status
        case "openai":
            kind = _OPENAI_TYPE.get(refusal.status, "invalid_request_error")
    return {
        "error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": code}
    }
