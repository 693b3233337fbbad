"""Capture: the Chat Completions exchanges of somebody's own httpx and httpx2 clients.

``Client.send`` is wrapped, not a transport: everything a client does goes through it, that of the
official SDK too, and whoever plays or mocks answers (vcrpy, respx, pytest-httpx, MockTransport, an
app in process) does so beneath it. What a client reads, raises and closes stays as it is.
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
    """A body that is taken down while it is read."""

    def __init__(self, stream: Any, answer: Answer) -> None:
        self._stream = stream
        self._answer = answer

    def __getattr__(self, name: str) -> Any:  # httpx2 asks the stream for the time elapsed
        return getattr(object.__getattribute__(self, "_stream"), name)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for data in self._stream:
                self._answer.take(data)
                yield data
        except Exception as error:
            self._answer.break_off(error)
            raise
        self._answer.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._stream:
                self._answer.take(data)
                yield data
        except Exception as error:
            self._answer.break_off(error)
            raise
        self._answer.finish()

    def close(self) -> None:
        self._answer.leave()
        self._stream.close()

    async def aclose(self) -> None:
        self._answer.leave()
        await self._stream.aclose()


@contextmanager
def capturing() -> Iterator[Capture]:
    """Capture what the clients of all libraries that are installed ask and are answered, from any
    thread, as long as this lasts."""
    capture = Capture()
    with ExitStack() as wrapped:
        for name in filter(find_spec, LIBRARIES):
            library = import_module(name)
            wrapped.enter_context(_replaced(library.Client, _sending(library, capture)))
            wrapped.enter_context(_replaced(library.AsyncClient, _sending_async(library, capture)))
        try:
            yield capture
        finally:
            capture.settle()
            capture.room = 0


@contextmanager
def _replaced(client: Any, send: Callable[..., Any]) -> Iterator[None]:
    original = client.send
    client.send = send
    try:
        yield
    finally:
        if (
            client.send is send
        ):  # else somebody wrapped it in turn; with no room left ours lets everything through
            client.send = original


def _sending(library: Any, capture: Capture) -> Callable[..., Any]:
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


def _sending_async(library: Any, capture: Capture) -> Callable[..., Any]:
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
