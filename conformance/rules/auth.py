"""AUTH: credentials."""

from collections.abc import Iterator

from conformance.exchange import Finding
from conformance.facts import Facts
from conformance.rules.base import ERROR, found, rule

_HEADERS = ("authorization", "api-key", "x-api-key", "x-goog-api-key")
_SHORTEST = 13
"""Characters of a credential that is worth a secret: OpenAI itself quotes a shorter one whole, the first 8 and the last 4 characters of any."""


def credentials(facts: Facts) -> list[str]:
    """The credentials of the request that were recorded: not those that redaction left a mark of."""
    values = [value.rpartition(" ")[2] for name, value in facts.exchange.request.headers if name in _HEADERS]
    return [value for value in values if len(value) >= _SHORTEST and not any(mark in value.upper() for mark in ("REDACT", "***", "<", "…", "FILTERED", "XXX"))]


@rule("AUTH-004", ERROR, credentials)
def credential_is_not_repeated(facts: Facts) -> Iterator[Finding]:
    """No answer repeats the credential in full"""
    body = facts.exchange.response.body or b""
    for credential in credentials(facts):
        if credential.encode() in body:
            yield found("the answer repeats the credential of the request", expected="no credential, or a part of it")
