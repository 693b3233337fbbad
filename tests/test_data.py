"""The data folders are found in an installed package and beside a checkout."""

from pathlib import Path

import pytest

from conformance.data import data_folder, kept_here, shelf


def package(root: Path) -> Path:
    folder = root / "conformance"
    folder.mkdir()
    return folder


def test_inside_the_installed_package(tmp_path: Path) -> None:
    inside = package(tmp_path) / "schemas"
    inside.mkdir()
    assert data_folder("schemas", inside.parent) == inside


def test_beside_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "cassettes").mkdir()
    assert data_folder("cassettes", package(tmp_path)) == tmp_path / "cassettes"


def test_a_folder_beside_an_installed_package_belongs_to_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    with pytest.raises(FileNotFoundError, match="install chat-conformance anew"):
        data_folder("schemas", package(tmp_path))


def test_this_suite_has_its_schemas() -> None:
    assert data_folder("schemas").is_dir()


def test_own_cassettes_are_replayed_where_they_have_what_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cassettes" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert kept_here() == tmp_path / "cassettes"
    assert shelf(["mine", "llama.cpp"]) == tmp_path / "cassettes"
    assert shelf(["llama.cpp"]) == shelf([]) == data_folder("cassettes")
