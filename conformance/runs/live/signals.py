"""Signals that end a program, handled for a while."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[..., Any] | signal.Handlers

_OTHERS = ("SIGTERM", "SIGHUP")
"""By these the end is asked for by what starts programs: a container, a CI, a terminal that is
closed."""


@contextmanager
def _handled_by(handler: Handler, *names: str) -> Iterator[None]:
    """Have signals handled so; only a main thread can, and only what the platform knows."""
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
    """Let whatever asks for the end do what Ctrl-C does, so that nothing is lost."""
    return _handled_by(signal.default_int_handler, *_OTHERS)


def undisturbed() -> AbstractContextManager[None]:
    """Let nothing end what is being done."""
    return _handled_by(signal.SIG_IGN, "SIGINT", *_OTHERS)
