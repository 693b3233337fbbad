"""Capture the Chat Completions exchanges of a program's own httpx and httpx2 clients.

``Client.send`` is wrapped, not a transport, because every request goes through it, including those
of the official SDK. Tools that replay or mock responses (vcrpy, respx, pytest-httpx, MockTransport,
an in-process app) work below it. What a client reads, raises and closes does not change.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from conformance.traffic.capture.httpx_objects import LIBRARIES
from conformance.traffic.capture.recorder import Answer, Capture
from conformance.traffic.formats.record_fields import why_not_chat_completions


class _Tee:
    """A response body that is recorded while it is read."""

    def __init__(self, stream: Any, answer: Answer) -> None:
        self._stream = stream
        self._answer = answer

    def __getattr__(self, name: str) -> Any:  # httpx2 reads the elapsed time from the stream
        return getattr(object.__getattribute__(self, "_stream"), name)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for data in self._stream:
                self._answer.take(data)
                yield data
        except Exception as error:
            self._answer.fail(error)
            raise
        self._answer.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._stream:
                self._answer.take(data)
                yield data
        except Exception as error:
            self._answer.fail(error)
            raise
        self._answer.finish()

    def close(self) -> None:
        self._answer.abandon()
        self._stream.close()

    async def aclose(self) -> None:
        self._answer.abandon()
        await self._stream.aclose()


@contextmanager
def capturing() -> Iterator[Capture]:
    """Capture the Chat Completions exchanges of all installed libraries during the context.

    Requests from any thread are captured. Responses that are not complete when the context exits
    are recorded as partial.
    """
    capture = Capture()
    with ExitStack() as wrapped:
        for name in filter(find_spec, LIBRARIES):
            library = import_module(name)
            wrapped.enter_context(_patched(library.Client, _send_wrapper(library, capture)))
            wrapped.enter_context(
                _patched(library.AsyncClient, _async_send_wrapper(library, capture))
            )
        try:
            yield capture
        finally:
            capture.settle()
            capture.room = 0


@contextmanager
def _patched(client: Any, send: Callable[..., Any]) -> Iterator[None]:
    original = client.send
    client.send = send
    try:
        yield
    finally:
        # Otherwise someone wrapped it again; without room, our wrapper captures nothing more.
        if client.send is send:
            client.send = original


def _send_wrapper(library: Any, capture: Capture) -> Callable[..., Any]:
    original = library.Client.send
    tee = type("Tee", (_Tee, library.SyncByteStream), {})

    @wraps(original)
    def send(self: Any, request: Any, *, stream: bool = False, **settings: Any) -> Any:
        if why_not_chat_completions(request.method, str(request.url)):
            return original(self, request, stream=stream, **settings)
        sent = time.perf_counter()
        response = original(self, request, stream=True, **settings)
        if answer := capture.begin(library, response, sent):
            response.stream = tee(response.stream, answer)
        if not stream:
            try:
                response.read()
            except BaseException:
                response.close()
                raise
        return response

    return send


def _async_send_wrapper(library: Any, capture: Capture) -> Callable[..., Any]:
    original = library.AsyncClient.send
    tee = type("AsyncTee", (_Tee, library.AsyncByteStream), {})

    @wraps(original)
    async def send(self: Any, request: Any, *, stream: bool = False, **settings: Any) -> Any:
        if why_not_chat_completions(request.method, str(request.url)):
            return await original(self, request, stream=stream, **settings)
        sent = time.perf_counter()
        response = await original(self, request, stream=True, **settings)
        if answer := capture.begin(library, response, sent):
            response.stream = tee(response.stream, answer)
        if not stream:
            try:
                await response.aread()
            except BaseException:
                await response.aclose()
                raise
        return response

    return send
