"""A server on the loopback that streams numbered chunks to many clients at once, each chunk with
the time at which it was sent."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

CHUNKS, PAUSE = 20, 0.02
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_HEAD)
    for number in range(CHUNKS):
        chunk = {"number": number, "sent": time.monotonic()}
        writer.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        await writer.drain()
        await asyncio.sleep(PAUSE)
    writer.write(b"data: [DONE]\n\n")
    await writer.drain()
    writer.close()


@contextmanager
def streaming() -> Iterator[str]:
    """The base URL of such a server."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_answer, "127.0.0.1", 0, backlog=256))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
