"""Asking an endpoint, whatever it is: a case goes in, exchanges come out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from conformance.cases import Case
from conformance.cases.next_turn import next_case
from conformance.protocol.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer came; ``why`` fits on one line. ``asked`` says whether anything was sent,
    ``stalled`` that the endpoint took it and then said nothing."""

    why: str
    asked: bool = True
    stalled: bool = False


Endpoint: TypeAlias = Callable[[Case], Exchange | Unreachable]
"""Asks one request, once."""


def converse(case: Case, endpoint: Endpoint) -> Iterator[Exchange | Unreachable]:
    """Ask a case and, where it has several turns, go on with what is answered, as long as there is
    something to go on from."""
    asked: Case | None = case
    for turn in (*case.then, None):
        if asked is None:
            return
        outcome = endpoint(asked)
        yield outcome
        if turn is None or isinstance(outcome, Unreachable):
            return
        asked = next_case(asked, turn, outcome)
