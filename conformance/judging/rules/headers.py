"""HDR: the header fields of the answer."""

from collections.abc import Iterator

from conformance.judging.rule import ANY, ERROR, finding, rule
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding


@rule("HDR-001", ANY, lambda facts: facts.exchange.response.body, needs=("headers",))
def body_has_a_content_type(facts: Facts) -> Iterator[Finding]:
    if not facts.headers.get("content-type"):
        yield finding("the answer has a body, but no Content-Type", expected="Content-Type")


@rule("HDR-002", ERROR, lambda facts: facts.status == 429, needs=("headers",))
def rate_limit_says_when(facts: Facts) -> Iterator[Finding]:
    body = facts.exchange.response.body or b""
    if (
        not any(name.startswith("retry-after") for name in facts.headers)
        and b"google.rpc.RetryInfo" not in body
    ):
        yield finding(
            "the answer does not say when to try again",
            expected="Retry-After or google.rpc.RetryInfo",
        )


RULES = (
    body_has_a_content_type,
    rate_limit_says_when,
)
