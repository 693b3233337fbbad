"""What keeps a target from being asked, looked at one thing after another: its URL, name, proxy and
credentials, then a small request and a small stream."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from conformance.cases import MODEL, Case
from conformance.endpoints.client.diagnosis import Check, diagnosed, diagnosed_stream, is_no_route
from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.endpoints.client.target_from_url import has_location, is_google
from conformance.endpoints.client.target_settings import missing_key
from conformance.judging.profiles import profile_for_url
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

REQUEST = Case(
    "doctor",
    "a small request",
    "",
    frozenset(),
    CHAT_COMPLETIONS,
    {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Say ok."}],
        "max_completion_tokens": 16,
    },
)
_STREAMED = replace(
    REQUEST,
    id="doctor-stream",
    body={**REQUEST.body, "stream": True} if isinstance(REQUEST.body, dict) else None,
)
_GOOGLE = (
    (
        "generativelanguage.googleapis.com",
        "--base-url https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    (
        "aiplatform.googleapis.com",
        (
            "in place of --base-url give --profile, --project and --location, and --endpoint for a"
            " model of your own"
        ),
    ),
)
"""How to mend the URL on hosts that end so."""
_PLACED = re.compile(r"https://(?:([a-z0-9-]+)-)?aiplatform\.googleapis\.com/.*/locations/([^/]+)/")


def diagnose(target: LiveTarget, seconds: float) -> Iterator[Check]:
    """What is well and what is not, until nothing can be learned any more; each answer is waited
    for so many seconds.

    Sends two small requests at most: one, and then either it again as a stream, or elsewhere where
    nothing is at the URL.
    """
    proxy = proxy_of(target.base_url)
    checks = (
        _url(target) or _path(target),
        _proxy(proxy),
        None if proxy else _name(target),
        _credential(target),
    )
    wrong = False
    for check in filter(None, checks):
        yield check
        wrong = wrong or bool(check.fix)
    if wrong:
        return
    limits = Limits(
        connect=min(seconds, Limits().connect), read=seconds, whole=seconds, size=1 << 20
    )
    asked = _asked(target, limits, proxy)
    yield asked
    if not asked.fix:
        yield diagnosed_stream(send(_STREAMED, target, limits))


def proxy_of(base_url: str) -> str:
    """The proxy that the environment puts before a base URL, without its password; "" for none."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return "" if not proxy or proxy_bypass(parts.netloc) else scrub(proxy, BY_LOOK)[0]


def _url(target: LiveTarget) -> Check | None:
    url = target.base_url.rstrip("/")
    if url.endswith(CHAT_COMPLETIONS):
        return Check(
            f"the base URL ends in {CHAT_COMPLETIONS}, which is added to it",
            f"--base-url {url.removesuffix(CHAT_COMPLETIONS)}",
        )
    placed = _PLACED.match(f"{url}/")
    host, location = placed.groups() if placed else ("", "")
    if (
        not placed
        or host == location
        or (host is None and (location == "global" or "/endpoints/openapi" not in url))
    ):
        return None
    right = (
        "aiplatform.googleapis.com"
        if location == "global"
        else f"{location}-aiplatform.googleapis.com"
    )
    return Check(
        f"the host {urlsplit(url).hostname} is not that of the location {location}",
        f"take the host {right}, or give --project and --location",
    )


def _path(target: LiveTarget) -> Check | None:
    """What is wrong with a URL on a host of Google's, which serves much besides."""
    host = str(urlsplit(target.base_url).hostname)
    right = next((mend for ending, mend in _GOOGLE if host.endswith(ending)), None)
    if right is None or profile_for_url(url_of(target.base_url)):
        return None
    return Check(
        f"no profile has a URL such as {target.base_url}, though the host is Google's", right
    )


def _proxy(proxy: str) -> Check | None:
    return Check(f"the environment sends requests through the proxy {proxy}") if proxy else None


def _name(target: LiveTarget) -> Check:
    parts = urlsplit(target.base_url)
    try:
        socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)
    except (OSError, UnicodeError) as error:
        mend = "correct --location" if has_location(target.base_url) else "correct the host"
        return Check(
            f"the name {parts.hostname} is not known: {error}",
            f"{mend}, or see whether this machine has a network and a name server",
        )
    return Check(f"the name {parts.hostname} is known")


def _credential(target: LiveTarget) -> Check:
    from conformance.endpoints.client.credentials import (
        APPLICATION_DEFAULT,
        CredentialError,
        key_in,
    )

    try:
        if target.application_default:
            return Check(
                "Google gives a token for the application default credentials, good for"
                f" {APPLICATION_DEFAULT.minutes_left()}"
            )
        if target.keyed:
            key_in(target.key_variable)
    except (TargetError, CredentialError) as error:
        if not target.application_default:
            return Check(
                str(error),
                f"put the {'token' if target.auth == 'google' else 'key'} into"
                f" {target.key_variable}",
            )
        said, _, mend = str(error).rpartition("; ")
        return Check(said, mend)
    if why := missing_key(target):
        said, _, mend = why.partition(": ")
        return Check(said, mend)
    return Check(
        f"{target.key_variable} holds a credential"
        if target.keyed
        else "no credential is sent, and none is known to be needed"
    )


def _asked(target: LiveTarget, limits: Limits, proxy: str) -> Check:
    outcome = send(REQUEST, target, limits)
    if is_no_route(outcome) and not is_google(target.base_url):
        url = target.base_url.rstrip("/")
        other = replace(
            target, base_url=url.removesuffix("/v1") if url.endswith("/v1") else f"{url}/v1"
        )
        second = send(REQUEST, other, limits)
        if isinstance(second, Exchange) and not is_no_route(second):
            said = "has a /v1 too many" if url.endswith("/v1") else "lacks a /v1"
            return Check(
                f"the base URL {said}: nothing is at {url}{CHAT_COMPLETIONS} (status 404)",
                f"--base-url {other.base_url}",
            )
    return diagnosed(outcome, target, proxy)
