"""Recognise a secret that a text repeats, in any of the forms that a server may write it in."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from conformance.protocol.base64_forms import base64_forms

_ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|(/))")
_LAYERS = 4
"""How often escapes are read: a text may be JSON or HTML inside JSON."""


def repeats(secret: str, text: str) -> bool:
    """Return whether a text holds a secret.

    Found are the secret itself, its hexadecimal digits, and base64 of it or of something around it;
    each with any characters escaped for JSON, URLs or HTML.
    """
    needles = tuple(_forms(secret))
    return any(needle in reading for reading in _readings(text) for needle in needles)


def _forms(secret: str) -> Iterator[str]:
    data = secret.encode(errors="surrogatepass")
    yield secret
    yield data.hex()
    yield data.hex().upper()
    yield from base64_forms(data)


def _readings(text: str) -> Iterator[str]:
    """Yield the text, and what it becomes when its escapes are read, again and again."""
    yield text
    for _ in range(_LAYERS):
        read = html.unescape(unquote(_ESCAPE.sub(_character, text)))
        if read == text:
            return
        text = read
        yield text


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else "/"
