"""The reference endpoint on the loopback, for clients that need a socket."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import create_server

import uvicorn

from conformance.endpoints.reference import TOKEN
from conformance.endpoints.reference.app import app
from conformance.protocol.exchange import Exchange


@contextmanager
def reference(
    profile: str,
    token: str = TOKEN,
    change: Callable[[Exchange], Exchange] = lambda exchange: exchange,
) -> Iterator[str]:
    """The host and port at which the reference endpoint answers as this profile to whoever has the
    token."""
    with create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                app(profile, token, change), log_level="error", lifespan="off", server_header=False
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(5)
