"""Find the data folders of the package, and write files atomically."""

import os
import re
import stat
from pathlib import Path
from typing import Literal

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
    temporary file is removed if writing fails.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temp_file = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temp_file.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temp_file.replace(path)
    finally:
        temp_file.unlink(missing_ok=True)


def stale_temp_files(folder: Path) -> list[Path]:
    """List, sorted, the temporary files that an interrupted ``write_atomic`` left in a folder."""
    return sorted(
        path
        for path in folder.glob(".*.part")
        if _TEMP_FILE.fullmatch(path.name) and path.is_file()
    )
