"""Evidence made fit to be read and to be shown: cut to a readable size, without secrets, or left out."""

import json
import re

import orjson

from conformance.exchange import Json
from conformance.traffic.secret_text import BY_LOOK, scrub

LONGEST = 400
"""Characters of the longest evidence that is shown whole."""

_CUT = re.compile(r"… \(\d+ characters\)\Z")


def shown(value: Json) -> Json:
    """A value as evidence: as it is where it is short, else the beginning of its JSON text, and no secret in it that can be told by its look."""
    try:
        text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    except orjson.JSONEncodeError:  # the sum of two counts may be larger than it writes
        return _clean(cut(json.dumps(value, default=str)))
    clean = _clean(cut(text))
    return value if clean == text else clean


def cut(text: str) -> str:
    """The beginning of a text, with a mark where it was cut."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def was_cut(text: str) -> bool:
    """Whether a text ends with the mark of ``cut``."""
    return _CUT.search(text) is not None


def _clean(text: str) -> str:
    return scrub(text, BY_LOOK)[0]
