"""Recognise answers that say too little to test much: empty, or cut at a generous limit."""

from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange

GENEROUS = 256
"""A token limit from which on an ordinary answer to a case is not expected to be cut."""


def is_thin(exchange: Exchange) -> bool:
    """True for an answer that says nothing, or that is cut although its limit is generous.

    Nothing means: no text, refusal, tool call or audio in any choice. A limit is generous from
    ``GENEROUS`` tokens on, or if the request sets none. False for errors and truncated answers,
    which are counted elsewhere.
    """
    facts = fold(exchange)
    if facts.kind == "error" or exchange.response.truncated or facts.failures:
        return False
    if not any(choice.says_something for choice in facts.choices):
        return True
    return _has_generous_limit(facts) and all(
        choice.finish_reason == "length" for choice in facts.choices
    )


def _has_generous_limit(facts: Facts) -> bool:
    limit = facts.chat_request.token_limit
    return limit is None or limit >= GENEROUS
