"""Places in files as a code host needs them: relative to the folder of the repository."""

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePath

_WORKSPACE_VARIABLE = "GITHUB_WORKSPACE"
_WITH_FILE = re.compile(r"(?P<file>[^\n]+?)(?P<rest>(?::[0-9]{1,9}|#[0-9]+)(?:: .*)?)?", re.DOTALL)


def in_repository(place: str) -> str:
    """Return a place whose file is relative to the repository that a job has checked out.

    Args:
        place: ``FILE``, ``FILE:LINE`` or ``FILE#NUMBER``, with or without ``: TEXT`` after it. FILE
            is relative to the working folder, or absolute.

    A place is returned as it is if ``GITHUB_WORKSPACE`` is not set, and if its file does not exist
    or is not in that folder.
    """
    root = os.environ.get(_WORKSPACE_VARIABLE)
    found = _WITH_FILE.fullmatch(place)
    if not root or not found:
        return place
    try:
        file = _relative(found["file"], root) if Path(found["file"]).is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        file = None
    return place if file is None else f"{file}{found['rest'] or ''}"


def all_in_repository(places: Iterable[str]) -> tuple[str, ...]:
    """Return the places, each as ``in_repository`` does."""
    return tuple(map(in_repository, places))


def _relative(file: str, root: str) -> str | None:
    """Return a file relative to a folder, None if it is not in it; links may lead there."""
    for resolved in (os.path.abspath, os.path.realpath):
        path, folder = PurePath(resolved(file)), PurePath(resolved(root))
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return None
