"""Make samples with given values, to test what compares them."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.comparison.metric import Metric
from conformance.comparison.sample import Measured, Sample, Side
from conformance.protocol.exchange import Exchange, Request, Response

SIDES: tuple[Side, ...] = ("old", "new")


def metric(name: str = "m", **changes: object) -> Metric:
    """Return a share of which more is worse, with a margin of 5 points, that gates."""
    values = {"title": "bad answers", "unit": "share", "worse": "more", "margin": 0.05}
    return Metric(**({"name": name, "gates": True} | values | changes))  # type: ignore[arg-type]


def measured(
    question: str,
    side: Side,
    number: int,
    position: int | None = 0,
    body: bytes | None = None,
    **values: float,
) -> Measured:
    """Return one sample with these values of metrics, with the body if one is given."""
    exchange = Exchange("", Request(), Response(200, body=body)) if body is not None else None
    return Measured(Sample(question, question, side, number, position, exchange), values)


def drawn(
    draw: Callable[[Side, int, int], dict[str, Any]],
    questions: int = 100,
    samples: int = 3,
    seed: int = 0,
) -> list[Measured]:
    """Return samples in the order of a run, with the values of ``draw(side, question, position)``.

    Each round asks all questions once, in an order of its own.
    """
    order = random.Random(seed)
    return [
        measured(f"q{question}", side, number, position, **draw(side, question, position))
        for number, position, question in _rounds(order, questions, samples)
        for side in SIDES
    ]


def swapped(samples: Sequence[Measured]) -> list[Measured]:
    """Return the same samples with OLD and NEW exchanged."""
    other: dict[Side, Side] = {"old": "new", "new": "old"}
    return [
        Measured(
            Sample(
                each.sample.question,
                each.sample.case,
                other[each.sample.side],
                each.sample.number,
                each.sample.position,
                each.sample.exchange,
            ),
            each.values,
        )
        for each in samples
    ]


def _rounds(order: random.Random, questions: int, samples: int) -> Iterator[tuple[int, int, int]]:
    for number in range(1, samples + 1):
        numbers = list(range(questions))
        order.shuffle(numbers)
        for place, question in enumerate(numbers):
            yield number, (number - 1) * questions + place, question
