"""Twins that are both streamed, compared by when their pieces arrive: META-014."""

from collections.abc import Iterator, Sequence

from conformance.judging.group_rule import both, twin_rule
from conformance.judging.rule import finding
from conformance.judging.rules.timing import TimedText, arguments_said, arrivals, text_said
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

MANY = 4
"""Deltas, at three times or more: fewer may come together by chance."""

LEAST = 50.0
"""Milliseconds: what takes less comes together or not as a machine happens to be busy."""


def _span(said: Sequence[TimedText]) -> float:
    """The milliseconds from the first piece to the last."""
    return said[-1].at - said[0].at


def _is_spread(said: Sequence[TimedText], end: float) -> bool:
    """Whether an answer comes bit by bit, over a good part of the time it takes."""
    return (
        len(said) >= MANY
        and len({each.at for each in said}) >= 3
        and _span(said) >= max(LEAST, 0.1 * end)
    )


def _is_burst(said: Sequence[TimedText], end: float, like: Sequence[TimedText]) -> bool:
    """Whether about as much comes almost at once, when the stream is about to end."""
    as_much = sum(each.characters for each in said) * 2 >= sum(each.characters for each in like)
    return as_much and _span(said) <= 0.05 * _span(like) and said[0].at >= 0.8 * end


@twin_rule("META-014", "tools", "usage", when=(both(arrivals),), needs=("timing", "end"))
def stream_is_not_held_back(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    ends = arrivals(baseline)[-1], arrivals(variant)[-1]
    for what, pieces in (
        ("the text comes", text_said),
        ("the arguments of calls come", arguments_said),
    ):
        free, held = pieces(baseline), pieces(variant)
        if _is_spread(free, ends[0]) and _is_burst(held, ends[1], free):
            expected, actual = (
                f"{len(said)} pieces over {_span(said):.0f} ms" for said in (free, held)
            )
            yield finding(f"{what} in one burst at the end", expected=expected, actual=actual)
