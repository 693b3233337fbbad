"""Files written whole or not at all: who reads one meanwhile finds the old content or the new."""

import os
import re
from pathlib import Path

_PART = re.compile(r"\..+\.[0-9]+\.part")


def write_whole(path: Path, content: bytes) -> None:
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


def left_over(folder: Path) -> list[Path]:
    """What a program that was killed while it wrote has left in a folder."""
    return sorted(path for path in folder.glob(".*.part") if _PART.fullmatch(path.name) and path.is_file())
