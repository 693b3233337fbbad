"""What ``read`` yields: an exchange, something unreadable, a skipped call, or what is left out."""

from dataclasses import dataclass
from typing import TypeAlias

from conformance.protocol.answer_limit import why_not_judged
from conformance.protocol.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A recorded exchange, or a whole file, that could not be read.

    ``where`` is ``file:line``, ``file#entry`` (both counted from 1) or the file. ``why`` is one
    short sentence, followed by the fix if there is one.
    """

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recorded exchange that is not a Chat Completions call.

    ``where`` is as in ``Unreadable``; ``why`` gives the method and the path.
    """

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder inside a folder that is not meant to be judged; ``why`` says why."""

    where: str
    why: str
    is_folder: bool = False


Outcome: TypeAlias = Exchange | Unreadable | Skipped | LeftOut


def judgeable(outcome: Outcome) -> Outcome:
    """Return the outcome, or why it is not judged if its answer has too many parts."""
    if isinstance(outcome, Exchange) and (why := why_not_judged(outcome.response.body)):
        return Unreadable(outcome.origin, why)
    return outcome
