"""What came of reading an answer with the SDK."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["fine", "lost", "raised", "not read", "error"]
"""fine: all that the bytes hold is in the SDK's objects, and an error is raised as the class that
stands for it; lost: the SDK reads on, and something that the bytes hold is missing; raised: the SDK
raises what the answer does not tell of; not read: there is nothing to play, or only a part; error:
the player broke, which says nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Break:
    """A call of the SDK that does not work on an answer: which call, whether it raised or lost
    something, and in one line what."""

    call: str
    outcome: Literal["lost", "raised"]
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the SDK makes of one answer.

    ``breaks`` are the calls that do not work. ``strict`` says in one line what the SDK's own types
    say of the answer when they are made to check, which the SDK itself never does; "" where it is
    in order. ``not_read`` says why it was not read, ``error`` how the player broke; "" where
    neither is so.
    """

    breaks: tuple[Break, ...] = ()
    strict: str = ""
    not_read: str = ""
    error: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst that there is to say."""
        if self.error:
            return "error"
        if self.not_read:
            return "not read"
        told = {each.outcome for each in self.breaks}
        return "raised" if "raised" in told else "lost" if told else "fine"

    @property
    def broken(self) -> bool:
        """Whether the answer breaks the SDK."""
        return bool(self.breaks)


@dataclass(frozen=True, slots=True)
class CaseReading:
    """The reading of what a target answered to a case."""

    target: str
    case: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a run, by the SDK of this version."""

    version: str
    cases: tuple[CaseReading, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many answers were read, how many of them break the SDK and how many its types do not
        allow; how many were not read, and were errors."""
        outcomes = Counter(each.reading.outcome for each in self.cases)
        return {
            "read": len(self.cases) - outcomes["not read"] - outcomes["error"],
            "broken": sum(each.reading.broken for each in self.cases),
            "not_strict": sum(bool(each.reading.strict) for each in self.cases),
            "not_read": outcomes["not read"],
            "errors": outcomes["error"],
        }
