"""The type of an endpoint, a function from a case to an exchange, and conversations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from conformance.cases import Case
from conformance.cases.next_turn import next_case
from conformance.protocol.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer came.

    ``why`` is the reason, on one line. ``asked`` is False if no request was sent. ``stalled`` is
    True if the endpoint accepted the request and then sent nothing until the time limit.
    ``ends_run`` is True if no further request will be answered, as a daily quota is spent.
    """

    why: str
    asked: bool = True
    stalled: bool = False
    ends_run: bool = False


Endpoint: TypeAlias = Callable[[Case], Exchange | Unreachable]
"""Sends the request of a case once and returns the outcome."""


def converse(case: Case, endpoint: Endpoint) -> Iterator[Exchange | Unreachable]:
    """Send a case and its further turns, each built from the answer before it.

    Yields one outcome for each request sent. Stops after an ``Unreachable`` outcome, or after an
    answer from which the next turn cannot be built.
    """
    next_request: Case | None = case
    for turn in (*case.then, None):
        if next_request is None:
            return
        outcome = endpoint(next_request)
        yield outcome
        if turn is None or isinstance(outcome, Unreachable):
            return
        next_request = next_case(next_request, turn, outcome)
