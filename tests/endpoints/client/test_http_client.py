"""The exchange that ``send`` returns for each kind of answer of a scripted local server."""

import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest

from conformance.cases import Case
from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.client.live_target import ExtraHeaders, LiveTarget, TargetError
from conformance.endpoints.endpoint import Unreachable
from conformance.endpoints.reference.answering import SERVER
from conformance.protocol.exchange import Exchange

KEY = "key-of-a-test/0123"
CASE = Case(
    "chat-plain",
    "a plain answer",
    "SEED",
    frozenset(),
    "/chat/completions",
    {"model": "{model}", "messages": [{"role": "user", "content": "é"}]},
)
HASTY = Limits(connect=2, read=0.2, whole=2, size=10_000)

HEAD = b"HTTP/1.1 200 OK\r\nServer: scripted\r\nContent-Type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

Script = Callable[[socket.socket], None]


@dataclass
class Server:
    """Answers each connection by its script; ``asked`` holds the received requests."""

    script: Script
    asked: list[bytes] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"

    def run(self) -> None:
        with suppress(OSError):  # the listener is closed at the end of the test
            while True:
                connection, _ = self.listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(5)
                    self.asked.append(request_of(connection))
                    self.script(connection)


def request_of(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ),
        0,  # a GET
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(script: Script | bytes) -> Iterator[Server]:
    server = Server(says(script) if isinstance(script, bytes) else script)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(5)


def says(data: bytes) -> Script:
    return lambda connection: connection.sendall(data)


def plain(body: bytes, length: int | None = None, head: bytes = HEAD) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def waits(connection: socket.socket) -> None:
    """Send nothing more until the client disconnects."""
    while connection.recv(65536):
        pass


def target(url: str, key_variable: str = "") -> LiveTarget:
    return LiveTarget("scripted", url, "a-model", "openai-compatible", key_variable)


def answer(
    script: Script | bytes, limits: Limits = HASTY, case: Case = CASE, key_variable: str = ""
) -> Exchange:
    with serving(script) as server:
        outcome = send(case, target(server.url, key_variable), limits)
    assert isinstance(outcome, Exchange), outcome
    return outcome


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", KEY)


def test_a_plain_answer() -> None:
    body = b'{"system_fingerprint": "b1-abc", "choices": []}'
    exchange = answer(plain(body))
    response = exchange.response
    assert (response.status, response.body, response.truncated, response.fidelity) == (
        200,
        body,
        False,
        "bytes",
    )
    assert response.headers == (
        ("server", "scripted"),
        ("content-type", "application/json"),
        ("content-length", "47"),
    )
    assert sum(size for _, size in response.reads) == len(body)
    assert {
        "provenance": "recorded",
        "case": "chat-plain",
        "target": "scripted",
        "profile": "openai-compatible",
    }.items() <= exchange.meta.items()
    assert (exchange.meta["server"], exchange.meta["server_version"]) == ("scripted", "b1-abc")
    assert exchange.evidence == {"request", "headers", "text", "bytes", "end", "timing"}


def test_our_own_reference_endpoint_is_emulated() -> None:
    ours = answer(plain(b"{}", head=f"HTTP/1.1 200 OK\r\nServer: {SERVER}\r\n".encode()))
    theirs = answer(plain(b"{}", head=f"HTTP/1.1 200 OK\r\nServer: not-{SERVER}\r\n".encode()))
    assert (ours.meta["provenance"], theirs.meta["provenance"]) == ("emulated", "recorded")


def test_a_profile_that_is_only_assumed_is_not_said() -> None:
    with serving(plain(b"{}")) as server:
        outcome = send(CASE, replace(target(server.url), assumed=True), HASTY)
    assert isinstance(outcome, Exchange)
    assert "profile" not in outcome.meta


def test_what_is_sent() -> None:
    with serving(plain(b"{}")) as server:
        send(CASE, target(server.url + "/", "KEY_OF_A_TEST"), HASTY)
    (asked,) = server.asked
    head, _, body = asked.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /v1/chat/completions http/1.1"
    assert {
        b"accept-encoding: identity",
        b"content-type: application/json",
        b"authorization: bearer " + KEY.encode(),
    } <= set(lines)
    assert body == '{"model": "a-model", "messages": [{"role": "user", "content": "é"}]}'.encode()


def test_a_body_that_is_not_json_is_sent_as_it_is() -> None:
    case = Case("x", "x", "x", frozenset(), "/chat/completions", '{"model": ')
    with serving(plain(b"{}")) as server:
        outcome = send(case, target(server.url), HASTY)
    assert server.asked[0].endswith(b'\r\n\r\n{"model": ')
    assert isinstance(outcome, Exchange)
    assert outcome.request.body == '{"model": '


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ("right", f"Bearer {KEY}"),
        ("wrong", "Bearer wrong-key-of-a-probe"),
        ("basic", f"Basic {KEY}"),
        ("none", None),
    ],
)
def test_the_credential_of_a_case(auth: str, sent: str | None) -> None:
    case = Case("x", "x", "x", frozenset(), "/chat/completions", {}, auth=auth)  # type: ignore[arg-type]
    with serving(plain(b"{}")) as server:
        outcome = send(case, target(server.url, "KEY_OF_A_TEST"), HASTY)
    found = [
        line.partition(b" ")[2].decode()
        for line in server.asked[0].split(b"\r\n")
        if line.lower().startswith(b"authorization:")
    ]
    assert found == ([sent] if sent else [])
    assert isinstance(outcome, Exchange)
    assert dict(outcome.request.headers).get("authorization") == (
        f"{sent.split()[0]} REDACTED-CREDENTIAL" if sent else None
    )


def test_a_stream_read_by_read() -> None:
    events = [b'data: {"a":1}\n\n', b"data: half", b" an event\n", b"\ndata: [DONE]\n\n"]
    response = answer(STREAM + b"".join(map(chunk, events)) + b"0\r\n\r\n").response
    assert response.body == b"".join(events)
    assert [size for _, size in response.reads] == list(map(len, events))
    offsets = [offset for offset, _ in response.reads]
    assert [0.0, *offsets] == sorted([0.0, *offsets])


def test_the_clock_starts_when_the_request_is_sent() -> None:
    gate = threading.Event()

    def late(connection: socket.socket) -> None:
        gate.wait(0.1)
        connection.sendall(STREAM + chunk(b"a") + b"0\r\n\r\n")

    ((offset, _),) = answer(late).response.reads
    assert 90 < offset < 2000


def test_the_bytes_are_those_of_the_wire() -> None:
    body = b"\xef\xbb\xbfdata: \xff\xc3\r\n\r\rdata: \xe2\x80\xa8\n\n"
    assert answer(plain(body, head=HEAD + b"X-Word: no\r\n")).response.body == body


@pytest.mark.parametrize("ending", [b"", b"5\r\nda"], ids=["between chunks", "inside a chunk"])
def test_a_stream_cut_in_the_middle_of_an_event(ending: bytes) -> None:
    exchange = answer(STREAM + chunk(b"data: 1\n\n") + chunk(b'data: {"a') + ending)
    assert exchange.response.body == b'data: 1\n\ndata: {"a' + ending[3:]
    assert exchange.response.truncated
    assert "RemoteProtocolError" in exchange.meta["why_cut"]
    assert "end" not in exchange.evidence


def test_a_content_length_that_is_too_large_is_a_cut() -> None:
    response = answer(plain(b"{}", length=10)).response
    assert (response.body, response.truncated) == (b"{}", True)


def test_a_content_length_that_is_too_small_ends_the_body_there() -> None:
    response = answer(plain(b'{"a": 1}', length=4)).response
    assert (response.body, response.truncated) == (b'{"a"', False)


def test_a_stall_inside_the_body_is_a_cut() -> None:
    def stalls(connection: socket.socket) -> None:
        connection.sendall(STREAM + chunk(b"data: 1\n\n"))
        waits(connection)

    exchange = answer(stalls)
    assert (exchange.response.body, exchange.response.truncated) == (b"data: 1\n\n", True)
    assert "ReadTimeout" in exchange.meta["why_cut"]


def endless(connection: socket.socket) -> None:
    connection.sendall(STREAM)
    while True:
        connection.sendall(chunk(b"data: more\n\n"))


def test_an_endless_stream_is_bounded_by_its_size() -> None:
    assert not answer(plain(b"x" * 10_000)).response.truncated
    exchange = answer(endless)
    assert (len(exchange.response.body or b""), exchange.response.truncated) == (10_000, True)
    assert sum(size for _, size in exchange.response.reads) == 10_000
    assert exchange.meta["why_cut"] == "the body is longer than 10000 bytes"


def test_an_endless_stream_is_bounded_by_time() -> None:
    exchange = answer(endless, Limits(read=2, whole=0.05, size=1 << 30))
    assert exchange.response.truncated
    assert exchange.meta["why_cut"] == "the answer did not end within 0.05 s"


def test_a_redirect_is_an_answer_and_hides_its_secrets() -> None:
    head = (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation:"
        b" https://elsewhere/?key=secret-of-mine\r\nSet-Cookie: session=1\r\n"
    )
    response = answer(plain(b"", head=head)).response
    assert response.status == 307
    assert response.headers[:2] == (
        ("location", "https://elsewhere/?key=REDACTED"),
        ("content-length", "0"),
    )


@pytest.mark.parametrize("auth", ["none", "wrong"])
def test_a_key_that_the_request_did_not_send_is_redacted_too(auth: str) -> None:
    case = Case("x", "x", "x", frozenset(), "/chat/completions", {}, auth=auth)  # type: ignore[arg-type]
    body = b'{"error": {"message": "try %s"}}' % KEY.encode()
    with serving(plain(body)) as server:
        outcome = send(case, target(server.url, "KEY_OF_A_TEST"), HASTY)
    assert isinstance(outcome, Exchange)
    assert KEY.encode() not in (outcome.response.body or b"")
    assert b"try " in (outcome.response.body or b"")


def test_an_answer_that_repeats_the_key_does_not_get_out() -> None:
    exchange = answer(
        plain(b'{"error": {"message": "no such key: %s"}}' % KEY.encode()),
        key_variable="KEY_OF_A_TEST",
    )
    assert KEY not in repr(exchange) + repr(target("http://127.0.0.1", "KEY_OF_A_TEST"))
    assert exchange.response.body == b'{"error": {"message": "no such key: REDACTED-CREDENTIAL"}}'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "is not set"),
        (" \n", "is not set"),
        ("a\nb", "has characters"),
        ("kéy", "has characters"),
    ],
)
def test_a_key_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    monkeypatch.setitem(os.environ, "KEY_OF_A_TEST", value)
    with pytest.raises(TargetError, match=f"KEY_OF_A_TEST,? .*{said}"):
        send(CASE, target("http://127.0.0.1:1", "KEY_OF_A_TEST"), HASTY)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (resets, "ReadError"),
        (says(b""), "RemoteProtocolError"),
        (says(b"HTTP/1.1 200"), "RemoteProtocolError"),
        (says(b"SSH-2.0-x\r\n"), "RemoteProtocolError"),
        (waits, "ReadTimeout"),
    ],
    ids=["reset", "closed", "cut in the status line", "not HTTP", "stalled"],
)
def test_no_answer_is_unreachable(script: Script, why: str) -> None:
    with serving(script) as server:
        outcome = send(CASE, target(server.url), HASTY)
    assert isinstance(outcome, Unreachable)
    assert outcome.why.startswith(f"{server.url}: {why}")
    assert "\n" not in outcome.why
    assert len(server.asked) == 1


def test_a_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = send(CASE, target(f"http://127.0.0.1:{port}/v1"), HASTY)
    assert isinstance(outcome, Unreachable)
    assert "refused" in outcome.why


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("http://127.0.0.1:port", "http://127.0.0.1:port"),
        ("http://alice:hunter22@127.0.0.1:1", "http://REDACTED@127.0.0.1:1"),
    ],
)
def test_a_base_url_where_nobody_is_stands_in_the_reason_without_its_secrets(
    url: str, said: str
) -> None:
    outcome = send(CASE, target(url), HASTY)
    assert isinstance(outcome, Unreachable)
    assert outcome.why.startswith(f"{said}: ")


def test_an_added_header_is_recorded_without_its_value_however_short() -> None:
    headers = ExtraHeaders((("x-tenant", "ab"), ("x-mode", "stream")))
    with serving(plain(b"{}")) as server:
        outcome = send(CASE, replace(target(server.url), headers=headers), HASTY)
    assert b"x-tenant: ab" in server.asked[0].lower()
    assert isinstance(outcome, Exchange)
    recorded = dict(outcome.request.headers)
    assert (recorded["x-tenant"], recorded["x-mode"]) == ("REDACTED", "REDACTED")
