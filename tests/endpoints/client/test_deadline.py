"""The watchdog ends answers that drip or stall, over a real socket, and nothing else."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from conformance.endpoints.client.deadline import Watchdog
from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.endpoint import Unreachable
from tests.endpoints.client.test_http_client import (
    CASE,
    HEAD,
    Script,
    answer,
    serving,
    target,
    waits,
)
from tests.endpoints.client.test_http_client import own_environment as own_environment  # a fixture
from tests.helpers.hang_guard import hang_guard

SHORT = Limits(connect=2, read=2, whole=0.1)


def repeating(again: bytes, first: bytes = b"") -> Script:
    """Return a script that sends ``first`` and then the same bytes until the client disconnects."""

    def says(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(again)
            time.sleep(0.01)

    return says


ENDLESS = {
    "1xx": repeating(b"HTTP/1.1 102 Processing\r\n\r\n"),
    "headers": repeating(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
    "one header": repeating(b"a", b"HTTP/1.1 200 OK\r\nX-A: "),
    "status line": repeating(b"a", b"HTTP/1.1 200 O"),
}


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
def test_a_head_that_never_ends_is_no_answer_and_not_asked_for_again(script: Script) -> None:
    with hang_guard(), serving(script) as server:
        outcome = send(CASE, target(server.url), SHORT)
        said = f"{server.url}: the answer did not end within 0.1 s"
    assert outcome == Unreachable(said, stalled=True)


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
def test_a_head_may_take_no_longer_than_one_read(script: Script) -> None:
    with hang_guard(), serving(script) as server:
        outcome = send(CASE, target(server.url), Limits(connect=2, read=0.1, whole=600))
        said = f"{server.url}: the answer did not begin within 0.1 s"
    assert outcome == Unreachable(said, stalled=True)


def test_only_the_head_must_come_within_the_time_of_one_read() -> None:
    def slow(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" + HEAD + b"Content-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.1)
            connection.sendall(b" ")

    assert not answer(slow, Limits(connect=2, read=0.4, whole=600)).response.truncated


@pytest.mark.parametrize(
    "length", [b"Content-Length: 9\r\n", b""], ids=["with a length", "until the connection ends"]
)
def test_a_body_that_stalls_is_cut_where_a_read_may_take_longer_than_the_whole(
    length: bytes,
) -> None:
    def stalls(connection: socket.socket) -> None:
        connection.sendall(HEAD + length + b"\r\n{}")
        waits(connection)

    exchange = answer(stalls, SHORT)
    assert (exchange.response.body, exchange.response.truncated, exchange.meta["why_cut"]) == (
        b"{}",
        True,
        "the answer did not end within 0.1 s",
    )


class Stream:
    """A connection as the transport reports it."""

    def __init__(self, end: socket.socket) -> None:
        self.get_extra_info: Callable[[str], socket.socket] = {"socket": end}.__getitem__


def ended(far: socket.socket) -> bool:
    far.setblocking(False)
    try:
        return far.recv(1) == b""
    except BlockingIOError:
        return False


def test_a_request_that_is_over_is_left_alone() -> None:
    near, far = socket.socketpair()
    with near, far:
        with Watchdog(60) as watchdog:
            watchdog.trace("connection.connect_tcp.complete", {"return_value": Stream(near)})
        watchdog._fire()
        assert (watchdog.fired, ended(far)) == (False, False)


def test_a_connection_that_stands_too_late_is_ended_at_once() -> None:
    first, (near, far) = socket.socketpair(), socket.socketpair()
    with near, far, first[1], Watchdog(60) as watchdog:
        watchdog.trace("connection.connect_tcp.complete", {"return_value": Stream(first[0])})
        first[0].close()  # as TLS takes a socket over
        watchdog._fire()
        watchdog.trace("connection.start_tls.complete", {"return_value": Stream(near)})
        assert (watchdog.fired, ended(far)) == (True, True)


def test_no_thread_is_left_behind() -> None:
    before = set(threading.enumerate())
    with serving(HEAD + b"Content-Length: 2\r\n\r\n{}") as server:
        send(CASE, target(server.url), Limits())
    for thread in set(threading.enumerate()) - before:
        thread.join(2)
        assert not thread.is_alive()
