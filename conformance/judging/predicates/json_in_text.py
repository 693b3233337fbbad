"""Read the text or the arguments of an answer as JSON, as strictly as a client does."""

import re
from typing import NamedTuple

from conformance.protocol import json_text
from conformance.protocol.exchange import Json

_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_BEGUN = re.compile(r"-|[.eE][+-]?|t(ru?)?|f(a(ls?)?)?|n(ul?)?|\\?u[0-9a-fA-F]{0,4}|")
"""The beginning of what a JSON parser reads at once: a number, a word, an escape; or nothing."""


class Document(NamedTuple):
    """The value of a text, and the reason why it is not one JSON document, "" if it is."""

    value: Json
    reason: str


def document(text: str) -> Document:
    """Read a text as one JSON document; white space around it is ignored."""
    read = json_text.parse(text.strip())
    reason = (
        read.failure.message
        if read.failure
        else next((defect for defect in read.defects if defect in _NO_NUMBERS), "")
    )
    return Document(read.value, reason)


def may_go_on(text: str) -> bool:
    """Return whether a text may be the beginning of a JSON document whose end is missing.

    False for a complete document, except for one that ends with a digit, as more digits may follow.
    """
    text = text.strip()
    failure = json_text.parse(text).failure
    if failure is None:
        return text[-1].isdigit()  # more digits may follow
    return failure.message.startswith("Unterminated string") or bool(
        _BEGUN.fullmatch(text, failure.offset)
    )
