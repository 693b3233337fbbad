"""What two sides answered to the same questions: the values that a comparison is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from conformance.cases import Case
from conformance.protocol.exchange import Exchange

Side: TypeAlias = Literal["old", "new"]

_NO_VALUES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sample:
    """What one side answered to a question, once.

    Attributes:
        question: The unit of chance. Cases that ask the same question in the same words have the
            same one.
        case: The id of the case, or of its turn: ID or ID#N.
        side: Which endpoint was asked.
        number: Which of the K samples of this side it is, from 1.
        position: The place of its pair in the order of the run, from 0; both samples of a pair have
            the same one. None if the order is not known, as for two saved recordings.
        exchange: The request and its response; None if there is no response.
        why: Why there is no response, "" if there is one.
        asked: The case, None if it is not known, as for recorded traffic.
    """

    question: str
    case: str
    side: Side
    number: int
    position: int | None
    exchange: Exchange | None
    why: str = ""
    asked: Case | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one sample.

    ``values`` has, by metric name, the value among all requests that asked for it; ``answered`` the
    value among those that got a usable answer. A metric that the request did not ask for is in
    neither. A share has the value 0.0 or 1.0 for each sample.
    """

    sample: Sample
    values: Mapping[str, float] = field(default_factory=lambda: _NO_VALUES)
    answered: Mapping[str, float] = field(default_factory=lambda: _NO_VALUES)
