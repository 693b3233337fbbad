"""Find the data folders of the package, write files atomically, and lock a folder."""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
"""The file in a locked folder that holds the lock."""

_PACKAGE = Path(__file__).parent
_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_TEMP_FILE = re.compile(r"\..+\.[0-9]+\.part")


def data_folder(name: Literal["schemas", "cassettes"], package: Path = _PACKAGE) -> Path:
    """Return the path of a data folder, from the installed package or from a checkout.

    Raises:
        FileNotFoundError: neither the package nor the checkout contains the folder.
    """
    installed, beside = package / name, package.parent / name
    if installed.is_dir():
        return installed
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise FileNotFoundError(
        f"{name}/ is neither in {package} nor next to it; reinstall chat-conformance"
    )


def special_file(path: Path) -> str:
    """Return what kind of special file a path leads to, "" for anything else.

    Special files are named pipes, sockets and devices. To read one may wait for ever. A path that
    cannot be accessed is not special.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    return next((kind for is_kind, kind in _SPECIAL if is_kind(mode)), "")


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file completely or not at all, and create its folder if needed.

    The content goes to a temporary file in the same folder, which then replaces ``path``. The
    temporary file is removed if writing fails. Of a symbolic link, the file that it names is
    replaced.

    Raises:
        OSError: the folder or the file cannot be written; ``filename`` says which.
    """
    if path.is_symlink():
        path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    temp_file = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temp_file.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temp_file.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        with suppress(OSError):  # the error above says more
            temp_file.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Check that files can be created in a folder, or else that the folder can be created.

    Nothing is left behind.

    Raises:
        OSError: they cannot; ``filename`` is the folder.
    """
    nearest = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        error.filename, error.filename2 = str(folder), None
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a folder for a block: they wait for nothing and get an error.

    The lock is on the file ``.lock`` in the folder and ends with its process, so a killed process
    leaves none behind. There is no lock if the folder cannot be written, or where the system or the
    file system has none.

    Raises:
        BlockingIOError: another process has locked the folder.
    """
    descriptor = _lock_of(folder)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock_of(folder: Path) -> int | None:
    """Lock a folder and return the open lock file, or None if it cannot be locked."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o644)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise BlockingIOError(
            errno.EAGAIN,
            "another run is using this folder; wait for it or name another",
            str(folder),
        ) from None
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def stale_temp_files(folder: Path) -> list[Path]:
    """List, sorted, the temporary files that an interrupted ``write_atomic`` left in a folder."""
    return sorted(
        path
        for path in folder.glob(".*.part")
        if _TEMP_FILE.fullmatch(path.name) and path.is_file()
    )
