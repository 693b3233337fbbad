"""The command ``cases``: what a user types and sees."""

import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

import conformance.commands.cases
from conformance.cases import CaseError, cases
from conformance.cli import main

LATE = {"httpx", "rich", "yaml", "pytest", "hypothesis", "jsonschema", "google.auth", "asyncio", "openai"}


def test_every_case_is_on_a_line_of_its_own() -> None:
    result = CliRunner().invoke(main, ["cases"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [case.id for case in cases()]
    assert "\x1b" not in result.stdout
    assert "…" not in result.stdout


def test_every_case_is_in_the_json_with_its_whole_body() -> None:
    result = CliRunner().invoke(main, ["cases", "--format", "json"])
    listed = json.loads(result.stdout_bytes)
    assert [(row["id"], row["request"]["body"]) for row in listed] == [(case.id, case.body) for case in cases()]
    assert {frozenset(row) for row in listed} == {frozenset({"id", "feature", "source", "needs", "request"})}


def test_the_json_does_not_depend_on_the_encoding_of_the_output() -> None:
    command = [sys.executable, "-c", "from conformance.cli import main; main()", "cases", "--format", "json"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert len(json.loads(done.stdout)) == len(cases())
    assert "👋".encode() in done.stdout


def test_a_narrow_terminal_shows_a_case_a_line() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from conformance.cli import main; main()", "cases"]
    with subprocess.Popen(command, stdout=theirs, env={**os.environ, "COLUMNS": "50", "NO_COLOR": "1"}) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    lines = shown.decode().split("\r\n")[:-1]
    assert (process.returncode, len(lines)) == (0, len(cases()))
    assert max(map(len, lines)) == 50


def _read(terminal: int) -> bytes:
    """What a terminal shows next, nothing at its end, which Linux tells by an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_row_that_is_no_case_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    def broken() -> None:
        raise CaseError("corpus.jsonl:7: feature: '' is too short")

    monkeypatch.setattr(conformance.commands.cases, "cases", broken)
    result = CliRunner().invoke(main, ["cases", "--format", form])
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Error: corpus.jsonl:7: feature: '' is too short\n")


def test_bad_usage_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["cases", "--format", "yaml"]).exit_code == 2


def test_listing_cases_loads_neither_the_network_nor_what_draws() -> None:
    script = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); from conformance.cli import main; main(['cases'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "chat-plain" in done.stdout
    assert LATE & set(done.stderr.split()) == set()
