"""The log of requests: what it shows, that it is bounded, and that no secret appears in it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from conformance.endpoints.reference import TOKEN
from conformance.endpoints.reference.app import LARGEST, app
from conformance.endpoints.reference.control_routes import Guard
from conformance.endpoints.reference.request_log import (
    KEPT,
    LONGEST_BODY,
    ROUTE,
    RequestLog,
    without_secrets,
)
from conformance.protocol.exchange import Headers, Json, Request

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello."}]}
CHAT = "/v1/chat/completions"
KEY = "abcDEF" * 4 + "-0123456789"
KEY_OF_THE_ENDPOINT = {"authorization": f"Bearer {TOKEN}"}
SECRET_BY_ITS_LOOK = f"sk-proj-{KEY}"


def talk(conversation: Callable[[httpx.AsyncClient], Any], token: str = TOKEN) -> Any:
    """The result of a conversation with an endpoint in process."""

    async def hold() -> Any:
        transport = httpx.ASGITransport(app("openai", token))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://self.test", headers=KEY_OF_THE_ENDPOINT
        ) as client:
            return await conversation(client)

    return asyncio.run(hold())


def logged(data: bytes | None, headers: Headers = (), url: str = CHAT, token: str = TOKEN) -> Any:
    """The entry of a request, as a client reads it."""
    try:
        body = orjson.loads(data or b"")
    except ValueError:
        body = (data or b"").decode(errors="replace")
    entry = without_secrets(Request("POST", url, headers, body), data, token)
    return orjson.loads(orjson.dumps(entry))


def test_it_shows_what_clients_sent_until_it_is_emptied() -> None:
    async def conversation(client: httpx.AsyncClient) -> list[Any]:
        headers = {"authorization": f"Bearer {TOKEN}", "x-test": "mine"}
        await client.post(CHAT, json=BODY, headers=headers)
        await client.get("/v1/models", params={"a": "b"}, headers={"authorization": "Bearer no"})
        shown = (await client.get(ROUTE)).json()
        emptied = (await client.delete(ROUTE)).json()
        return [shown, emptied, (await client.get(ROUTE)).json()]

    shown, *emptied = talk(conversation)
    first, second = shown["requests"]
    assert (first["method"], first["path"], first["status"]) == ("POST", CHAT, 200)
    assert first["body"] == BODY
    assert first["truncated"] is False
    assert first["headers"]["x-test"] == "mine"
    assert first["headers"]["authorization"] == "Bearer REDACTED-CREDENTIAL"
    age = datetime.now(UTC) - datetime.fromisoformat(first["time"])
    assert 0 <= age.total_seconds() < 60
    assert (second["method"], second["path"]) == ("GET", "/v1/models?a=b")
    assert (second["status"], second["body"]) == (401, None)
    assert emptied == [{"requests": [], "dropped": 0}] * 2


def test_the_status_is_that_of_the_answer_with_faults() -> None:
    async def conversation(client: httpx.AsyncClient) -> Any:
        headers = {"authorization": f"Bearer {TOKEN}", "x-conformance-fault": "wire-503"}
        await client.post(CHAT, json=BODY, headers=headers)
        return (await client.get(ROUTE)).json()["requests"]

    (request,) = talk(conversation)
    assert request["status"] == 503
    assert request["headers"]["x-conformance-fault"] == "wire-503"


def test_a_request_that_is_too_long_is_logged_without_its_body() -> None:
    async def conversation(client: httpx.AsyncClient) -> Any:
        await client.post(CHAT, content=b" " * (LARGEST + 1))
        return (await client.get(ROUTE)).json()["requests"]

    (request,) = talk(conversation)
    assert (request["status"], request["body"], request["truncated"]) == (413, None, True)


def test_the_oldest_requests_are_dropped() -> None:
    log = RequestLog(TOKEN, lambda: datetime(2026, 1, 2, tzinfo=UTC))
    for number in range(KEPT + 3):
        log.add(Request("GET", f"/{number}"), b"", 404)

    async def read() -> Any:
        transport = httpx.ASGITransport(log.route(Guard()))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://self.test", headers=KEY_OF_THE_ENDPOINT
        ) as client:
            return (await client.get(ROUTE)).json()

    shown = asyncio.run(read())
    assert [each["path"] for each in shown["requests"]] == [f"/{n}" for n in range(3, KEPT + 3)]
    assert shown["dropped"] == 3
    assert shown["requests"][0]["time"] == "2026-01-02T00:00:00.000+00:00"


def secrets() -> dict[str, tuple[Headers, str, Json]]:
    """Places in which a client may send a credential: header fields, URL and body."""
    bearer = (("authorization", f"Bearer {KEY}"),)
    return {
        "bearer": (bearer, CHAT, BODY),
        "repeated in the body": (bearer, CHAT, {**BODY, "user": f"I am {KEY}."}),
        "repeated in a header": ((*bearer, ("x-mine", KEY)), CHAT, BODY),
        "google key": ((("x-goog-api-key", KEY),), CHAT, BODY),
        "azure key": ((("api-key", KEY),), CHAT, BODY),
        "cookie": ((("cookie", f"session={KEY}"),), CHAT, BODY),
        "query": ((), f"{CHAT}?key={KEY}", BODY),
        "by its look": ((), CHAT, {**BODY, "user": SECRET_BY_ITS_LOOK}),
        "under a name": ((), CHAT, {**BODY, "api_key": KEY}),
        "token elsewhere": ((("x-mine", KEY),), f"/{KEY}", {**BODY, KEY: KEY}),
    }


@pytest.mark.parametrize("place", secrets())
@pytest.mark.parametrize("padding", [0, LONGEST_BODY])
def test_no_secret_appears(place: str, padding: int) -> None:
    headers, url, body = secrets()[place]
    data = orjson.dumps({**body, "metadata": {"padding": "x" * padding}})
    shown = str(logged(data, headers, url, KEY if place == "token elsewhere" else TOKEN))
    assert "abcDEF" not in shown
    assert "0123456789" not in shown


@pytest.mark.parametrize("shown", range(0, len(KEY), 4))
def test_no_beginning_of_a_secret_appears_at_the_cut(shown: int) -> None:
    before = b'{"user": "' + b" " * (LONGEST_BODY - shown - 10)
    entry = logged(before + KEY.encode() + b'"}', (("authorization", f"Bearer {KEY}"),))
    assert entry["truncated"] is True
    assert len(entry["body"]) <= LONGEST_BODY
    assert "abcDEF" not in entry["body"]


def test_words_like_the_default_token_and_project_stay_in_the_body() -> None:
    url = "/v1/projects/self-test/locations/global/endpoints/openapi/chat/completions"
    body = {**BODY, "user": "a self-test"}
    entry = logged(orjson.dumps(body), (("authorization", f"Bearer {TOKEN}"),), url)
    assert entry["body"] == body
    assert entry["path"] == url.replace("self-test", "PROJECT")


def test_a_long_body_is_cut() -> None:
    body = {**BODY, "user": "x" * LONGEST_BODY}
    entry = logged(orjson.dumps(body))
    assert entry["truncated"] is True
    assert entry["body"] == orjson.dumps(body).decode()[:LONGEST_BODY]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"not JSON", "not JSON"),
        (b"\xff{", "\ufffd{"),
        (b'"' + b"\\ud83d" + b'"', '"\\ud83d"'),
        (b"[1e999, 123456789012345678901234567890]", "[1e999, 123456789012345678901234567890]"),
    ],
)
def test_any_body_can_be_shown(data: bytes, expected: str) -> None:
    assert logged(data)["body"] == expected


def test_a_body_nested_very_deeply_can_be_shown() -> None:
    shown = orjson.dumps(logged(b"[" * 1000 + b"]" * 1000)["body"])
    assert shown.startswith(b"[[[[[[[[")


def test_long_fields_are_cut_and_repeated_ones_joined() -> None:
    headers = (("a", "1"), ("b", "x" * 99_999), ("a", "2"))
    entry = logged(b"{}", headers, "/" + "y" * 99_999)
    assert entry["headers"]["a"] == "1, 2"
    assert len(entry["headers"]["b"]) == len(entry["path"]) == 2000
