"""An installation of the suite with its own cassettes, outside the checkout."""

import shutil
from pathlib import Path

import pytest

import conformance
from conformance._files import data_folder
from tests.helpers.made_cassettes import shelve, shelve_every_verdict


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to import from, with the package, its schemas and cassettes of every verdict.

    The files are where a wheel puts them.
    """
    site = tmp_path_factory.mktemp("site")
    package = site / "conformance"
    shutil.copytree(
        Path(conformance.__file__).parent,
        package,
        ignore=shutil.ignore_patterns("__pycache__", "schemas", "cassettes"),
    )
    shutil.copytree(data_folder("schemas"), package / "schemas")
    shelve_every_verdict(package / "cassettes")
    shelve(package / "cassettes", target="reference", provenance="emulated")
    broken = shelve(package / "cassettes", case="unknown-version")
    broken.write_text(
        broken.read_text(encoding="utf-8").replace(
            "conformance:\n  version: 1", "conformance:\n  version: 7"
        ),
        encoding="utf-8",
    )
    return site
