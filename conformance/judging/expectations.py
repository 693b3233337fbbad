"""Failures that the user of a target expects: what an entry accepts, and while it is in force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal

from conformance._text import printable
from conformance.judging.profiles.model import Condition

_ALWAYS_HOLDS = Condition()


@dataclass(frozen=True, slots=True)
class Expectation:
    """A failure that the user of a target accepts, with the reason.

    ``case`` and ``target`` are names or globs. ``frequency`` is ``always`` if each run that tests
    the requirement shows the failure, or ``sometimes`` if a run may be without it. ``until`` is the
    last day on which the entry is in force. ``place`` is the file with the line of the entry.
    """

    requirement: str
    frequency: Literal["always", "sometimes"]
    reason: str
    place: str
    case: str = "*"
    target: str = "*"
    condition: Condition = _ALWAYS_HOLDS
    link: str = ""
    until: date | None = None

    @property
    def described(self) -> str:
        """The reason, with the link in brackets, on one line that is safe to print."""
        return printable(f"{self.reason} ({self.link})" if self.link else self.reason)

    def names(self, target: str, cases: Collection[str]) -> bool:
        """True if the entry is about a target and at least one of these names of a case."""
        return _meets(target, self.target) and any(_meets(case, self.case) for case in cases)


def _meets(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)  # a name may have brackets


@dataclass(frozen=True, slots=True)
class Expectations:
    """The entries of a user's file, and the day on which they are used; None if there is no day."""

    entries: tuple[Expectation, ...] = ()
    today: date | None = None

    def in_force(self, target: str, cases: Collection[str]) -> tuple[Expectation, ...]:
        """The entries about a case of a target, by any of its names, that have not expired."""
        return tuple(
            entry
            for entry in self.entries
            if not self.has_expired(entry) and entry.names(target, cases)
        )

    def has_expired(self, entry: Expectation) -> bool:
        """True if the last day of the entry is over."""
        return entry.until is not None and self.today is not None and entry.until < self.today

    @property
    def expired(self) -> tuple[str, ...]:
        """A line for each entry whose last day is over."""
        return tuple(
            f"{entry.place}: {entry.requirement} was accepted until {entry.until}: fix the failure"
            " and delete the entry, or write a later date"
            for entry in self.entries
            if self.has_expired(entry)
        )


NO_EXPECTATIONS = Expectations()
