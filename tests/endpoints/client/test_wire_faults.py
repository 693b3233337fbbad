"""Faults of the connection, over real sockets.

Each becomes an exchange that names the fault and can be judged, in time and without a traceback.
"""

import gzip
import socket
import time
import zlib

import pytest

from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.chat.error_messages import why_incomplete
from conformance.protocol.exchange import Exchange
from conformance.runs.case_judging import judge_case
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from tests.endpoints.client.test_http_client import (
    CASE,
    HASTY,
    HEAD,
    STREAM,
    Script,
    answer,
    chunk,
    plain,
    says,
    serving,
    target,
)
from tests.endpoints.client.test_http_client import own_environment as own_environment  # a fixture
from tests.helpers.hang_guard import hang_guard

BODY = b'{"id": "chatcmpl-1", "object": "chat.completion"}'


def failures(exchange: Exchange) -> set[str]:
    """The requirements that an answer breaks; a rule that crashes fails the test."""
    verdicts = judge_case(
        Answer("scripted", CASE.id, exchange), Selection(profile="openai-compatible")
    ).verdicts
    assert "error" not in {verdict.verdict for verdict in verdicts}
    return {verdict.requirement for verdict in verdicts if verdict.verdict == "fail"}


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Ty", HEAD, HEAD + b"\r"],
    ids=["in a name", "between two", "before the end"],
)
def test_headers_that_are_cut_are_no_answer(head: bytes) -> None:
    with serving(says(head)) as server:
        outcome = send(CASE, target(server.url), HASTY)
    assert isinstance(outcome, Unreachable)
    assert "RemoteProtocolError" in outcome.why


def dripping(pause: float) -> Script:
    def drips(connection: socket.socket) -> None:
        connection.sendall(STREAM)
        while True:
            connection.sendall(chunk(b"d"))
            time.sleep(pause)

    return drips


def test_a_slow_drip_never_stalls_and_is_bounded_all_the_same() -> None:
    with hang_guard():
        exchange = answer(dripping(0.01), Limits(read=1, whole=0.1))
    assert exchange.meta["why_cut"] == "the answer did not end within 0.1 s"
    assert len(exchange.response.reads) > 1


def test_a_chunk_of_10_mb_is_taken_whole_where_there_is_room_and_else_cut() -> None:
    data = b'data: {"a": "' + b"x" * 10_000_000 + b'"}\n\n'
    script = STREAM + chunk(data) + b"0\r\n\r\n"
    taken = answer(script, Limits(size=1 << 24))
    assert (taken.response.body, taken.response.truncated) == (data, False)
    cut = answer(script, Limits())
    assert (len(cut.response.body or b""), cut.meta["why_cut"]) == (
        8 << 20,
        "the body is longer than 8388608 bytes",
    )
    assert "SSE-001" not in failures(cut)


def test_text_that_is_no_utf_8_keeps_its_bytes_and_is_a_finding() -> None:
    exchange = answer(
        STREAM + chunk(b'data: {"a": "\xff\xfe"}\n\n') + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    )
    assert b"\xff\xfe" in (exchange.response.body or b"")
    assert failures(exchange) >= {"ENV-017", "SSE-005"}


def test_gzip_that_was_not_asked_for_is_unpacked_and_its_cut_is_told() -> None:
    packed = gzip.compress(BODY * 50)
    head = HEAD + b"Content-Encoding: gzip\r\n"
    assert answer(plain(packed, head=head)).response.body == BODY * 50
    cut = answer(plain(packed[:-12], length=len(packed), head=head))
    assert cut.response.truncated
    assert "RemoteProtocolError" in cut.meta["why_cut"]


def test_gzip_that_is_none_is_a_cut() -> None:
    exchange = answer(plain(BODY, head=HEAD + b"Content-Encoding: gzip\r\n"))
    assert exchange.response.truncated
    assert exchange.meta["why_cut"] == "the body does not match its content-encoding"


def test_gzip_that_ends_early_is_a_cut_even_if_the_connection_ends_well() -> None:
    packed = gzip.compress(BODY * 50)
    exchange = answer(plain(packed[:-12], head=HEAD + b"Content-Encoding: gzip\r\n"))
    assert exchange.response.truncated
    assert exchange.meta["why_cut"] == "the compressed data of the body ends early"


def test_the_reads_of_a_compressed_stream_are_those_of_its_text() -> None:
    packer = zlib.compressobj(wbits=31)
    events = [b'data: {"a":1}\n\n', b"data: [DONE]\n\n"]
    parts = [packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH) for event in events]
    head = STREAM.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    wire = b"".join(map(chunk, [*parts, packer.flush()]))
    response = answer(head + wire + b"0\r\n\r\n").response
    assert (response.body, response.truncated) == (b"".join(events), False)
    assert [size for _, size in response.reads] == list(map(len, events))


@pytest.mark.parametrize(
    ("coding", "why"),
    [
        (b"gzip, gzip", "the body has 2 content codings, of which only one is undone"),
        (b"compress", "the body is compressed with compress, which is not supported"),
        (b"gzip", "the body decompresses to more than 1,000 times its size"),
    ],
)
def test_a_bomb_is_not_read_and_breaks_nothing(coding: bytes, why: str) -> None:
    bomb = gzip.compress(b" " * (4 << 20))
    bomb = gzip.compress(bomb) if coding == b"gzip, gzip" else bomb
    head = HEAD + b"Content-Encoding: " + coding + b"\r\n"
    exchange = answer(plain(bomb, head=head), Limits())
    assert (exchange.response.body, exchange.response.truncated) == (b"", True)
    assert why_incomplete(exchange) == f"the answer was not read: {why}"
    assert failures(exchange) == set()


def test_an_endless_compressed_body_is_bounded_by_its_size() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n")
        while True:
            connection.sendall(gzip.compress(b"") * 100)

    exchange = answer(endless)
    assert exchange.meta["why_cut"] == "the body is longer than 10000 bytes"


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (b"404 Not Found", b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>"),
        (
            b"502 Bad Gateway",
            (
                b"<html><head><title>502 Bad"
                b" Gateway</title></head><body><hr><center>nginx</center></body></html>"
            ),
        ),
        (b"403 Forbidden", b"<HTML><BODY>The proxy refused this request.</BODY></HTML>"),
    ],
)
def test_a_page_for_people_is_an_error_in_the_wrong_form(status: bytes, page: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\n"
    exchange = answer(plain(page, head=head))
    assert exchange.response.body == page
    assert "ERR-001" in failures(exchange)


def test_a_redirect_is_judged_and_not_followed() -> None:
    exchange = answer(
        plain(b"", head=b"HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1/\r\n")
    )
    assert exchange.response.status == 301
    failures(exchange)


def test_an_answer_with_too_many_parts_is_cut_there() -> None:
    body = b"[" + b"{}," * 1_000_000 + b"{}]"
    exchange = answer(plain(body), Limits())
    size = len(exchange.response.body or b"")
    assert 900_000 < size < 2_000_000
    assert sum(size for _, size in exchange.response.reads) == size
    assert why_incomplete(exchange) == (
        "the answer was truncated: the answer has more objects, arrays and lines than are judged"
        " (420,000)"
    )
