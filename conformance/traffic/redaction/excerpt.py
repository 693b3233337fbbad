"""Evidence made fit to be read and to be shown: cut to a readable size, without secrets, or left
out."""

import json
import re
from collections.abc import Sequence

import orjson

from conformance.protocol.exchange import Json
from conformance.traffic.redaction.patterns import BEGUN, BY_LOOK, Rule, scrub

LONGEST = 400
"""Characters of the longest evidence that is shown whole."""

_AHEAD = 2000
"""Characters after the cut in which a secret may go on that begins before it."""

_CUT = re.compile(r"… \(\d+ characters\)\Z")


def shown(value: Json, rules: Sequence[Rule] = BY_LOOK) -> Json:
    """A value as evidence: as it is where it is short, else the beginning of its JSON text, and no
    secret in it that can be told by the rules."""
    try:
        text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
        as_it_is = value
    except orjson.JSONEncodeError:  # the sum of two counts may be larger than it writes
        text = as_it_is = json.dumps(value, default=str)
    looked_at = text[: LONGEST + _AHEAD]
    clean = scrub(looked_at, (*rules, BEGUN))[0]
    if clean == looked_at:
        return as_it_is if len(text) <= LONGEST else shortened(text)
    return clean if len(text) <= LONGEST else _marked(clean, len(text))


def shortened(text: str) -> str:
    """The beginning of a text, with a mark where it was cut."""
    return text if len(text) <= LONGEST else _marked(text, len(text))


def was_cut(text: str) -> bool:
    """Whether a text ends with the mark of ``cut``."""
    return _CUT.search(text) is not None


def _marked(text: str, length: int) -> str:
    return f"{text[:LONGEST]}… ({length} characters)"
