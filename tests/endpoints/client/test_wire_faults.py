"""Faults of the connection, over real sockets.

Each becomes an exchange that names the fault and can be judged, in time and without a traceback.
"""

import gzip
import socket
import time

import pytest

from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.endpoint import Unreachable
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
    assert "DecodingError" in exchange.meta["why_cut"]


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
