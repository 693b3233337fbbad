"""Reading never raises an error, whatever a file contains, and each message is one line."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, read
from conformance.traffic.files import Stream
from conformance.traffic.formats import cassette, har, jsonl

JSONL = b"""\
{"id": 1, "request": {"url": "http://h/chat/completions", "body": {}}, "response": {"status": 200, "headers": [["a", "b"]], "body_base64": "aGVsbG8=",
 "reads": [[1.5, 3]], "cut": true}, "meta": {}}
""".replace(b"\n ", b" ")
HAR = b"""\
{"log": {"version": "1.2", "entries": [{"request": {"method": "POST", "url": "http://h/chat/completions", "headers": [{"name": "a", "value": "b"}],
 "postData": {"text": "{}"}}, "response": {"status": 200, "headers": [], "content": {"text": "aGVsbG8=", "encoding": "base64"}}}]}}
"""
CASSETTE = b"""\
conformance: {version: 1, recorded: 2026-11-22T15:00:00Z, reads: [[[12.1, 300]]], cut: [false]}
interactions:
- request: {method: POST, uri: "http://h/chat/completions", headers: &a {content-type: [x]}, body: '{"n": 1}'}
  response:
    status: {code: 200, message: OK}
    headers: *a
    body: {string: !!binary aGVsbG8=}
version: 1
"""
SCRAPS = st.sampled_from(
    [
        *'"\\{}[],:#|>&*?!%@`=- \n\t\0\r\ufeff\u2028\x85',
        "",
        "null",
        "true",
        "NaN",
        "1e999",
        "\\ud800",
        '""',
        "0x_",
        ".inf",
        "<<:",
    ]
    + [
        "9" * 5000,
        "[" * 2000,
        "- ",
        "&a ",
        "*a ",
        "---\n",
        "...\n",
        "version: 1\n",
        "conformance:",
        "interactions:",
        "%YAML 1.1\n",
    ]
    + [
        f"!!{tag} "
        for tag in (
            "int",
            "float",
            "bool",
            "null",
            "set",
            "omap",
            "pairs",
            "binary",
            "timestamp",
            "python/none",
            "python/object/apply:os.abort",
        )
    ]
).map(str.encode) | st.binary(max_size=4)


@st.composite
def spoiled(draw: st.DrawFn, text: bytes) -> bytes:
    """The text with a few scraps put in or in place of some of it."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(SCRAPS) + text[start + draw(st.integers(0, 12)) :]
    return text


def check(outcomes: Iterator[Outcome]) -> None:
    for outcome in outcomes:
        if not isinstance(outcome, Exchange):
            assert outcome.why
            assert outcome.why.isprintable()
            assert len(outcome.why) < 400


@pytest.mark.parametrize(
    ("reader", "text"),
    [(jsonl.read, JSONL), (har.read, HAR), (cassette.read, CASSETTE)],
    ids=["JSONL", "HAR", "YAML"],
)
def test_a_spoiled_recording_never_raises(
    reader: Callable[[Stream, str], Iterator[Outcome]], text: bytes
) -> None:
    assert [type(outcome) for outcome in reader(io.BytesIO(text), "x")] == [Exchange]

    @given(spoiled(text))
    def never_raises(data: bytes) -> None:
        check(reader(io.BytesIO(data), "x"))

    never_raises()


@given(
    st.binary(max_size=300),
    st.sampled_from(["", ".jsonl", ".har", ".yaml", ".json"]),
    st.sampled_from([b"", b"\x1f\x8b", b"\xef\xbb\xbf", b"{", b'{"log":']),
)
def test_random_bytes_never_raise(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, start: bytes
) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / f"fuzzed{suffix}"
    path.write_bytes(start + data)
    outcomes = list(read([path]))
    assert outcomes
    check(iter(outcomes))
