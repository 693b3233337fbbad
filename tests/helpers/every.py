"""One test of very many things, which tells of each that is not as it should be."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def fails(check: Callable[[T], None], things: Iterable[T], name: Callable[[T], str]) -> list[str]:
    """The things of which a check does not hold, each by its name and with what the check said; a
    check without anything to look at fails too."""
    told, looked_at = [], list(things)
    for thing in looked_at:
        try:
            check(thing)
        except Exception as error:
            told.append(f"{name(thing)}: {type(error).__name__}: {error}")
    return told if looked_at else ["there is nothing to look at"]
