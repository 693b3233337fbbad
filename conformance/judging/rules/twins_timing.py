"""Twins that are both streamed: compare when their parts arrive."""

from collections.abc import Iterator, Sequence

from conformance.judging.group_rule import both, twin_rule
from conformance.judging.rule import finding
from conformance.judging.rules.timing import TimedText, arguments_said, arrivals, text_said
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

MANY = 4
"""Least number of deltas, at three different times; fewer may arrive at once by chance."""

LEAST = 50.0
"""Milliseconds: shorter spans depend on how busy the machine is."""


def _span(parts: Sequence[TimedText]) -> float:
    """Return the milliseconds from the first part to the last."""
    return parts[-1].at - parts[0].at


def _is_spread(parts: Sequence[TimedText], end: float) -> bool:
    """Return whether the parts arrive over a good share of the time of the answer (``end``)."""
    return (
        len(parts) >= MANY
        and len({part.at for part in parts}) >= 3
        and _span(parts) >= max(LEAST, 0.1 * end)
    )


def _is_burst(parts: Sequence[TimedText], end: float, like: Sequence[TimedText]) -> bool:
    """Return whether about as much as in ``like`` arrives almost at once near the end."""
    as_much = sum(part.characters for part in parts) * 2 >= sum(part.characters for part in like)
    return as_much and _span(parts) <= 0.05 * _span(like) and parts[0].at >= 0.8 * end


@twin_rule("META-014", "tools", "usage", when=(both(arrivals),), needs=("timing", "end"))
def stream_is_not_held_back(baseline: Facts, variant: Facts) -> Iterator[Finding]:
    ends = arrivals(baseline)[-1], arrivals(variant)[-1]
    for what, parts_of in (
        ("the text comes", text_said),
        ("the arguments of calls come", arguments_said),
    ):
        free, held = parts_of(baseline), parts_of(variant)
        if _is_spread(free, ends[0]) and _is_burst(held, ends[1], free):
            expected, actual = (
                f"{len(parts)} pieces over {_span(parts):.0f} ms" for parts in (free, held)
            )
            yield finding(
                f"{what} in one burst at the end of the stream", expected=expected, actual=actual
            )


RULES = (stream_is_not_held_back,)
