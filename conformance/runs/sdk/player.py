"""SDK clients that receive a recorded response from memory: no network, no key, no retry."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import openai

from conformance.protocol.exchange import Exchange, Response

if not hasattr(openai.resources.chat.Completions, "parse"):
    raise ImportError(f"openai {openai.__version__} is too old")

_TRANSFER_HEADERS = ("content-encoding", "content-length", "transfer-encoding")
"""Headers about the transfer, which no longer fit, because the recorded body is decoded."""


@dataclass(frozen=True, slots=True)
class Player:
    """Makes clients that receive the response of one exchange to every request.

    ``sent`` has the bodies of their requests.
    """

    exchange: Exchange
    sent: list[bytes] = field(default_factory=list)

    def client(self) -> openai.OpenAI:
        """Return a blocking client."""
        # With trust_env, a proxy in the environment would replace the transport.
        http = library().Client(transport=self._transport(), trust_env=False)
        return openai.OpenAI(**_SETTINGS, http_client=http)

    def async_client(self) -> openai.AsyncOpenAI:
        """Return an asynchronous client."""
        return openai.AsyncOpenAI(
            **_SETTINGS,
            http_client=library().AsyncClient(transport=self._transport(), trust_env=False),
        )

    def _transport(self) -> Any:
        http_library = library()
        answer = self.exchange.response
        headers = [
            (name.encode(), value.encode("utf-8", "surrogateescape"))
            for name, value in answer.headers
            if name not in _TRANSFER_HEADERS
        ]

        def respond(request: Any) -> Any:
            self.sent.append(request.read())
            return http_library.Response(
                answer.status, headers=headers, stream=_stream_class()(answer)
            )

        return http_library.MockTransport(respond)


_SETTINGS: dict[str, Any] = {
    "base_url": "https://sdk.invalid/v1",
    "api_key": "unused",
    "max_retries": 0,
}


@cache
def library() -> Any:
    """Return the HTTP library that the installed SDK uses, httpx or httpx2."""
    return import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])


def pieces(answer: Response) -> list[bytes]:
    """Split the body into its recorded reads; bytes beyond the reads come last."""
    rest = answer.body or b""
    parts = []
    for _, size in answer.reads:
        parts.append(rest[:size])
        rest = rest[size:]
    return [piece for piece in (*parts, rest) if piece]


class _RecordedStream:
    """Yields a body in its recorded pieces; a truncated one ends with a protocol error."""

    def __init__(self, answer: Response) -> None:
        self._pieces = pieces(answer)
        self._truncated = answer.truncated

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._truncated:
            raise library().RemoteProtocolError(
                "peer closed connection without sending complete message body"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


@cache
def _stream_class() -> Any:
    http_library = library()
    bases = (_RecordedStream, http_library.SyncByteStream, http_library.AsyncByteStream)
    return type("RecordedStream", bases, {})
