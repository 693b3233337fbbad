"""Outages: good requests get 429, 500 or 503 in the words of the profile, and clients retry."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from conformance.endpoints.reference import PROFILES, TOKEN
from conformance.endpoints.reference.app import app
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.fault_injection import HEADER, Misbehaviour, Plan
from conformance.endpoints.reference.wire_faults import WIRE_FAULTS
from conformance.protocol.exchange import Exchange, Finding, Json

STATUSES = {"wire-429": 429, "wire-429-retry-after": 429, "wire-500": 500, "wire-503": 503}
HELLO = [{"role": "user", "content": "Say hello."}]

Send = Callable[..., Exchange]


def failed(name: str, exchange: Exchange, profile: str) -> Exchange:
    served = Exchange("1", exchange.request, exchange.response, {"profile": profile})
    return Misbehaviour(Plan((name,)))(served)


def error_of(exchange: Exchange) -> dict[str, Json]:
    body = orjson.loads(exchange.response.body or b"")
    error: dict[str, Json] = (body[0] if isinstance(body, list) else body)["error"]
    return error


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", STATUSES)
def test_a_good_request_gets_a_conforming_error(
    name: str,
    profile: str,
    stream: bool,
    exchange: Send,
    unexpected: Callable[[Exchange, str], dict[str, Finding]],
) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO, "stream": stream}
    answered = failed(name, exchange(body, profile), profile)
    assert answered.response.status == STATUSES[name]
    assert answered.response.reads == ()
    assert dict(answered.response.headers)[HEADER] == name
    silent = name == "wire-429" and not dialect_of(profile).is_google
    assert unexpected(answered, profile).keys() == ({"HDR-002"} if silent else set())


@pytest.mark.parametrize(
    ("profile", "status", "words"),
    [
        ("vertex-gemini", 429, {"code": 429, "status": "RESOURCE_EXHAUSTED"}),
        ("gemini-api", 500, {"code": 500, "status": "INTERNAL"}),
        ("gemini-api", 503, {"code": 503, "status": "UNAVAILABLE"}),
        ("vertex-vllm", 503, {"code": 503, "param": None}),
        ("openai", 429, {"type": "requests", "code": "rate_limit_exceeded"}),
        ("openai", 500, {"type": "server_error", "code": None}),
    ],
)
def test_the_error_has_the_words_of_the_profile(
    profile: str, status: int, words: dict[str, Json], exchange: Send
) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO}
    error = error_of(failed(f"wire-{status}", exchange(body, profile), profile))
    assert error["message"]
    assert words.items() <= error.items()


@pytest.mark.parametrize("profile", PROFILES)
def test_only_one_of_them_says_when_to_try_again(profile: str, exchange: Send) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO}
    delayed = failed("wire-429-retry-after", exchange(body, profile), profile)
    assert dict(delayed.response.headers)["retry-after"] == "1"
    if dialect_of(profile).is_google:
        (detail,) = error_of(delayed)["details"]
        assert detail == {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": "1s",
        }
    for name in STATUSES.keys() - {"wire-429-retry-after"}:
        response = failed(name, exchange(body, profile), profile).response
        assert "retry-after" not in dict(response.headers)
        assert b"RetryInfo" not in (response.body or b"")


@pytest.mark.parametrize("name", STATUSES)
def test_a_request_that_is_refused_stays_refused(name: str, exchange: Send) -> None:
    refused = exchange({"model": "gpt-4o"}, "openai")
    assert refused.response.status == 400
    assert failed(name, refused, "openai").response == refused.response
    assert WIRE_FAULTS[name](exchange({"model": "gpt-4o", "messages": HELLO})) is None


def test_the_official_client_tries_again_and_succeeds() -> None:
    openai = pytest.importorskip("openai")
    misbehaviour = Misbehaviour(Plan(("wire-429-retry-after",), 0.5))
    transport = httpx.ASGITransport(app("openai", TOKEN, misbehaviour))

    async def talk() -> tuple[list[str], Any]:
        client = openai.AsyncOpenAI(
            base_url="http://self.test/v1",
            api_key=TOKEN,
            max_retries=1,
            http_client=httpx.AsyncClient(transport=transport),
        )
        texts = []
        for _ in range(2):
            answered = await client.chat.completions.create(model="gpt-4o", messages=HELLO)
            texts.append(answered.choices[0].message.content)
        async with httpx.AsyncClient(transport=transport, base_url="http://self.test") as reader:
            shown = await reader.get("/_requests", headers={"authorization": f"Bearer {TOKEN}"})
            return texts, shown.json()["requests"]

    texts, requests = asyncio.run(talk())
    assert texts[0] == texts[1] != ""
    assert [each["status"] for each in requests] == [200, 429, 200]
    assert [each["headers"]["x-stainless-retry-count"] for each in requests] == ["0", "0", "1"]
