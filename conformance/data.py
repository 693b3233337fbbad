"""Where the data that stands outside the package's code is: schemas/ and cassettes/, inside an installed package or beside it in a checkout."""

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
