"""Wording helpers: counts with their noun, lists of names, and text of unknown origin made safe for
one line."""

from collections.abc import Iterable
from difflib import get_close_matches

BRIEF = 200
"""Characters of a value that a line of a report holds."""


def many(count: int, noun: str) -> str:
    """A count and its noun, in the plural where it is not one."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def one_line(text: str) -> str:
    """A text from outside as it can be shown: not long, and without what is no character to
    read."""
    return shortened(printable(text), 2 * BRIEF)


def printable(text: str) -> str:
    """A text on one line, without line breaks and what else a terminal would obey."""
    return "".join(
        char if char.isprintable() else ascii(char)[1:-1] for char in " ".join(text.split())
    )


def few(names: list[str], most: int) -> str:
    """The names as a list, or the first of them and how many more there are."""
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most:,} more"


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis if it is longer than ``longest`` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The names that are like this one, as words to put after it, "" where none is."""
    near = get_close_matches(name, list(names))
    return f" (did you mean {' or '.join(near)}?)" if near else ""
