"""Handle the signals that end a program, for the duration of a block."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[..., Any] | signal.Handlers

_TERMINATION = ("SIGTERM", "SIGHUP")
"""The signals that a container, a CI job or a closed terminal sends to end a program."""


@contextmanager
def _handled_by(handler: Handler, *names: str) -> Iterator[None]:
    """Set the handler of the named signals for a block, then restore the old ones.

    Does nothing outside the main thread; signals that the platform lacks are skipped.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        name: signal.signal(getattr(signal, name), handler)
        for name in names
        if hasattr(signal, name)
    }
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)


def ended_as_by_ctrl_c() -> AbstractContextManager[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C inside a block: they raise KeyboardInterrupt."""
    return _handled_by(signal.default_int_handler, *_TERMINATION)


def calling(handler: Callable[..., Any]) -> AbstractContextManager[None]:
    """Call a function at SIGINT, SIGTERM and SIGHUP inside a block, instead of ending it."""
    return _handled_by(handler, "SIGINT", *_TERMINATION)


def undisturbed() -> AbstractContextManager[None]:
    """Ignore SIGINT, SIGTERM and SIGHUP inside a block."""
    return _handled_by(signal.SIG_IGN, "SIGINT", *_TERMINATION)
