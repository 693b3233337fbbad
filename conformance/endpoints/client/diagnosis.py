"""What an answer to one small request says of a target, and how to mend what is wrong."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.endpoints.client.target_from_url import has_location
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.chat.error_messages import error_text, is_bad_key, why_cut
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

LOGIN = "gcloud auth application-default login"

_EXPIRED = re.compile(r"ACCESS_TOKEN_EXPIRED|expired", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"(model|deployment)\b.*\b(not (found|exist|available|supported)|no"
    r" access|unknown|invalid)|(unknown|invalid|no such) (model|deployment)",
    re.I | re.S,
)
_URL = re.compile(r"^https?://\S*: ")
_BETWEEN = (
    "see whether a proxy or gateway between lets streams through, and look into the log of the"
    " server"
)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, and how to mend it, "" where all is well."""

    said: str
    fix: str = ""

    def __str__(self) -> str:
        return f"wrong: {self.said} - mend: {self.fix}" if self.fix else f"ok: {self.said}"


def diagnosed(outcome: Exchange | Unreachable, target: LiveTarget, proxy: str = "") -> Check:
    """What is wrong with a target, by what came back; ``proxy`` is the one that stands between."""
    if isinstance(outcome, Unreachable):
        return _unreached(_URL.sub("", outcome.why), proxy)
    status, said = outcome.response.status, _told(outcome)
    if 200 <= status < 300:
        return _answered(outcome, target)
    if 300 <= status < 400:
        where = dict(outcome.response.headers).get("location", "nowhere")
        return Check(
            f"it redirects to {where} (status {status}), which is not followed",
            "give the base URL that it redirects to",
        )
    if status == HTTPStatus.UNAUTHORIZED or (
        status == HTTPStatus.BAD_REQUEST and is_bad_key(outcome)
    ):
        return _refused(target, said, status)
    if status == HTTPStatus.FORBIDDEN:
        return Check(f"it does not allow this (status 403){said}", _permission(target))
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST) and _NO_MODEL.search(said):
        return Check(
            f"it does not know the model {target.model} (status {status}){said}",
            _other_model(target),
        )
    if status == HTTPStatus.NOT_FOUND:
        return Check(
            f"nothing is at {url_of(target.base_url)} (status 404){said}", _other_url(target)
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Check(
            f"it was reached, but a rate limit or quota is used up (status 429){said}",
            "wait, or have the quota raised",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Check(f"it fails (status {status}){said}", "try later, or look into its log")
    return Check(
        f"it refuses a plain request (status {status}){said}",
        "see what it says, and whether --profile and --model are right",
    )


def diagnosed_stream(outcome: Exchange | Unreachable) -> Check:
    """What is wrong with a stream of a target that answers otherwise, by what came back."""
    if isinstance(outcome, Unreachable):
        return Check(f"asked to stream, it gives no answer: {_URL.sub('', outcome.why)}", _BETWEEN)
    status, events = outcome.response.status, outcome.response.body or b""
    if not 200 <= status < 300:
        return Check(f"it refuses to stream (status {status}){_told(outcome)}", _BETWEEN)
    if outcome.response.truncated:
        return Check(f"its stream is cut: {why_cut(outcome)}", _BETWEEN)
    if not events.lstrip().startswith((b"data:", b":", b"event:")):
        kind = dict(outcome.response.headers).get("content-type", "no content type")
        return Check(f"asked to stream, it answers with {kind}", _BETWEEN)
    return Check(
        f"it streams: {len(events):,} bytes in {len(outcome.response.reads):,} reads, the first"
        f" after {outcome.response.reads[0][0]:,.0f} ms"
    )


def is_no_route(outcome: Exchange | Unreachable) -> bool:
    """Whether an answer says that nothing is at this URL, rather than that a model is unknown."""
    return (
        isinstance(outcome, Exchange)
        and outcome.response.status == HTTPStatus.NOT_FOUND
        and not _NO_MODEL.search(_told(outcome))
    )


def _unreached(why: str, proxy: str) -> Check:
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return Check(
            f"its certificate is not trusted: {why}",
            "let SSL_CERT_FILE name a file with the certificate of who signed it, or correct the"
            " host",
        )
    if proxy:
        return Check(
            f"no answer through the proxy {proxy}: {why}",
            "correct or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in NO_PROXY",
        )
    if "SSL" in why:
        return Check(
            f"TLS fails: {why}",
            "write http:// where the server does not encrypt, or correct the port",
        )
    if "refused" in why:
        return Check(f"nobody listens there: {why}", "start the server, or correct host and port")
    if "ConnectTimeout" in why:
        return Check(
            f"it cannot be reached: {why}",
            "see whether a firewall or a VPN stands between, and whether the host is right",
        )
    if "ReadTimeout" in why:
        return Check(
            f"it takes the request and does not answer: {why}",
            "see whether the model is loaded, which the log of the server tells, or wait longer:"
            " --timeout S",
        )
    return Check(
        f"no answer: {why}",
        "see whether the base URL is that of an HTTP server, and look into its log",
    )


def _answered(exchange: Exchange, target: LiveTarget) -> Check:
    if exchange.response.truncated:
        return Check(
            f"its answer is cut: {why_cut(exchange)}",
            "look into its log, and see what stands between",
        )
    body = fold(exchange).body
    if isinstance(body, dict) and "choices" in body:
        return Check(
            f"it answers as {body.get('model') or target.model} (status {exchange.response.status})"
        )
    kind = dict(exchange.response.headers).get("content-type", "no content type")
    return Check(
        f"what answers speaks no Chat Completions: {kind}",
        "correct the base URL; /chat/completions is added to it",
    )


def _refused(target: LiveTarget, said: str, status: int) -> Check:
    if target.application_default:
        mend = f"{LOGIN}, with an account that may use this project"
    elif target.auth == "google":
        mend = (
            f'export {target.key_variable}="$(gcloud auth print-access-token)": a token is good for'
            " an hour"
        )
    elif target.keyed:
        mend = f"let {target.key_variable} hold a key of this endpoint"
    else:
        mend = "name the environment variable that holds the key: --api-key-env VAR"
    what = (
        "the credential has expired"
        if _EXPIRED.search(said)
        else "the credential is refused"
        if target.keyed
        else "it wants a credential"
    )
    return Check(f"{what} (status {status}){said}", mend)


def _permission(target: LiveTarget) -> str:
    if target.auth == "google":
        return (
            "give the account the role roles/aiplatform.user in the project, and enable"
            " aiplatform.googleapis.com and billing there"
        )
    return "see what the account of this key may do, and whether it may use this model"


def _other_model(target: LiveTarget) -> str:
    if target.profile == "vertex-gemini" and "/" not in target.model:
        return f"write the publisher too: --model google/{target.model}"
    if has_location(target.base_url):
        return "correct --model, or choose a location that has it"
    return "correct --model; GET /models lists what there is on most servers"


def _other_url(target: LiveTarget) -> str:
    if has_location(target.base_url):
        return (
            "correct --location, --endpoint and --api-version, and see that --profile is that of"
            " the endpoint"
        )
    return "correct the base URL; /chat/completions is added to it"


def _told(exchange: Exchange) -> str:
    """What an error says of itself, after a colon, "" where it says nothing that can be read."""
    text = error_text(exchange)
    return f": {text}" if text else ""
