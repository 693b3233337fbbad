"""Reads an answer with the SDK in every way that its request allows."""

import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import openai

from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange
from conformance.runs.sdk import calls, content, errors, round_trip
from conformance.runs.sdk.content import Held
from conformance.runs.sdk.excerpt import brief, line
from conformance.runs.sdk.player import Player
from conformance.runs.sdk.reading import Break, Reading
from conformance.runs.sdk.sdk_request import Asked, asked
from conformance.runs.sdk.strict import strict

VERSION = openai.__version__

logging.getLogger("openai").addHandler(
    logging.NullHandler()
)  # else what it warns of goes to standard error


class Way(NamedTuple):
    """One way to read an answer: its name, the two calls, and how to tell what the bytes and what
    the SDK's objects hold."""

    name: str
    call: calls.Call
    async_call: calls.AsyncCall
    ours: Callable[[Facts], Held]
    theirs: Callable[[Any], Held]


CREATE = Way("create()", calls.create, calls.create_async, content.whole, content.whole_of)
PARSE = Way("parse()", calls.parse, calls.parse_async, content.whole, content.whole_of)
CHUNKS = Way(
    "create(stream=True)", calls.chunks, calls.chunks_async, content.in_pieces, content.in_pieces_of
)
HELPER = Way("stream()", calls.helped, calls.helped_async, content.whole, content.whole_of)


def read_by_sdk(exchange: Exchange) -> Reading:
    """What the SDK makes of an exchange. What breaks the player and not the SDK is an error of the
    reading."""
    if why := _unplayable(exchange):
        return Reading(not_read=why)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pydantic, about values that are not of their type
            facts = fold(exchange)
            return Reading(tuple(_breaks(facts)), strict(facts))
    except Exception as error:
        return Reading(error=line(error))


def _unplayable(exchange: Exchange) -> str:
    if exchange.response.body is None:
        return "the body was not recorded"
    if exchange.meta.get("partial") or exchange.meta.get("elided"):
        return "the body is quoted in part"
    return (
        "" if exchange.response.status >= 200 else f"status {exchange.response.status} is no answer"
    )


def _breaks(facts: Facts) -> Iterator[Break]:
    request = asked(facts)
    ways = (
        [CHUNKS, HELPER]
        if request.streams
        else [CREATE, *([PARSE] if request.answer_class else [])]
    )
    for way in ways:
        made = calls.blocking(way.call, Player(facts.exchange), request)
        found = _of(way, facts, made)
        yield from found
        yield from _of_async(way, facts, request, found)
        if way in (CREATE, HELPER) and not found and not isinstance(made, Exception):
            yield from round_trip.breaks(facts, made)


def _of_async(way: Way, facts: Facts, request: Asked, before: list[Break]) -> Iterator[Break]:
    """What the asynchronous client makes of it, where that is not the same."""
    found = _of(way, facts, calls.in_a_loop(way.async_call, Player(facts.exchange), request))
    if found != before:
        yield from (
            Break(f"async {each.call}", each.outcome, each.what)
            for each in found
            if each not in before
        )


def _of(way: Way, facts: Facts, made: Any) -> list[Break]:
    """What is wrong with what a call gave or raised."""
    if isinstance(made, Exception):
        return list(errors.raised(way.name, facts, made))
    if unraised := list(errors.not_raised(way.name, facts)):
        return unraised
    if way is not CHUNKS and not isinstance(made, openai.types.chat.ChatCompletion):
        return [Break(way.name, "lost", f"the completion: it gives {type(made).__name__}")]
    theirs = way.theirs(made)
    return [
        Break(way.name, "lost", _became(what, value, theirs.get(what)))
        for what, value in way.ours(facts).items()
        if theirs.get(what) != value
    ]


def _became(what: str, value: Any, theirs: Any) -> str:
    return (
        f"{what}: {brief(value)} became {brief(theirs)}"
        if theirs is not None
        else f"{what}: {brief(value)}"
    )
