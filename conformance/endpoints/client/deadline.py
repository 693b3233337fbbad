"""Limits on the time until an answer begins, and on the whole time of one request.

A limit on each read is not enough: headers that arrive byte by byte, or answers with a status of
1xx one after another, never reach it.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

GRACE = 0.2
"""Seconds added to the limit, so that a silent endpoint ends as a read timeout even if both limits
are the same."""

_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")
_SENT = ".send_request_body.complete"
_BEGUN = (".receive_response_headers.complete", ".receive_response_headers.failed")


class Watchdog:
    """Shuts down the connection of a request when its time is over.

    A context manager around the request. Pass ``trace`` to httpx as the ``trace`` extension.
    ``fired`` is True if a time ran out, ``fired_before_answer`` if it was ``head``.

    Args:
        whole: Seconds from the first connection to the end of the answer.
        head: Seconds from the end of the request to the end of the headers of the answer, those
            with a status of 1xx aside.
    """

    __slots__ = (
        "_head",
        "_head_timer",
        "_lock",
        "_over",
        "_socket",
        "_timer",
        "fired",
        "fired_before_answer",
    )

    def __init__(self, whole: float, head: float = threading.TIMEOUT_MAX) -> None:
        self.fired = self.fired_before_answer = False
        self._over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = _timer(whole, self._fire)
        self._head = head
        self._head_timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._await_head(False)
        with self._lock:
            self._over = True

    def trace(self, event: str, info: Any) -> None:
        """Handle a transport event: remember each connection, start and end the times."""
        if event.endswith(_SENT):
            self._await_head(True)
        elif event.endswith(_BEGUN):
            self._await_head(False)
        elif event.endswith(_CONNECTED):
            self._connected(info["return_value"].get_extra_info("socket"))

    def _connected(self, connection: socket.socket) -> None:
        with self._lock:
            first, self._socket = self._socket is None, connection
            if self.fired:
                self._shut()
        if first:
            self._timer.start()

    def _await_head(self, awaited: bool) -> None:
        """Start or end the time until the answer begins."""
        with self._lock:
            if self._head_timer is not None:
                self._head_timer.cancel()
            self._head_timer = _timer(self._head, self._fire_before_answer) if awaited else None
            if self._head_timer is not None:
                self._head_timer.start()

    def _fire_before_answer(self) -> None:
        with self._lock:
            if not (self._over or self.fired or self._head_timer is None):
                self.fired = self.fired_before_answer = True
                self._shut()

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


def _timer(seconds: float, act: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(min(seconds + GRACE, threading.TIMEOUT_MAX), act)
    timer.daemon = True
    return timer
