"""Written cassettes are read back byte for byte, are readable, and are complete or absent."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cases import Case
from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.traffic.cassette_writer import cassette, keep, write
from conformance.traffic.formats import cassette as reader

META = {
    "provenance": "recorded",
    "case": "chat-plain",
    "target": "llama.cpp",
    "profile": "openai-compatible",
    "server": "llama.cpp",
    "server_version": None,
    "recorded": "2026-11-22T15:00:00Z",
}
CASE = Case("chat-plain", "a plain answer", "SEED", frozenset(), "/chat/completions", {})
ERROR_CASE = Case(
    "error-not-json",
    "a body that is not JSON",
    "SEED",
    frozenset(),
    "/chat/completions",
    "{",
    probes=("ERR-008",),
)


def exchange(
    body: bytes = b"{}",
    *,
    asked: Json = None,
    status: int = 200,
    headers: Headers = (),
    reads: tuple[int, ...] = (),
    truncated: bool = False,
) -> Exchange:
    request = Request(
        "POST",
        "http://127.0.0.1:8081/v1/chat/completions",
        (("content-type", "application/json"),),
        {"model": "m"} if asked is None else asked,
    )
    response = Response(
        status,
        headers,
        body,
        tuple((at + 0.125, size) for at, size in enumerate(reads)),
        truncated,
        "bytes",
    )
    return Exchange("chat-plain-1", request, response, META)


def read_back(text: str) -> Exchange:
    (outcome,) = reader.read(io.BytesIO(text.encode()), "chat-plain.yaml")
    assert isinstance(outcome, Exchange), outcome
    return outcome


def same(one: Exchange, other: Exchange) -> bool:
    return (one.id, one.request, one.response, one.meta) == (
        other.id,
        other.request,
        other.response,
        other.meta,
    )


ODD = [
    "\r\n",
    "\r",
    "\n",
    "\n\n",
    " ",
    " \n",
    "\t",
    "\ufeff",
    "\u2028",
    "\u2029",
    "\x85",
    "\0",
    "\x7f",
    "\x1b",
    "\ufffd",
    "\ufffe",
    "\U0001f600",
    "é",
    "'",
    '"',
    "\\",
    ": ",
]
ODD += [
    "#",
    "- ",
    "data: ",
    "[DONE]",
    "---\n",
    "...\n",
    "%",
    "&a",
    "*a",
    "!!binary",
    "{",
    "]",
    "|",
    ">",
    "~",
    "null",
    "1e3",
    "2026-11-22",
    "مرحبا",
    "\xa0",
]
BODIES = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from(ODD), max_size=12).map(lambda parts: "".join(parts).encode()),
    st.text().map(str.encode),
)


@given(BODIES)
def test_a_body_comes_back_byte_for_byte(body: bytes) -> None:
    each = exchange(body, reads=(len(body),))
    assert same(read_back(cassette(each)), each)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b" ",
        b"data: a\r\n\r\ndata: b\r\rdata: c\n\n",
        b"\xef\xbb\xbfdata: a\n\n",
        b"data: \xff\xc3\n\n",
        "a\u2028b\u0085c\n".encode(),
        b"a\0b",
        b"a\n\n\n",
    ],
)
def test_bodies_that_yaml_might_change(body: bytes) -> None:
    assert read_back(cassette(exchange(body))).response.body == body


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3),
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON, max_size=3))
def test_a_request_body_comes_back(asked: Json) -> None:
    assert read_back(cassette(exchange(asked=asked))).request.body == asked


@pytest.mark.parametrize("asked", ['{"model": ', "not\r\nJSON \u2028 \U0001f600", []])
def test_a_request_body_that_is_no_object_comes_back(asked: Json) -> None:
    assert read_back(cassette(exchange(asked=asked))).request.body == asked


def test_headers_that_are_repeated_come_back() -> None:
    headers = (
        ("server", "llama.cpp"),
        ("via", "1.1 a"),
        ("via", "1.1 b"),
        ("x-empty", ""),
        ("x-word", "no"),
    )
    assert read_back(cassette(exchange(headers=headers))).response.headers == headers


def test_a_cut_stream_comes_back_as_cut() -> None:
    each = exchange(b"data: {", reads=(5, 2), truncated=True)
    assert same(read_back(cassette(each)), each)


def test_a_stream_is_readable_text() -> None:
    lines = cassette(
        exchange('data: {"content":"é \U0001f600 it\'s"}\n\ndata: [DONE]\n\n'.encode())
    ).splitlines()
    start = lines.index("      string: |+")
    assert lines[start + 1 : start + 5] == [
        '        data: {"content":"é \U0001f600 it\'s"}',
        "",
        "        data: [DONE]",
        "",
    ]


def test_json_stands_unescaped_on_one_line() -> None:
    text = cassette(exchange(b'{"content":"\\u00e9"}', asked={"model": "m", "content": "é"}))
    assert """string: '{"content":"\\u00e9"}'""" in text
    assert """body: '{"model": "m", "content": "é"}'""" in text


def test_reads_stand_on_one_line() -> None:
    assert "  reads: [[[0.125, 1], [1.125, 2]]]\n  cut: [false]\n" in cassette(
        exchange(b"abc", reads=(1, 2))
    )


def test_the_block_says_what_is_known() -> None:
    text = cassette(exchange())
    for line in (
        "version: 1",
        "provenance: recorded",
        "case: chat-plain",
        "server_version: null",
        "recorded: '2026-11-22T15:00:00Z'",
    ):
        assert f"  {line}\n" in text


def test_a_status_without_a_phrase_is_written() -> None:
    assert "status: {code: 529, message: ''}" in cassette(exchange(status=529))


def test_write_redacts_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "target" / "x.yaml"
    write(path, exchange(b'{"error": "AIzaSyD-9tSrke72PouQMnMX"}', reads=(37,)))
    assert "AIza" not in path.read_text(encoding="utf-8")
    assert "redacted: true" in path.read_text(encoding="utf-8")
    assert read_back(path.read_text(encoding="utf-8")).response.reads == ((0.125, 21),)


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError])
def test_what_ends_the_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("old", encoding="utf-8")

    def ended(_: int) -> None:
        raise end

    monkeypatch.setattr(os, "fsync", ended)
    with pytest.raises(end):
        write(path, exchange())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    write(path, exchange(b"old"))
    seen: list[bytes | None] = []
    monkeypatch.setattr(
        os,
        "fsync",
        lambda _: seen.append(read_back(path.read_text(encoding="utf-8")).response.body),
    )
    write(path, exchange(b"new"))
    assert seen == [b"old"]
    assert read_back(path.read_text(encoding="utf-8")).response.body == b"new"
    assert list(tmp_path.iterdir()) == [path]


GOOD, BUSY, BROKEN, CUT, REFUSED = (
    exchange(b"good"),
    exchange(b"busy", status=429),
    exchange(b"broken", status=503),
    exchange(b"cu", truncated=True),
    exchange(b"no", status=400),
)
FAILED = replace(
    exchange(
        b'data: {"choices":[{"delta":{"content":"Hel"},"index":0}]}\n\n'
        b'[{"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}]'
    ),
    request=Request("POST", "https://x/chat/completions", (), {"stream": True}),
)


@pytest.mark.parametrize(
    ("case", "before", "after", "kept"),
    [
        (CASE, None, BUSY, True),
        (CASE, GOOD, GOOD, True),
        (CASE, GOOD, REFUSED, True),
        (CASE, GOOD, BUSY, False),
        (CASE, GOOD, BROKEN, False),
        (CASE, GOOD, CUT, False),
        (CASE, GOOD, FAILED, False),
        (CASE, FAILED, GOOD, True),
        (CASE, REFUSED, BUSY, False),
        (CASE, BUSY, BROKEN, True),
        (CASE, BROKEN, GOOD, True),
        (ERROR_CASE, REFUSED, BROKEN, False),
        (ERROR_CASE, BROKEN, BROKEN, True),
    ],
)
def test_a_good_cassette_is_not_replaced_by_a_worse(
    tmp_path: Path, case: Case, before: Exchange | None, after: Exchange, kept: bool
) -> None:
    if before:
        keep([before], case, tmp_path)
    assert keep([after], case, tmp_path) is kept
    now = read_back((tmp_path / f"{case.id}.yaml").read_text(encoding="utf-8")).response.body
    assert now == (after if kept or not before else before).response.body


def test_a_broken_cassette_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "chat-plain.yaml").write_text("half a cass", encoding="utf-8")
    assert keep([BUSY], CASE, tmp_path)
