"""``conformance run --sdk`` reports what breaks the official SDK; no verdict depends on it."""

import json
import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance import _files
from conformance import runs as run_package
from conformance.cli import main
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import completion, stream


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1"})


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped cassettes are two answers of one target, one of which breaks the SDK."""
    shipped = _files.data_folder
    monkeypatch.setattr(
        _files, "data_folder", lambda name: tmp_path if name == "cassettes" else shipped(name)
    )
    shelve(tmp_path, completion(created="now"))
    call = {
        "tool_calls": [
            {
                "index": 0,
                "id": "c",
                "type": "function",
                "function": {"name": "get", "arguments": "{}"},
            }
        ]
    }
    shelve(tmp_path, stream(call, call, finish="tool_calls"), case="tools-twice")
    return tmp_path


def test_what_breaks_it_is_told_on_a_line_and_changes_no_exit_code(shelf: Path) -> None:
    openai = pytest.importorskip("openai")
    told, untold = run("--target", "sample", "--sdk"), run("--target", "sample")
    assert (
        f"openai SDK {openai.__version__}: 2 answers parsed, 1 broken, 1 not valid for the"
        " types of the SDK. " in told.stdout
    )
    assert (
        "  sample/tools-twice: stream() lost tool call 0 of choice 0: 'get({}{})' became"
        " 'getget({}{})'\n" in told.stdout
    )
    assert "openai SDK" not in untold.stdout
    assert told.exit_code == untold.exit_code
    for result in (told, untold):
        assert re.fullmatch(r"FAIL: exit code 1, \d\.\d s", result.stdout.splitlines()[-1])


def test_the_report_has_it_beside_the_verdicts(shelf: Path) -> None:
    pytest.importorskip("openai")

    def report(*arguments: str) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(
            run("--target", "sample", "--format", "json", *arguments).stdout
        )
        return made

    told = report("--sdk")
    readings = {each["case"]: each for each in told.pop("sdk_readings")}
    assert {name: told["sdk"][name] for name in ("read", "broken", "not_strict", "errors")} == {
        "read": 2,
        "broken": 1,
        "not_strict": 1,
        "errors": 0,
    }
    assert told.pop("sdk")["not_read"] == 0
    assert readings["chat-plain"]["outcome"] == "fine"
    assert readings["chat-plain"]["strict"].startswith("1 error, the first at created: ")
    assert readings["tools-twice"]["outcome"] == "lost"
    assert [each["call"] for each in readings["tools-twice"]["breaks"]] == ["stream()"]
    assert told == report()


@pytest.mark.parametrize(
    "there",
    [
        None,
        types.SimpleNamespace(
            __version__="1.66.0",
            resources=types.SimpleNamespace(chat=types.SimpleNamespace(Completions=object)),
        ),
    ],
)
def test_where_it_is_not_installed_or_too_old_one_line_says_how_to_mend_it(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, there: Any
) -> None:
    for name in [
        name
        for name in sys.modules
        if name.startswith(("conformance.runs.sdk.", "conformance.runs.sdk.read_answers"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(run_package, "by_sdk", raising=False)
    monkeypatch.setitem(sys.modules, "openai", there)
    result = run("--sdk")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: --sdk needs openai 1.109 or newer (")
    assert line.endswith("): pip install 'chat-conformance[sdk]'")
    assert result.stdout == ""
