"""A base URL as a target: checked, named, with the profile that its URL tells and the way its
requests are authorised."""

import re
from urllib.parse import SplitResult, urlsplit

from conformance.endpoints.client.live_target import LiveTarget, TargetError, url_of
from conformance.judging.profiles import FALLBACK, Auth, profile, profile_for_url
from conformance.protocol.exchange import CHAT_COMPLETIONS
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GOOGLE = (".googleapis.com", ".vertexai.goog")
"""How the hosts end that a Google token is sent to without being asked for it by name."""


def target_at(
    base_url: str,
    model: str,
    key_variable: str = "",
    profile_name: str | None = None,
    name: str | None = None,
    *,
    given: str = "--base-url",
) -> LiveTarget:
    """The target at a base URL. Without a profile its URL tells it; ``given`` is how messages call
    the URL. Raises TargetError and UnknownProfile."""
    parts = _parts(base_url, given)
    host = f"{parts.hostname}-{parts.port}" if parts.port else str(parts.hostname)
    called = name if name is not None else re.sub(r"[^A-Za-z0-9.]+", "-", host).strip("-.")
    if not _NAME.fullmatch(called):
        raise TargetError(
            f"--target {called!r}: a target is named with letters, digits, '.', '_' and '-'"
        )
    if not _is_text(model):
        raise TargetError(f"--model {model!r}: write it in UTF-8")
    told = profile_name or profile_for_url(url_of(base_url))
    return LiveTarget(
        called,
        base_url,
        model,
        told or FALLBACK,
        key_variable,
        told is None,
        auth_at(base_url, told or FALLBACK),
    )


def auth_at(base_url: str, profile_name: str) -> Auth:
    """How requests to a base URL are authorised: as the profile says, but a token of Google is for
    nobody else."""
    auth = profile(profile_name).auth
    return "bearer" if auth == "google" and not is_google(base_url) else auth


def is_google(base_url: str) -> bool:
    """Whether a base URL is one of Google's, and encrypted."""
    parts = urlsplit(base_url)
    return parts.scheme == "https" and str(parts.hostname).endswith(_GOOGLE)


def has_location(base_url: str) -> bool:
    """Whether a base URL is one of Google's that names a location, which may be a wrong one."""
    return is_google(base_url) and "/locations/" in base_url


def _parts(base_url: str, given: str) -> SplitResult:
    typed = f"{given} {scrub(base_url, BY_LOOK)[0]!r}"
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError as error:
        raise TargetError(f"{typed}: {error}") from None
    if "@" in parts.netloc:  # httpx would send it instead of the key
        raise TargetError(
            f"{typed}: leave user and password out; --api-key-env VAR names the variable that holds"
            " the key"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise TargetError(
            f"{typed}: write http:// or https://, a host and the path before {CHAT_COMPLETIONS}"
        )
    if not (_is_text(base_url) and _may_be_looked_up(base_url)):
        raise TargetError(
            f"{typed}: write a host that can exist, parts of 1 to 63 characters with a dot between,"
            " and all of the URL in UTF-8"
        )
    return parts


def _is_text(value: str) -> bool:
    """Whether a value can be sent: what is no UTF-8 on the command line arrives as halves of
    characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _may_be_looked_up(base_url: str) -> bool:
    import httpx

    try:
        url = httpx.URL(base_url)
        _ = url.host  # as text, which not every xn-- has
        url.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        return False
    return True
