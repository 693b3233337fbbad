"""Whether a stream is held back, judged by when its parts arrive."""

from dataclasses import replace

import pytest

from conformance.protocol.exchange import Exchange
from tests.judging.conftest import TOOLS, Object, stream
from tests.judging.rules.groups import COUNTED, found, fragments, outcomes, timed

TOOL: Object = {"tools": [*TOOLS]}
WORDS = ("The ", "weather ", "is ", "fine.")
HELD = timed(stream("The weather is fine.", request=TOOL), first=900, step=0)


def burst(exchange: Exchange, milliseconds: float = 900) -> Exchange:
    return replace(
        exchange,
        response=replace(
            exchange.response, reads=((milliseconds, len(exchange.response.body or b"")),)
        ),
    )


@pytest.mark.parametrize(
    ("what", "plain", "other", "outcome"),
    [
        ("spread both ways", timed(stream(*WORDS)), timed(stream(*WORDS, request=TOOL)), "pass"),
        ("one delta at the end", timed(stream(*WORDS)), HELD, "fail"),
        (
            "many deltas in one read at the end",
            timed(stream(*WORDS)),
            burst(stream(*WORDS, request=TOOL)),
            "fail",
        ),
        ("a burst both ways", burst(stream(*WORDS)), HELD, "pass"),
        (
            "a call instead of a text",
            timed(stream(*WORDS)),
            burst(stream(*fragments("{}"), request=TOOL, finish="tool_calls")),
            "pass",
        ),
        ("few deltas", timed(stream("The weather ", "is fine.")), HELD, "pass"),
        ("much less text", timed(stream(*WORDS)), burst(stream("Fine.", request=TOOL)), "pass"),
        (
            "a text that comes while the thinking is still long",
            timed(stream(*WORDS), first=4000, step=10),
            HELD,
            "pass",
        ),
        ("no times", stream(*WORDS), HELD, "not exercised"),
        (
            "times of other bytes",
            replace(burst(stream(*WORDS)), response=replace(HELD.response, reads=((1.0, 5),))),
            HELD,
            "not exercised",
        ),
    ],
)
def test_a_stream_is_not_held_back(
    what: str, plain: Exchange, other: Exchange, outcome: str
) -> None:
    assert outcomes((plain, other))["META-014"] == outcome, what


def test_early_text_is_no_burst_at_the_end() -> None:
    """One delta that comes early, after which the stream stays open."""
    other = timed(stream("The weather is fine.", request=TOOL), first=100, step=200)
    assert outcomes((timed(stream(*WORDS)), other))["META-014"] == "pass"


def arriving(exchange: Exchange, *times: float) -> Exchange:
    """A stream each event of which arrives when it is said; the last time holds for the rest."""
    made = timed(exchange)
    sizes = [size for _, size in made.response.reads]
    held = [*times, *[times[-1]] * len(sizes)][: len(sizes)]
    return replace(
        made, response=replace(made.response, reads=tuple(zip(held, sizes, strict=True)))
    )


FREE = timed(stream(*WORDS))


@pytest.mark.parametrize(
    ("what", "plain", "other", "outcome"),
    [
        (
            "the role comes early, the text at the end",
            FREE,
            arriving(stream(*WORDS, request=TOOL), 100, 900),
            "fail",
        ),
        (
            "the text comes in even steps, late",
            FREE,
            arriving(stream(*WORDS, request=TOOL), 800, 820, 840, 860, 880),
            "pass",
        ),
        (
            "the text comes nearly at once, late",
            FREE,
            arriving(stream(*WORDS, request=TOOL), 800, 894, 896, 898, 900),
            "fail",
        ),
        (
            "three pieces at three times",
            timed(stream("The weather ", "is ", "fine.")),
            HELD,
            "pass",
        ),
        ("four pieces at two times", arriving(stream(*WORDS), 100, 140, 140, 180), HELD, "pass"),
        (
            "four pieces at three times",
            arriving(stream(*WORDS), 100, 140, 170, 170, 190),
            HELD,
            "fail",
        ),
        (
            "pieces over less time than a busy machine takes",
            arriving(stream(*WORDS), 100, 140, 170, 170, 189),
            HELD,
            "pass",
        ),
        (
            "pieces over a tenth of the time",
            arriving(stream(*WORDS), 800, 900, 950, 980, 1000),
            HELD,
            "fail",
        ),
        (
            "pieces over less than that",
            arriving(stream(*WORDS), 800, 910, 950, 980, 1000),
            HELD,
            "pass",
        ),
        (
            "pieces over little of a stream that stays open",
            arriving(stream(*WORDS), 10, 20, 30, 40, 50, 60, 2000),
            HELD,
            "pass",
        ),
        (
            "a burst in a stream that stays open",
            FREE,
            arriving(stream(*WORDS, request=TOOL), 100, 900, 900, 900, 900, 900, 2000),
            "pass",
        ),
        (
            "a burst when four fifths have passed",
            FREE,
            arriving(stream(*WORDS, request=TOOL), 100, 800, 800, 800, 800, 1000),
            "fail",
        ),
        ("half as much text", FREE, burst(stream("The weathe", request=TOOL)), "fail"),
        ("less than half as much", FREE, burst(stream("The weath", request=TOOL)), "pass"),
        (
            "choices that take turns",
            arriving(
                stream((1, "a b "), (0, "a b "), (1, "c"), (0, "c"), n=2, request={"n": 2}),
                10,
                20,
                30,
                50,
                70,
                90,
            ),
            arriving(stream((0, "a b c"), (1, "a b c"), n=2, request={"n": 2} | TOOL), 10, 10, 90),
            "fail",
        ),
    ],
)
def test_what_is_a_burst_and_what_not(
    what: str, plain: Exchange, other: Exchange, outcome: str
) -> None:
    assert outcomes((plain, other))["META-014"] == outcome, what


def test_the_arguments_of_a_call_may_be_held_back_too() -> None:
    request = TOOL | {"tool_choice": "required"}
    pieces = fragments('{"ci', 'ty"', ':"P', 'aris"}')
    other = stream(
        *fragments('{"city":"Paris"}'),
        request=request | {"stream_options": COUNTED},
        finish="tool_calls",
    )
    plain = timed(stream(*pieces, request=request, finish="tool_calls"))
    assert (
        found((plain, arriving(other, 100, 120, 900)))["META-014"].message
        == "the arguments of calls come in one burst at the end of the stream"
    )
    assert found((plain, timed(other))) == {}


def test_the_evidence_says_how_many_pieces_came_over_which_time() -> None:
    finding = found((FREE, HELD))["META-014"]
    assert (finding.expected, finding.actual) == ("4 pieces over 120 ms", "1 pieces over 0 ms")
