"""Header fields that a user adds to each request; their values are secrets.

No message repeats a value, and no recording has one.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from conformance._files import data_folder
from conformance.endpoints.client.live_target import ExtraHeaders, TargetError
from conformance.protocol.exchange import Headers
from conformance.traffic.redaction.patterns import MARK
from conformance.traffic.redaction.redact import SHORTEST
from conformance.traffic.redaction.request_secrets import Known, wherever

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)

NOT_EXTRA: Mapping[str, str] = {
    "authorization": (
        "it holds the credential: name the variable that holds the key with --api-key-env VAR"
    ),
    "host": "it follows from the URL: change that",
    "content-length": "it follows from the body of each case",
    "content-type": "it is application/json, or what a case tests",
    "transfer-encoding": "the HTTP client decides it",
    "connection": "the HTTP client decides it",
}
"""The header fields that cannot be added, with the reason and the option to use instead."""


def headers_of_options(given: Iterable[str]) -> ExtraHeaders:
    """Return the header fields of options such as ``x-tenant: one``.

    Raises:
        TargetError: One is malformed, or its name cannot be added; the value is not repeated.
    """
    headers: dict[str, str] = {}
    for text in given:
        name, colon, value = text.partition(":")
        if not colon:
            raise TargetError("-H: write NAME:VALUE, such as -H 'x-tenant: my-team'")
        lower = checked_name(name.strip(), "-H")
        headers[lower] = _checked_value(value, f"-H {lower}")
    return ExtraHeaders(tuple(headers.items()))


def checked_name(name: str, place: str) -> str:
    """Return the name of a header field in lower case.

    Raises TargetError if it is malformed or cannot be added; ``place`` says where it was given.
    """
    if not _NAME.fullmatch(name):
        raise TargetError(
            f"{place}: the name of a header field has letters, digits and dashes, such as x-tenant"
        )
    lower = name.lower()
    if why := NOT_EXTRA.get(lower):
        raise TargetError(f"{place}: the header field {lower} cannot be added, as {why}")
    return lower


def filled_in(value: str, environ: Mapping[str, str], place: str) -> str:
    """Return the value of a header field, with variables such as ``$TENANT`` replaced.

    Raises TargetError if a variable is not set, or if the value cannot be sent.
    """

    def of_variable(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        held = environ.get(name, "").strip()
        if not held:
            raise TargetError(
                f"{place}: the environment variable {name} is not set: set it, or remove this"
                " header field"
            )
        return held

    return _checked_value(_VARIABLE.sub(of_variable, value), place)


def _checked_value(value: str, place: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise TargetError(f"{place}: the header field has no value")
    if not (stripped.isascii() and stripped.isprintable()):
        raise TargetError(f"{place}: the value has characters that a header field cannot hold")
    return stripped


def rules_of(headers: ExtraHeaders) -> tuple[Known, ...]:
    """Return the rules that remove the values wherever they occur, the longest first.

    Values of fewer than ``SHORTEST`` characters, and those that are words of the protocol such as
    ``stream``, are removed only from the header field.
    """
    return tuple(
        wherever(secret, MARK)
        for secret in sorted(set(_secrets(headers)), key=len, reverse=True)
        if len(secret) >= SHORTEST and secret.lower() not in _words_of_protocol()
    )


def _secrets(headers: ExtraHeaders) -> Iterable[str]:
    for _, value in headers.items:
        yield value
        _, space, token = value.partition(" ")
        if space:
            yield token.strip()


@cache
def _words_of_protocol() -> str:
    """Return the text of all schemas, in lower case."""
    return "\n".join(
        path.read_text(encoding="utf-8").lower()
        for path in sorted(data_folder("schemas").glob("*.json"))
    )


def added_to(headers: Headers, extra: ExtraHeaders) -> Headers:
    """Return the header fields of a request with those that the user adds or replaces."""
    names = {name for name, _ in extra.items}
    return (*(field for field in headers if field[0] not in names), *extra.items)


def marked(headers: Headers, extra: ExtraHeaders) -> Headers:
    """Return the header fields with the values of those that the user added removed."""
    added = set(extra.items)
    return tuple((name, MARK if (name, value) in added else value) for name, value in headers)
