"""A run reads the local cassettes if they include a named target, else the shipped ones."""

from pathlib import Path

import pytest

from conformance._files import data_folder
from conformance.runs.cassette_folders import cassette_folder, local_cassette_folder


def test_local_cassettes_are_replayed_if_they_include_a_named_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cassettes" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert local_cassette_folder() == tmp_path / "cassettes"
    assert cassette_folder(["mine", "llama.cpp"]) == tmp_path / "cassettes"
    assert cassette_folder(["llama.cpp"]) == cassette_folder([]) == data_folder("cassettes")
