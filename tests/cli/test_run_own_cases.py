"""A user's own cases are sent, recorded, replayed, judged and reported like any others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.endpoints.reference import TOKEN
from tests.helpers.loopback import reference

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def row(name: str, check: dict[str, Any], **body: Any) -> dict[str, Any]:
    asked = {"model": "{model}", "messages": [{"role": "user", "content": "Weather in Paris?"}]}
    return {"id": name, "request": {"body": {**asked, **body}}, "check": check}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OWN_KEY", TOKEN)
    rows = (
        row("mine-tool", {"tool": "get_weather"}, tools=[TOOL], tool_choice="required"),
        row("mine-word", {"value": "ready"}),
    )
    Path("mine.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    yield tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments])


def asked(*arguments: str) -> Result:
    with reference("openai") as host:
        url = f"http://{host}/v1"
        options = ("--model", "gpt-5", "--api-key-env", "OWN_KEY", "--target", "mine")
        return run(url, *options, "--cases", "mine.jsonl", *arguments)


@pytest.mark.usefixtures("here")
def test_a_broken_check_fails_the_run_and_names_the_case() -> None:
    done = asked("--report", "report", "--record")
    assert done.exit_code == 1, done.output
    assert "1 of " in done.output.splitlines()[0]
    assert "CHECK-005 1 of 1 answer: the text is another one; first in mine-word" in done.output
    assert "--cases mine.jsonl --case mine-word" in " ".join(done.output.split())


@pytest.mark.usefixtures("here")
def test_the_recorded_answers_are_replayed_with_the_same_verdict() -> None:
    asked("--record", "--report", "report")
    again = run("--cases", "mine.jsonl", "--target", "mine")
    assert again.exit_code == 1, again.output
    assert "CHECK-005 1 of 1 answer" in again.output
    assert "check" not in Path("cassettes/mine/mine-word.yaml").read_text(encoding="utf-8")
    printed = CliRunner().invoke(main, ["report", "report"])
    assert "CHECK-005" in printed.output


@pytest.mark.usefixtures("here")
def test_one_requirement_and_one_case_can_be_chosen() -> None:
    assert asked("--case", "mine-tool", "--requirement", "check-1").exit_code == 0


@pytest.mark.usefixtures("here")
def test_nothing_is_sent_if_a_line_is_wrong() -> None:
    Path("mine.jsonl").write_text('{"id": "x"}\nnonsense\n', encoding="utf-8")
    done = asked()
    assert done.exit_code == 2
    assert [line.partition(": ")[2].partition(": ")[0] for line in done.stderr.splitlines()] == [
        "mine.jsonl:1",
        "mine.jsonl:2",
    ]


@pytest.mark.usefixtures("here")
def test_cases_that_are_not_recorded_and_core_cases_are_refused_in_one_line() -> None:
    done = run("--cases", "mine.jsonl")
    assert done.exit_code == 2
    assert "none of these cases is recorded; name their target with --target" in done.stderr
    both = asked("--core")
    assert both.exit_code == 2
    assert "--cases and --core: give only one of them" in both.stderr


def test_a_check_is_explained() -> None:
    done = CliRunner().invoke(main, ["explain", "CHECK-001"])
    assert done.exit_code == 0
    assert "The answer calls the tool that its case expects, or none" in done.output
