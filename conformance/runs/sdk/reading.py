"""The results of reading answers with the SDK."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["fine", "lost", "raised", "not read", "error"]
"""How the SDK reads an answer.

fine: the SDK's objects have all content of the bytes, and an error raises its documented class;
lost: the SDK raises nothing, but some content is missing; raised: the SDK raises an exception for
which the answer gives no reason; not read: the recording has no body, or only a part of it; error:
our own code failed, which says nothing about the answer."""


@dataclass(frozen=True, slots=True)
class Break:
    """An SDK call that fails on an answer; ``what`` says on one line what it raised or lost."""

    call: str
    outcome: Literal["lost", "raised"]
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How the SDK reads one answer.

    ``breaks`` are the calls that fail. ``strict`` sums up, in one line, the errors of a strict
    validation by the SDK's own types, which the SDK itself never does; "" if there are none.
    ``not_read`` says why the answer was not read and ``error`` how our own code failed, else "".
    """

    breaks: tuple[Break, ...] = ()
    strict: str = ""
    not_read: str = ""
    error: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst outcome: error, not read, raised, lost, or fine."""
        if self.error:
            return "error"
        if self.not_read:
            return "not read"
        outcomes = {broken.outcome for broken in self.breaks}
        return "raised" if "raised" in outcomes else "lost" if outcomes else "fine"

    @property
    def broken(self) -> bool:
        """True if any SDK call fails on the answer."""
        return bool(self.breaks)


@dataclass(frozen=True, slots=True)
class CaseReading:
    """What the SDK makes of one answer: the target, the case, and the reading."""

    target: str
    case: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a run, and the version of the SDK."""

    version: str
    cases: tuple[CaseReading, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Counts of answers: read, broken (an SDK call fails), not_strict, not_read and errors.

        ``broken`` and ``not_strict`` are parts of ``read`` and may overlap.
        """
        outcomes = Counter(case.reading.outcome for case in self.cases)
        return {
            "read": len(self.cases) - outcomes["not read"] - outcomes["error"],
            "broken": sum(case.reading.broken for case in self.cases),
            "not_strict": sum(bool(case.reading.strict) for case in self.cases),
            "not_read": outcomes["not read"],
            "errors": outcomes["error"],
        }
