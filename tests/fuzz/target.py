"""The type of a fuzzing target, and how its check reports that something is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class Wrong(AssertionError):
    """The code under test broke a promise; the message says which."""


@dataclass(frozen=True)
class Target:
    """A part of the package that reads data from outside, with its check and its seeds.

    ``check`` runs an input and raises if the code breaks a promise; it catches the exceptions that
    the code documents. ``seeds`` returns ordinary inputs, from which the others are made.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]


def ensure(holds: object, promise: str) -> None:
    """Raise Wrong with the promise as its message unless the promise holds."""
    if not holds:
        raise Wrong(promise)


def ensure_line(text: str) -> None:
    """Raise Wrong unless a message fits on one line and can be printed."""
    ensure(text and text.isprintable(), f"a message in one line that can be printed: {text!r:.300}")
    ensure(len(text) < 1000, f"a short message: {text!r:.100}")


def ensure_error(error: Exception) -> None:
    """Raise Wrong if an error has no message; commands escape it and print it on one line."""
    ensure(str(error), "a message")
