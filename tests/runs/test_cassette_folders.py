"""A run reads local cassettes if they have a target that is named, and else those that are
shipped."""

from pathlib import Path

import pytest

from conformance._files import data_folder
from conformance.runs.cassette_folders import cassette_folder, local_cassette_folder


def test_own_cassettes_are_replayed_where_they_have_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cassettes" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert local_cassette_folder() == tmp_path / "cassettes"
    assert cassette_folder(["mine", "llama.cpp"]) == tmp_path / "cassettes"
    assert cassette_folder(["llama.cpp"]) == cassette_folder([]) == data_folder("cassettes")
