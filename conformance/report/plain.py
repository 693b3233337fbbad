"""Words for people: counts with their noun, values and texts on one line."""

import orjson

from conformance.evidence import was_cut
from conformance.exchange import Json

BRIEF = 200
"""Characters of a value that a line of a report holds."""


def many(count: int, noun: str) -> str:
    """A count and its noun, in the plural where it is not one."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def value(given: Json) -> str:
    """A value as JSON on one line, not long; what is the beginning of a long one already stands as it is."""
    text = given if isinstance(given, str) and was_cut(given) else orjson.dumps(given, default=str).decode()
    return printable(_cut(text, BRIEF))


def one_line(text: str) -> str:
    """A text from outside as it can be shown: not long, and without what is no character to read."""
    return _cut(printable(text), 2 * BRIEF)


def printable(text: str) -> str:
    """A text on one line, without line breaks and what else a terminal would obey."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in " ".join(text.split()))


def few(names: list[str], most: int) -> str:
    """The names as a list, or the first of them and how many more there are."""
    listed = ", ".join(names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most:,} more"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
