"""The SDK clients get the response as it was recorded, and send nothing."""

from typing import Any

import orjson
import pytest

openai = pytest.importorskip("openai")

from conformance.protocol.chat.facts import fold  # noqa: E402
from conformance.protocol.exchange import Response  # noqa: E402
from conformance.runs.sdk import calls  # noqa: E402
from conformance.runs.sdk.player import Player, library, pieces  # noqa: E402
from conformance.runs.sdk.sdk_request import asked  # noqa: E402
from tests.judging.conftest import completion, stream  # noqa: E402


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ((), [b"abcdef"]),
        (((1.0, 2), (2.0, 4)), [b"ab", b"cdef"]),
        (((1.0, 2), (2.0, 1)), [b"ab", b"c", b"def"]),
        (((1.0, 4), (2.0, 9)), [b"abcd", b"ef"]),
        (((1.0, 0), (2.0, 6)), [b"abcdef"]),
    ],
)
def test_the_body_comes_in_its_reads_and_none_of_it_is_lost(
    reads: tuple[tuple[float, int], ...], expected: list[bytes]
) -> None:
    assert pieces(Response(200, body=b"abcdef", reads=reads)) == expected


def test_the_same_bytes_come_however_they_were_read() -> None:
    whole = stream("Grüße", "!")
    size = len(whole.response.body or b"")
    split = stream("Grüße", "!", reads=tuple((float(number), 1) for number in range(size)))
    given = [
        calls.blocking(calls.chunks, Player(each), asked(fold(each))) for each in (whole, split)
    ]
    assert [chunk.to_dict() for chunk in given[0]] == [chunk.to_dict() for chunk in given[1]]


@pytest.mark.parametrize(
    "request_body",
    [
        {"temperature": "hot", "messages": "none"},
        {"extra_body": {"google": {"a": [1]}}},
        {"tools": [{"type": "odd"}]},
    ],
)
def test_the_request_is_sent_as_it_was_recorded(request_body: dict[str, Any]) -> None:
    exchange = completion(request=request_body)
    player = Player(exchange)
    calls.blocking(calls.create, player, asked(fold(exchange)))
    assert orjson.loads(player.sent[0]) == exchange.request.body


def test_both_kinds_of_client_give_the_same() -> None:
    exchange = stream()
    request = asked(fold(exchange))
    blocking = calls.blocking(calls.chunks, Player(exchange), request)
    in_a_loop = calls.in_a_loop(calls.chunks_async, Player(exchange), request)
    assert [chunk.to_dict() for chunk in blocking] == [chunk.to_dict() for chunk in in_a_loop]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    exchange = completion()
    assert isinstance(
        calls.blocking(calls.create, Player(exchange), asked(fold(exchange))),
        openai.types.chat.ChatCompletion,
    )


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_no_request_is_retried(status: int) -> None:
    exchange = completion(status=status, headers={"retry-after": "1"})
    player = Player(exchange)
    calls.blocking(calls.create, player, asked(fold(exchange)))
    assert len(player.sent) == 1


def test_headers_of_the_wire_do_not_make_the_body_be_decoded_again() -> None:
    exchange = completion(
        headers={
            "content-type": "application/json",
            "content-encoding": "gzip",
            "content-length": "3",
            "x-é": "é",
        }
    )
    assert (
        calls.blocking(calls.create, Player(exchange), asked(fold(exchange)))
        .choices[0]
        .message.content
        == "Hello!"
    )


def test_the_library_is_the_one_the_sdk_takes_clients_of() -> None:
    assert issubclass(openai.DefaultHttpxClient, library().Client)
