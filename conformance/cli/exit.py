"""How a command ends: its exit code, and errors as one line on standard error."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

INTERRUPTED, UNREAD = 130, 141
"""The usual exit codes of a program stopped by Ctrl-C, and of one whose output pipe was closed;
neither is a verdict."""


def exit_with(command: Callable[[], int]) -> NoReturn:
    """Run a command and exit with the code that it returns.

    An OSError is printed as one line, a CaseError as one line for each case, with exit code 2.
    """
    from conformance.cases import CaseError

    _make_output_tolerant()
    try:
        code = command()
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # rich itself exits if the pipe is closed
        _discard_unwritten_output()
        code = UNREAD
    except KeyboardInterrupt:
        _discard_unwritten_output()
        print("Interrupted.", file=sys.stderr)
        code = INTERRUPTED
    except CaseError as error:
        code = max(map(usage_error, str(error).split("\n")))
    except OSError as error:
        _discard_unwritten_output()
        code = usage_error(
            f"{error.filename}: {error.strerror}"
            if error.filename
            else error.strerror or str(error)
        )
    raise SystemExit(code)


def usage_error(why: str) -> int:
    """Print an error as one line on standard error; return the exit code 2."""
    from conformance._text import escaped  # --help does without it

    print(f"Error: {escaped(why)}", file=sys.stderr)
    return 2


class _UnfailingStderr:
    """Standard error that never fails: a message that cannot be written changes no exit code."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except OSError:
            _redirect_to_devnull(self._stream)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            _redirect_to_devnull(self._stream)


def _make_output_tolerant() -> None:
    """Let standard output and error never end the program.

    A character that the encoding of the output lacks is escaped; a closed stream is replaced by the
    null device.
    """
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    elif sys.__stderr__ is not None and sys.stderr is sys.__stderr__:
        sys.stderr = cast("TextIO", _UnfailingStderr(sys.__stderr__))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _discard_unwritten_output() -> None:
    """Drop output that cannot be written, so that Python does not try again at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        _redirect_to_devnull(sys.stdout)


def _redirect_to_devnull(stream: TextIO) -> None:
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
