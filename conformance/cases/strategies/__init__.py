"""Requests by Hypothesis: bodies that show the features wanted, and some that were not asked for.

Only what mints or hunts imports this package: what replays the corpus needs no Hypothesis.
"""

from collections.abc import Collection
from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases import MODEL
from conformance.cases.features import FEATURES, Body, completed
from conformance.cases.strategies import formats, google, media, messages, options, tools
from conformance.cases.strategies.edits import QUESTIONS, Edits

__all__ = ["EDITS", "MOST", "exactly", "requests"]

MOST = 7
"""Features of a request, unless more are wanted or implied."""

EDITS: Edits = {
    **formats.EDITS,
    **tools.EDITS,
    **messages.EDITS,
    **media.EDITS,
    **google.EDITS,
    **options.EDITS,
}
"""By feature, in the order in which they are applied: what asks something of its own before what is
said at its end."""


def requests(
    wanted: Collection[str] = (), within: frozenset[str] | None = None
) -> SearchStrategy[Body]:
    """Bodies that have the features wanted, what these imply, and as chance has it others that go
    with them; fewer and plainer ones first.

    ``within`` are the capabilities of the one target that is to be asked. Raises ValueError where
    no request may have all that is wanted.
    """
    if (least := completed(wanted, within)) is None:
        raise ValueError(f"no request may have {', '.join(sorted(wanted))}")
    others = [name for name in FEATURES if name not in least and completed(least | {name}, within)]
    # not unique: in a list of unique ones the same choice means another feature as soon as one
    # before it is dropped, and nothing shrinks
    more = (
        st.lists(st.sampled_from(others), max_size=max(1, MOST - len(least)))
        if others
        else st.just([])
    )
    return more.flatmap(lambda names: exactly(_joined(least, names, within)))


def _joined(
    least: frozenset[str], names: list[str], within: frozenset[str] | None
) -> frozenset[str]:
    """The features with those of the others that go with them and with each other, as long as they
    are not too many."""
    joined = least
    for name in names:
        more = completed(joined | {name}, within)
        if more and len(more) <= max(MOST, len(least) + 1):
            joined = more
    return joined


@st.composite
def exactly(draw: st.DrawFn, names: frozenset[str]) -> Body:
    """Bodies that have these features, which are complete and go together, and no others."""
    body: Body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": draw(st.sampled_from(QUESTIONS))}],
    }
    for edit in [draw(edits) for name, edits in EDITS.items() if name in names]:
        edit(body)
    return deepcopy(body)  # so that bodies share no value with each other
