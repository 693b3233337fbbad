"""Paths in annotations and SARIF are relative to the repository that a job has checked out."""

from pathlib import Path

import pytest

from conformance.cli.repository_paths import all_in_repository, in_repository


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository, and run the command in its folder ``part``."""
    root = tmp_path / "repository"
    (root / "part").mkdir(parents=True)
    for file in (root / "part/a.jsonl", root / "b: c.har", tmp_path / "outside.har"):
        file.touch()
    monkeypatch.chdir(root / "part")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
    return root


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("place", "relative"),
    [
        ("a.jsonl:7", "part/a.jsonl:7"),
        ("./a.jsonl", "part/a.jsonl"),
        ("../b: c.har#2", "b: c.har#2"),
        ("a.jsonl:7: text: 8 of it", "part/a.jsonl:7: text: 8 of it"),
        ("../../outside.har#2", "../../outside.har#2"),
        ("missing.jsonl:1", "missing.jsonl:1"),
        ("stdin:3", "stdin:3"),
        ("\0:3", "\0:3"),
        ("", ""),
    ],
)
def test_a_place_in_the_repository_is_relative_to_it(place: str, relative: str) -> None:
    assert in_repository(place) == relative


def test_an_absolute_path_is_relative_too(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository)
    places = [f"{repository / 'part/a.jsonl'}:7", f"{tmp_path / 'link/part/a.jsonl'}:7"]
    assert all_in_repository(places) == ("part/a.jsonl:7", "part/a.jsonl:7")


@pytest.mark.usefixtures("repository")
def test_without_a_repository_a_place_is_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE")
    assert in_repository("a.jsonl:7") == "a.jsonl:7"
