"""Generate numbers and texts within the bounds of a schema."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from conformance.endpoints.reference.generators.pattern_strings import NoMatch, matching

Pick: TypeAlias = Callable[[int], int]
"""Returns a number from 0 to one less than its argument."""

_FORMATS = {
    "date": "2026-0{0}-1{1}",
    "date-time": "2026-0{0}-1{1}T08:30:00Z",
    "time": "08:3{1}:00Z",
    "duration": "P{0}D",
    "email": "reader{1}@example.com",
    "idn-email": "reader{1}@example.com",
    "hostname": "host{1}.example.com",
    "idn-hostname": "host{1}.example.com",
    "ipv4": "192.0.2.{0}",
    "ipv6": "2001:db8::{0}",
    "uri": "https://example.com/{1}",
    "iri": "https://example.com/{1}",
    "uri-reference": "/{1}",
    "iri-reference": "/{1}",
    "uri-template": "/{1}",
    "uuid": "00000000-0000-4000-8000-00000000000{1}",
    "json-pointer": "/{1}",
    "relative-json-pointer": "{0}",
    "regex": "[a-z]{1}",
    "byte": "aGVsbG8=",
}
_LONGEST = 10_000  # characters
_LARGEST = 2**53  # JSON parsers may round larger numbers


def text_of(node: Mapping[str, Any], words: Sequence[str], pick: Pick) -> str | None:
    """Return a text for a schema of type string, or None if none was found.

    Uses ``pattern``, else ``format``, else ``words`` within minLength and maxLength.
    """
    if isinstance(node.get("pattern"), str):
        try:
            return matching(node["pattern"], pick)
        except NoMatch:
            return None
    if form := _FORMATS.get(str(node.get("format"))):
        return form.format(1 + pick(8), pick(9))
    least, most = node.get("minLength"), node.get("maxLength")
    least = int(least) if isinstance(least, int | float) else 0
    if least > _LONGEST:
        return None
    text = words[pick(len(words))]
    while len(text) < least:
        text += " " + words[pick(len(words))]
    return text[: max(least, int(most))] if isinstance(most, int | float) and most >= 0 else text


def number_of(node: Mapping[str, Any], whole: bool, pick: Pick) -> float | None:
    """Return a number within the bounds and a multiple of ``multipleOf``, or None."""
    low, high = _bounds(node)
    step = node.get("multipleOf", 1 if whole or high - low > 2 else (high - low) / 8)
    if low >= high or not (_is_number(step) and 0 < step < _LARGEST):
        return low if low == high else None
    first, last = math.ceil(low / step), math.floor(high / step)
    first += _excluded(node, "exclusiveMinimum", first * step)
    last -= _excluded(node, "exclusiveMaximum", last * step)
    if first > last:
        return None
    number = (first + pick(min(last - first, 40) + 1)) * step
    if abs(number) > _LARGEST:
        return None
    return int(number) if whole or number == int(number) else number


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bounds(node: Mapping[str, Any]) -> tuple[float, float]:
    low = [node[key] for key in ("minimum", "exclusiveMinimum") if _is_number(node.get(key))]
    high = [node[key] for key in ("maximum", "exclusiveMaximum") if _is_number(node.get(key))]
    lowest = max(low) if low else (min([0, *high]) - 100 if high and min(high) < 0 else 0)
    return max(lowest, -_LARGEST), min([*high, _LARGEST])


def _excluded(node: Mapping[str, Any], key: str, number: float) -> bool:
    return _is_number(node.get(key)) and node[key] == number
