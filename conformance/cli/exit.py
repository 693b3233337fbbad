"""How a command is left: with its exit code, and what it refuses told in one line."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

from conformance.cases import CaseError

INTERRUPTED, UNREAD = 130, 141
"""The exit codes of a program that is interrupted and of one whose output nobody reads to its end,
by the custom of shells: neither is a verdict."""


def exit_with(command: Callable[[], int]) -> NoReturn:
    """Run a command and exit with its code; what the operating system refuses, and a row of the
    corpus that is none, is told in one line."""
    _write_what_can_be_written()
    try:
        code = command()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich exits by itself
        _drop_what_cannot_be_written()
        code = UNREAD
    except KeyboardInterrupt:
        _drop_what_cannot_be_written()
        print("Interrupted.", file=sys.stderr)
        code = INTERRUPTED
    except CaseError as error:
        code = usage_error(str(error))
    except OSError as error:
        _drop_what_cannot_be_written()
        code = usage_error(
            f"{error.filename}: {error.strerror}"
            if error.filename
            else error.strerror or str(error)
        )
    raise SystemExit(code)


def usage_error(why: str) -> int:
    """Say in one line on standard error why nothing was done; the exit code."""
    print(f"Error: {why}", file=sys.stderr)
    return 2


class _Unfailing:
    """Standard error as it is, but that what it does not take is lost: what is said on the side
    decides on no exit code."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError:
            _lose(self._stream)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            _lose(self._stream)


def _write_what_can_be_written() -> None:
    """Let a character that the encoding of the output lacks be written as its number, and nothing
    where the output is closed, rather than end the program."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    elif sys.__stderr__ is not None and sys.stderr is sys.__stderr__:
        sys.stderr = cast("TextIO", _Unfailing(sys.__stderr__))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _drop_what_cannot_be_written() -> None:
    """Where standard output takes no more, let the end of the program not try again."""
    try:
        sys.stdout.flush()
    except OSError:
        _lose(sys.stdout)


def _lose(stream: TextIO) -> None:
    """Let what is still to be written to a stream go nowhere."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
