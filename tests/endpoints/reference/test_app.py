"""The endpoint as an ASGI application: how requests are read and how responses are sent."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from conformance.endpoints.reference import PROFILES, SERVER, TOKEN, answer
from conformance.endpoints.reference.app import LARGEST, app, deliver, pieces
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.protocol.exchange import Exchange, Request, Response

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello."}]}
HEADERS = {"authorization": f"Bearer {TOKEN}"}


def sent(
    content: bytes,
    profile: str = "openai",
    path: str = "/chat/completions",
    method: str = "POST",
    **made: Any,
) -> httpx.Response:
    """The response of the application to a request, in process."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app(profile, **made))
        async with httpx.AsyncClient(
            transport=transport,
            base_url=f"http://self.test{dialect_of(profile).example}",
            headers=HEADERS,
        ) as client:
            return await client.request(method, path, content=content)

    return asyncio.run(send())


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("profile", PROFILES)
def test_the_application_sends_what_is_answered(profile: str, stream: bool) -> None:
    body = BODY | {"model": dialect_of(profile).listed[0], "stream": stream}
    expected = answer(
        Request(
            url=dialect_of(profile).example + "/chat/completions",
            headers=tuple(HEADERS.items()),
            body=body,
        ),
        profile,
    )
    got = sent(orjson.dumps(body), profile)
    assert (got.status_code, got.content) == (expected.status, expected.body)
    assert got.headers["content-type"] == dict(expected.headers)["content-type"]
    assert got.headers["server"] == SERVER
    assert ("content-length" in got.headers) is not stream


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_told_the_right_one(method: str) -> None:
    assert sent(b"", method=method).status_code == 405


@pytest.mark.parametrize(
    ("profile", "model", "status"),
    [
        ("openai", "gpt-4o", 200),
        ("gemini-api", "gemini-3.5-flash", 200),
        ("vertex-vllm", "gemma-2-9b-it", 200),
        ("openai", "no-such-model", 404),
        ("vertex-gemini", "google/gemini-3.5-flash", 404),
    ],
)
def test_a_model_has_a_route_except_on_vertex_with_gemini(
    profile: str, model: str, status: int
) -> None:
    response = sent(b"", profile, f"/models/{model}", "GET")
    assert response.status_code == status
    if status == 200:
        assert response.json()["id"].removeprefix("models/") == model


def test_the_token_of_the_application() -> None:
    assert sent(orjson.dumps(BODY), token="another").status_code == 401


def test_a_body_that_is_too_long_is_refused() -> None:
    response = sent(b" " * (LARGEST + 1))
    assert response.status_code == 413
    assert (
        response.json()["error"]["message"]
        == f"The body of the request is longer than {LARGEST} bytes."
    )


def test_a_profile_that_is_not_served_makes_no_application() -> None:
    with pytest.raises(LookupError):
        app("azure-openai")


def test_an_exchange_can_be_changed_before_it_is_sent() -> None:
    seen: list[Exchange] = []

    def change(exchange: Exchange) -> Exchange:
        seen.append(exchange)
        return replace(exchange, response=replace(exchange.response, status=503, body=b"later"))

    response = sent(orjson.dumps(BODY), change=change)
    assert (response.status_code, response.content) == (503, b"later")
    assert seen[0].request.body == BODY
    assert seen[0].meta == {"provenance": "emulated", "profile": "openai"}


def test_nothing_more_is_sent_to_a_client_that_has_gone() -> None:
    stalled = Response(200, (), b"onetwo", ((0.0, 3), (600_000.0, 3)))
    arriving: list[Message] = [
        {"type": "http.request", "body": orjson.dumps(BODY), "more_body": False},
        {"type": "http.disconnect"},
    ]
    messages: list[Message] = []

    async def receive() -> Message:
        if not messages and len(arriving) == 1:
            await begun.wait()
        return arriving.pop(0)

    async def send(message: Message) -> None:
        messages.append(message)
        if message.get("body"):
            begun.set()

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [],
    }
    begun = asyncio.Event()
    asyncio.run(
        _run(
            asyncio.wait_for(
                app("openai", change=lambda exchange: replace(exchange, response=stalled))(
                    scope, receive, send
                ),
                5,
            )
        )
    )
    assert [message.get("body") for message in messages] == [None, b"one"]


BROKEN = st.one_of(
    st.binary(max_size=60),
    st.builds(lambda data, place: data[:place], st.just(orjson.dumps(BODY)), st.integers(0, 60)),
    st.builds(
        lambda data, place, byte: data[:place] + byte + data[place + 1 :],
        st.just(orjson.dumps(BODY)),
        st.integers(0, 60),
        st.binary(max_size=2),
    ),
    st.sampled_from(
        [
            b"[" * 5000,
            b'{"a":' * 5000,
            b"NaN",
            b'{"messages": 1e999}',
            b'{"messages": "\\ud800"}',
            b"\xff\xfe{}",
            b"\xef\xbb\xbf{}",
            b"null",
        ]
    ),
)


@pytest.mark.parametrize("profile", PROFILES)
@given(content=BROKEN)
def test_broken_bytes_are_answered_by_an_error(profile: str, content: bytes) -> None:
    response = sent(content, profile)
    assert response.status_code in (200, 400, 404)
    assert "error" in response.text or response.status_code == 200
    orjson.loads(response.content)


@given(
    path=st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#%"), max_size=20
    ),
    method=st.sampled_from(["GET", "POST"]),
)
def test_any_path_is_answered(path: str, method: str) -> None:
    assert sent(b"{}", path=f"/{path.strip('/')}", method=method).status_code in (200, 404, 405)


def delivered(response: Response) -> tuple[list[Message], list[float]]:
    """The messages of the answer, and how long the sender waited before each."""
    messages: list[Message] = []
    waits: list[float] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asyncio.sleep", wait)
        asyncio.run(_run(deliver(response, send)))
    return messages, waits


async def _run(awaitable: Awaitable[None]) -> None:
    await awaitable


def test_a_response_is_sent_read_by_read() -> None:
    messages, waits = delivered(
        Response(
            200,
            (("content-type", "text/event-stream"),),
            b"onetwothree",
            ((0.0, 3), (0.0, 3), (0.0, 5)),
        )
    )
    assert [message.get("body") for message in messages] == [None, b"one", b"two", b"three", b""]
    assert [message.get("more_body") for message in messages] == [None, True, True, True, None]
    assert waits == []


def test_the_times_of_the_reads_are_kept() -> None:
    _, (first, second) = delivered(
        Response(200, (), b"onetwothree", ((0.0, 3), (200.0, 3), (5000.0, 5)))
    )
    assert 0.1 < first <= 0.2
    assert 4.9 < second <= 5.0


def test_a_response_that_is_cut_has_no_end_and_no_length() -> None:
    messages, _ = delivered(Response(200, (), b"half", truncated=True))
    assert messages == [
        {"type": "http.response.start", "status": 200, "headers": []},
        {"type": "http.response.body", "body": b"half", "more_body": True},
    ]


@pytest.mark.parametrize(
    ("body", "reads", "expected"),
    [
        (b"abcd", (), [b"abcd"]),
        (b"abcd", ((0.0, 2),), [b"ab", b"cd"]),
        (b"ab", ((0.0, 2), (1.0, 5)), [b"ab"]),
        (b"abcd", ((0.0, 0), (0.0, 3), (0.0, 3)), [b"abc", b"d"]),
        (None, (), []),
    ],
)
def test_pieces_hold_the_whole_body_whatever_the_reads_say(
    body: bytes | None, reads: tuple[tuple[float, int], ...], expected: list[bytes]
) -> None:
    assert [piece for _, piece in pieces(Response(200, body=body, reads=reads))] == expected


def test_a_client_that_leaves_while_it_asks_gets_nothing() -> None:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": [],
        "query_string": b"",
        "server": ("self.test", 80),
    }
    asyncio.run(_run(app("openai")(scope, receive, send)))
    assert messages == []
