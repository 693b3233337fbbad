"""``conformance hunt`` shows the smallest request that fails as code to paste, and tells what was chosen wrongly in one line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.commands import hunt as module
from tests.hunt.test_hunting import spoilt_where


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["hunt", *arguments])


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "embedded", lambda _: spoilt_where(("seed", "one-tool")))


@pytest.mark.usefixtures("faulty")
def test_a_failure_is_shown_with_its_evidence_and_as_code(tmp_path: Path) -> None:
    result = run("--max-requests", "250", "--feature", "seed", "--save", str(tmp_path / "corpus.jsonl"))
    assert result.exit_code == 1
    assert 'ENV-002  must  `object` is "chat.completion"' in result.stdout
    assert "shown by: seed, one-tool" in result.stdout
    assert "Actual:" in result.stdout
    for code in ("curl -sS", "import httpx", "client.chat.completions.create("):
        assert code in result.stdout
    assert "Saved as tools-" in result.stdout
    assert result.stdout.rstrip().endswith("1 requirement broken.")
    assert "Bearer self-test" not in result.stdout


@pytest.mark.usefixtures("faulty")
def test_a_machine_reads_the_same() -> None:
    document: dict[str, Any] = json.loads(run("--max-requests", "250", "--feature", "seed", "--format", "json").stdout)
    (failure,) = document["failures"]
    assert (failure["requirement"], failure["features"]) == ("ENV-002", ["seed", "one-tool"])
    assert failure["body"]["seed"] is not None
    assert failure["code"].keys() == {"curl", "httpx", "openai"}


def test_where_nothing_is_found_the_exit_code_is_0() -> None:
    result = run("--max-requests", "60", "--profile", "openai")
    assert result.exit_code == 0
    assert re.fullmatch(r"self-test as openai: \d\d requests, 0 requirements broken\.\n", result.stdout)


def test_nobody_there_is_3() -> None:
    result = run("--live", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--max-requests", "20")
    assert result.exit_code == 3
    assert "3 requests, ended early: 3 requests in a row got no answer" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "opnai"), "unknown profile 'opnai'; there are "),
        (("--profile", "azure-openai"), "--profile azure-openai: without --live the suite answers itself, as "),
        (("--feature", "streem"), "unknown feature 'streem'; there are "),
        (("--feature", "stop-list", "--feature", "stop-string"), "no request may have stop-list, stop-string"),
        (("--requirement", "X-1"), "unknown requirement 'X-1'"),
        (("--base-url", "http://h/v1"), "--base-url: only together with --live"),
        (("--live",), "nowhere to send: give --base-url URL, or --profile NAME"),
    ],
)
def test_what_is_chosen_wrongly_is_told_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {said}")
    assert result.stderr.count("\n") == 1


def test_a_broken_corpus_file_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text("nonsense\n", encoding="utf-8")
    result = run("--max-requests", "5", "--save", str(tmp_path / "corpus.jsonl"))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "corpus.jsonl:1: not JSON" in result.stderr
