"""JSON outside of the fields of an event stream: found over several lines, in linear time."""

import json
import time

import pytest

from conformance.protocol.exchange import Json
from conformance.protocol.stray_json import LONGEST, StrayJson, stray_json

CHUNK = b'data: {"choices":[]}\n\n'
ERROR = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Later: {again}."}}
PRETTY = json.dumps(ERROR, indent=2)


def values(body: bytes) -> list[Json]:
    return [stray.value for stray in stray_json(body)]


@pytest.mark.parametrize("text", [PRETTY, json.dumps(ERROR)], ids=["pretty", "one line"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n\ndata: [DONE]\n\n", "\n: ping\n"])
def test_an_error_after_a_chunk_is_found(text: str, line_end: str, end: str) -> None:
    body = CHUNK + (text + end).replace("\n", line_end).encode()
    assert [(stray.before, stray.value) for stray in stray_json(body)] == [(1, ERROR)]


def test_the_text_is_that_of_the_value_alone() -> None:
    assert stray_json(CHUNK + f"[{PRETTY}\n]\nConnection closed".encode()) == [
        StrayJson(1, f"[{PRETTY}\n]", [ERROR])
    ]


def test_a_value_may_follow_lines_of_text_and_have_blank_lines() -> None:
    assert values(CHUNK + b'Failed:\n\n  {\n\n"error": 1}\n') == [{"error": 1}]


def test_a_value_may_follow_error_and_a_colon() -> None:
    assert values(CHUNK + b'error: {"message": "No."}\n\n') == [{"message": "No."}]


def test_events_that_begin_before_it_are_counted() -> None:
    body = b"\xef\xbb\xbf: hello\n\ndata: 1\ndata: 2\n{}\n\nid: 7\n\n[3]\nevent: x\ndata: 4\n\n[5]"
    assert [(stray.before, stray.value) for stray in stray_json(body)] == [
        (1, {}),
        (1, [3]),
        (2, [5]),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        CHUNK,
        b"data: {\ndata: }\n\n",
        b": {}\n",
        b"event: {}\n\n",
        b"trace: {}\n\n",
        b"processing\n",
        b'7\n"text"\n',
        b'{"error": {"code": 500',
        b"{" * 100_000,
        b'{"a":' * 5_000,
    ],
    ids=lambda body: body[:20],
)
def test_fields_comments_and_other_lines_are_not_json(body: bytes) -> None:
    assert stray_json(body) == []


def test_a_value_that_is_too_long_is_not_read() -> None:
    assert values(b'{"error": "%s"}' % (b"x" * (LONGEST - 13))) != []
    assert values(b'{"error": "%s"}' % (b"x" * (LONGEST - 12))) == []


def test_bytes_and_characters_that_are_not_text_are_replaced() -> None:
    assert values(b'{"error": "\xff\\ud800"}') == [{"error": "\ufffd\ufffd"}]


@pytest.mark.parametrize("line", [b"{\n", b"[\n\n", b"x\n", b"{}\ndata\n", b" " * 5_000 + b"{\n"])
def test_a_long_body_takes_linear_time(line: bytes) -> None:
    began = time.process_time()
    stray_json(line * (2_000_000 // len(line)))
    assert time.process_time() - began < 10
