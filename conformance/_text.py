"""Format text for output: counts with nouns, lists of names, text from outside on one line."""

from collections.abc import Iterable
from difflib import get_close_matches

BRIEF = 200
"""The most characters of one value that a report prints on a line."""


def many(count: int, noun: str) -> str:
    """Format a count with its noun, which gets an s unless the count is 1: ``1,234 cases``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def one_line(text: str) -> str:
    """Make text from outside printable on one line, and shorten it to at most 400 characters."""
    return shortened(printable(text), 2 * BRIEF)


def printable(text: str) -> str:
    """Join a text into one line and escape unprintable characters.

    Runs of white space, including line breaks, become one space. Other characters that are not
    printable, such as terminal escapes, become Python escapes.
    """
    return "".join(
        char if char.isprintable() else ascii(char)[1:-1] for char in " ".join(text.split())
    )


def few(names: list[str], most: int) -> str:
    """Join the first ``most`` names with commas, then "and N more" if names were left out."""
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most:,} more"


def shortened(text: str, longest: int) -> str:
    """Return the text, or its beginning and an ellipsis if it exceeds ``longest`` characters.

    The result, including the ellipsis, never has more than ``longest`` characters.
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return " (did you mean A or B?)" with the most similar names, or "" if none is similar."""
    near = get_close_matches(name, list(names))
    return f" (did you mean {' or '.join(near)}?)" if near else ""
