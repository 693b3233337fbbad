"""The control routes need the key, and refuse requests that a web page could send."""

import asyncio

import httpx
import pytest

from conformance.endpoints.reference.app import app

KEY = {"authorization": "Bearer a-key"}


def asked(host: str | None, headers: dict[str, str], method: str = "GET") -> list[httpx.Response]:
    """The responses of the control routes of an endpoint that listens on a host."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app("openai", "a-key", host=host))
        async with httpx.AsyncClient(transport=transport, base_url="http://self.test") as client:
            return [
                await client.request(method, path, headers=headers)
                for path in ("/_faults", "/_requests")
            ]

    return asyncio.run(ask())


def statuses(host: str | None, headers: dict[str, str], method: str = "GET") -> set[int]:
    return {response.status_code for response in asked(host, headers, method)}


@pytest.mark.parametrize(
    "credential", [None, "", "a-key", "Basic a-key", "Bearer other", "Bearer self-test"]
)
def test_the_key_is_needed(credential: str | None) -> None:
    for response in asked(None, {} if credential is None else {"authorization": credential}):
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert "Bearer" in response.json()["error"]["message"] or credential is not None
        assert "known" not in response.json()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
def test_no_method_goes_without_the_key(method: str) -> None:
    assert statuses(None, {}, method) <= {401, 404, 405}
    assert 401 in statuses(None, {}, method)


@pytest.mark.parametrize(
    ("host", "named", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "localhost:8000", 200),
        ("127.0.0.1", "LocalHost.", 200),
        ("127.0.0.1", "a.localhost", 200),
        ("127.0.0.1", "[::1]:8000", 200),
        ("127.0.0.1", "127.1.2.3", 200),
        ("127.0.0.1", "10.0.0.1:8000", 403),
        ("127.0.0.1", "evil.test", 403),
        ("127.0.0.1", "localhost.evil.test", 403),
        ("127.0.0.1", "127.0.0.1.evil.test", 403),
        ("127.0.0.1", "evil.test@localhost", 200),
        ("127.0.0.1", "[::1", 403),
        ("127.0.0.1", "", 403),
        ("My-Host", "my-host:8000", 200),
        ("10.0.0.1", "10.0.0.1:8000", 200),
        ("10.0.0.1", "10.0.0.2:8000", 403),
        ("0.0.0.0", "10.0.0.1:8000", 200),
        ("::", "[2001:db8::1]:8000", 200),
        ("0.0.0.0", "evil.test", 403),
        (None, "self.test", 200),
    ],
)
def test_the_host_is_the_loopback_or_the_one_that_is_listened_on(
    host: str | None, named: str, status: int
) -> None:
    assert statuses(host, {**KEY, "host": named}) == {status}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("HTTP://LOCALHOST:8000", 200),
        ("http://localhost:8001", 403),
        ("http://localhost", 403),
        ("https://evil.test", 403),
        ("null", 403),
        ("", 403),
        ("http://[", 403),
    ],
)
def test_the_origin_is_the_same_host(origin: str, status: int) -> None:
    headers = {**KEY, "host": "localhost:8000", "origin": origin}
    assert statuses("127.0.0.1", headers) == {status}


def test_what_is_wrong_is_shown_without_commanding_a_terminal() -> None:
    (response, _) = asked("127.0.0.1", {**KEY, "host": "evil\x7f.test"})
    assert "evil\\x7f.test" in response.json()["error"]["message"]
