"""Find a known secret value in a text, in any encoding."""

import base64
import json
import re
from collections.abc import Iterator
from functools import lru_cache

from conformance.traffic.redaction.patterns import Rule

_NAMES = {
    0x22: ("quot",),
    0x26: ("amp",),
    0x27: ("apos",),
    0x2B: ("plus",),
    0x2F: ("sol",),
    0x3C: ("lt",),
    0x3D: ("equals",),
    0x3E: ("gt",),
}
"""The HTML names of the characters that HTML writers escape."""


@lru_cache(maxsize=256)
def wherever(secret: str, mark: str) -> Rule:
    """Return a rule that replaces a secret value in any encoding.

    The rule finds the value unchanged, escaped in any way for JSON, URLs or HTML, as hexadecimal
    digits, and inside base64.

    Args:
        secret: The value.
        mark: The replacement.
    """
    data = secret.encode()
    everywhere = {_spelled(form) for form in (secret, *_in_base64(data))}
    forms = [
        *sorted(everywhere, key=len, reverse=True),
        "".join(rf"%(?:25)*{byte:02x}" for byte in data),
        data.hex(),
    ]
    return re.compile("|".join(forms), re.IGNORECASE), mark


def _spelled(text: str) -> str:
    """Return a pattern of a text whose characters may be escaped.

    Each character except ASCII letters and digits may be escaped in any way. Matching takes linear
    time: no two adjacent quantifiers can share the same backslashes, and none starts inside a run
    of backslashes.
    """
    first, after_backslashes, pieces = True, False, []
    for part in re.findall(r"[A-Za-z0-9]+|\\+|.", text, re.DOTALL):
        if part.startswith("\\"):
            pieces.append((r"(?<!\\)" if first else "") + _backslashes(len(part)))
        elif part.isascii() and part.isalnum():
            pieces.append(part)
        else:
            before = "" if after_backslashes else r"(?:(?<!\\)\\*)?" if first else r"\\*"
            pieces.append(before + _escaped(part))
        first, after_backslashes = False, part.startswith("\\")
    return "".join(pieces)


def _backslashes(count: int) -> str:
    """Return a pattern of ``count`` or more backslashes, up to the next character."""
    return rf"(?:\\{{{count},}}|(?:(?:\\+(?:u00|x)|%(?:25)*)5c|{_entity(0x5C)}){{{count}}}\\*)"


def _escaped(char: str) -> str:
    """Return a pattern of one character in all its spellings, after any number of backslashes."""
    units = [unit.hex() for unit in re.findall(b"..", char.encode("utf-16-be"), re.DOTALL)]
    data = char.encode()
    spellings = [
        *map(
            re.escape,
            sorted(
                {
                    char,
                    data.decode("latin-1"),
                    json.dumps(char)[1:-1].lstrip("\\"),
                    *("+" * (char == " ")),
                }
            ),
        ),
        r"(?<=\\)" + r"\\+".join(f"u{unit}" for unit in units),
        rf"(?<=\\)x{ord(char):02x}",
        "".join(rf"%(?:25)*{byte:02x}" for byte in data),
        _entity(ord(char)),
    ]
    return f"(?:{'|'.join(spellings)})"


def _entity(code: int) -> str:
    """Return a pattern of a character as an HTML entity; its ``&`` may be escaped again."""
    names = "".join(rf"|{name}" for name in _NAMES.get(code, ()))
    return rf"(?:&|(?<=\\)u0026)(?:amp;)*(?:#x0*{code:x}|#0*{code}{names});"


def _in_base64(secret: bytes) -> Iterator[str]:
    """Yield the texts that base64 data must contain if it contains the value, in both alphabets.

    The value may start at each of the three positions in a group of bytes. Characters that also
    hold bits of neighboring bytes are left out.
    """
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + secret).decode()
        certain = text[(0, 2, 3)[lead] : 8 * (lead + len(secret)) // 6]
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
