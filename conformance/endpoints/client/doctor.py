"""Find out why a target cannot be reached or does not answer.

Checks the URL, the proxy, the host name and the credential, then sends a small request and the same
request as a stream.
"""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from conformance.endpoints.client.diagnosis import Check, diagnosed, diagnosed_stream, is_no_route
from conformance.endpoints.client.google_urls import host_of
from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.endpoints.client.readiness import wait_until_ready
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.client.target_from_url import has_location, is_google
from conformance.endpoints.client.target_settings import missing_key
from conformance.endpoints.endpoint import Unreachable
from conformance.judging.profiles import profile_for_url
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

_STREAMED = replace(
    REQUEST,
    id="doctor-stream",
    body={**REQUEST.body, "stream": True} if isinstance(REQUEST.body, dict) else None,
)
_GOOGLE = (
    (
        "generativelanguage",
        "--base-url https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    (
        "aiplatform",
        (
            "instead of --base-url give --profile, --project and --location, and --endpoint for a"
            " model that you deployed"
        ),
    ),
    (
        ".prediction.",
        "--base-url https://HOST/v1/projects/PROJECT/locations/REGION/endpoints/ENDPOINT",
    ),
)
"""A part of the name of a Google host, and how to fix a URL on such a host."""
_VERTEX_HOST = re.compile(r"([^.]*-)?aiplatform(\.[^.]+\.rep)?\.googleapis\.com")
_LOCATION = re.compile(r"/locations/([^/]+)/")


def diagnose(target: LiveTarget, seconds: float, wait: float = 0.0) -> Iterator[Check]:
    """Check a target step by step and yield the result of each check.

    Stops before sending anything if one of the checks of URL, host name and credential failed.
    Sends at most two small requests: a plain one, then either the same as a stream or, after a 404
    without a route, the same to the base URL with ``/v1`` added or removed. Waiting for an endpoint
    that is still starting takes more.

    Args:
        target: Where to send.
        seconds: How long to wait for each answer.
        wait: How many seconds an endpoint that is still starting is waited for. If it is silent for
            all of them, that is the result, without another request.
    """
    proxy = proxy_of(target.base_url)
    wrong = False
    for check in (*check_settings(target), _check_credential(target)):
        yield check
        wrong = wrong or bool(check.fix)
    if wrong:
        return
    limits = Limits(
        connect=min(seconds, Limits().connect), read=seconds, whole=seconds, size=1 << 20
    )
    silent = wait_until_ready(target, wait)
    if silent:
        yield _check_silence(silent, target, proxy)
        return
    answer = _check_request(target, limits, proxy)
    yield answer
    if not answer.fix:
        yield diagnosed_stream(send(_STREAMED, target, limits))


def check_settings(target: LiveTarget) -> Iterator[Check]:
    """Check the URL, the proxy and the host name of a target; nothing is sent to it."""
    proxy = proxy_of(target.base_url)
    checks = (
        _check_url(target) or _check_path(target),
        _check_proxy(proxy),
        None if proxy else _check_host_name(target),  # a proxy resolves the name itself
    )
    yield from filter(None, checks)


def proxy_of(base_url: str) -> str:
    """Return the proxy that the environment sets for a base URL, its password redacted, or ""."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return "" if not proxy or proxy_bypass(parts.netloc) else scrub(proxy, BY_LOOK)[0]


def _check_url(target: LiveTarget) -> Check | None:
    """Return what is wrong with the path or the Vertex AI host of the base URL, or None."""
    url = target.base_url.rstrip("/")
    if url.endswith(CHAT_COMPLETIONS):
        return Check(
            f"the base URL must not end in {CHAT_COMPLETIONS}, which is appended to it",
            f"--base-url {url.removesuffix(CHAT_COMPLETIONS)}",
        )
    host, match = str(urlsplit(url).hostname), _LOCATION.search(f"{url}/")
    if not (is_google(url) and match and _VERTEX_HOST.fullmatch(host)):
        return None
    location = match[1]
    fitting = {host_of(location)}
    if location != "global":
        fitting.add(f"aiplatform.{location}.rep.googleapis.com")
    if "/endpoints/openapi" not in url:
        fitting.add(host_of("global"))
    if host in fitting:
        return None
    return Check(
        f"the host {host} does not serve the location {location}",
        f"use the host {host_of(location)}, or give --project and --location instead of --base-url",
    )


def _check_path(target: LiveTarget) -> Check | None:
    """Return a failed check for a Google host with a path that no profile matches, or None."""
    host = str(urlsplit(target.base_url).hostname)
    fix = next((fix for part, fix in _GOOGLE if part in host), None)
    if fix is None or not is_google(target.base_url) or profile_for_url(url_of(target.base_url)):
        return None
    return Check(
        f"no profile matches the URL {target.base_url}, although the host is Google's", fix
    )


def _check_proxy(proxy: str) -> Check | None:
    return (
        Check(f"requests go through the proxy {proxy}, set by the environment") if proxy else None
    )


def _check_host_name(target: LiveTarget) -> Check:
    """Resolve the host name of the base URL."""
    parts = urlsplit(target.base_url)
    try:
        socket.getaddrinfo(parts.hostname, parts.port or parts.scheme)
    except (OSError, UnicodeError) as error:
        fix = "correct --location" if has_location(target.base_url) else "correct the host"
        return Check(
            f"the host name {parts.hostname} cannot be resolved: {error}",
            f"{fix}, or check the network and DNS of this machine",
        )
    return Check(f"the host name {parts.hostname} can be resolved")


def _check_credential(target: LiveTarget) -> Check:
    """Read the key of the target, or get a token from Google; nothing is sent to the target."""
    from conformance.endpoints.client.credentials import (
        APPLICATION_DEFAULT,
        CredentialError,
        key_in,
    )

    try:
        if target.application_default:
            return Check(
                "Google returned a token for the application default credentials, valid for"
                f" {APPLICATION_DEFAULT.minutes_left()}"
            )
        if target.keyed:
            key_in(target.key_variable)
    except (TargetError, CredentialError) as error:
        if not target.application_default:
            return Check(
                str(error),
                f"set {target.key_variable} to the {'token' if target.auth == 'google' else 'key'}",
            )
        problem, _, fix = str(error).rpartition("; ")
        return Check(problem, fix)
    if why := missing_key(target):
        problem, _, fix = why.partition(": ")
        return Check(problem, fix)
    if target.keyed:
        return Check(f"{target.key_variable} holds a credential")
    hint = target.withheld_key or "it is unknown whether the endpoint needs one"
    return Check(f"no credential is sent; {hint}")


def _check_silence(outcome: Unreachable, target: LiveTarget, proxy: str) -> Check:
    """Return the check for an endpoint that was silent for the whole wait."""
    check = diagnosed(outcome, target, proxy)
    return replace(check, fix=check.fix.replace("--timeout S", "--wait S"))


def _check_request(target: LiveTarget, limits: Limits, proxy: str) -> Check:
    """Send the small request and check the answer."""
    return checked_answer(
        send(REQUEST, target, limits), target, lambda other: send(REQUEST, other, limits), proxy
    )


def checked_answer(
    outcome: Exchange | Unreachable,
    target: LiveTarget,
    ask: Callable[[LiveTarget], Exchange | Unreachable],
    proxy: str,
) -> Check:
    """Return what the outcome of the small request shows about a target.

    If the URL has no route, ``ask`` sends the request again, with ``/v1`` added or removed.
    """
    if is_no_route(outcome) and not is_google(target.base_url):
        url = target.base_url.rstrip("/")
        other = replace(
            target, base_url=url.removesuffix("/v1") if url.endswith("/v1") else f"{url}/v1"
        )
        second_outcome = ask(other)
        if isinstance(second_outcome, Exchange) and not is_no_route(second_outcome):
            problem = "must not end in /v1" if url.endswith("/v1") else "lacks /v1"
            return Check(
                f"the base URL {problem}: nothing found at {url}{CHAT_COMPLETIONS} (status 404)",
                f"--base-url {other.base_url}",
            )
    return diagnosed(outcome, target, proxy)
