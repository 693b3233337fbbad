"""Prepare values for reports: remove secrets and shorten long texts."""

import json
import re
from collections.abc import Sequence

import orjson

from conformance.protocol.exchange import Json
from conformance.traffic.redaction.patterns import BEGUN, BY_LOOK, Rule, scrub

LONGEST = 400
"""The most characters of a value that is shown without shortening."""

_AHEAD = 2000
"""The characters after the cut in which a secret that begins before the cut may continue."""

_CUT = re.compile(r"… \(\d+ characters\)\Z")


def shown(value: Json, rules: Sequence[Rule] = BY_LOOK) -> Json:
    """Return a value fit for a report: without secrets, and shortened if it is long.

    A value without secrets whose JSON text has at most ``LONGEST`` characters is returned
    unchanged. Otherwise returns a string: the redacted JSON text, cut to ``LONGEST`` characters and
    marked if it is longer. Only secrets that the rules recognize are removed.

    Args:
        value: A JSON value; a string is taken as it is, not as JSON text.
        rules: What counts as a secret, by default anything that looks like one.
    """
    try:
        text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
        unchanged = value
    except orjson.JSONEncodeError:  # an integer over 64 bits, such as a sum of two counts
        text = unchanged = json.dumps(value, default=str)
    start = text[: LONGEST + _AHEAD]
    clean = scrub(start, (*rules, BEGUN))[0]
    if clean == start:
        return unchanged if len(text) <= LONGEST else shortened(text)
    return clean if len(text) <= LONGEST else _marked(clean, len(text))


def shortened(text: str) -> str:
    """Return the text, cut to ``LONGEST`` characters and marked with its full length if longer."""
    return text if len(text) <= LONGEST else _marked(text, len(text))


def was_cut(text: str) -> bool:
    """Return whether a text ends with the mark that ``shortened`` adds."""
    return _CUT.search(text) is not None


def _marked(text: str, length: int) -> str:
    return f"{text[:LONGEST]}… ({length} characters)"
