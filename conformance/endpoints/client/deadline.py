"""A limit on the whole time of one request.

A limit on each read is not enough: headers that arrive byte by byte never reach it.
"""

import socket
import threading
from contextlib import suppress
from typing import Any, Self

GRACE = 0.2
"""Seconds added to the limit, so that a silent endpoint ends as a read timeout even if both limits
are the same."""

_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")


class Watchdog:
    """Shuts down the connection of a request when its time is over.

    A context manager around the request. The time starts when the first connection is made;
    ``fired`` is True if it ran out. Pass ``trace`` to httpx as the ``trace`` extension.
    """

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
        """Handle a transport event: remember each connection, start the time on the first."""
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
        """Shut down the raw socket, so that a blocked read or write returns at once.

        Bypasses TLS, which would misread the remaining bytes.
        """
        with suppress(OSError):  # the socket is closed already, or is just being wrapped by TLS
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # type: ignore[arg-type]
