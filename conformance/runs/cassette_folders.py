"""Choose the folder of cassettes to read or write: the local one or the shipped one."""

from collections.abc import Iterable
from pathlib import Path

from conformance import _files


def local_cassette_folder() -> Path:
    """Return ``CHECKOUT/cassettes`` inside a checkout of this suite, else ``./cassettes``.

    The folder need not exist.
    """
    here = Path.cwd()
    checkouts = (
        folder
        for folder in (here, *here.parents)
        if (folder / "conformance" / "plugin.py").is_file()
        and (folder / "pyproject.toml").is_file()
    )
    return next(checkouts, here) / "cassettes"


def cassette_folder(targets: Iterable[str]) -> Path:
    """Return the local cassettes if they include one of ``targets``, else the shipped ones.

    Raises FileNotFoundError if the shipped cassettes are not installed.
    """
    local = local_cassette_folder()
    return (
        local
        if any((local / target).is_dir() for target in targets)
        else _files.data_folder("cassettes")
    )


def is_shipped(folder: Path) -> bool:
    """True if a folder has the cassettes that ship with the suite."""
    return folder == _files.data_folder("cassettes")
