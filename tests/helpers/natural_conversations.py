"""Conversations as they are found in traffic, where nobody marked which exchanges belong
together."""

from collections.abc import Iterable, Iterator

import orjson

from conformance.protocol.chat.conversation import continues, stems_from
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Request


def conversations(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """The conversations among exchanges, whatever order they come in: each last turn with all that
    it goes on from, in their order."""
    known = list(exchanges)
    by_messages: dict[tuple[int, ...], list[Exchange]] = {}
    for exchange in known:
        by_messages.setdefault(_digests(exchange.request), []).append(exchange)
    before = {
        id(exchange): found
        for exchange in known
        if (found := _before(exchange, by_messages)) is not None
    }
    gone_on_from = {id(found) for found in before.values()}
    for exchange in known:
        if id(exchange) in before and id(exchange) not in gone_on_from:
            turns = [exchange]
            while id(turns[-1]) in before:
                turns.append(before[id(turns[-1])])
            yield tuple(reversed(turns))


def _before(
    exchange: Exchange, by_messages: dict[tuple[int, ...], list[Exchange]]
) -> Exchange | None:
    """The exchange whose answer another one sends back, the latest turn where there are several."""
    digests = _digests(exchange.request)
    for asked in range(len(digests) - 1, 0, -1):
        for before in by_messages.get(digests[:asked], ()):
            sent_back = exchange.request.body["messages"][asked]
            if continues(before.request, exchange.request) and any(
                stems_from(sent_back, choice) for choice in fold(before).choices
            ):
                return before
    return None


def _digests(request: Request) -> tuple[int, ...]:
    """A number for each message; none where there are no messages."""
    messages = request.body.get("messages") if isinstance(request.body, dict) else None
    return (
        tuple(hash(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)) for message in messages)
        if isinstance(messages, list)
        else ()
    )
