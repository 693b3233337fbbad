"""The commands ``corpus check`` and ``corpus grow``: output and exit codes."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import conformance.cases
from conformance.cases import CORPUS, DOCUMENTED, read_cases
from conformance.cases.corpus import shipped_corpus
from conformance.cases.corpus_check import problems
from conformance.cases.corpus_writer import write_cases
from conformance.cli import main
from conformance.cli.corpus import check, grow


def test_the_corpus_that_is_shipped_holds() -> None:
    done = CliRunner().invoke(main, ["corpus", "check"])
    assert done.exit_code == 0, done.output
    assert "generated cases; all" in done.output and "are covered" in done.output


def test_a_problem_is_a_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "corpus.jsonl"
    lost, *kept = read_cases(CORPUS)
    write_cases(path, kept)
    assert check(DOCUMENTED, path) == 1
    assert f"no case covers {lost.covers[0]}" in capsys.readouterr().out
    path.write_bytes(CORPUS.read_bytes().replace(b'{"id"', b'{"id": "a", "id"', 1))
    assert check(DOCUMENTED, path) == 1
    assert "corpus.jsonl:1: " in capsys.readouterr().out


@pytest.mark.parametrize("command", [["corpus", "check"], ["corpus", "grow"], ["run"], ["cases"]])
@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1}',
        "nonsense",
        '{"id": "a", "feature": "b", "source": "c", "needs": [], "request": {}, "colour": 1}',
    ],
)
def test_a_row_that_is_none_is_one_line_and_exit_code_2(
    command: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    monkeypatch.setattr(conformance.cases, "CORPUS", path)
    conformance.cases.cases.cache_clear()
    shipped_corpus.cache_clear()
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("Error: corpus.jsonl:1: ")


def test_growing_adds_what_is_missing_and_then_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "corpus.jsonl"
    kept = [case for number, case in enumerate(read_cases(CORPUS)) if number % 100]
    write_cases(path, kept)
    assert grow(0, DOCUMENTED, path) == 0
    assert re.match(r"Added \d+ cases\.\n", capsys.readouterr().out)
    assert (
        list(problems(list(read_cases(DOCUMENTED)), list(read_cases(path)))) == []
    )  # but for cassettes, which are of the rows that are shipped
    grown = path.read_bytes()
    assert grow(7, DOCUMENTED, path) == 0
    assert path.read_bytes() == grown
    assert [case for case in read_cases(path) if case.id in {each.id for each in kept}] == kept
