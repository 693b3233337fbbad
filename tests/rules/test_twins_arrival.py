"""Whether a stream is held back, told by when its pieces arrive."""

from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from tests.rules.conftest import TOOLS, Object, stream
from tests.rules.groups import fragments, outcomes, timed

TOOL: Object = {"tools": [*TOOLS]}
WORDS = ("The ", "weather ", "is ", "fine.")
HELD = timed(stream("The weather is fine.", request=TOOL), first=900, step=0)


def burst(exchange: Exchange, milliseconds: float = 900) -> Exchange:
    return replace(exchange, response=replace(exchange.response, reads=((milliseconds, len(exchange.response.body or b"")),)))


@pytest.mark.parametrize(
    ("what", "plain", "other", "outcome"),
    [
        ("spread both ways", timed(stream(*WORDS)), timed(stream(*WORDS, request=TOOL)), "pass"),
        ("one delta at the end", timed(stream(*WORDS)), HELD, "fail"),
        ("many deltas in one read at the end", timed(stream(*WORDS)), burst(stream(*WORDS, request=TOOL)), "fail"),
        ("a burst both ways", burst(stream(*WORDS)), HELD, "pass"),
        ("a call instead of a text", timed(stream(*WORDS)), burst(stream(*fragments("{}"), request=TOOL, finish="tool_calls")), "pass"),
        ("few deltas", timed(stream("The weather ", "is fine.")), HELD, "pass"),
        ("much less text", timed(stream(*WORDS)), burst(stream("Fine.", request=TOOL)), "pass"),
        ("a text that comes while the thinking is still long", timed(stream(*WORDS), first=4000, step=10), HELD, "pass"),
        ("no times", stream(*WORDS), HELD, "not exercised"),
        ("times of other bytes", replace(burst(stream(*WORDS)), response=replace(HELD.response, reads=((1.0, 5),))), HELD, "not exercised"),
    ],
)
def test_a_stream_is_not_held_back(what: str, plain: Exchange, other: Exchange, outcome: str) -> None:
    assert outcomes((plain, other))["META-014"] == outcome, what


def test_early_text_is_no_burst_at_the_end() -> None:
    """One delta that comes early, after which the stream stays open."""
    other = timed(stream("The weather is fine.", request=TOOL), first=100, step=200)
    assert outcomes((timed(stream(*WORDS)), other))["META-014"] == "pass"
