"""The command ``explain``: output and exit codes."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments], env={"COLUMNS": "80"})


@pytest.mark.parametrize("typed", ["SSE-003", "sse-003", "sse3"])
def test_an_id_is_explained_however_it_is_typed(typed: str) -> None:
    result = explain(typed)
    assert result.exit_code == 0
    assert result.stdout.startswith("SSE-003  `[DONE]` occurs exactly once and is the last event\n")
    assert "    - data: [DONE]\n" in result.stdout
    assert "\x1b" not in result.stdout


def test_several_ids_come_in_their_order_and_once() -> None:
    shown = explain("META-001", "SSE-003", "sse3").stdout
    assert shown.index("META-001  ") < shown.index("\n\nSSE-003  ")
    assert shown.count("SSE-003  ") == 1


def test_the_json_has_all_ids() -> None:
    content = json.loads(explain("sse3", "META-001", "--format", "json").stdout)
    assert [row["id"] for row in content["requirements"]] == ["SSE-003", "META-001"]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("SSE-099", "Error: unknown requirement 'SSE-099' (did you mean SSE-0"),
        ("sse-04", "Error: SSE-004 is reserved and not a requirement: "),
        ("\x1b[2J", "Error: unknown requirement "),
    ],
)
def test_an_id_that_does_not_exist_is_one_line(typed: str, message: str) -> None:
    result = explain(typed)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
    assert "\x1b" not in result.stderr
    assert result.stdout == ""


def test_no_id_is_bad_usage() -> None:
    assert explain().exit_code == 2


def test_it_needs_neither_the_network_nor_the_checkout(tmp_path: object) -> None:
    code = (
        "import sys; sys.argv = ['conformance', 'explain', 'SSE-003']\n"
        "from conformance.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "late = {'httpx', 'pytest', 'hypothesis', 'google.auth', 'openai', 'jsonschema'}\n"
        "assert not late & sys.modules.keys(), late & sys.modules.keys()\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert "SSE-003" in done.stdout
