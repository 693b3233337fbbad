"""Outages: a good request is answered with 429, 500 or 503, in the words of the served profile."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from conformance.endpoints.reference.answering import refused
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.protocol.exchange import Exchange

RETRY_AFTER = 1
"""The seconds after which ``wire-429-retry-after`` asks the client to try again."""

_GOOGLE = {
    500: "Internal error encountered.",
    503: "The model is overloaded. Please try again later.",
}
_WORDS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "vertex-gemini": _GOOGLE | {429: "Resource exhausted. Please try again later."},
        "gemini-api": _GOOGLE
        | {429: "You exceeded your current quota, please check your plan and billing details."},
        "vertex-vllm": {
            429: "Too many requests.",
            500: "The engine failed to process the request.",
            503: "The server is overloaded or not ready.",
        },
        "openai": {
            429: "Rate limit reached on requests per min (RPM). Please try again later.",
            500: "The server had an error while processing your request. Sorry about that!",
            503: "That model is currently overloaded with other requests. You can retry your"
            " request.",
        },
    }
)
"""The message of each outage by profile and status."""


def outage(status: int, retry_after: int | None = None) -> Callable[[Exchange], Exchange | None]:
    """Return a fault that answers good requests with an error.

    The fault does not apply to answers that are already errors, nor to those whose ``meta`` names
    no served profile.

    Args:
        status: 429, 500 or 503.
        retry_after: The seconds after which the client should try again, None to leave that open.
    """

    def fail(exchange: Exchange) -> Exchange | None:
        words = _WORDS.get(str(exchange.meta.get("profile")))
        if words is None or exchange.response.status >= 400:
            return None
        refusal = Refused(
            words[status],
            status=status,
            code="rate_limit_exceeded" if status == 429 else None,
            retry_after=retry_after,
        )
        return replace(
            exchange, response=refused(refusal, dialect_of(str(exchange.meta["profile"])))
        )

    return fail
