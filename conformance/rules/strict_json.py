"""JSON inside an answer: a text or arguments, read as strictly as a client would."""

from typing import NamedTuple

from conformance import json_text
from conformance.exchange import Json

_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")


class Document(NamedTuple):
    """The value of a text, and why the text is not one JSON document; "" where it is."""

    value: Json
    reason: str


def document(text: str) -> Document:
    """Read a text as one JSON document; white space round it is left aside."""
    read = json_text.parse(text.strip())
    reason = read.failure.message if read.failure else next((defect for defect in read.defects if defect in _NO_NUMBERS), "")
    return Document(read.value, reason)
