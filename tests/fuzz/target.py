"""What a target of fuzzing is, and how a check says that something is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class Wrong(AssertionError):
    """The code under test broke a promise; the message says which."""


@dataclass(frozen=True)
class Target:
    """Code that reads what comes from outside.

    ``check`` runs an input; it returns if the code did what it promises, and catches the exceptions
    that it documents. ``seeds`` returns ordinary inputs, from which the others are made.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]


def ensure(holds: object, promise: str) -> None:
    """Raise Wrong with the broken promise unless it holds."""
    if not holds:
        raise Wrong(promise)


def ensure_line(text: str) -> None:
    """Raise Wrong unless a message fits on one line and can be printed."""
    ensure(text and text.isprintable(), f"a message in one line that can be printed: {text!r:.300}")
    ensure(len(text) < 1000, f"a short message: {text!r:.100}")


def ensure_error(error: Exception) -> None:
    """Raise Wrong unless an error says something; commands escape it and print it on one line."""
    ensure(str(error), "a message")
