"""Recognise answers that say too little to test much: empty, cut, filtered or declined."""

from http import HTTPStatus

from conformance.judging.predicates.google import reports_blocked_prompt
from conformance.protocol.chat.choices import FILTERS, Choice
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange

GENEROUS = 256
"""A token limit from which on an ordinary answer to a case is not expected to be cut."""


def is_thin(exchange: Exchange) -> bool:
    """True for an answer that says nothing, that was blocked, or that is cut at a generous limit.

    Nothing means: no text, tool call or audio in any choice; a refusal is not text. Blocked means
    that a filter ended every choice, or that the text only says so. A limit is generous from
    ``GENEROUS`` tokens on, or if the request sets none. False for errors and truncated answers,
    which are counted elsewhere.
    """
    if exchange.response.status >= HTTPStatus.BAD_REQUEST or exchange.response.truncated:
        return False
    facts = fold(exchange)
    if facts.kind == "error" or facts.failures:
        return False
    if reports_blocked_prompt(facts) or not any(map(_is_usable, facts.choices)):
        return True
    return _has_generous_limit(facts) and all(
        choice.finish_reason == "length" for choice in facts.choices
    )


def _is_usable(choice: Choice) -> bool:
    """True if the choice has text, a call or audio that no filter ended."""
    said = choice.text or choice.calls or choice.function_call or choice.audio
    return bool(said) and not (choice.finish_reason or "").startswith(FILTERS)


def _has_generous_limit(facts: Facts) -> bool:
    limit = facts.chat_request.token_limit
    return limit is None or limit >= GENEROUS
