"""Say what the answer to a small request shows about a target, and how to fix what is wrong."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from conformance.endpoints.client.google_errors import explained
from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.endpoints.client.target_from_url import has_location
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.chat.error_messages import error_text, is_bad_key, why_cut
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

LOGIN = "gcloud auth application-default login"

_EXPIRED = re.compile(r"ACCESS_TOKEN_EXPIRED|expired", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"\A(?>.*?(model|deployment)\b).*?\b(not (found|exist|available|supported)|no"
    r" access|unknown|invalid)|(unknown|invalid|no such) (model|deployment)",
    re.I | re.S,
)
_URL = re.compile(r"^https?://\S*: ")
_STREAM_FIX = (
    "check whether a proxy or gateway in between blocks streams, and read the log of the server"
)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: what it found, and how to fix it; ``fix`` is "" if all is well."""

    said: str
    fix: str = ""

    def __str__(self) -> str:
        return f"wrong: {self.said} - fix: {self.fix}" if self.fix else f"ok: {self.said}"


def diagnosed(outcome: Exchange | Unreachable, target: LiveTarget, proxy: str = "") -> Check:
    """Return what the outcome of a plain request shows about a target.

    Args:
        outcome: The answer, or why none came.
        target: The target that was asked.
        proxy: The proxy that the request went through, "" for none.

    Returns:
        A check with a fix, or one without a fix if the answer is a chat completion.
    """
    if isinstance(outcome, Unreachable):
        return _explain_no_answer(_URL.sub("", outcome.why), proxy)
    status, message = outcome.response.status, _error_message(outcome)
    if 200 <= status < 300:
        return _check_success(outcome, target)
    if 300 <= status < 400:
        where = dict(outcome.response.headers).get("location", "an unnamed location")
        return Check(
            f"the endpoint redirects to {where} (status {status}), which is not followed",
            "give the base URL that it redirects to",
        )
    if error := explained(outcome, target.model):
        fix = _for_target(error.single_fix, target)
        return Check(f"{error.meaning} (status {status}){message}", fix)
    if status == HTTPStatus.UNAUTHORIZED or (
        status == HTTPStatus.BAD_REQUEST and is_bad_key(outcome)
    ):
        return _explain_bad_credential(target, message, status)
    if status == HTTPStatus.FORBIDDEN:
        return Check(f"the request is forbidden (status 403){message}", _permission_fix(target))
    if is_bad_model(outcome):
        return Check(
            f"the endpoint does not have the model {target.model} (status {status}){message}",
            _model_fix(target),
        )
    if status == HTTPStatus.NOT_FOUND:
        return Check(
            f"nothing found at {url_of(target.base_url)} (status 404){message}", _url_fix(target)
        )
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return Check(
            f"{url_of(target.base_url)} takes no POST request (status 405){message}",
            _url_fix(target),
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Check(
            f"a rate limit or quota is used up (status 429){message}",
            "wait, or ask for a higher quota",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Check(
            f"the server failed (status {status}){message}",
            "try again later, or read the log of the server",
        )
    return Check(
        f"the endpoint rejects a plain request (status {status}){message}",
        "read its error message, and check --profile and --model",
    )


def diagnosed_stream(outcome: Exchange | Unreachable) -> Check:
    """Return what the outcome of a streamed request shows; the plain request was answered."""
    if isinstance(outcome, Unreachable):
        return Check(f"no answer to a streamed request: {_URL.sub('', outcome.why)}", _STREAM_FIX)
    status, events = outcome.response.status, outcome.response.body or b""
    if not 200 <= status < 300:
        return Check(
            f"the endpoint rejects a streamed request (status {status}){_error_message(outcome)}",
            _STREAM_FIX,
        )
    if outcome.response.truncated:
        return Check(f"the stream is truncated: {why_cut(outcome)}", _STREAM_FIX)
    if not events.lstrip().startswith((b"data:", b":", b"event:")):
        kind = dict(outcome.response.headers).get("content-type", "no content type")
        return Check(f"the answer to a streamed request is not a stream: {kind}", _STREAM_FIX)
    return Check(
        f"the endpoint streams: {len(events):,} bytes in {len(outcome.response.reads):,} reads,"
        f" the first after {outcome.response.reads[0][0]:,.0f} ms"
    )


def is_bad_model(answer: Exchange) -> bool:
    """Return whether an answer says that the endpoint does not have the model."""
    return (
        answer.response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
        and _NO_MODEL.search(_error_message(answer)) is not None
    )


def is_no_route(outcome: Exchange | Unreachable) -> bool:
    """Return whether an outcome is a 404 that blames only the URL."""
    return (
        isinstance(outcome, Exchange)
        and outcome.response.status == HTTPStatus.NOT_FOUND
        and explained(outcome) is None
        and not _NO_MODEL.search(_error_message(outcome))
    )


def _explain_no_answer(why: str, proxy: str) -> Check:
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return Check(
            f"the certificate of the server is not trusted: {why}",
            "set SSL_CERT_FILE to a file with the certificate of its issuer, or correct the host",
        )
    if proxy:
        return Check(
            f"no answer through the proxy {proxy}: {why}",
            "correct or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY",
        )
    if "SSL" in why:
        return Check(
            f"TLS failed: {why}",
            "write http:// if the server does not use TLS, or correct the port",
        )
    if "refused" in why:
        return Check(
            f"the connection was refused: {why}", "start the server, or correct host and port"
        )
    if "ConnectTimeout" in why:
        return Check(
            f"the server cannot be reached: {why}",
            "check the host, and whether a firewall or a VPN blocks the connection",
        )
    if "ReadTimeout" in why:
        return Check(
            f"the server accepted the request but did not answer: {why}",
            "check in the log of the server whether the model is loaded, or wait longer with"
            " --timeout S",
        )
    return Check(
        f"no answer: {why}",
        "check that the base URL is that of an HTTP server, and read the log of the server",
    )


def _check_success(exchange: Exchange, target: LiveTarget) -> Check:
    """Check that an answer with status 2xx is complete and has choices."""
    if exchange.response.truncated:
        return Check(
            f"the answer is truncated: {why_cut(exchange)}",
            "read the log of the server, and check any proxy or gateway in between",
        )
    body = fold(exchange).body
    if isinstance(body, dict) and "choices" in body:
        return Check(
            f"the endpoint answers as {body.get('model') or target.model}"
            f" (status {exchange.response.status})"
        )
    kind = dict(exchange.response.headers).get("content-type", "no content type")
    return Check(
        f"the answer is not a chat completion: {kind}",
        "correct the base URL; /chat/completions is appended to it",
    )


def _explain_bad_credential(target: LiveTarget, message: str, status: int) -> Check:
    if target.application_default:
        fix = f"run `{LOGIN}` with an account that may use this project"
    elif target.auth == "google":
        fix = (
            f'run `export {target.key_variable}="$(gcloud auth print-access-token)"`; a token is'
            " valid for an hour"
        )
    elif target.keyed:
        fix = f"set {target.key_variable} to a valid key of this endpoint"
    else:
        fix = "name the environment variable that holds the key with --api-key-env VAR"
    problem = (
        "the credential has expired"
        if _EXPIRED.search(message)
        else "the credential is rejected"
        if target.keyed
        else "the endpoint requires a credential"
    )
    return Check(f"{problem} (status {status}){message}", fix)


def _for_target(fix: str, target: LiveTarget) -> str:
    """Return the fix of an error of Google, with the variable of the target's key."""
    return fix.replace("--api-key-env VAR", f"--api-key-env {target.key_variable or 'VAR'}")


def _permission_fix(target: LiveTarget) -> str:
    if target.auth == "google":
        return (
            "give the account the role roles/aiplatform.user in the project, and enable"
            " aiplatform.googleapis.com and billing there"
        )
    return "check what the account of this key may do, and whether it may use this model"


def _model_fix(target: LiveTarget) -> str:
    if has_location(target.base_url):
        return "correct --model, or choose a location that has it"
    return "correct --model; on most servers GET /models lists the models"


def _url_fix(target: LiveTarget) -> str:
    if has_location(target.base_url):
        return (
            "correct --location, --endpoint or --api-version, and check that --profile is that of"
            " the endpoint"
        )
    return "correct the base URL; /chat/completions is appended to it"


def _error_message(exchange: Exchange) -> str:
    """Return the message of an error body as ": MESSAGE", or "" if the body has none."""
    text = error_text(exchange)
    return f": {text}" if text else ""
