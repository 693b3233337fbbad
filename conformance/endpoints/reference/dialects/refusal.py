"""Refusals: why a request is rejected, and the error body of each dialect."""

from collections.abc import Mapping
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect

_GOOGLE_STATUS = {401: "UNAUTHENTICATED", 404: "NOT_FOUND"}
_VLLM_TYPE = {401: "AuthenticationError", 404: "NotFoundError", 405: "MethodNotAllowedError"}


class Refused(Exception):
    """A request is rejected with an HTTP status and a message.

    ``param`` is the dotted path of the wrong field, None if no field is to blame. ``code`` is the
    error code of OpenAI. ``unknown`` is True if ``param`` is an unknown field.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        code: str | None = None,
        unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.param = param
        self.code = code
        self.unknown = unknown


def body_of(refusal: Refused, dialect: Dialect) -> Any:
    """Return the JSON body of a refusal.

    Google: an object in an array of one. OpenAI: an object. vLLM: the same with an integer code.
    """
    match dialect.vendor:
        case "google":
            return [{"error": _google(refusal)}]
        case "vllm":
            kind = _VLLM_TYPE.get(refusal.status, "BadRequestError")
            return {
                "error": {
                    "message": refusal.message,
                    "type": kind,
                    "param": refusal.param,
                    "code": refusal.status,
                }
            }
    return {
        "error": {
            "message": refusal.message,
            "type": "invalid_request_error",
            "param": refusal.param,
            "code": refusal.code,
        }
    }


def _google(refusal: Refused) -> Mapping[str, Any]:
    error = {
        "code": refusal.status,
        "message": refusal.message,
        "status": _GOOGLE_STATUS.get(refusal.status, "INVALID_ARGUMENT"),
    }
    if refusal.status == 401:
        reason = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "CREDENTIALS_MISSING",
            "domain": "googleapis.com",
        }
        return error | {"details": [reason]}
    if refusal.param is None or refusal.status != 400:
        return error
    violation = {"description": refusal.message}
    # Google names an unknown field only if it is nested
    if not (refusal.unknown and "." not in refusal.param):
        violation["field"] = refusal.param
    return error | {
        "details": [
            {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
        ]
    }


def unknown_field(name: str, dialect: Dialect, inside: str = "") -> Refused:
    """Return the refusal of an unknown field.

    ``inside`` is the path of the object that has the field, "" for the request itself.
    """
    path = f"{inside}.{name}" if inside else name
    if dialect.is_google:
        where = f' at "{inside}"' if inside else ""
        return Refused(
            f'Invalid JSON payload received. Unknown name "{name[:100]}"{where}: Cannot find'
            " field.",
            param=path,
            unknown=True,
        )
    return Refused(
        f"Unrecognized request argument supplied: {name[:100]}",
        param=path,
        code="unknown_parameter",
        unknown=True,
    )
