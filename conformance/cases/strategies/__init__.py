"""Generate requests with Hypothesis: bodies that have given features, and possibly others.

Only code that generates cases or hunts imports this package; replaying the corpus does not need
Hypothesis.
"""

from collections.abc import Collection
from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases import MODEL
from conformance.cases.features import FEATURES, Body, completed
from conformance.cases.strategies import formats, google, media, messages, options, tools
from conformance.cases.strategies.edits import QUESTIONS, Edits

__all__ = ["EDITS", "MAX_FEATURES", "exactly", "requests"]

MAX_FEATURES = 7
"""The most features of a request, unless more are wanted or implied."""

EDITS: Edits = {
    **formats.EDITS,
    **tools.EDITS,
    **messages.EDITS,
    **media.EDITS,
    **google.EDITS,
    **options.EDITS,
}
"""The edits by feature, in the order in which they are applied: edits that set the question come
before edits that append to it."""


def requests(
    wanted: Collection[str] = (), within: frozenset[str] | None = None
) -> SearchStrategy[Body]:
    """Generate bodies that have the wanted features, those they imply, and random others.

    Hypothesis tries bodies with fewer and simpler features first, and shrinks failures to them.

    Args:
        wanted: The names of features.
        within: The capabilities of one target, or None to allow those of any one profile.

    Raises:
        ValueError: no request can have all wanted features.
    """
    if (least := completed(wanted, within)) is None:
        raise ValueError(f"no request can combine {', '.join(sorted(wanted))}")
    others = [name for name in FEATURES if name not in least and completed(least | {name}, within)]
    # Not unique=True: then the same choice would mean another feature after an earlier one is
    # dropped, and shrinking would not work.
    more = (
        st.lists(st.sampled_from(others), max_size=max(1, MAX_FEATURES - len(least)))
        if others
        else st.just([])
    )
    return more.flatmap(lambda names: exactly(_joined(least, names, within)))


def _joined(
    least: frozenset[str], names: list[str], within: frozenset[str] | None
) -> frozenset[str]:
    """Add those of ``names`` that can be combined with the features and with each other.

    A feature is skipped if the request would then have too many.
    """
    joined = least
    for name in names:
        more = completed(joined | {name}, within)
        if more and len(more) <= max(MAX_FEATURES, len(least) + 1):
            joined = more
    return joined


@st.composite
def exactly(draw: st.DrawFn, names: frozenset[str]) -> Body:
    """Generate bodies that have exactly these features, which must be complete and compatible."""
    body: Body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": draw(st.sampled_from(QUESTIONS))}],
    }
    for edit in [draw(edits) for name, edits in EDITS.items() if name in names]:
        edit(body)
    return deepcopy(body)  # so that no two bodies share a value
