"""Read an answer with every SDK call that fits its request."""

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

# Without a handler, warnings of the SDK would be printed to standard error.
logging.getLogger("openai").addHandler(logging.NullHandler())


class Way(NamedTuple):
    """One way to read an answer with the SDK.

    ``name`` is shown to users; ``call`` and ``async_call`` read the answer; ``ours`` lists the
    content of the bytes and ``theirs`` that of the SDK's objects.
    """

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
    """Read an exchange with every SDK call that fits its request.

    Never raises: a failure of our own code, not of the SDK, is the ``error`` of the reading.
    """
    if why := _why_not_read(exchange):
        return Reading(not_read=why)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pydantic, about values of a wrong type
            facts = fold(exchange)
            return Reading(tuple(_breaks(facts)), strict(facts))
    except Exception as error:
        return Reading(error=line(error))


def _why_not_read(exchange: Exchange) -> str:
    """Return why the recording cannot be read, "" if it can."""
    if exchange.response.body is None:
        return "the body was not recorded"
    if exchange.meta.get("partial") or exchange.meta.get("elided"):
        return "only a part of the body was recorded"
    return (
        ""
        if exchange.response.status >= 200
        else f"status {exchange.response.status} is not an answer"
    )


def _breaks(facts: Facts) -> Iterator[Break]:
    request = asked(facts)
    ways = (
        [CHUNKS, HELPER]
        if request.streams
        else [CREATE, *([PARSE] if request.answer_class else [])]
    )
    for way in ways:
        result = calls.blocking(way.call, Player(facts.exchange), request)
        breaks = _compare(way, facts, result)
        yield from breaks
        yield from _compare_async(way, facts, request, breaks)
        if way in (CREATE, HELPER) and not breaks and not isinstance(result, Exception):
            yield from round_trip.breaks(facts, result)


def _compare_async(way: Way, facts: Facts, request: Asked, before: list[Break]) -> Iterator[Break]:
    """Yield the breaks of the asynchronous client that the blocking one does not have."""
    breaks = _compare(way, facts, calls.in_a_loop(way.async_call, Player(facts.exchange), request))
    if breaks != before:
        yield from (
            Break(f"async {broken.call}", broken.outcome, broken.what)
            for broken in breaks
            if broken not in before
        )


def _compare(way: Way, facts: Facts, result: Any) -> list[Break]:
    """Compare the result or the exception of a call with the bytes of the answer."""
    if isinstance(result, Exception):
        return list(errors.raised(way.name, facts, result))
    if not_raised := list(errors.not_raised(way.name, facts)):
        return not_raised
    if way is not CHUNKS and not isinstance(result, openai.types.chat.ChatCompletion):
        return [Break(way.name, "lost", f"the completion: it returned {type(result).__name__}")]
    theirs = way.theirs(result)
    return [
        Break(way.name, "lost", _describe_loss(what, value, theirs.get(what)))
        for what, value in way.ours(facts).items()
        if theirs.get(what) != value
    ]


def _describe_loss(what: str, value: Any, theirs: Any) -> str:
    return (
        f"{what}: {brief(value)} became {brief(theirs)}"
        if theirs is not None
        else f"{what}: {brief(value)}"
    )
