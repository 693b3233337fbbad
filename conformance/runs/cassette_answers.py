"""Read the answers in a cassette, each with its target and case."""

from collections.abc import Iterator
from pathlib import Path

from conformance.cases.case_ref import CaseRef
from conformance.protocol.exchange import Exchange
from conformance.runs.results import Answer
from conformance.traffic import Unreadable, read


def answers(path: Path) -> Iterator[Answer | Unreadable]:
    """Yield the exchanges in a cassette as answers; the target is the name of its folder.

    The case is the one that the recording names, otherwise the name of the file. An entry that
    cannot be read or is not a Chat Completions call is yielded as ``Unreadable``.
    """
    number = 0
    for outcome in read([path]):
        if not isinstance(outcome, Exchange):
            yield Unreadable(outcome.where, outcome.why)
            continue
        number += 1
        case = str(outcome.meta.get("case") or path.stem)
        yield Answer(path.parent.name, turn_of(case, number), outcome)


def turn_of(case: str, number: int) -> str:
    """Name a turn of a case: ``case`` for turn 1, ``case#N`` for turn N."""
    return str(CaseRef(case, number))
