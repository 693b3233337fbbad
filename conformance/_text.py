"""Format text for output: counts with nouns, lists of names, text from outside on one line.

Text from outside must not command whatever shows it: neither a terminal, by control characters, nor
the log of a CI service, by a workflow command such as ``::error``.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

BRIEF = 200
"""The most characters of one value that a report prints on a line."""

_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"#(?=#[A-Za-z]{0,20}+\[)")
"""Where GitHub looks for ``::error`` and ``##[error]``, Azure for ``##vso[task``, and TeamCity for
``##teamcity[message``."""

_NOT_RAW_IN_JSON = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"
    rb"|#(?=#[A-Za-z]{0,20}+\[)"
)
"""In UTF-8: DEL, the C1 controls U+0080 to U+009F, the bidirectional marks U+061C, U+200E, U+200F,
U+202A to U+202E and U+2066 to U+2069, the line ends U+2028 and U+2029, and ``##[``."""


def many(count: int, noun: str) -> str:
    """Format a count with its noun, which gets an s unless the count is 1: ``1,234 cases``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def one_line(text: str) -> str:
    """Make text from outside printable on one line, and shorten it to at most 400 characters."""
    return shortened(printable(text), 2 * BRIEF)


def printable(text: str) -> str:
    """Join a text into one line and escape unprintable characters.

    Runs of white space, including line breaks, become one space. Other characters that are not
    printable, such as terminal escapes, become Python escapes; so does the first character of a
    workflow command.
    """
    return without_command(escaped(" ".join(text.split())))


def escaped(text: str) -> str:
    """Replace the unprintable characters of a text, including line breaks, by Python escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def without_command(line: str) -> str:
    """Return a line of output in which no CI service finds a workflow command.

    The first character of ``::`` at the start, and of ``##[`` and ``##word[`` anywhere, becomes a
    Python escape.
    """
    return _COMMAND_ANYWHERE.sub(r"\\x23", _COMMAND_AT_START.sub(r"\1\\x3a", line))


def safe_json(encoded: bytes) -> bytes:
    """Return UTF-8 JSON in which what could command a terminal or a CI service is escaped.

    The values stay equal. Escaped are DEL, C1 controls, bidirectional marks, the line ends of
    Unicode, and the start of ``##[``. Every writer of JSON for output passes its bytes through
    this.
    """
    return _NOT_RAW_IN_JSON.sub(_json_escape, encoded)


def _json_escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found[0].decode())


def duration(seconds: float) -> str:
    """Format a time: ``0.4 s``, ``42 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


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
