"""A watchdog over one request: what never ends is ended from outside, as a limit on each read does
not see headers that come byte by byte."""

import socket
import threading
from contextlib import suppress
from typing import Any, Self

GRACE = 0.2
"""Seconds that are given on top, so that an endpoint which says nothing at all is told by the limit
on a read, even where both are the same."""

_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")


class Watchdog:
    """Shuts the connection of a request down once a time has passed since it stood; entered before
    the request, left when the answer is there."""

    __slots__ = ("_lock", "_over", "_socket", "_timer", "fired")

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(min(seconds + GRACE, threading.TIMEOUT_MAX), self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True

    def trace(self, event: str, info: Any) -> None:
        """Take from the transport what it tells: each connection that stands, the first of which
        starts the time."""
        if not event.endswith(_CONNECTED):
            return
        with self._lock:
            first, self._socket = (
                self._socket is None,
                info["return_value"].get_extra_info("socket"),
            )
            if self.fired:
                self._shut()
        if first:
            self._timer.start()

    def _fire(self) -> None:
        with self._lock:
            if not self._over:
                self.fired = True
                self._shut()

    def _shut(self) -> None:
        """Let who reads or writes there go on at once. Past TLS, whose layer would take what still
        comes for plain text."""
        with suppress(OSError):  # it is closed already, or TLS is just being put on top of it
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # type: ignore[arg-type]
