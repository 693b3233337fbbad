"""Which folder of cassettes a run reads or writes: local cassettes, or those that are shipped."""

from collections.abc import Iterable
from pathlib import Path

from conformance import _files


def local_cassette_folder() -> Path:
    """Where cassettes of one's own are kept: in the checkout of this suite that one stands in, else
    in this folder."""
    here = Path.cwd()
    checkouts = (
        folder
        for folder in (here, *here.parents)
        if (folder / "conformance" / "plugin.py").is_file()
        and (folder / "pyproject.toml").is_file()
    )
    return next(checkouts, here) / "cassettes"


def cassette_folder(targets: Iterable[str]) -> Path:
    """The cassettes to replay: one's own where they have a target that is named, else those that
    are shipped. Raises FileNotFoundError."""
    own = local_cassette_folder()
    return (
        own
        if any((own / target).is_dir() for target in targets)
        else _files.data_folder("cassettes")
    )
