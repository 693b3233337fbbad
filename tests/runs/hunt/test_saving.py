"""The failures of a hunt become cases in a corpus file, each once."""

from pathlib import Path

import pytest

from conformance.cases import CaseError, read_cases
from conformance.runs.hunt import hunt
from conformance.runs.hunt.saving import save
from tests.runs.hunt.test_hunting import BY, spoilt_where


def test_rows_are_added_once_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    found = hunt(spoilt_where(("seed", "stream")), BY, most=250).failures
    (row,) = save(path, found)
    (kept,) = read_cases(path)
    assert kept == row
    assert kept.found == (found[0].requirement,)
    assert kept.body == found[0].case.body
    assert kept.needs == {"seed", "stream"}
    assert save(path, found) == []
    save(path, hunt(spoilt_where(("stop-list",)), BY, most=250).failures)
    assert len(list(read_cases(path))) == 2


def test_the_row_of_the_plainest_request_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    (row,) = save(path, hunt(spoilt_where(()), BY, most=20).failures)
    assert (row.feature, row.source) == ("the plainest request", "OA-SPEC")
    assert list(read_cases(path)) == [row]


def test_a_broken_corpus_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"corpus\.jsonl:1: not JSON"):
        save(path, hunt(spoilt_where(("seed",)), BY, most=200).failures)
    assert path.read_text(encoding="utf-8") == "nonsense\n"
