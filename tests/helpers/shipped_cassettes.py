"""The shipped cassettes, read and judged once in each test process.

There are many of them, and many tests use all.
"""

from functools import cache
from pathlib import Path

from conformance._files import data_folder
from conformance.protocol.exchange import Exchange
from conformance.runs import collecting
from conformance.runs.collecting import CollectedAnswers
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable, read

FOLDER = data_folder("cassettes")


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Return the exchanges of all cassettes, in the order of the files.

    Fails if a cassette cannot be read.
    """
    outcomes = list(read([FOLDER]))
    assert [each for each in outcomes if isinstance(each, Unreadable)] == []
    return tuple(each for each in outcomes if isinstance(each, Exchange))


def exchanges_in(folder: Path) -> list[Exchange]:
    """Return the exchanges in a folder of recordings, without what cannot be read."""
    return [each for each in read([folder]) if isinstance(each, Exchange)]


@cache
def gathered(selection: Selection) -> CollectedAnswers:
    """Return the answers of a replay and of its self-test; callers must not change them."""
    return collecting.replayed(FOLDER, selection)
