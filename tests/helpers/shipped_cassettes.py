"""The shipped cassettes, read and judged once in each process that tests: they are many, and many
tests look at all of them."""

from functools import cache

from conformance._files import data_folder
from conformance.protocol.exchange import Exchange
from conformance.runs import collecting
from conformance.runs.collecting import CollectedAnswers
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable, read

FOLDER = data_folder("cassettes")


@cache
def exchanges() -> tuple[Exchange, ...]:
    """What all cassettes hold, in the order of their files; fails where one cannot be read."""
    outcomes = list(read([FOLDER]))
    assert [each for each in outcomes if isinstance(each, Unreadable)] == []
    return tuple(each for each in outcomes if isinstance(each, Exchange))


@cache
def gathered(selection: Selection) -> CollectedAnswers:
    """What a run of the cassettes chosen is made of, the self-test with it; nobody may change
    it."""
    return collecting.replayed(FOLDER, selection)
