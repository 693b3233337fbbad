"""A capture records what clients read, and does not change what the clients see."""

import asyncio
import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.protocol.exchange import Exchange
from conformance.traffic.capture import recorder
from conformance.traffic.capture.patching import capturing
from tests.endpoints.client.test_http_client import STREAM, Script, chunk, plain, serving, waits
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import completion, stream

URL = "https://gateway.example/v1/chat/completions"
SECRET = "key-of-a-test-0123"
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "é"}]}
HEADERS = {"authorization": f"Bearer {SECRET}", "api-key": SECRET}
COMPLETION = completion().response.body or b""
STREAMED = stream().response.body or b""
EVENTS = [event + b"\n\n" for event in STREAMED.split(b"\n\n")[:-1]]

Client = Callable[..., tuple[bytes, Any]]
"""Sends a POST request to a URL, and returns the body it read and the response. It stops after
``leave`` reads, and calls ``each`` after every read."""
Each = Callable[[], None]


def nothing() -> None:
    pass


def stalls(sent: bytes) -> Script:
    """Send some bytes, then nothing until the client disconnects."""

    def script(connection: socket.socket) -> None:
        connection.sendall(sent)
        waits(connection)

    return script


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param)


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, library: Any) -> Client:
    def ask(
        url: str = URL,
        *,
        streamed: bool = True,
        leave: int | None = None,
        each: Each = nothing,
        timeout: float = 5,
        **settings: Any,
    ) -> tuple[bytes, Any]:
        data = []
        with library.Client(
            trust_env=False, timeout=timeout, headers=HEADERS, **settings
        ) as client:
            if not streamed:
                response = client.post(url, json=ASKED)
                return response.content, response
            with client.stream("POST", url, json=ASKED) as response:
                for number, part in enumerate(response.iter_bytes(), 1):
                    data.append(part)
                    each()
                    if number == leave:
                        break
        return b"".join(data), response

    async def ask_async(
        url: str = URL,
        *,
        streamed: bool = True,
        leave: int | None = None,
        each: Each = nothing,
        timeout: float = 5,
        **settings: Any,
    ) -> tuple[bytes, Any]:
        data = []
        async with library.AsyncClient(
            trust_env=False, timeout=timeout, headers=HEADERS, **settings
        ) as client:
            if not streamed:
                response = await client.post(url, json=ASKED)
                return response.content, response
            async with client.stream("POST", url, json=ASKED) as response:
                number = 0
                async for part in response.aiter_bytes():
                    data.append(part)
                    each()
                    number += 1
                    if number == leave:
                        break
        return b"".join(data), response

    return (
        ask
        if request.param == "sync"
        else lambda *args, **settings: asyncio.run(ask_async(*args, **settings))
    )


def only(exchanges: list[Exchange]) -> Exchange:
    (exchange,) = exchanges
    return exchange


def test_a_plain_answer(client: Client) -> None:
    with serving(plain(COMPLETION)) as server, capturing() as capture:
        body, response = client(f"{server.url}/chat/completions", streamed=False)
    assert (body, response.status_code) == (COMPLETION, 200)
    assert response.elapsed.total_seconds() > 0
    assert response.is_closed
    exchange = only(capture.exchanges)
    assert exchange.request.body == ASKED
    assert (exchange.response.status, exchange.response.body, exchange.response.truncated) == (
        200,
        COMPLETION,
        False,
    )
    assert exchange.evidence == {"request", "headers", "text", "bytes", "end", "timing"}
    assert exchange.origin == f"POST {server.url}/chat/completions"
    assert dict(exchange.response.headers)["server"] == "scripted"


def test_a_stream_keeps_its_reads_and_when_they_came(client: Client) -> None:
    read = threading.Semaphore(1)

    def script(connection: socket.socket) -> None:
        connection.sendall(STREAM)
        for part in (*EVENTS, b""):
            assert read.acquire(timeout=5)
            connection.sendall(chunk(part))

    with serving(script) as server, capturing() as capture:
        body, _ = client(f"{server.url}/chat/completions", each=read.release)
    assert body == STREAMED
    response = only(capture.exchanges).response
    assert response.body == STREAMED
    assert [size for _, size in response.reads] == [len(event) for event in EVENTS]
    times = [at for at, _ in response.reads]
    assert times == sorted(set(times))
    assert "end" in only(capture.exchanges).evidence


def test_secrets_are_taken_out_at_once(client: Client) -> None:
    answered = completion(f"You sent {SECRET}.").response.body or b""
    with serving(plain(answered)) as server, capturing() as capture:
        body, _ = client(f"{server.url}/chat/completions?key={SECRET}")
        assert SECRET not in repr(capture.exchanges)
        assert SECRET not in repr(capture.reading)
    assert SECRET.encode() in body
    assert only(capture.exchanges).request.headers


def test_a_compressed_answer_is_what_the_client_makes_of_it(client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    with serving(plain(gzip.compress(COMPLETION), head=head)) as server, capturing() as capture:
        body, _ = client(f"{server.url}/chat/completions")
    assert body == only(capture.exchanges).response.body == COMPLETION
    assert only(capture.exchanges).response.reads == ()  # which are not about these bytes


def test_who_leaves_early_has_a_part(client: Client) -> None:
    with serving(stalls(STREAM + chunk(EVENTS[0]))) as server, capturing() as capture:
        client(f"{server.url}/chat/completions", leave=1)
        exchange = only(capture.exchanges)  # as soon as it has left
    assert (exchange.response.body, exchange.response.truncated) == (EVENTS[0], False)
    assert exchange.meta == {"partial": True}
    assert "end" not in exchange.evidence


def test_who_leaves_behind_done_has_everything(client: Client) -> None:
    with serving(stalls(STREAM + chunk(STREAMED))) as server, capturing() as capture:
        client(f"{server.url}/chat/completions", leave=1)
    assert "end" in only(capture.exchanges).evidence


def test_who_leaves_without_reading_has_no_body(library: Any) -> None:
    with (
        serving(plain(COMPLETION)) as server,
        capturing() as capture,
        library.Client(trust_env=False) as client,
    ):
        client.send(
            client.build_request("POST", f"{server.url}/chat/completions", json=ASKED), stream=True
        ).close()
    exchange = only(capture.exchanges)
    assert (exchange.response.status, exchange.response.body) == (200, None)
    assert exchange.meta == {"partial": True}


def test_a_stream_that_nobody_closes_is_a_part_when_the_capture_ends(library: Any) -> None:
    with (
        serving(stalls(STREAM + chunk(EVENTS[0]))) as server,
        library.Client(trust_env=False) as client,
    ):
        with capturing() as capture:
            response = client.send(
                client.build_request("POST", f"{server.url}/chat/completions", json=ASKED),
                stream=True,
            )
            body = response.iter_bytes()
            assert next(body) == EVENTS[0]
            assert capture.exchanges == []
        assert only(capture.exchanges).meta == {"partial": True}
        response.close()
    assert len(capture.exchanges) == 1


def test_a_connection_that_breaks_is_cut_and_the_client_hears_of_it(
    client: Client, library: Any
) -> None:
    with (
        serving(STREAM + chunk(EVENTS[0])) as server,
        capturing() as capture,
        pytest.raises(library.RemoteProtocolError),
    ):
        client(f"{server.url}/chat/completions")
    exchange = only(capture.exchanges)
    assert (exchange.response.body, exchange.response.truncated) == (EVENTS[0], True)
    assert exchange.meta == {"why_cut": "RemoteProtocolError"}


def test_a_client_without_patience_is_no_fault_of_the_server(client: Client, library: Any) -> None:
    with (
        serving(stalls(STREAM + chunk(EVENTS[0]))) as server,
        capturing() as capture,
        pytest.raises(library.ReadTimeout),
    ):
        client(f"{server.url}/chat/completions", timeout=0.05)
    assert (only(capture.exchanges).response.truncated, only(capture.exchanges).meta) == (
        False,
        {"partial": True},
    )


def test_where_nothing_answers_nothing_is_captured(client: Client, library: Any) -> None:
    with capturing() as capture, pytest.raises(library.ConnectError):
        client("http://127.0.0.1:9/v1/chat/completions", streamed=False)
    assert (capture.exchanges, capture.missed) == ([], 0)


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example/v1/embeddings",
        "https://gateway.example/v1/chat/completions/7",
        "https://gateway.example/",
    ],
)
def test_other_calls_are_let_through(client: Client, library: Any, url: str) -> None:
    with capturing() as capture:
        body, _ = client(
            url,
            transport=library.MockTransport(lambda _: library.Response(200, content=b"not ours")),
        )
    assert body == b"not ours"
    assert (capture.exchanges, capture.reading) == ([], [])


@pytest.mark.parametrize("streamed", [True, False])
def test_a_mock_that_holds_its_answer(client: Client, library: Any, streamed: bool) -> None:
    with capturing() as capture:
        body, _ = client(
            streamed=streamed,
            transport=library.MockTransport(lambda _: library.Response(200, content=COMPLETION)),
        )
    assert body == only(capture.exchanges).response.body == COMPLETION
    assert "end" in only(capture.exchanges).evidence


def test_a_mock_that_streams(library: Any) -> None:
    class Body(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            yield from EVENTS

    with (
        capturing() as capture,
        library.Client(
            transport=library.MockTransport(lambda _: library.Response(200, stream=Body()))
        ) as client,
    ):
        assert client.post(URL, json=ASKED).content == STREAMED
    assert [size for _, size in only(capture.exchanges).response.reads] == [
        len(event) for event in EVENTS
    ]


def test_a_mock_that_streams_to_an_async_client_and_raises(library: Any) -> None:
    class Body(library.AsyncByteStream):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield EVENTS[0]
            raise KeyError("of the mock")

    async def ask() -> None:
        async with library.AsyncClient(
            transport=library.MockTransport(lambda _: library.Response(200, stream=Body()))
        ) as client:
            await client.post(URL, json=ASKED)

    with capturing() as capture, pytest.raises(KeyError, match="of the mock"):
        asyncio.run(ask())
    assert (only(capture.exchanges).response.body, only(capture.exchanges).meta) == (
        EVENTS[0],
        {"partial": True},
    )


def test_an_app_in_process(library: Any) -> None:
    async def asgi(_: Any, __: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": COMPLETION})

    def wsgi(_: Any, start: Any) -> list[bytes]:
        start("200 OK", [("content-type", "application/json")])
        return [COMPLETION]

    async def ask() -> bytes:
        async with library.AsyncClient(transport=library.ASGITransport(app=asgi)) as client:
            content: bytes = (await client.post(URL, json=ASKED)).content
            return content

    with (
        capturing() as capture,
        library.Client(transport=library.WSGITransport(app=wsgi)) as client,
    ):
        assert asyncio.run(ask()) == client.post(URL, json=ASKED).content == COMPLETION
    assert [exchange.response.body for exchange in capture.exchanges] == [COMPLETION, COMPLETION]


def test_a_hook_that_reads_the_answer_first(library: Any) -> None:
    hooks = {"response": [lambda response: response.read()]}
    with (
        serving(plain(COMPLETION)) as server,
        capturing() as capture,
        library.Client(trust_env=False, event_hooks=hooks) as client,
    ):
        assert client.post(f"{server.url}/chat/completions", json=ASKED).content == COMPLETION
    assert only(capture.exchanges).response.body == COMPLETION


def test_the_end_of_a_redirect_is_captured(client: Client, library: Any) -> None:
    def answer(request: Any) -> Any:
        if request.url.host == "old.example":
            return library.Response(307, headers={"location": URL})
        return library.Response(200, content=COMPLETION)

    with capturing() as capture:
        client(
            "https://old.example/v1/chat/completions",
            transport=library.MockTransport(answer),
            follow_redirects=True,
        )
    assert only(capture.exchanges).origin == f"POST {URL}"


def test_a_redirect_that_leads_elsewhere_is_not(client: Client, library: Any) -> None:
    elsewhere = library.Response(303, headers={"location": "https://gateway.example/login"})
    transport = library.MockTransport(
        lambda request: (
            elsewhere if request.method == "POST" else library.Response(200, content=b"log in")
        )
    )
    with capturing() as capture:
        assert client(transport=transport, follow_redirects=True)[0] == b"log in"
    assert capture.exchanges == []


def test_where_there_is_no_room_left_calls_are_counted(client: Client) -> None:
    with serving(plain(COMPLETION)) as server, capturing() as capture:
        capture.room = (
            len(COMPLETION) * 3 // 2 + 200
        )  # room for the first answer, half the second, and what is asked
        for _ in range(4):
            assert client(f"{server.url}/chat/completions")[0] == COMPLETION
    whole, part = capture.exchanges
    assert (whole.response.body, whole.meta) == (COMPLETION, {})
    assert part.meta == {"partial": True}
    assert capture.missed == 2


def test_room_is_taken_by_what_is_asked_and_by_what_a_mock_holds(
    client: Client, library: Any
) -> None:
    transport = library.MockTransport(lambda _: library.Response(200, content=COMPLETION))
    with capturing() as capture:
        client(transport=transport)
        taken = recorder.LIMIT - capture.room
    asked = int(dict(only(capture.exchanges).request.headers)["content-length"])
    assert taken == asked + len(COMPLETION)


def test_an_answer_that_cannot_be_read_is_closed(library: Any) -> None:
    closed = []

    class Body(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            raise KeyError("of the mock")

        def close(self) -> None:
            closed.append("once")

    with (
        capturing(),
        library.Client(
            transport=library.MockTransport(lambda _: library.Response(200, stream=Body()))
        ) as client,
        pytest.raises(KeyError),
    ):
        client.post(URL, json=ASKED)
    assert closed == ["once"]


def test_an_answer_that_cannot_be_read_is_closed_by_an_async_client(library: Any) -> None:
    closed = []

    class Body(library.AsyncByteStream):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            raise KeyError("of the mock")
            yield b""

        async def aclose(self) -> None:
            closed.append("once")

    async def ask() -> None:
        async with library.AsyncClient(
            transport=library.MockTransport(lambda _: library.Response(200, stream=Body()))
        ) as client:
            await client.post(URL, json=ASKED)

    with capturing(), pytest.raises(KeyError):
        asyncio.run(ask())
    assert closed == ["once"]


def test_what_is_wrong_with_the_taking_down_is_not_told_to_the_client(
    client: Client, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "shareable", lambda _: 1 / 0)
    with serving(plain(COMPLETION)) as server, capturing() as capture:
        assert client(f"{server.url}/chat/completions")[0] == COMPLETION
    assert (capture.exchanges, capture.missed) == ([], 1)


def test_captures_in_captures_and_everything_as_it_was(client: Client, library: Any) -> None:
    before = (library.Client.send, library.AsyncClient.send)
    transport = library.MockTransport(
        lambda _: library.Response(200, stream=library.ByteStream(COMPLETION))
    )
    with capturing() as outer:
        client(transport=transport)
        with capturing() as inner:
            client(transport=transport)
    client(transport=transport)
    assert (len(outer.exchanges), len(inner.exchanges)) == (2, 1)
    assert (library.Client.send, library.AsyncClient.send) == before


def test_a_wrapper_around_ours_stays_and_ours_lets_everything_through(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    with capturing() as capture:
        ours = library.Client.send

        def theirs(self: Any, request: Any, **settings: Any) -> Any:
            calls.append(request)
            return ours(self, request, **settings)

        monkeypatch.setattr(library.Client, "send", theirs)
    with library.Client(
        transport=library.MockTransport(lambda _: library.Response(200, content=COMPLETION))
    ) as client:
        assert client.post(URL, json=ASKED).content == COMPLETION
    assert (len(calls), capture.exchanges) == (1, [])


def test_calls_of_other_threads(library: Any) -> None:
    transport = library.MockTransport(
        lambda _: library.Response(200, stream=library.ByteStream(COMPLETION))
    )
    with capturing() as capture, library.Client(transport=transport) as client:
        threads = [
            threading.Thread(target=client.post, args=(URL,), kwargs={"json": ASKED})
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [exchange.response.body for exchange in capture.exchanges] == [COMPLETION] * 8
    assert len({exchange.id for exchange in capture.exchanges}) == 8


def test_a_cassette_that_vcrpy_plays(client: Client, tmp_path: Path) -> None:
    vcr = pytest.importorskip("vcr")
    path = shelve(tmp_path, stream())
    with vcr.use_cassette(str(path), record_mode="none"), capturing() as capture:
        body, _ = client("https://api.openai.com/v1/chat/completions")
    assert body == only(capture.exchanges).response.body == STREAMED


def test_a_cassette_that_is_played_inside_a_capture(client: Client, tmp_path: Path) -> None:
    vcr = pytest.importorskip("vcr")
    path = shelve(tmp_path, completion())
    with capturing() as capture, vcr.use_cassette(str(path), record_mode="none"):
        client("https://api.openai.com/v1/chat/completions", streamed=False)
    assert only(capture.exchanges).response.body == COMPLETION


def test_a_body_that_cannot_be_decompressed_is_counted_as_missed(client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: x-own\r\n"
    with serving(plain(b"what it means", head=head)) as server, capturing() as capture:
        client(f"{server.url}/chat/completions")
    assert (capture.exchanges, capture.missed) == ([], 1)


def test_an_answer_with_too_many_parts_is_counted_as_missed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.protocol.answer_limit.MAX_PARTS", 10)
    body = b'{"choices":[' + b"{}," * 100 + b"{}]}"
    with serving(plain(body)) as server, capturing() as capture:
        client(f"{server.url}/chat/completions")
    assert (capture.exchanges, capture.missed) == ([], 1)


def test_what_is_decompressed_takes_room(client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    body = b'{"a":"' + b"b" * 100_000 + b'"}'
    with serving(plain(gzip.compress(body), head=head)) as server, capturing() as capture:
        client(f"{server.url}/chat/completions")
        assert capture.room < recorder.LIMIT - len(body)


_BOMB = """
import gzip
from pathlib import Path
import httpx
from conformance.traffic.capture.patching import capturing

class Body(httpx.SyncByteStream):
    def __iter__(self):
        packed = gzip.compress(bytes(1 << 20)) * 1000
        for start in range(0, len(packed), 1 << 14):
            yield packed[start : start + (1 << 14)]

headers = {"content-type": "application/json", "content-encoding": "gzip"}
transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=Body()))
with capturing() as capture, httpx.Client(transport=transport) as client:
    with client.stream("POST", "https://host.example/v1/chat/completions", json={}) as response:
        for _ in response.iter_raw():
            pass
assert (capture.exchanges, capture.missed) == ([], 1), capture
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
"""``ru_maxrss`` is not used: it may be the peak of the process that started this one."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_bomb_that_the_client_does_not_unpack_is_not_unpacked() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _BOMB], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(ran.stdout) >> 10 < 300
