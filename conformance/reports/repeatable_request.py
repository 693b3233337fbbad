"""A request that can be written as code, made from a case or from a recorded or shown request.

It has no secret: it only says which header takes the key, and which environment variable holds it.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.exchange import CHAT_COMPLETIONS, Json, Request

Credential: TypeAlias = Literal["right", "none", "wrong", "basic"]
"""The credential to send; ``basic`` is the right key with the scheme Basic."""

KEY_HEADERS = ("api-key", "x-goog-api-key")
"""Headers that hold a key without a scheme; any other key is sent in Authorization."""

DEFAULT_VARIABLE = "API_KEY"
"""The environment variable that code reads the key from, if nothing names another."""

_METHOD = re.compile(r"[A-Z]{1,20}")
_VARIABLE_OPTION = re.compile(r"--api-key-env[ =]([A-Za-z_][A-Za-z0-9_]*)(?!\S)")


@dataclass(frozen=True, slots=True)
class RepeatableRequest:
    """A request without secrets: where it goes, its body, and how it is authorised.

    ``path`` follows ``base_url``, and ``query`` follows both, without its question mark. ``body``
    is parsed JSON, or a ``str`` if it is not JSON. ``key_header`` is one of ``KEY_HEADERS``, or ""
    for Authorization. ``key_variable`` is the environment variable that holds the key.
    """

    method: str
    base_url: str
    path: str
    body: Json
    query: str = ""
    auth: Credential = "right"
    key_header: str = ""
    key_variable: str = DEFAULT_VARIABLE

    @property
    def url(self) -> str:
        """The whole URL."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.base_url.rstrip('/')}{self.path}{query}"


def request_of_case(case: Case, target: LiveTarget) -> RepeatableRequest:
    """Return the request that a case makes to a target."""
    return RepeatableRequest(
        case.method,
        target.base_url,
        case.path,
        case.request_for(target.model),
        auth=case.auth,
        key_header=target.auth if target.auth in KEY_HEADERS else "",
        key_variable=target.key_variable or DEFAULT_VARIABLE,
    )


def request_at(
    method: str,
    url: str,
    body: Json,
    *,
    auth: Credential = "right",
    key_header: str = "",
    key_variable: str = DEFAULT_VARIABLE,
) -> RepeatableRequest:
    """Return a request to a whole URL, of which nothing is trusted to be well-formed."""
    base_url, path, query = _parts(_clean(url))
    return RepeatableRequest(
        method if _METHOD.fullmatch(method) else "POST",
        base_url,
        path,
        body,
        query,
        auth,
        key_header,
        key_variable,
    )


def request_of_recording(request: Request) -> RepeatableRequest | None:
    """Return a recorded request, of which secrets are removed; None if its body is not known.

    The headers say how the key was sent. If they say nothing, it is sent in Authorization.
    """
    if request.body is None:
        return None
    headers = dict(request.headers)
    basic = headers.get("authorization", "").lower().startswith("basic ")
    return request_at(
        request.method,
        request.url,
        request.body,
        auth="basic" if basic else "right",
        key_header=next((name for name in KEY_HEADERS if name in headers), ""),
    )


def key_variable_in(command: str) -> str:
    """Return the environment variable that a command names with ``--api-key-env``."""
    found = _VARIABLE_OPTION.search(command)
    return found[1] if found else DEFAULT_VARIABLE


def _clean(url: str) -> str:
    """Return a URL in which what cannot stand in a URL or in a line of output is quoted."""
    kept = (
        char if char.isprintable() and not char.isspace() else quote(char, errors="replace")
        for char in url
    )
    return "".join(kept).replace("##", "%23%23")


def _parts(url: str) -> tuple[str, str, str]:
    """Split a URL into what the SDK takes as base URL, the path after it, and the query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, "", ""
    origin = f"{parts.scheme}://{parts.netloc}" if parts.scheme else parts.netloc
    if parts.path.endswith(CHAT_COMPLETIONS):
        base = parts.path.removesuffix(CHAT_COMPLETIONS)
        return f"{origin}{base}", CHAT_COMPLETIONS, parts.query
    return origin, parts.path, parts.query
