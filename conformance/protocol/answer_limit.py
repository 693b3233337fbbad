"""The limit on the parts of an answer, so that no answer fills the memory.

A value of two bytes, such as an empty array, takes hundreds of bytes once it is read and judged.
"""

import codecs

MAX_PARTS = 420_000
"""The most parts of an answer of at most 8 MB.

Parts are objects, every second array, every second line of an event stream and every fourth comma.
Real answers of that size have fewer; those with log-probabilities have most, about 410,000.
"""

BYTES_PER_PART = 20
"""A larger answer may have one part for so many bytes."""

TOO_MANY_PARTS = f"has more objects, arrays and lines than are judged ({MAX_PARTS:,})"
"""Why an answer is not judged to its end; fits after "the answer"."""

_SLICE = 1 << 16


def why_not_judged(body: bytes | None) -> str:
    """Return why a body that was recorded is not judged, "" if it has few enough parts."""
    if body is None or readable_size(body) == len(body):
        return ""
    return f"the answer {TOO_MANY_PARTS}"


def readable_size(body: bytes) -> int:
    """Return how many bytes of a body may be read: all, or a beginning with few enough parts."""
    most = max(MAX_PARTS, len(body) // BYTES_PER_PART)
    if len(body) <= most:
        return len(body)
    is_json = body[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"["))
    parts = 0
    for start in range(0, len(body), _SLICE):
        piece = body[start : start + _SLICE]
        parts += piece.count(b"{") + piece.count(b"[") // 2 + piece.count(b",") // 4
        if not is_json:
            parts += (piece.count(b"\n") + piece.count(b"\r")) // 2
        if parts > most:
            return start
    return len(body)
