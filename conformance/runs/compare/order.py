"""The order in which two sides are asked: spread over the run, with a coin for who is first."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.comparison.sample import Side
from conformance.runs.compare.questions import Question


@dataclass(frozen=True, slots=True)
class PlannedPair:
    """Two requests that are sent one after the other: the same case, to each side.

    ``number`` is which sample of the case it is, from 1; ``position`` its place in the run, from
    0; ``first`` the side that is asked first.
    """

    question: Question
    number: int
    position: int
    first: Side

    @property
    def key(self) -> tuple[str, int]:
        """The case and the number of the sample."""
        return self.question.case.id, self.number


def asking_order(
    questions: Sequence[Question], samples: int, seed: int, *, after: int = 0, position: int = 0
) -> list[PlannedPair]:
    """Return the pairs in the order in which they are asked.

    All questions are asked once, in an order that the seed shuffles, then again, so that the
    samples of one question are spread over the run. For each pair a coin decides who is first.

    Args:
        questions: What to ask.
        samples: How often to ask each question.
        seed: Decides order and coins.
        after: The number of the last sample that was asked before.
        position: The place of the first pair.
    """
    chance = random.Random(f"{seed} {after}")
    pairs: list[PlannedPair] = []
    for number in range(after + 1, after + samples + 1):
        for question in chance.sample(questions, len(questions)):
            first: Side = "old" if chance.random() < 0.5 else "new"
            pairs.append(PlannedPair(question, number, position + len(pairs), first))
    return pairs
