"""The event stream parser: a table of edge cases, and a slow implementation of the standard."""

import random
from collections.abc import Iterator
from itertools import pairwise
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.protocol import event_stream
from conformance.protocol.event_stream import EventStream, Stream, event_ends, parse
from conformance.protocol.exchange import Event


def named(*events: tuple[str, str]) -> list[Event]:
    return [Event(data, name) for name, data in events]


def unnamed(*data: str) -> list[Event]:
    return [Event(item) for item in data]


EDGE_CASES: dict[str, tuple[bytes, list[Event]]] = {
    "ordinary": (b'data: {"a":1}\n\ndata: [DONE]\n\n', unnamed('{"a":1}', "[DONE]")),
    "empty-body": (b"", []),
    "bom": (b"\xef\xbb\xbfdata: a\n\ndata: b\n\n", unnamed("a", "b")),
    "second-bom-is-part-of-the-name": (
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
        unnamed("b"),
    ),
    "later-bom-is-part-of-the-name": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", unnamed("a")),
    "bom-in-data-is-kept": (b"data: \xef\xbb\xbfa\n\n", unnamed("\ufeffa")),
    "half-a-bom": (b"\xef\xbbdata: a\n\ndata: b\n\n", unnamed("b")),
    "lf": (b"data: a\n\ndata: b\n\n", unnamed("a", "b")),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", unnamed("a", "b")),
    "cr": (b"data: a\r\rdata: b\r\r", unnamed("a", "b")),
    "lf-then-crlf": (b"data: a\n\r\ndata: b\n\r\n", unnamed("a", "b")),
    "crlf-then-lf": (b"data: a\r\n\ndata: b\r\n\n", unnamed("a", "b")),
    "lf-then-cr": (b"data: a\n\rdata: b\n\r", unnamed("a", "b")),
    "crlf-then-cr": (b"data: a\r\n\rdata: b\r\n\r", unnamed("a", "b")),
    "crlf-inside-a-block": (b"event: x\r\ndata: a\r\ndata: b\r\n\r\n", named(("x", "a\nb"))),
    "bom-after-a-blank-line": (b"\n\xef\xbb\xbfdata: a\n\ndata: b\n\n", unnamed("b")),
    "blank-lines": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n", unnamed("a", "b")),
    "no-space": (b"data:a\n\n", unnamed("a")),
    "two-spaces": (b"data:  a\n\n", unnamed(" a")),
    "tab-is-no-space": (b"data:\ta\n\n", unnamed("\ta")),
    "trailing-space": (b"data: a \n\n", unnamed("a ")),
    "space-before-the-colon": (b"data : a\n\ndata: b\n\n", unnamed("b")),
    "space-before-the-name": (b" data: a\n\ndata: b\n\n", unnamed("b")),
    "name-in-capitals": (b"Data: a\n\ndata: b\n\n", unnamed("b")),
    "colons-in-the-value": (b"data: a: b:c\n\n", unnamed("a: b:c")),
    "value-begins-with-a-colon": (b"data::a\n\n", unnamed(":a")),
    "lines-of-data": (b"data: a\ndata: b\ndata:c\n\n", unnamed("a\nb\nc")),
    "line-ends-of-data": (b"data: a\ndata:\ndata:\n\n", unnamed("a\n\n")),
    "data-looks-like-a-field": (b"data: data: a\n\n", unnamed("data: a")),
    "empty-data": (b"data:\n\ndata: \n\n", unnamed("", "")),
    "data-without-colon": (b"data\n\ndata\ndata\n\n", unnamed("", "\n")),
    "comments": (
        b": hello\n:\ndata: a\n: inside\n\n: alone\n\n:\n\ndata: b\n\n",
        unnamed("a", "b"),
    ),
    "comment-that-looks-like-data": (b":data: a\n\n", []),
    "event": (b"event: error\ndata: a\n\ndata: b\n\n", named(("error", "a"), ("message", "b"))),
    "event-after-data": (b"data: a\nevent:x\n\n", named(("x", "a"))),
    "event-twice": (b"event: x\nevent: y\ndata: a\n\n", named(("y", "a"))),
    "event-emptied": (b"event: x\nevent\ndata: a\n\n", named(("message", "a"))),
    "empty-event": (b"event:\ndata: a\n\n", named(("message", "a"))),
    "event-only-is-forgotten": (b"event: x\n\ndata: a\n\n", unnamed("a")),
    "id-only": (b"id: 1\n\ndata: a\n\n", unnamed("a")),
    "no-ghosts-after-an-id": (b"id: 1\ndata: a\n\n\n\n\ndata: b\n\n", unnamed("a", "b")),
    "nul-in-an-id": (b"id: \x00\ndata: a\n\n", unnamed("a")),
    "nul-in-data": (b"data: a\x00b\n\n", unnamed("a\x00b")),
    "retry-only": (b"retry: 3000\n\nretry: soon\n\ndata: a\n\n", unnamed("a")),
    "unknown-field": (b"foo: bar\nbaz\ndata: a\n\n", unnamed("a")),
    "json-without-a-field": (b'{"error": {"code": 500}}\n\ndata: a\n\n', unnamed("a")),
    "line-separators-of-unicode": (
        "data: a\u2028b\u2029c\u0085d\n\n".encode(),
        unnamed("a\u2028b\u2029c\u0085d"),
    ),
    "control-characters": (b"data: a\x0bb\x0cc\x1cd\x1ee\n\n", unnamed("a\x0bb\x0cc\x1cd\x1ee")),
    "characters-of-many-bytes": ("data: é€😀\n\n".encode(), unnamed("é€😀")),
    "byte-that-is-never-utf-8": (b"data: a\xffb\n\ndata: c\n\n", unnamed("a\ufffdb", "c")),
    "character-cut-by-the-line-end": (
        b"data: a\xf0\x9f\x98\n\ndata: c\n\n",
        unnamed("a\ufffd", "c"),
    ),
    "character-cut-by-cr": (b"data: a\xe2\x82\r\rdata: c\r\r", unnamed("a\ufffd", "c")),
    "overlong-and-surrogate": (b"data: \xc0\xaf\xed\xa0\x80\n\n", unnamed("\ufffd" * 5)),
    "bad-utf-8-in-a-comment": (b": \xff\ndata: a\n\n", unnamed("a")),
    "unterminated-block": (b"data: a\n\ndata: b\n", unnamed("a")),
    "unterminated-line": (b"data: a\n\ndata: b", unnamed("a")),
    "unterminated-line-after-data": (b"data: a\nda", []),
}

FRAGMENTS = [
    *(
        b"data",
        b"data: ",
        b"data:",
        b"event: ",
        b"event: x",
        b"id: 1",
        b"retry: 1",
        b": c",
        b":",
        b" ",
        b"x",
        b'{"a":1}',
        b"\x00",
        b"\x85",
        b"\x0b",
    ),
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b'data: {"a":1}\n\n', b"data: [DONE]\n\n"),
    *(
        b"\xef\xbb\xbf",
        b"\xef",
        b"\xbb",
        b"\xbf",
        "é".encode(),
        "€".encode(),
        "😀".encode(),
        "\u2028".encode(),
        b"\xf0\x9f\x98",
        b"\xed\xa0\x80",
        b"\xff",
    ),
]
BODIES = st.lists(st.sampled_from(FRAGMENTS), max_size=24).map(b"".join)
PAYLOADS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))
ORDINARY = st.lists(PAYLOADS, min_size=1).map(
    lambda payloads: "".join(f"data: {payload}\n\n" for payload in payloads).encode()
)
ANY_BODY = st.one_of(
    BODIES,
    ORDINARY,
    st.tuples(ORDINARY, BODIES).map(b"".join),
    st.tuples(ORDINARY, BODIES, ORDINARY).map(b"".join),
    st.binary(),
)


def decoded(stream: bytes) -> str:
    """Decode as "UTF-8 decode" of the Encoding standard says, byte by byte."""
    stream = stream.removeprefix(b"\xef\xbb\xbf")
    text, code, seen, needed, lower, upper, at = "", 0, 0, 0, 0x80, 0xBF, 0
    while at < len(stream):
        byte, at = stream[at], at + 1
        if needed == 0:
            if byte <= 0x7F:
                text += chr(byte)
            elif 0xC2 <= byte <= 0xDF:
                needed, code = 1, byte & 0x1F
            elif 0xE0 <= byte <= 0xEF:
                lower, upper = {0xE0: (0xA0, 0xBF), 0xED: (0x80, 0x9F)}.get(byte, (lower, upper))
                needed, code = 2, byte & 0xF
            elif 0xF0 <= byte <= 0xF4:
                lower, upper = {0xF0: (0x90, 0xBF), 0xF4: (0x80, 0x8F)}.get(byte, (lower, upper))
                needed, code = 3, byte & 0x7
            else:
                text += "\ufffd"
        elif not lower <= byte <= upper:
            code, seen, needed, lower, upper, at = 0, 0, 0, 0x80, 0xBF, at - 1
            text += "\ufffd"
        else:
            lower, upper, code, seen = 0x80, 0xBF, code << 6 | byte & 0x3F, seen + 1
            if seen == needed:
                text += chr(code)
                code, seen, needed = 0, 0, 0
    return text + "\ufffd" * (needed > 0)


def lines_of(text: str) -> Iterator[str]:
    """Return the lines that have an end: CRLF, LF without CR before it, CR without LF after it."""
    line, at = "", 0
    while at < len(text):
        if text[at] == "\r" and text[at : at + 2] == "\r\n":
            at += 1
        if text[at] in "\r\n":
            yield line
            line = ""
        else:
            line += text[at]
        at += 1


def reference(body: bytes) -> list[Event]:
    """Return the events, computed with the buffers and steps of the standard."""
    events, data_buffer, type_buffer = [], "", ""
    for line in lines_of(decoded(body)):
        if line == "":
            if data_buffer != "":
                if data_buffer[-1] == "\n":
                    data_buffer = data_buffer[:-1]
                events.append(Event(data_buffer, type_buffer if type_buffer != "" else "message"))
            data_buffer = type_buffer = ""
            continue
        if line[0] == ":":
            continue
        field, value = line, ""
        if ":" in line:
            colon = line.index(":")
            field, value = line[:colon], line[colon + 1 :]
            if value[:1] == " ":
                value = value[1:]
        if field == "event":
            type_buffer = value
        elif field == "data":
            data_buffer += value + "\n"
    return events


def fed(reads: list[bytes]) -> list[Event]:
    stream = EventStream()
    return [event for read in reads for event in stream.feed(read)]


def split(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


def without_fast_path() -> "mock._patch[mock.MagicMock]":
    return mock.patch.object(event_stream, "_payloads", return_value=None)


@pytest.mark.parametrize("case", EDGE_CASES)
def test_edge_case(case: str) -> None:
    body, events = EDGE_CASES[case]
    assert list(parse(body).events) == events
    assert fed([body[at : at + 1] for at in range(len(body))]) == events
    chance = random.Random(case)
    for _ in range(30):
        reads = split(body, [chance.randrange(len(body) + 1) for _ in range(chance.randrange(8))])
        assert fed(reads) == events, reads
    assert reference(body) == events


@given(ANY_BODY)
@example(b"data: a\n\n\ndata: b\n\n")
@example(b"data: \n\ndata: \n\n")
def test_parse_does_what_the_standard_says(body: bytes) -> None:
    assert list(parse(body).events) == reference(body)


@given(ANY_BODY, st.lists(st.integers(0, 1000)))
def test_any_split_gives_the_same_events(body: bytes, cuts: list[int]) -> None:
    assert fed(split(body, cuts)) == reference(body)


@given(ANY_BODY, st.lists(st.integers(0, 1000)))
def test_fast_path_changes_nothing(body: bytes, cuts: list[int]) -> None:
    fast = parse(body)
    with without_fast_path():
        assert parse(body) == fast
        assert fed(split(body, cuts)) == list(fast.events)


@given(ORDINARY)
def test_ordinary_body_takes_the_fast_path(body: bytes) -> None:
    with mock.patch.object(EventStream, "_interpret", side_effect=AssertionError):
        assert parse(body).fields == {"data"}


@pytest.mark.parametrize(
    "body",
    [
        b"data: a\n\n",
        b"data: a\n\ndata: b\n\n: c\n",
        b"data: a\n\n: c",
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf: c",
        b"id: 1\n\n",
        b"event: x\n",
    ],
)
def test_terminated(body: bytes) -> None:
    assert not parse(body).unterminated


@pytest.mark.parametrize(
    "body",
    [
        b"data: a\n",
        b"data: a",
        b"data: a\n\nd",
        b"data: a\n\nid: 1",
        b"data\r",
        b"\xef\xbb\xbfdata",
        b"data: a\n: c",
    ],
)
def test_unterminated(body: bytes) -> None:
    assert parse(body).unterminated


def test_fields_are_the_names_met() -> None:
    body = b"\xef\xbb\xbfdata: a\n\n: comment\n\nevent\nid:\nretry: 1\n data: b\nD\xffta: c\ncut"
    assert parse(body).fields == {"data", "event", "id", "retry", " data", "D\ufffdta"}
    assert parse(b":\n\n").fields == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        b"data: \xff\n\n",
        b": \xff\n",
        b"\xff\n\ndata: a\n\n",
        b"data: a\n\ndata: \xff",
        b"data: \xe2\x82\n\n",
    ],
)
def test_bad_utf8_is_told(body: bytes) -> None:
    assert parse(body).replaced


@pytest.mark.parametrize(
    "body", ["data: \ufffd\n\n".encode(), "data: é\n\n".encode(), b"data: a\n\ndata: \xe2\x82"]
)
def test_good_or_merely_cut_utf8_is_not_told_as_bad(body: bytes) -> None:
    assert not parse(body).replaced


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    stream = EventStream()
    assert stream.feed(b"data: a\r\n") == []
    assert stream.feed(b"\r") == unnamed("a")
    assert stream.feed(b"") == []
    assert stream.feed(b"\ndata: b") == []
    assert stream.feed(b"\r") == []
    assert stream.feed(b"") == []
    assert stream.feed(b"\ndata: c\n\nda") == unnamed("b\nc")


@given(ANY_BODY)
@example(b"data: a\n: c\n\nevent: x\n\ndata: b\r\n\r\n")
def test_event_ends(body: bytes) -> None:
    events, ends = list(parse(body).events), event_ends(body)
    assert len(ends) == len(events)
    for number, end in enumerate(ends):
        assert list(parse(body[:end]).events) == events[: number + 1]
        before = body[:end].removesuffix(b"\n")
        before = (
            before.removesuffix(b"\r") if before.endswith(b"\r") or before == body[:end] else before
        )
        assert list(parse(before).events) == events[:number]


def test_event_ends_of_crlf_count_both_bytes() -> None:
    assert event_ends(b"\xef\xbb\xbfdata: a\r\n\r\n: c\n\ndata: b\n\ndata: c\n") == (14, 28)


def test_event_ends_take_only_an_empty_line_for_blank() -> None:
    assert event_ends(b"\n\ndata\nX\n \n\n") == (len(b"\n\ndata\nX\n \n\n"),)


def test_empty_stream() -> None:
    assert parse(b"") == Stream((), frozenset(), unterminated=False, replaced=False)
