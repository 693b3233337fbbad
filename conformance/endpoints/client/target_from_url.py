"""Make a target from a base URL: check the URL, and derive name, profile and authorisation."""

import re
from typing import get_args
from urllib.parse import SplitResult, urlsplit

from conformance.endpoints.client.live_target import (
    LiveTarget,
    TargetError,
    WrongModel,
    url_of,
)
from conformance.endpoints.client.model_names import why_wrong_model
from conformance.judging.profiles import FALLBACK, Auth, profile, profile_for_url
from conformance.protocol.exchange import CHAT_COMPLETIONS
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GOOGLE = re.compile(r"([a-z0-9-]+\.)+(googleapis\.com|vertexai\.goog)", re.ASCII)
"""The host names that a Google token may be sent to."""


def target_at(
    base_url: str,
    model: str,
    key_variable: str = "",
    profile_name: str | None = None,
    name: str | None = None,
    *,
    auth: str | None = None,
    given: str = "--base-url",
) -> LiveTarget:
    """Return the target at a base URL.

    Args:
        base_url: The URL before ``/chat/completions``.
        model: The model to ask for, "" if it is not known yet.
        key_variable: The environment variable that holds the key, "" for none.
        profile_name: The profile; None to derive it from the URL, or to use the fallback.
        name: The name of the target; None to derive it from the host and port.
        auth: How requests are authorised, see ``auth_at``; None for the way of the profile.
        given: How error messages name the source of the URL.

    Raises:
        TargetError: The URL, the name or the model is malformed, or ``auth`` does not fit the URL.
        UnknownProfile: There is no profile of this name.
    """
    parts = _parts(base_url, given)
    host = f"{parts.hostname}-{parts.port}" if parts.port else str(parts.hostname)
    target_name = name if name is not None else re.sub(r"[^A-Za-z0-9.]+", "-", host).strip("-.")
    if not _NAME.fullmatch(target_name):
        raise TargetError(
            f"--target {target_name!r}: name a target with letters, digits, '.', '_' and '-',"
            " starting with a letter or digit"
        )
    if not _is_utf8(model):
        raise TargetError(f"--model {model!r}: write it in UTF-8")
    chosen_profile = profile_name or profile_for_url(url_of(base_url))
    if model and (why := why_wrong_model(model, chosen_profile or FALLBACK)):
        raise WrongModel(why)
    return LiveTarget(
        target_name,
        base_url,
        model,
        chosen_profile or FALLBACK,
        key_variable,
        chosen_profile is None,
        auth_at(base_url, chosen_profile or FALLBACK, auth),
    )


def auth_at(base_url: str, profile_name: str, chosen: str | None = None) -> Auth:
    """Return how requests to a base URL are authorised.

    Args:
        base_url: The URL before ``/chat/completions``.
        profile_name: The profile, whose way is the default. A profile with "google" becomes
            "bearer" for any other host, so that no Google token goes there.
        chosen: The way that the user chose, one of ``Auth``, or None.

    Raises:
        TargetError: The chosen way does not exist, or is "google" for a host that is not Google's.
    """
    for auth in get_args(Auth):
        if auth == chosen:
            if auth == "google" and not is_google(base_url):
                raise TargetError(
                    "--auth google: a Google token is sent only over https to *.googleapis.com and"
                    " *.vertexai.goog; for another host write --auth bearer --api-key-env VAR"
                )
            return auth  # type: ignore[no-any-return]
    if chosen is not None:
        raise TargetError(f"--auth {chosen!r}: write one of {', '.join(get_args(Auth))}")
    default = profile(profile_name).auth
    return "bearer" if default == "google" and not is_google(base_url) else default


def is_google(base_url: str) -> bool:
    """Return whether a base URL is https and on a Google host; a malformed one is not."""
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return False
    return parts.scheme == "https" and _GOOGLE.fullmatch(parts.hostname or "") is not None


def has_location(base_url: str) -> bool:
    """Return whether a base URL is on a Google host and names a location in its path."""
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
            f"{typed}: leave out user and password; name the variable that holds the key with"
            " --api-key-env VAR"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise TargetError(
            f"{typed}: write http:// or https://, a host and the path before {CHAT_COMPLETIONS},"
            " without query and fragment"
        )
    if not (_is_utf8(base_url) and _has_valid_host(base_url)):
        raise TargetError(
            f"{typed}: write a valid host name, parts of 1 to 63 characters joined by dots, and the"
            " whole URL in UTF-8"
        )
    return parts


def _is_utf8(value: str) -> bool:
    """Return whether a value can be encoded; bytes of an option that are not UTF-8 cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_valid_host(base_url: str) -> bool:
    import httpx

    try:
        url = httpx.URL(base_url)
        _ = url.host  # fails for an invalid xn-- label
        url.raw_host.decode("ascii").encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        return False
    return True
