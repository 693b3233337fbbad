"""How a value that is known to be secret is found in a text, however it is written there."""

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
"""What HTML calls the characters that it, or who writes it, escapes."""


@lru_cache(maxsize=256)
def wherever(secret: str, mark: str) -> Rule:
    """The rule that finds one value: as it is, as any writer of JSON, URLs and HTML escapes it, in
    hexadecimal digits and inside base64."""
    data = secret.encode()
    everywhere = {_spelled(form) for form in (secret, *_in_base64(data))}
    forms = [
        *sorted(everywhere, key=len, reverse=True),
        "".join(rf"%(?:25)*{byte:02x}" for byte in data),
        data.hex(),
    ]
    return re.compile("|".join(forms), re.IGNORECASE), mark


def _spelled(text: str) -> str:
    """The pattern of a text of which each character that is no ASCII letter or digit may be escaped
    in each way.

    No two quantifiers stand side by side that could share out the same backslashes, and none begins
    inside a run of them: the time is linear.
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
    """So many backslashes, and those before the next character."""
    return rf"(?:\\{{{count},}}|(?:(?:\\+(?:u00|x)|%(?:25)*)5c|{_entity(0x5C)}){{{count}}}\\*)"


def _escaped(char: str) -> str:
    """One character in all its spellings, after whatever backslashes stand before it."""
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
    """A character as HTML writes it, by its number or by its name, the ampersand of which may be
    escaped again."""
    names = "".join(rf"|{name}" for name in _NAMES.get(code, ()))
    return rf"(?:&|(?<=\\)u0026)(?:amp;)*(?:#x0*{code:x}|#0*{code}{names});"


def _in_base64(secret: bytes) -> Iterator[str]:
    """What the value is certain to look like inside base64, in both alphabets.

    It may begin at each of the three places of a group of bytes. A character that holds bits of a
    neighbour too is not certain.
    """
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + secret).decode()
        certain = text[(0, 2, 3)[lead] : 8 * (lead + len(secret)) // 6]
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
