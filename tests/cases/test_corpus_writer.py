"""Cases are written as they are read, completely or not at all."""

from pathlib import Path

import pytest

from conformance.cases import CORPUS, DOCUMENTED, Case, read_cases
from conformance.cases.corpus_writer import write_cases


@pytest.mark.parametrize("path", [CORPUS, DOCUMENTED], ids=lambda path: path.stem)
def test_what_is_written_is_read_again(path: Path, tmp_path: Path) -> None:
    cases = list(read_cases(path))
    write_cases(tmp_path / "written.jsonl", reversed(cases))
    assert list(read_cases(tmp_path / "written.jsonl")) == cases
    assert (tmp_path / "written.jsonl").read_bytes().isascii()


def test_the_corpus_is_as_it_would_be_written(tmp_path: Path) -> None:
    write_cases(tmp_path / "written.jsonl", read_cases(CORPUS))
    assert (tmp_path / "written.jsonl").read_bytes() == CORPUS.read_bytes()


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("before", encoding="ascii")
    with pytest.raises(TypeError):
        write_cases(path, [Case("id", "feature", "source", frozenset(), "/x", {"key": object()})])
    assert [path.read_text(encoding="ascii"), len(list(tmp_path.iterdir()))] == ["before", 1]
