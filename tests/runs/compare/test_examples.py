"""Of each harmed question the pair is shown that differs most by the worst metric."""

from dataclasses import replace

from conformance.comparison.sample import Sample, Side
from conformance.runs.compare.comparing import compared
from conformance.runs.compare.examples import examples_of
from conformance.runs.compare.settings import Settings
from tests.runs.compare.made_pairs import completion, sample

SIDES: tuple[Side, ...] = ("old", "new")
SETTINGS = Settings("old words", "new words", "questions of a test", 2)
EMPTY = completion("")


def made(name: str, side: Side, number: int, answer: object = None) -> Sample:
    return replace(sample(name, side, number, answer), position=number)


def test_the_pair_that_differs_is_the_example() -> None:
    samples = [made(name, side, n) for name in ("a", "b") for side in SIDES for n in (1, 2)]
    samples[3] = empty = made("a", "new", 2, EMPTY)
    comparison = compared(samples, SETTINGS)
    examples = examples_of(comparison, samples, SETTINGS)
    assert examples == {"a": (samples[1].exchange, empty.exchange)}


def test_without_a_difference_there_is_none() -> None:
    samples = [made("a", side, n) for side in SIDES for n in (1, 2)]
    assert examples_of(compared(samples, SETTINGS), samples, SETTINGS) == {}


def test_the_example_may_lack_an_answer() -> None:
    samples = [made("a", side, n) for side in SIDES for n in (1, 2)]
    lost = replace(samples[3], exchange=None, why="the connection was refused")
    samples[3] = lost
    examples = examples_of(compared(samples, SETTINGS), samples, SETTINGS)
    assert examples["a"][1] is None
