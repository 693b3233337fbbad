"""The error bodies of Google's services, in Google's own words."""

from collections.abc import Mapping
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused

_STATUS = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_TYPES = "type.googleapis.com/google.rpc"
_NOT_FOUND_PAGE = """\
<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 404 (Not Found)!!1</title>
  <p><b>404.</b> <ins>That&#39;s an error.</ins>
  <p>The requested URL was not found on this server. <ins>That&#39;s all we know.</ins>
"""
_NO_CREDENTIAL = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login"
    " cookie or other valid authentication credential. See"
    " https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_WRONG_CREDENTIAL = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or"
    " other valid authentication credential. See"
    " https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_WRONG_KEY = "API key not valid. Please pass a valid API key."


def in_googles_words(refusal: Refused, dialect: Dialect) -> Refused:
    """Return a refusal with the status and message that Google gives for its reason.

    The Gemini API answers a missing and a wrong key with status 400, Vertex AI a missing and a
    wrong token with 401.
    """
    words: dict[str | None, str] = {}
    if dialect.profile == "gemini-api":
        words = {
            "missing_api_key": "Missing or invalid Authorization header.",
            "invalid_api_key": _WRONG_KEY,
        }
    elif dialect.profile == "vertex-gemini":
        words = {"missing_api_key": _NO_CREDENTIAL, "invalid_api_key": _WRONG_CREDENTIAL}
    if refusal.code not in words:
        return refusal
    status = 401 if dialect.profile == "vertex-gemini" else 400
    return Refused(words[refusal.code], status=status, code=refusal.code)


def google_body(refusal: Refused, dialect: Dialect) -> Any:
    """Return the body: an object in an array of one; on Vertex AI only the object for 401 and 403.

    Vertex AI answers an unknown route with a page, which is text.
    """
    if dialect.profile == "vertex-gemini" and refusal.code == "unknown_url":
        return _NOT_FOUND_PAGE
    body = {"error": _error(refusal, dialect)}
    return body if dialect.profile == "vertex-gemini" and refusal.status in (401, 403) else [body]


def _error(refusal: Refused, dialect: Dialect) -> Mapping[str, Any]:
    error = {
        "code": refusal.status,
        "message": refusal.message,
        "status": _STATUS.get(refusal.status, "INVALID_ARGUMENT"),
    }
    if details := _details(refusal, dialect):
        error["details"] = details
    return error


def _details(refusal: Refused, dialect: Dialect) -> list[dict[str, Any]]:
    if refusal.code == "invalid_api_key" and refusal.status == 400:
        text = {"@type": f"{_TYPES}.LocalizedMessage", "locale": "en-US", "message": _WRONG_KEY}
        return [_reason("API_KEY_INVALID", "generativelanguage.googleapis.com"), text]
    if refusal.status == 401:
        missing = refusal.code == "missing_api_key"
        reason = "CREDENTIALS_MISSING" if missing else "ACCESS_TOKEN_TYPE_UNSUPPORTED"
        return [_reason(reason, "aiplatform.googleapis.com")]
    if refusal.retry_after is not None:
        return [{"@type": f"{_TYPES}.RetryInfo", "retryDelay": f"{refusal.retry_after}s"}]
    if refusal.param is None or refusal.status != 400 or refusal.bare:
        return []
    violation = {"description": refusal.message}
    # Google names an unknown field only if it is nested
    if not (refusal.unknown and "." not in refusal.param):
        violation = {"field": refusal.param} | violation
    return [{"@type": f"{_TYPES}.BadRequest", "fieldViolations": [violation]}]


def _reason(reason: str, service: str) -> dict[str, Any]:
    return {
        "@type": f"{_TYPES}.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": service},
    }
