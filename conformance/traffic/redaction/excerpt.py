"""Prepare values for reports: remove secrets and shorten long texts."""

import json
import re
from collections.abc import Sequence
from functools import lru_cache

import orjson

from conformance.protocol.exchange import Json
from conformance.traffic.redaction.patterns import BEGUN, BY_LOOK, OF_ACCOUNTS, Rule, scrub
from conformance.traffic.redaction.request_secrets import Known, places

LONGEST = 400
"""The most characters of a value that is shown without shortening."""

_AHEAD = 2000
"""The characters after the cut in which a secret that begins before the cut may continue."""

_LOOKS = (*BY_LOOK, *OF_ACCOUNTS, BEGUN)

_CUT = re.compile(r"… \(\d{1,20} characters\)\Z")


def shown(value: Json, rules: Sequence[Rule] = BY_LOOK) -> Json:
    """Return a value fit for a report: without secrets, and shortened if it is long.

    A value without secrets whose JSON text has at most ``LONGEST`` characters is returned
    unchanged. Otherwise returns a string: the redacted JSON text, cut to ``LONGEST`` characters and
    marked if it is longer. Only secrets that the rules recognize are removed.

    Args:
        value: A JSON value; a string is taken as it is, not as JSON text.
        rules: What counts as a secret, by default anything that looks like one.
    """
    return _shown(*_as_text(value), rules)


def shown_all(values: Sequence[Json], rules: Sequence[Rule] = BY_LOOK) -> list[Json]:
    """Return each value as ``shown`` does.

    Faster, as most values have no secret, and most findings of a log say the same: what was found
    clean is remembered.

    Args:
        values: JSON values.
        rules: Rules for known secrets, and any of this package's rules for what looks like one.
    """
    known = [rule for rule in rules if isinstance(rule, Known)]
    return [_shown_once(*_as_text(value), rules, known) for value in values]


def _shown_once(text: str, unchanged: Json, rules: Sequence[Rule], known: Sequence[Known]) -> Json:
    if len(text) > LONGEST or _may_look_secret(text) or (known and places(text, known)):
        return _shown(text, unchanged, rules)
    return unchanged


@lru_cache(maxsize=2048)
def _may_look_secret(text: str) -> bool:
    """Return False if nothing in a short text looks like a secret by any rule."""
    return not text.isdigit() and any(rule.search(text) for rule, _ in _LOOKS)


def _as_text(value: Json) -> tuple[str, Json]:
    """Return the text of a value, and what is shown if it is short and has no secret."""
    if isinstance(value, str):
        return value, value
    try:
        return orjson.dumps(value, default=str).decode(), value
    except orjson.JSONEncodeError:  # an integer over 64 bits, such as a sum of two counts
        text = json.dumps(value, default=str)
        return text, text


def _shown(text: str, unchanged: Json, rules: Sequence[Rule]) -> Json:
    start = text[: LONGEST + _AHEAD]
    clean = scrub(start, (*rules, BEGUN))[0]
    if clean == start:
        return unchanged if _is_short(text) else shortened(text)
    return clean if _is_short(text) else _marked(clean, len(text))


def _is_short(text: str) -> bool:
    """Return whether a text is shown whole; one that was shortened before is not again."""
    mark = _CUT.search(text, LONGEST)
    return len(text) <= LONGEST or (mark is not None and mark.start() == LONGEST)


def shortened(text: str) -> str:
    """Return the text, cut to ``LONGEST`` characters and marked with its full length if longer."""
    return text if len(text) <= LONGEST else _marked(text, len(text))


def was_cut(text: str) -> bool:
    """Return whether a text ends with the mark that ``shortened`` adds."""
    return _CUT.search(text) is not None


def _marked(text: str, length: int) -> str:
    return f"{text[:LONGEST]}… ({length} characters)"
