"""JSON inside an answer: a text or arguments, read as strictly as a client would."""

import re
from typing import NamedTuple

from conformance.protocol import json_text
from conformance.protocol.exchange import Json

_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_BEGUN = re.compile(r"-|[.eE][+-]?|t(ru?)?|f(a(ls?)?)?|n(ul?)?|\\?u[0-9a-fA-F]{0,4}|")
"""The beginnings of what the reader takes in one piece: a number, a word, an escape; or nothing."""


class Document(NamedTuple):
    """The value of a text, and why the text is not one JSON document; "" where it is."""

    value: Json
    reason: str


def document(text: str) -> Document:
    """Read a text as one JSON document; white space round it is left aside."""
    read = json_text.parse(text.strip())
    reason = (
        read.failure.message
        if read.failure
        else next((defect for defect in read.defects if defect in _NO_NUMBERS), "")
    )
    return Document(read.value, reason)


def may_go_on(text: str) -> bool:
    """Whether a text may be one JSON document of which the end was cut off: what has come so far is
    the beginning of one, and not the whole of one."""
    text = text.strip()
    failure = json_text.parse(text).failure
    if failure is None:
        return text[-1].isdigit()  # a number has no end of its own
    return failure.message.startswith("Unterminated string") or bool(
        _BEGUN.fullmatch(text, failure.offset)
    )
