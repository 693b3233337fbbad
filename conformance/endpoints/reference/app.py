"""The reference endpoint as an ASGI application; the responses come from ``answer``."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from conformance.endpoints.reference.answering import TOKEN, answer, refused
from conformance.endpoints.reference.control_routes import Guard
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.fault_injection import Misbehaviour
from conformance.endpoints.reference.request_log import RequestLog
from conformance.endpoints.reference.wire_faults import LATE
from conformance.protocol.exchange import Exchange, Json, Request, Response

LARGEST = 32 << 20
"""The largest request body in bytes; a longer one gets status 413."""


def app(
    profile: str,
    token: str = TOKEN,
    change: Callable[[Exchange], Exchange] | None = None,
    routes: Sequence[Route] = (),
    host: str | None = None,
) -> Starlette:
    """Return an application that answers in the dialect of a profile and logs the requests.

    Args:
        profile: One of ``PROFILES``.
        token: The bearer token that requests must have.
        change: Called with each exchange; its result is sent instead. By default a
            ``Misbehaviour``: the faults that the request or ``PUT /_faults`` names are put into the
            answer.
        routes: Routes that are matched before those of the endpoint.
        host: The address that a server listens on; requests to ``/_faults`` and ``/_requests``
            must name it or the loopback interface. By default any host may be named, because in
            process nothing listens.

    Raises:
        LookupError: The profile is not served.
    """
    dialect_of(profile)
    log, guard = RequestLog(token), Guard(token, host)
    change = Misbehaviour() if change is None else change
    if isinstance(change, Misbehaviour):
        routes = [*routes, change.route(guard)]
    endpoint = _Endpoint(profile, token, change, log)
    return Starlette(routes=[*routes, log.route(guard), Route("/{path:path}", endpoint)])


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """The ASGI application for all paths and methods.

    A class, because Starlette restricts the methods of a route whose endpoint is a function.
    """

    profile: str
    token: str
    change: Callable[[Exchange], Exchange]
    log: RequestLog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Incoming(scope, receive)
        try:
            data = await _read(incoming)
        except ClientDisconnect:
            return
        request = Request(
            incoming.method,
            str(incoming.url),
            tuple(incoming.headers.items()),
            _parsed(data or b""),
        )
        if data is None:
            response = refused(
                Refused(f"The body of the request is longer than {LARGEST} bytes.", status=413),
                dialect_of(self.profile),
            )
        else:
            response = answer(request, self.profile, self.token)
        exchange = Exchange(
            incoming.url.path,
            request,
            response,
            {"provenance": "emulated", "profile": self.profile},
        )
        changed = self.change(exchange)
        target = scope["path"] + (f"?{incoming.url.query}" if incoming.url.query else "")
        self.log.add(replace(request, url=target), data, changed.response.status)
        await _until_gone(receive, _send(changed, send))


async def _read(incoming: Incoming) -> bytes | None:
    """Read the body of a request to its end; return None if it is too long."""
    data = bytearray()
    size = 0
    async for piece in incoming.stream():
        size += len(piece)
        if size <= LARGEST:
            data += piece
    return bytes(data) if size <= LARGEST else None


def _parsed(data: bytes) -> Json:
    try:
        return orjson.loads(data)
    except ValueError:
        return data.decode(errors="replace")


async def _send(exchange: Exchange, send: Send) -> None:
    await asyncio.sleep(float(exchange.meta.get(LATE, 0)) / 1000)
    await deliver(exchange.response, send)


async def _until_gone(receive: Receive, sending: Coroutine[None, None, None]) -> None:
    """Send a response to its end, or stop when the client disconnects."""
    tasks = asyncio.ensure_future(sending), asyncio.ensure_future(_client_gone(receive))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def deliver(response: Response, send: Send) -> None:
    """Send a response, each of its reads at its time; leave a truncated response without an end."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers
    ]
    if not response.reads and not response.truncated:
        headers.append((b"content-length", str(len(response.body or b"")).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    start = asyncio.get_running_loop().time()
    for offset, piece in pieces(response):
        wait = start + offset / 1000 - asyncio.get_running_loop().time()
        if offset and wait > 0:
            await asyncio.sleep(wait)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if not response.truncated:
        await send({"type": "http.response.body", "body": b""})


def pieces(response: Response) -> Iterator[tuple[float, bytes]]:
    """Yield the body in the pieces of its reads, each with its time in milliseconds.

    Bytes beyond the reads are yielded at the time of the last read. Empty pieces are left out.
    """
    body = response.body or b""
    place, offset = 0, 0.0
    for offset, size in response.reads:
        if piece := body[place : place + size]:
            yield offset, piece
        place += size
    if body[place:]:
        yield offset, body[place:]
