"""Where the data that stands outside the package's code is: schemas/ and cassettes/, inside an installed package or beside it in a checkout."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent


def data_folder(name: Literal["schemas", "cassettes"], package: Path = _PACKAGE) -> Path:
    """The folder of this name. Raises FileNotFoundError where neither the package nor the checkout has it."""
    installed, beside = package / name, package.parent / name
    if installed.is_dir():
        return installed
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise FileNotFoundError(f"{name}/ is neither in {package} nor beside it; install chat-conformance anew")


def kept_here() -> Path:
    """Where cassettes of one's own are kept: in the checkout of this suite that one stands in, else in this folder."""
    here = Path.cwd()
    checkouts = (folder for folder in (here, *here.parents) if (folder / "conformance" / "ledger").is_dir() and (folder / "pyproject.toml").is_file())
    return next(checkouts, here) / "cassettes"


def shelf(targets: Iterable[str]) -> Path:
    """The cassettes to replay: one's own where they have a target that is named, else those that are shipped. Raises FileNotFoundError."""
    own = kept_here()
    return own if any((own / target).is_dir() for target in targets) else data_folder("cassettes")
