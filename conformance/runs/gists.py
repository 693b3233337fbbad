"""What an exchange asks and says in short, to compare the answers of a whole run."""

import json
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus

from conformance.judging.predicates.google import reports_blocked_prompt
from conformance.protocol.chat.choices import FILTERS, Choice
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange, Json

_PLAIN = {"model", "messages", "max_tokens", "max_completion_tokens", "stream", "temperature"}
_ENDED_BY_OTHERS = ("length", *FILTERS)


@dataclass(frozen=True, slots=True)
class Gist:
    """What an exchange asks and says in short.

    ``question`` and ``answer`` are digests of the messages and of what the choices say, whatever
    their ids, times and counts are; "" for an error and for an answer that is truncated or says
    nothing. ``plain`` is true for a request with nothing but a text. ``empty`` is true for status
    200 with nothing said, though no limit and no filter ended it.
    """

    question: str = ""
    answer: str = ""
    plain: bool = False
    empty: bool = False


NO_GIST = Gist()


def gist_of(exchange: Exchange) -> Gist:
    """Return what an exchange asks and says in short."""
    body = exchange.request.body
    plain = isinstance(body, dict) and _is_plain(body)
    if exchange.response.status != HTTPStatus.OK or exchange.response.truncated:
        return Gist(plain=plain)
    facts = fold(exchange)
    said = [_said(choice) for choice in facts.choices]
    if not any(map(any, said)):
        return Gist(plain=plain, empty=not _ended_by_others(facts))
    return Gist(_digest(facts.request.get("messages")), _digest(said), plain)


def _is_plain(body: dict[str, Json]) -> bool:
    messages = body.get("messages")
    return (
        body.keys() <= _PLAIN
        and isinstance(messages, list)
        and all(
            isinstance(message, dict) and isinstance(message.get("content"), str)
            for message in messages
        )
    )


def _said(choice: Choice) -> list[Json]:
    calls = [(call.name, call.arguments) for call in choice.calls]
    return [choice.text, calls, choice.function_call and True, choice.audio and True]


def _ended_by_others(facts: Facts) -> bool:
    """Whether a limit or filter explains why nothing is said."""
    reasons = [choice.finish_reason or "" for choice in facts.choices]
    return reports_blocked_prompt(facts) or (
        bool(reasons) and all(reason.startswith(_ENDED_BY_OTHERS) for reason in reasons)
    )


def _digest(value: Json) -> str:
    return blake2b(json.dumps(value, default=str).encode(), digest_size=8).hexdigest()
