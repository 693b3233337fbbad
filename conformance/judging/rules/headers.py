"""HDR: the header fields of the answer."""

from collections.abc import Iterator

from conformance.judging.rule import ANSWER, ANY, ERROR, finding, needs_request_key, rule
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding


@rule("HDR-001", ANY, lambda facts: facts.exchange.response.body, needs=("headers",))
def body_has_a_content_type(facts: Facts) -> Iterator[Finding]:
    if not facts.headers.get("content-type"):
        yield finding(
            "the answer has a body, but no Content-Type", expected="a Content-Type header"
        )


@rule("HDR-002", ERROR, lambda facts: facts.status == 429, needs=("headers",))
def rate_limit_says_when(facts: Facts) -> Iterator[Finding]:
    body = facts.exchange.response.body or b""
    if (
        not any(name.startswith("retry-after") for name in facts.headers)
        and b"google.rpc.RetryInfo" not in body
    ):
        yield finding(
            "the answer does not say when to try again",
            expected="a Retry-After header, or google.rpc.RetryInfo in the body",
        )


_TIERS = ("flex", "standard", "priority")
"""The service tiers of the Gemini API, the lowest first."""


@needs_request_key("service_tier")
def requested_tier(facts: Facts) -> str:
    """The request chooses a tier; returns it, or "" if it chooses none or an unknown one."""
    tier = facts.request.get("service_tier")
    return tier if isinstance(tier, str) and tier in _TIERS else ""


@rule("HDR-003", ANSWER, requested_tier, needs=("headers", "request"))
def served_tier_is_named(facts: Facts) -> Iterator[Finding]:
    served = facts.headers.get("x-gemini-service-tier")
    allowed = _TIERS[: _TIERS.index(requested_tier(facts)) + 1]
    if served is None or served.lower() not in allowed:
        yield finding(
            "the header x-gemini-service-tier does not name the requested tier or a lower one",
            expected=" or ".join(allowed),
            actual=served,
        )


RULES = (
    body_has_a_content_type,
    rate_limit_says_when,
    served_tier_is_named,
)
