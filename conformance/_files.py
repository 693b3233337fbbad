"""Find the data folders of the package, and write files atomically."""

import os
import re
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent
_PART = re.compile(r"\..+\.[0-9]+\.part")


def data_folder(name: Literal["schemas", "cassettes"], package: Path = _PACKAGE) -> Path:
    """The folder of this name. Raises FileNotFoundError where neither the package nor the checkout
    has it."""
    installed, beside = package / name, package.parent / name
    if installed.is_dir():
        return installed
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise FileNotFoundError(
        f"{name}/ is neither in {package} nor beside it; install chat-conformance anew"
    )


def write_atomic(path: Path, content: bytes) -> None:
    """Put content into a file, in a folder that is made where it is missing. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def stale_temp_files(folder: Path) -> list[Path]:
    """What a program that was killed while it wrote has left in a folder."""
    return sorted(
        path for path in folder.glob(".*.part") if _PART.fullmatch(path.name) and path.is_file()
    )
