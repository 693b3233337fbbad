"""Made answers of two endpoints, for the simulation of comparisons.

A world says how answers depend on each other. All draw 0.0 or 1.0 for each metric; 1.0 is bad.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.comparison.metric import Metric
from conformance.comparison.sample import Measured, Sample, Side
from conformance.protocol.exchange import Exchange, Request, Response

SIDES: tuple[Side, Side] = ("old", "new")


@dataclass(frozen=True)
class World:
    """How the answers of both sides come about.

    Attributes:
        correlation: How alike the answers of one side to one question are, for the whole run and
            when they are asked again: the intraclass correlation of a beta-binomial distribution.
        caches: Whether a side stores its first answer to a question and repeats its bytes.
        windows: The bad stretches of the run, as shares of it.
        bad: The share of bad answers in such a stretch, for all metrics at once.
        one_side: Whether the stretches hit NEW only; otherwise each hits a side chosen by a coin.
    """

    correlation: float = 0.0
    caches: bool = False
    windows: tuple[float, ...] = ()
    bad: float = 1.0
    one_side: bool = True


class Endpoints:
    """Two endpoints in a world, for one comparison; they keep their state when asked again."""

    def __init__(
        self, world: World, old: Mapping[str, float], new: Mapping[str, float], seed: str
    ) -> None:
        """Make two endpoints with these shares of bad answers, by metric."""
        self._world, self._shares = world, {"old": old, "new": new}
        self._chance = random.Random(seed)
        self._state: dict[tuple[Side, int, str], float] = {}
        self._stored: dict[tuple[Side, int], tuple[dict[str, float], bytes]] = {}

    def ask(self, questions: list[int], samples: int, *, after: int = 0) -> list[Measured]:
        """Ask all questions as often as ``samples`` says, in rounds, each in an order of its own.

        ``after`` is how many samples were asked before; only the first run has bad stretches.
        """
        length = len(questions) * samples
        bad = set() if after else self._bad_places(length)
        measured: list[Measured] = []
        for place in range(length):
            if place % len(questions) == 0:
                order = self._chance.sample(questions, len(questions))
            question, number = order[place % len(questions)], after + 1 + place // len(questions)
            for side in SIDES:
                values, body = self._answer(side, question, (side, place) in bad)
                exchange = Exchange("", Request(), Response(200, body=body))
                name = f"q{question}"
                sample = Sample(name, name, side, number, after * 1_000 + place, exchange)
                measured.append(Measured(sample, values))
        return measured

    def _answer(self, side: Side, question: int, is_bad: bool) -> tuple[dict[str, float], bytes]:
        if self._world.caches and (side, question) in self._stored:
            return self._stored[side, question]
        values = {
            name: float(self._chance.random() < self._share(side, question, name))
            for name in self._shares[side]
        }
        if is_bad:
            values = {
                name: max(value, float(self._chance.random() < self._world.bad))
                for name, value in values.items()
            }
        answer = values, self._chance.randbytes(8)
        self._stored[side, question] = answer
        return answer

    def _share(self, side: Side, question: int, name: str) -> float:
        share, correlation = self._shares[side][name], self._world.correlation
        if not correlation or not 0 < share < 1:
            return share
        key = side, question, name
        if key not in self._state:
            spread = (1 - correlation) / correlation
            self._state[key] = self._chance.betavariate(share * spread, (1 - share) * spread)
        return self._state[key]

    def _bad_places(self, length: int) -> set[tuple[Side, int]]:
        return {
            (side, place)
            for window in self._world.windows
            for side, places in (self._window(round(window * length), length),)
            for place in places
        }

    def _window(self, size: int, length: int) -> tuple[Side, range]:
        side: Side = "new" if self._world.one_side else self._chance.choice(SIDES)
        start = self._chance.randrange(length - size + 1)
        return side, range(start, start + size)


def metric(name: str, *, is_requirement: bool = False) -> Metric:
    """Return a metric as a comparison has it: a share of bad answers that gates."""
    margin = 0.02 if is_requirement else 0.05
    return Metric(name, name, "share", "more", margin, gates=True, is_requirement=is_requirement)


BEHAVIOUR = (0.0, 0.01, 0.02, 0.05, 0.05, 0.1, 0.1, 0.2, 0.3)
REQUIREMENTS = (0.0, 0.005, 0.02)
SHARES = {f"behaviour {n}": share for n, share in enumerate(BEHAVIOUR)} | {
    f"requirement {n}": share for n, share in enumerate(REQUIREMENTS)
}
"""The share of bad answers of the twelve metrics."""

METRICS = {name: metric(name, is_requirement=name.startswith("requirement")) for name in SHARES}
