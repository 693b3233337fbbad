"""Send one request over HTTP and record the exchange with the bytes and times of each read.

Nothing is sent unless ``send`` is called. The exchange that it returns is already redacted.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.cases import Case
from conformance.endpoints.client.deadline import Watchdog
from conformance.endpoints.client.extra_headers import added_to, marked, rules_of
from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.answer_limit import TOO_MANY_PARTS, readable_size
from conformance.protocol.exchange import (
    CONNECTION_ENDED,
    Exchange,
    Headers,
    Json,
    Request,
    Response,
)
from conformance.traffic.content_coding import Inflater, NotDecoded, codings
from conformance.traffic.redaction.patterns import Rule, scrub
from conformance.traffic.redaction.redact import (
    ACCOUNTS,
    CREDENTIALS,
    SHORTEST,
    redact,
    rule_of_credential,
    rules_for,
)

if TYPE_CHECKING:
    import ssl

    import httpx

_REFERENCE_SERVER = "chat-conformance-reference/"
"""The start of the ``server`` header of the reference endpoint; its answers are "emulated"."""

_FINGERPRINT = re.compile(rb'"system_fingerprint"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one request.

    ``connect``, ``read`` (each read, and all reads up to the end of the headers) and ``whole`` (the
    whole answer) are in seconds, ``size`` is the bytes of the body.
    """

    connect: float = 10
    read: float = 120
    whole: float = 600
    size: int = 8 << 20


@dataclass(slots=True)
class _Body:
    """The received body: milliseconds and bytes of each read.

    ``why_truncated`` is why it ended early, "" if it is complete; ``connection_ended`` says that
    the connection did, not a limit.
    """

    reads: list[tuple[float, bytes]] = field(default_factory=list)
    why_truncated: str = ""
    connection_ended: bool = False

    def limited(self) -> "_Body":
        """Return the body up to where it has more parts than are judged."""
        size = sum(len(data) for _, data in self.reads)
        left = readable_size(b"".join(data for _, data in self.reads))
        if left == size:
            return self
        reads: list[tuple[float, bytes]] = []
        for offset, data in self.reads:
            reads.append((offset, data[:left]))
            left = max(left - len(data), 0)
        return _Body(reads, f"the answer {TOO_MANY_PARTS}")


class _Clock:
    """Milliseconds since the request body was sent, as the transport reports it."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent = time.perf_counter()

    def trace(self, event: str) -> None:
        if event.endswith(".send_request_body.complete"):
            self._sent = time.perf_counter()

    def __call__(self) -> float:
        return round((time.perf_counter() - self._sent) * 1000, 3)


_DEFAULT_LIMITS = Limits()


def send(
    case: Case, target: LiveTarget, limits: Limits = _DEFAULT_LIMITS
) -> Exchange | Unreachable:
    """Send the request of one case once and return the redacted exchange.

    Redirects are not followed. If the connection breaks, stalls or exceeds a limit after the
    headers, the exchange is truncated and ``meta["why_cut"]`` says why. If that happens before the
    headers, or if no token is returned for the credentials, the result is ``Unreachable``.

    Raises:
        TargetError: The credential that the case needs is missing or malformed, or the proxy that
            the environment names cannot be used.
    """
    import httpx

    from conformance.endpoints.client.credentials import CredentialError, auth_of, headers_of

    request, clock, watchdog = _request(case, target), _Clock(), Watchdog(limits.whole, limits.read)

    def trace(event: str, info: Any) -> None:
        clock.trace(event)
        watchdog.trace(event, info)

    try:
        request = replace(request, headers=request.headers + headers_of(case, target))
        with (
            watchdog,
            _client(
                timeout=httpx.Timeout(limits.read, connect=limits.connect),
                auth=auth_of(case, target),
                verify=_tls(),
            ) as client,
            client.stream(
                request.method,
                request.url,
                headers=request.headers,
                content=_content(request.body),
                extensions={"trace": trace},
            ) as answer,
        ):
            body = _read(answer, clock, limits, watchdog)
    except (httpx.InvalidURL, httpx.TransportError) as error:
        why = _why_shut(watchdog, limits) if watchdog.fired else _reason(error, limits)
        stalled = watchdog.fired or isinstance(error, httpx.ReadTimeout)
        if isinstance(error, httpx.TransportError):  # its message may quote what the server sent
            request = _with_credentials(request, error.request)
        rules = (*rules_of(target.headers), *rules_for(request))
        return Unreachable(scrub(f"{target.base_url}: {why}", rules)[0], stalled=stalled)
    except CredentialError as error:
        return Unreachable(str(error), asked=error.passing)
    sent = _with_credentials(request, answer.request)
    sent = replace(sent, headers=marked(sent.headers, target.headers))
    rules = (*rules_of(target.headers), *_key_not_sent(case, target))
    return redact(_exchange(case, target, sent, answer, body), rules)


def _key_not_sent(case: Case, target: LiveTarget) -> tuple[Rule, ...]:
    """Return a rule for the key of a target if the case did not send it.

    A server that knows the key from another request may still repeat it.
    """
    from conformance.endpoints.client.credentials import key_in

    if case.auth in ("right", "basic") or not target.key_variable:
        return ()
    key = key_in(target.key_variable)
    return (rule_of_credential(key),) if len(key) >= SHORTEST else ()


def _client(**settings: Any) -> "httpx.Client":
    """Return an HTTP client. Raises TargetError if the proxy of the environment is not usable.

    The message does not quote the proxy, whose URL may hold a password.
    """
    import httpx

    try:
        return httpx.Client(**settings)
    except ImportError:
        raise TargetError(
            "the environment names a SOCKS proxy, which needs another package: pip install"
            " 'httpx[socks]', or unset ALL_PROXY, HTTPS_PROXY and HTTP_PROXY"
        ) from None
    except (ValueError, httpx.InvalidURL):
        raise TargetError(
            "the proxy in ALL_PROXY, HTTPS_PROXY or HTTP_PROXY is not a URL of a proxy, such as"
            " http://HOST:PORT"
        ) from None


@cache
def _tls() -> "ssl.SSLContext":
    """Return the TLS context; made once, as that takes longer than a request on the loopback."""
    import httpx

    return httpx.create_ssl_context()


def _request(case: Case, target: LiveTarget) -> Request:
    headers = (
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", f"chat-conformance/{__version__}"),
    )
    return Request(
        case.method,
        url_of(target.base_url, case.path),
        added_to(headers, target.headers),
        case.request_for(target.model),
    )


def _with_credentials(request: Request, sent: "httpx.Request") -> Request:
    """Return the request with the credentials that httpx added, so that redaction can find them."""
    present = {name for name, _ in request.headers}
    added = tuple(
        (name, value)
        for name, value in sent.headers.items()
        if name in CREDENTIALS | ACCOUNTS and name not in present
    )
    return replace(request, headers=request.headers + added)


def _content(body: Json) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def _read(
    answer: "httpx.Response", clock: Callable[[], float], limits: Limits, watchdog: Watchdog
) -> _Body:
    import httpx

    body = _Body()
    left = left_to_receive = limits.size
    try:
        # The bytes as received. They are decompressed here and not by httpx, which knows no limit;
        # a server should not compress, as the request asks for identity.
        inflater = Inflater(codings(_headers(answer)), limits.size)
        for received in answer.iter_raw():
            now = clock()
            data = inflater.add(received)
            body.reads.append((now, data[:left]))
            left -= len(data)
            left_to_receive -= len(received)
            if left < 0 or left_to_receive < 0:
                body.why_truncated = f"the body is longer than {limits.size} bytes"
                break
            if now > limits.whole * 1000:
                body.why_truncated = _time_limit_reached(limits)
                break
        else:
            if not inflater.is_complete:
                body.why_truncated = "the compressed data of the body ends early"
    except NotDecoded as error:
        body.why_truncated = f"the body {error}"
    except httpx.TransportError as error:
        body.why_truncated = _reason(error, limits)
        body.connection_ended = not isinstance(error, httpx.TimeoutException)
    if watchdog.fired:  # even if httpx took the shutdown for an error or for the end of the body
        body.why_truncated, body.connection_ended = _time_limit_reached(limits), False
    return body.limited()


def _headers(answer: "httpx.Response") -> Headers:
    return tuple(answer.headers.multi_items())


def _why_shut(watchdog: Watchdog, limits: Limits) -> str:
    if watchdog.fired_before_answer:
        return f"the answer did not begin within {limits.read:g} s"
    return _time_limit_reached(limits)


def _time_limit_reached(limits: Limits) -> str:
    return f"the answer did not end within {limits.whole:g} s"


def _reason(error: Exception, limits: Limits) -> str:
    """Return a transport error on one line; for a timeout, with its limit in seconds."""
    import httpx

    if isinstance(error, httpx.ReadTimeout):
        return f"ReadTimeout: no data for {limits.read:g} s"
    if isinstance(error, httpx.ConnectTimeout):
        return f"ConnectTimeout: no connection within {limits.connect:g} s"
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")


def _exchange(
    case: Case, target: LiveTarget, request: Request, answer: "httpx.Response", body: _Body
) -> Exchange:
    data = b"".join(data for _, data in body.reads)
    reads = tuple((offset, len(data)) for offset, data in body.reads if data)
    fingerprint = _FINGERPRINT.search(data)
    meta = {
        "provenance": (
            "emulated"
            if (answer.headers.get("server") or "").startswith(_REFERENCE_SERVER)
            else "recorded"
        ),
        "case": case.id,
        "target": target.name,
        "server": answer.headers.get("server"),
        "server_version": fingerprint[1].decode("utf-8", "replace") if fingerprint else None,
        "recorded": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if not target.assumed:
        meta["profile"] = target.profile
    if body.why_truncated:
        meta["why_cut"] = body.why_truncated
    if body.connection_ended:
        meta[CONNECTION_ENDED] = True
    response = Response(
        answer.status_code,
        _headers(answer),
        data,
        reads,
        bool(body.why_truncated),
        "bytes",
    )
    return Exchange(f"{target.name}/{case.id}", request, response, meta)
