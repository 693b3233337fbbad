"""A live endpoint: one request over a real socket, and the exchange it makes, as it arrived.

Nothing is sent unless ``send`` is called. What comes back is redacted already.
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
from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange, Json, Request, Response
from conformance.traffic.redaction.patterns import scrub
from conformance.traffic.redaction.redact import ACCOUNTS, CREDENTIALS, redact, rules_for

if TYPE_CHECKING:
    import ssl

    import httpx

_OUR_OWN = "chat-conformance-reference/"
"""How the reference endpoint calls itself in the header ``server``: what it says is never called
recorded."""

_FINGERPRINT = re.compile(rb'"system_fingerprint"\s*:\s*"([^"\\]+)"')


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, for a connection, for each read and for the whole answer, and
    how many bytes of the answer to take."""

    connect: float = 10
    read: float = 120
    whole: float = 600
    size: int = 8 << 20


@dataclass(slots=True)
class _Body:
    """What has arrived of a body: milliseconds and bytes of each read, and why it ended early, ""
    where it did not."""

    reads: list[tuple[float, bytes]] = field(default_factory=list)
    cut: str = ""


class _Clock:
    """Milliseconds since the request was sent, of which the transport tells."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent = time.perf_counter()

    def trace(self, event: str) -> None:
        if event.endswith(".send_request_body.complete"):
            self._sent = time.perf_counter()

    def __call__(self) -> float:
        return round((time.perf_counter() - self._sent) * 1000, 3)


_PATIENT = Limits()


def send(case: Case, target: LiveTarget, limits: Limits = _PATIENT) -> Exchange | Unreachable:
    """Ask one case, once, and take the answer as it comes; redirects are not followed.

    A connection that breaks, stalls or passes a limit after the headers makes an exchange that is
    cut; ``meta.why_cut`` says why. Raises TargetError.
    """
    import httpx

    from conformance.endpoints.client.credentials import CredentialError, auth_of, headers_of

    request, clock, watchdog = _request(case, target), _Clock(), Watchdog(limits.whole)

    def trace(event: str, info: Any) -> None:
        clock.trace(event)
        watchdog.trace(event, info)

    try:
        request = replace(request, headers=request.headers + headers_of(case, target))
        with (
            watchdog,
            httpx.Client(
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
        why = _no_end(limits) if watchdog.fired else _reason(error, limits)
        stalled = watchdog.fired or isinstance(error, httpx.ReadTimeout)
        return Unreachable(
            scrub(f"{target.base_url}: {why}", rules_for(request))[0], stalled=stalled
        )
    except CredentialError as error:
        return Unreachable(str(error), asked=error.passing)
    return redact(_exchange(case, target, _with_credentials(request, answer), answer, body))


@cache
def _tls() -> "ssl.SSLContext":
    """What TLS trusts, made once, as that takes longer than an exchange on the loopback."""
    import httpx

    return httpx.create_ssl_context()


def _request(case: Case, target: LiveTarget) -> Request:
    headers = (
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", f"chat-conformance/{__version__}"),
    )
    return Request(
        case.method, url_of(target.base_url, case.path), headers, case.request_for(target.model)
    )


def _with_credentials(request: Request, answer: "httpx.Response") -> Request:
    """The request with the credentials that were added on the way out: who removes secrets has to
    know them."""
    known = {name for name, _ in request.headers}
    added = tuple(
        (name, value)
        for name, value in answer.request.headers.items()
        if name in CREDENTIALS | ACCOUNTS and name not in known
    )
    return replace(request, headers=request.headers + added)


def _content(body: Json) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def _read(
    answer: "httpx.Response", clock: Callable[[], float], limits: Limits, watchdog: Watchdog
) -> _Body:
    import httpx

    body = _Body()
    left = limits.size
    try:
        # The bytes of the wire, unless a server compresses although identity was asked: then what
        # they decompress to.
        for data in answer.iter_bytes():
            now = clock()
            body.reads.append((now, data[:left]))
            left -= len(data)
            if left < 0:
                body.cut = f"more than {limits.size} bytes"
                break
            if now > limits.whole * 1000:
                body.cut = _no_end(limits)
                break
    except (httpx.TransportError, httpx.DecodingError) as error:
        body.cut = _reason(error, limits)
    if (
        watchdog.fired
    ):  # whatever the end of the connection was taken for, be it the end of the body
        body.cut = _no_end(limits)
    return body


def _no_end(limits: Limits) -> str:
    return f"no end after {limits.whole:g} s"


def _reason(error: Exception, limits: Limits) -> str:
    """An error of the transport on one line; where the time was up, what was waited for and how
    long."""
    import httpx

    if isinstance(error, httpx.ReadTimeout):
        return f"ReadTimeout: nothing came for {limits.read:g} s"
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
            "emulated" if (answer.headers.get("server") or "").startswith(_OUR_OWN) else "recorded"
        ),
        "case": case.id,
        "target": target.name,
        "server": answer.headers.get("server"),
        "server_version": fingerprint[1].decode("utf-8", "replace") if fingerprint else None,
        "recorded": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if not target.assumed:
        meta["profile"] = target.profile
    if body.cut:
        meta["why_cut"] = body.cut
    response = Response(
        answer.status_code,
        tuple(answer.headers.multi_items()),
        data,
        reads,
        bool(body.cut),
        "bytes",
    )
    return Exchange(f"{target.name}/{case.id}", request, response, meta)
