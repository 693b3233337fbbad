"""The command ``cases``: output and exit codes."""

import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

import conformance.cases
from conformance.cases import CaseError, cases
from conformance.cli import main

LATE = {
    "httpx",
    "rich",
    "yaml",
    "pytest",
    "hypothesis",
    "jsonschema",
    "google.auth",
    "asyncio",
    "openai",
}


def test_every_case_is_on_a_line_of_its_own() -> None:
    result = CliRunner().invoke(main, ["cases"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [case.id for case in cases()]
    assert "\x1b" not in result.stdout
    assert "…" not in result.stdout


def test_every_case_is_in_the_json_with_its_whole_body() -> None:
    result = CliRunner().invoke(main, ["cases", "--format", "json"])
    listed = json.loads(result.stdout_bytes)
    assert [(row["id"], row["request"]["body"]) for row in listed] == [
        (case.id, case.body) for case in cases()
    ]
    assert {frozenset(row) for row in listed} == {
        frozenset({"id", "feature", "source", "needs", "probes", "request"})
    }


def test_the_cases_that_are_named_are_listed_in_their_order_and_once() -> None:
    result = CliRunner().invoke(main, ["cases", "stream-plain", "chat-plain", "stream-plain"])
    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "stream-plain",
        "chat-plain",
    ]


def test_the_core_cases_of_a_profile_are_listed_with_their_purpose() -> None:
    result = CliRunner().invoke(main, ["cases", "--core", "vertex-gemini"])
    lines = result.stdout.splitlines()
    assert 14 < len(lines) <= 40
    assert lines[0] == "story-page                     example 1 of the documentation: a story"
    listed = json.loads(
        CliRunner().invoke(main, ["cases", "--core", "openai", "--format", "json"]).stdout_bytes
    )
    assert listed[0]["purpose"] == "example 1 of the documentation: a story"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--core", "opnai"], "Error: --core: unknown profile 'opnai' (did you mean openai"),
        (["--core", "openai", "chat-plain"], "Error: --core lists the core cases of a profile;"),
    ],
)
def test_a_core_list_that_cannot_be_made_is_an_error(words: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["cases", *words])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(said)


def test_an_unknown_id_is_told_with_those_of_a_near_name() -> None:
    result = CliRunner().invoke(main, ["cases", "chat-plian"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: unknown case 'chat-plian' (did you mean chat-plain")
    assert result.stderr.count("\n") == 1


def test_a_case_is_shown_as_a_command_of_curl() -> None:
    place = ["--base-url", "http://127.0.0.1:8000/v1", "--model", "m"]
    shown = (
        CliRunner()
        .invoke(main, ["cases", "chat-plain", "stream-plain", "--format", "curl", *place])
        .stdout
    )
    plain, streamed = shown.split("\n\n")
    assert plain.startswith("curl -sS -X POST http://127.0.0.1:8000/v1/chat/completions \\\n")
    assert streamed.startswith("curl -sS -N -X POST ")
    assert '"model": "m"' in plain
    assert '"Authorization: Bearer $API_KEY"' in plain
    azure = CliRunner().invoke(
        main,
        [
            "cases",
            "chat-plain",
            "--format",
            "curl",
            "--base-url",
            "https://r.openai.azure.com/openai/v1",
            "--model",
            "m",
        ],
    )
    assert '"api-key: $API_KEY"' in azure.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "curl", "--model", "m"], "--format curl needs --base-url URL and --model ID"),
        (
            ["--format", "curl", "--base-url", "http://127.0.0.1/v1"],
            "--format curl needs --base-url URL and --model ID",
        ),
        (
            ["--format", "curl", "--base-url", "127.0.0.1/v1", "--model", "m"],
            "--base-url '127.0.0.1/v1': write http:// or https://",
        ),
        (["--model", "m"], "--base-url, --model: only valid with --format curl"),
    ],
)
def test_what_a_command_lacks_is_told_in_one_line(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["cases", "chat-plain", *arguments])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"Error: {said}")


def test_the_json_does_not_depend_on_the_encoding_of_the_output() -> None:
    command = [
        sys.executable,
        "-c",
        "from conformance.cli import main; main()",
        "cases",
        "--format",
        "json",
    ]
    done = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert len(json.loads(done.stdout)) == len(cases())
    assert "👋".encode() in done.stdout


def test_a_narrow_terminal_shows_a_case_a_line() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from conformance.cli import main; main()", "cases"]
    with subprocess.Popen(
        command, stdout=theirs, env={**os.environ, "COLUMNS": "50", "NO_COLOR": "1"}
    ) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    os.close(ours)
    lines = shown.decode().split("\r\n")[:-1]
    assert (process.returncode, len(lines)) == (0, len(cases()))
    assert max(map(len, lines)) == 50


def _read(terminal: int) -> bytes:
    """Return what the terminal shows next, or b"" at its end, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_row_that_is_no_case_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def broken() -> None:
        raise CaseError("corpus.jsonl:7: feature: '' is too short")

    monkeypatch.setattr(conformance.cases, "cases", broken)
    result = CliRunner().invoke(main, ["cases", "--format", form])
    assert (result.exit_code, result.stdout, result.stderr) == (
        2,
        "",
        "Error: corpus.jsonl:7: feature: '' is too short\n",
    )


def test_bad_usage_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["cases", "--format", "yaml"]).exit_code == 2


def test_listing_cases_loads_neither_the_network_nor_what_draws() -> None:
    script = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); from"
        " conformance.cli import main; main(['cases'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "chat-plain" in done.stdout
    assert LATE & set(done.stderr.split()) == set()
