"""Check the code that reads recordings and bodies."""

import codecs
import io
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import orjson

from conformance.protocol import event_stream, json_text
from conformance.protocol.exchange import Exchange, Json
from conformance.traffic import Outcome, read
from conformance.traffic.formats import jsonl
from tests.fuzz.target import ensure, ensure_line


def file_named(name: str) -> Callable[[bytes], None]:
    """Return the check for a recording in a file of this name."""

    def check(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            outcomes = list(read([path]))
        ensure(outcomes, "an outcome for every file")
        for outcome in outcomes:
            check_outcome(outcome)

    return check


def exchanges(data: bytes) -> list[Exchange]:
    """Return the exchanges of a JSONL recording."""
    return [each for each in jsonl.read(Lines(data), "x.jsonl") if isinstance(each, Exchange)]


class Lines:
    """Return the bytes as a stream, as the readers take it."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read1, self.readline, self.seek = (
            self._file.read1,
            self._file.readline,
            self._file.seek,
        )


def check_outcome(outcome: Outcome) -> None:
    if not isinstance(outcome, Exchange):
        ensure_line(outcome.why)
        return
    request, response = outcome.request, outcome.response
    for name, value in (*request.headers, *response.headers):
        ensure(name == name.lower() and isinstance(value, str), "header fields in lower case")
    for text in (outcome.id, request.method, request.url, outcome.origin):
        ensure(isinstance(text, str), f"a text, not {text!r:.100}")
    ensure(type(response.status) is int, "an integer status")
    ensure(response.body is None or isinstance(response.body, bytes), "a body of bytes")
    ensure(outcome.evidence is not None, "evidence")
    orjson.dumps([outcome.id, request.url, *(list(pair) for pair in request.headers)])


def _agrees(data: bytes, value: Json) -> bool:
    """Return whether orjson reads the same value, or rejects a lone surrogate or huge number."""
    try:
        return bool(orjson.loads(data) == value)
    except orjson.JSONDecodeError:
        return True


def event_stream_of(data: bytes) -> None:
    """Check that events do not depend on how the bytes are divided, and that each has an end."""
    whole = event_stream.parse(data)
    seed = zlib.crc32(data)
    stream, events = event_stream.EventStream(), []
    at = 0
    while at < len(data):
        size = 1 + seed % 97
        seed = seed * 69069 % 2**32 + 1
        events += stream.feed(data[at : at + size])
        at += size
    ensure(tuple(events) == whole.events, "the same events, however the bytes arrive")
    ends = event_stream.event_ends(data)
    ensure(len(ends) == len(whole.events), "an end for each event")
    ensure(list(ends) == sorted(ends) and all(end <= len(data) for end in ends), "ends in order")
    for end, count in list(zip(ends, range(1, len(ends) + 1), strict=True))[:5]:
        ensure(len(event_stream.parse(data[:end]).events) == count, "events end at their ends")
    orjson.dumps([list(event) for event in whole.events])


def json_text_of(data: bytes) -> None:
    """Check that JSON can be written and read again, and that text and bytes read the same."""
    parsed = json_text.parse(data)
    again = json_text.parse(orjson.dumps(parsed.value))
    ensure(again == json_text.Parsed(parsed.value), "the same value when it is read again")
    if parsed.failure is None:
        ensure(parsed.defects or _agrees(data, parsed.value), "the value that orjson reads")
    else:
        ensure(parsed.failure.message and 0 <= parsed.failure.offset <= len(data), "a place")
        ensure(parsed.value is None, "no value of a text that cannot be read")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    of_text = json_text.parse(text)
    ensure(of_text == parsed, "the same of text and of bytes")
    if parsed.failure is None and not data.startswith(codecs.BOM_UTF8):
        names = json_text.duplicate_keys([text, "{}"], [parsed.value, {}])
        told = tuple(each for each in parsed.defects if each.startswith("duplicate key "))
        ensure(names == ({0: told} if told else {}), "the same duplicate keys")
