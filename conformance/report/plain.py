"""Words for people: counts with their noun, values and texts on one line."""

import orjson

from conformance.exchange import Json

BRIEF = 200
"""Characters of a value that a line of a report holds."""


def many(count: int, noun: str) -> str:
    """A count and its noun, in the plural where it is not one."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def brief(value: Json) -> str:
    """A value as JSON on one line, not long."""
    return _printable(orjson.dumps(value, default=str).decode(), BRIEF)


def one_line(text: str) -> str:
    """A text from outside as it can be shown: not long, without line breaks and what else a terminal would obey."""
    return _printable(" ".join(text.split()), 2 * BRIEF)


def _printable(text: str, longest: int) -> str:
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
