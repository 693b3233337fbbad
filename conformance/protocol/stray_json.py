"""Find JSON that stands in the body of an event stream outside of its fields.

Gemini on Vertex AI ends a stream like that: with a pretty-printed error, without ``data:``.
"""

import codecs
import json
from collections.abc import Iterator
from typing import NamedTuple

from conformance.protocol import json_text
from conformance.protocol.event_stream import FIELDS
from conformance.protocol.exchange import Json

LONGEST = 65_536
"""Bytes; a longer run of lines without a field is not read."""

_FIELD_NAMES = frozenset({b"", *(name.encode() for name in FIELDS)})
"""What stands before the colon of a field or a comment."""


class StrayJson(NamedTuple):
    """A JSON object or array outside of the fields of an event stream.

    ``before`` is the number of events that begin before it. ``text`` is its text.
    """

    before: int
    text: str
    value: Json


def stray_json(body: bytes) -> list[StrayJson]:
    """Return the first JSON value of each run of lines that are neither fields nor comments.

    The value begins a line, or follows ``error:``, a field that the standard does not define. It
    may go over several lines. Takes linear time and never raises.
    """
    return [
        StrayJson(before, *found) for before, run in _runs(body) if (found := _first_value(run))
    ]


def has_unread(body: bytes) -> bool:
    """Return whether JSON may stand in a run of lines that is too long to be read."""
    return any(_is_too_long(rest) for _, run in _runs(body) if (rest := _from_value(run)))


def _runs(body: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Yield each run of lines without a field, and the number of events that begin before it."""
    begun, in_event = 0, False
    run: list[bytes] = []
    for line in body.removeprefix(codecs.BOM_UTF8).splitlines():
        name = line.partition(b":")[0]
        if not line:
            in_event = False
        elif name in _FIELD_NAMES:
            if run:
                yield begun, run
                run = []
            if name == b"data" and not in_event:
                begun, in_event = begun + 1, True
            continue
        run.append(line)
    if run:
        yield begun, run


def _first_value(run: list[bytes]) -> tuple[str, Json] | None:
    """Return text and value of the first JSON object or array that begins a line, or None."""
    run = _from_value(run)
    if not run or _is_too_long(run):
        return None
    run = [_without_label(run[0]), *run[1:]]
    text = b"\n".join(run).decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return text[:end], json_text.parse(text[:end]).value


def _from_value(run: list[bytes]) -> list[bytes]:
    """Return the lines from the first on that begins a JSON value; [] if there is none."""
    start = next((number for number, line in enumerate(run) if _begins_value(line)), len(run))
    return run[start:]


def _is_too_long(run: list[bytes]) -> bool:
    return sum(map(len, run)) > LONGEST


def _begins_value(line: bytes) -> bool:
    return _without_label(line).startswith((b"{", b"["))


def _without_label(line: bytes) -> bytes:
    """Return a line without leading blanks and without ``error:``."""
    return line.lstrip().removeprefix(b"error:").lstrip()
