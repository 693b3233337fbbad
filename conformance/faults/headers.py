"""HDR: faults of response headers."""

from conformance.faults.errors import refuses
from conformance.faults.kit.body_edits import with_header, with_response
from conformance.faults.kit.conditions import has_headers, is_answer
from conformance.faults.kit.fault import fault
from conformance.protocol.exchange import Exchange

_SERVED_TIER = "x-gemini-service-tier"


@fault(
    "no-content-type",
    "HDR-001",
    applies=(has_headers, lambda exchange: len(exchange.response.headers) > 1),
)
def no_content_type(exchange: Exchange) -> Exchange | None:
    """The response has no `Content-Type` header."""
    return with_header(exchange, "content-type", None)


def _without_retry(exchange: Exchange) -> Exchange:
    """Remove the headers that say when to retry."""
    for name in [name for name, _ in exchange.response.headers if name.startswith("retry-after")]:
        exchange = with_header(exchange, name, None)
    return exchange


@fault(
    "rate-limit-without-a-word",
    "HDR-002",
    also=("ERR-001",),
    report="B159",
    applies=(refuses, has_headers, lambda exchange: exchange.response.status == 429),
)
def rate_limit_without_a_word(exchange: Exchange) -> Exchange | None:
    """The rate limit response has no body and does not say when to retry."""
    return _without_retry(with_response(exchange, 429, b"", "text/html"))


@fault(
    "no-retry-after",
    "HDR-002",
    applies=(refuses, has_headers, lambda exchange: exchange.response.status == 429),
)
def no_retry_after(exchange: Exchange) -> Exchange | None:
    """The rate limit response does not say when to retry."""
    return _without_retry(exchange)


def _names_tier(exchange: Exchange) -> bool:
    return any(name == _SERVED_TIER for name, _ in exchange.response.headers)


@fault("no-served-tier", "HDR-003", profile="gemini-api", applies=(is_answer, _names_tier))
def no_served_tier(exchange: Exchange) -> Exchange | None:
    """The response has no header that names the tier that served it."""
    return with_header(exchange, _SERVED_TIER, None)


@fault("unknown-served-tier", "HDR-003", profile="gemini-api", applies=(is_answer, _names_tier))
def unknown_served_tier(exchange: Exchange) -> Exchange | None:
    """The header that names the tier has a tier that does not exist."""
    return with_header(exchange, _SERVED_TIER, "premium")


FAULTS = (
    no_content_type,
    rate_limit_without_a_word,
    no_retry_after,
    no_served_tier,
    unknown_served_tier,
)
