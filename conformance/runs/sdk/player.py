"""Clients of the SDK that are answered from memory: no network, no key, no retry."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import openai

from conformance.protocol.exchange import Exchange, Response

if not hasattr(openai.resources.chat.Completions, "parse"):
    raise ImportError(f"openai {openai.__version__} is too old")

_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
"""Headers about the bytes of the wire, which the recorded body is no longer."""


@dataclass(frozen=True, slots=True)
class Player:
    """Makes clients that get the answer of an exchange to whatever they ask; ``sent`` are the
    bodies of their requests."""

    exchange: Exchange
    sent: list[bytes] = field(default_factory=list)

    def client(self) -> openai.OpenAI:
        """A client of the SDK."""
        http = library().Client(
            transport=self._transport(), trust_env=False
        )  # a proxy of the environment would go before the transport
        return openai.OpenAI(**_SETTINGS, http_client=http)

    def async_client(self) -> openai.AsyncOpenAI:
        """An asynchronous client of the SDK."""
        return openai.AsyncOpenAI(
            **_SETTINGS,
            http_client=library().AsyncClient(transport=self._transport(), trust_env=False),
        )

    def _transport(self) -> Any:
        made = library()
        answer = self.exchange.response
        headers = [
            (name.encode(), value.encode("utf-8", "surrogateescape"))
            for name, value in answer.headers
            if name not in _OF_THE_WIRE
        ]

        def respond(request: Any) -> Any:
            self.sent.append(request.read())
            return made.Response(answer.status, headers=headers, stream=_stream_class()(answer))

        return made.MockTransport(respond)


_SETTINGS: dict[str, Any] = {
    "base_url": "https://sdk.invalid/v1",
    "api_key": "unused",
    "max_retries": 0,
}


@cache
def library() -> Any:
    """The HTTP library that the SDK of this version is made on, httpx or httpx2."""
    return import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])


def pieces(answer: Response) -> list[bytes]:
    """The body in the reads it came in; what no read accounts for comes last."""
    rest = answer.body or b""
    found = []
    for _, size in answer.reads:
        found.append(rest[:size])
        rest = rest[size:]
    return [piece for piece in (*found, rest) if piece]


class _Played:
    """A body that comes as it was recorded, to its end or to where it was cut."""

    def __init__(self, answer: Response) -> None:
        self._pieces = pieces(answer)
        self._cut = answer.truncated

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._cut:
            raise library().RemoteProtocolError(
                "peer closed connection without sending complete message body"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


@cache
def _stream_class() -> Any:
    made = library()
    return type("Played", (_Played, made.SyncByteStream, made.AsyncByteStream), {})
