"""Data folders are found in a package and in a checkout; files are written atomically."""

import os
from pathlib import Path

import pytest

from conformance._files import check_writable, data_folder, stale_temp_files, write_atomic


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
    with pytest.raises(FileNotFoundError, match="reinstall chat-conformance"):
        data_folder("schemas", package(tmp_path))


def test_this_suite_has_its_schemas() -> None:
    assert data_folder("schemas").is_dir()


def test_the_content_is_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x.json"
    write_atomic(path, b"1\r\n")
    assert path.read_bytes() == b"1\r\n"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError])
def test_what_ends_the_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def ended(_: int) -> None:
        raise end

    monkeypatch.setattr(os, "fsync", ended)
    with pytest.raises(end):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_checked_without_a_trace(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "new" / "below"):
        check_writable(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for folder in (tmp_path / "file" / "below", tmp_path / "link"):
        with pytest.raises(OSError, match=r"^\[Errno") as raised:
            check_writable(folder)
        assert raised.value.filename == str(folder)


def test_what_a_killed_program_leaves_is_found(tmp_path: Path) -> None:
    seen: list[list[Path]] = []
    write_atomic(tmp_path / "a" / "x", b"old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: seen.append(stale_temp_files(tmp_path / "a")))
        write_atomic(tmp_path / "a" / "x", b"new")
    assert [[path.parent for path in paths] for paths in seen] == [[tmp_path / "a"]]
    assert stale_temp_files(tmp_path / "a") == []
    (tmp_path / ".notes.part").touch()
    assert stale_temp_files(tmp_path) == []


def test_the_file_that_a_link_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
