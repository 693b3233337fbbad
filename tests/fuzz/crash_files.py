"""Inputs that failed once, kept as files: CRASHES/TARGET/DIGEST."""

import hashlib
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.limits import SECONDS, limited_time
from tests.fuzz.targets import TARGETS

CRASHES = Path(__file__).parent / "crashes"

_OWN = ("limits.py", "target.py")
"""Modules whose exceptions report a mistake in another module."""


def crash_files(folder: Path = CRASHES) -> Iterator[tuple[str, Path]]:
    """Yield the target and the path of each file, in order."""
    for path in sorted(folder.glob("*/*")):
        yield path.parent.name, path


def keep(target: str, data: bytes, folder: Path = CRASHES) -> Path:
    """Write an input as a file into the folder of its target."""
    path = folder / target / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def command(path: Path) -> str:
    """Return the command that runs the input in a file again."""
    return f"python -m tests.fuzz --replay {path}"


def failure_of(target: str, data: bytes, seconds: float = SECONDS) -> BaseException | None:
    """Run an input; return what went wrong, None if nothing did."""
    try:
        with limited_time(seconds):
            TARGETS[target].check(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also those that no Exception is
        return error
    return None


def kind_of(failure: BaseException) -> str:
    """Return the type of a failure and where it was raised; failures of one kind count once."""
    frames = traceback.extract_tb(failure.__traceback__)
    checked = [frame for frame in frames if Path(frame.filename).name not in _OWN]
    ours = [frame for frame in checked if "/conformance/" in frame.filename] or checked
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    said = str(failure).partition(":")[0][:60]
    return f"{type(failure).__name__} at {place}: {said}"
