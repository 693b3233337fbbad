"""AUTH: an answer must not repeat the credential of its request."""

from collections.abc import Iterator

from conformance.judging.predicates.repeated_secret import repeats
from conformance.judging.rule import ERROR, finding, rule
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding
from conformance.protocol.redaction_marks import MIN_SECRET_LENGTH, REMOVED

_HEADERS = ("authorization", "api-key", "x-api-key", "x-goog-api-key")
_MARKS = ("REDACT", "***", "<", "…", "FILTERED", "XXX")
"""Parts of the marks with which other recorders replace credentials."""


def credentials(facts: Facts) -> list[str]:
    """Return the credentials of the request, or the mark that replaces them.

    Values that another recorder replaced, or that are too short to be secret, are left out.
    """
    values = [
        value.rpartition(" ")[2]
        for name, value in facts.exchange.request.headers
        if name in _HEADERS
    ]
    return [
        value
        for value in values
        if value == REMOVED
        or (len(value) >= MIN_SECRET_LENGTH and not any(mark in value.upper() for mark in _MARKS))
    ]


@rule("AUTH-004", ERROR, credentials)
def credential_is_not_repeated(facts: Facts) -> Iterator[Finding]:
    response = facts.exchange.response
    body = (response.body or b"").decode(errors="replace")
    for credential in credentials(facts):
        if repeats(credential, body):
            yield finding(
                "the answer repeats the credential of the request",
                expected="no credential, or only a part of it",
            )
        elif any(repeats(credential, value) for _, value in response.headers):
            yield finding(
                "a header field of the answer repeats the credential of the request",
                expected="no credential, or only a part of it",
            )


RULES = (credential_is_not_repeated,)
