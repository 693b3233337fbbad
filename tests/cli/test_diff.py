"""The command ``diff``: output and exit codes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from tests.reports.sample_reports import SHOULD, absent, document, verdict, written


def run(*arguments: object) -> Result:
    """Run the command line."""
    result = CliRunner().invoke(
        main, list(map(str, arguments)), env={"COLUMNS": "200", "NO_COLOR": "1"}
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two reports of llama.cpp, judged by its own profile and by that of OpenAI."""
    folder = tmp_path_factory.mktemp("replayed")
    for name, arguments in (("own", ()), ("openai", ("--profile", "openai"))):
        run("run", "--target", "llama.cpp", "--report", folder / name, *arguments)
    return folder


def test_a_run_and_itself_differ_in_nothing(replayed: Path) -> None:
    result = run("diff", replayed / "own", replayed / "own" / "report.json")
    assert (result.exit_code, result.stderr) == (0, "")
    (first,) = result.stdout.splitlines()[:1]
    assert re.fullmatch(r"No verdict changed on \d+ cases answered in both\.", first)
    made = json.loads(run("diff", replayed / "own", replayed / "own", "--format", "json").stdout)
    assert made["changes"] == made["only_old"] == made["only_new"] == made["notes"] == []


def test_two_real_reports(replayed: Path) -> None:
    stricter = run("diff", replayed / "own", replayed / "openai")
    assert stricter.exit_code == 1
    assert (
        "Note: llama.cpp was judged by different profiles (OLD openai-compatible, NEW openai): "
        in stricter.stdout
    )
    assert "      was a known deviation, fails now" in stricter.stdout.splitlines()
    assert run("diff", replayed / "openai", replayed / "own").exit_code == 0
    made = json.loads(run("diff", replayed / "own", replayed / "openai", "--format", "json").stdout)
    assert made["summary"]["deciding"] == sum(change["decides"] for change in made["changes"]) > 0
    assert {change["about"] for change in made["changes"] if change["decides"]} == {"protocol"}


def test_two_servers_are_compared_by_the_tool_calls_that_got_lost(tmp_path: Path) -> None:
    for name in ("llama.cpp", "vllm"):
        run("run", "--target", name, "--report", tmp_path / name)
    forwards = run("diff", tmp_path / "llama.cpp", tmp_path / "vllm")
    assert "10 of 37 tool calls lost" in " ".join(forwards.stdout.split())
    assert "tools-13e5eb5e, tools-4f96ddc3, tools-cut, tools-n-two" in forwards.stdout
    backwards = run("diff", tmp_path / "vllm", tmp_path / "llama.cpp", "--format", "json")
    made = json.loads(backwards.stdout)
    assert made["summary"]["lost_tool_calls"] == len(made["lost_tool_calls"]) == 25
    assert made["verdict"].startswith("NEW is worse than OLD")
    assert backwards.exit_code == 1


@pytest.mark.parametrize(("requirement", "code"), [("ENV-008", 1), (SHOULD, 0), ("MSG-005", 0)])
def test_only_a_must_of_the_protocol_decides(tmp_path: Path, requirement: str, code: int) -> None:
    old, new = (
        written(
            tmp_path / outcome,
            document(*(verdict(outcome, requirement, case) for case in ("chat-plain", "b"))),
        )
        for outcome in ("pass", "fail")
    )
    for form in ("text", "json"):
        assert run("diff", old, new, "--format", form).exit_code == code
    beginning = "NEW is worse" if code else "Cannot tell from one answer a side"
    assert run("diff", old, new).stdout.startswith(beginning)


def test_one_changed_case_fails_only_if_a_proof_is_required(tmp_path: Path) -> None:
    old, new = (
        written(tmp_path / outcome, document(verdict(outcome))) for outcome in ("pass", "fail")
    )
    assert run("diff", old, new).exit_code == 0
    assert run("diff", old, new, "--require-proof").exit_code == 3
    assert run("diff", old, old, "--require-proof").exit_code == 0


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (b"<html>", "{path}: not JSON: "),
        ({"some": "document"}, "{path}: not the report of a run: "),
        (
            document(schema_version=7),
            "{path}: schema_version: is 7, expected 3: written by a newer version",
        ),
        (document(verdict("maybe")), "{path}: verdicts.0.verdict: "),
        (document(verdict("pass"), edition="1999-01"), "OLD was judged by edition "),
        (document(verdict("pass", case="another")), "only 0 of 2 cases are in both reports"),
    ],
)
def test_what_cannot_be_read_or_compared_is_told_in_one_line(
    tmp_path: Path, made: Any, said: str
) -> None:
    old, path = (
        written(tmp_path / "old", document(verdict("pass"))),
        written(tmp_path / "new", made),
    )
    result = run("diff", old, path.parent)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {said.format(path=path)}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    old = written(tmp_path / "old", document(verdict("pass")))
    (tmp_path / "empty").mkdir()
    for missing, why in (
        (tmp_path / "none", "there is no such report"),
        (tmp_path / "empty", "no report.json in this folder"),
    ):
        result = run("diff", old, missing)
        assert (result.exit_code, result.stderr) == (
            2,
            f"Error: {missing}: {why}; `conformance run ... --report {missing}` writes one\n",
        )


def test_what_is_not_answered_at_all_is_3(tmp_path: Path) -> None:
    old = written(tmp_path / "old", document(verdict("pass")))
    new = written(tmp_path / "new", document(unanswered=[absent("chat-plain", "ConnectError")]))
    result = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert (result.exit_code, result.stderr) == (
        3,
        "Error: NEW contains no answer to judge; `unanswered` in its report.json says why\n",
    )
