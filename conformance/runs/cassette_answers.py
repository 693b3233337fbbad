"""The answers that a cassette holds, each with its target and its case."""

from collections.abc import Iterator
from pathlib import Path

from conformance.protocol.exchange import Exchange
from conformance.runs.results import Answer
from conformance.traffic import Unreadable, read


def answers(path: Path) -> Iterator[Answer | Unreadable]:
    """The exchanges of a cassette; its folder is the target. What cannot be read, or is no Chat
    Completions call, comes as one line about it."""
    number = 0
    for outcome in read([path]):
        if not isinstance(outcome, Exchange):
            yield Unreadable(outcome.where, outcome.why)
            continue
        number += 1
        case = str(outcome.meta.get("case") or path.stem)
        yield Answer(path.parent.name, turn_of(case, number), outcome)


def turn_of(case: str, number: int) -> str:
    """How a turn of a case is called, the first being number 1."""
    return f"{case}#{number}" if number > 1 else case
