"""``conformance compare``: what can be compared, what is saved, and the exit codes."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import compare_sides, main
from conformance.comparison.result import Comparison
from conformance.endpoints.reference import TOKEN
from conformance.runs.compare import saved
from tests.endpoints.client.test_http_client import serving, waits
from tests.helpers.loopback import reference
from tests.helpers.project import ROOT
from tests.runs.compare.made_pairs import case, completion, exchange

SOME = ("--case", "chat-plain", "--case", "stream-plain", "--samples", "2", "--model", "gpt-5")
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFORMANCE_BASE_URL", "CONFORMANCE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("CONFORMANCE_API_KEY", TOKEN)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """The comparisons that are shown, in place of their text."""
    shown: list[Comparison] = []
    monkeypatch.setattr(compare_sides, "show", lambda comparison, *_: shown.append(comparison))
    return shown


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with reference("openai") as host:
        yield f"http://{host}/v1"


def compare(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def recorded(path: Path, *answers: tuple[str, dict[str, Any]]) -> Path:
    """A file with these answers to these questions."""
    with path.open("w") as file:
        for question, answer in answers:
            made = exchange(case(question).body, answer)
            record = {
                "request": {"url": made.request.url, "body": made.request.body},
                "response": {"status": 200, "body": (made.response.body or b"").decode()},
            }
            file.write(json.dumps(record) + "\n")
    return path


def test_an_endpoint_is_not_worse_than_itself(url: str, shown: list[Comparison]) -> None:
    result = compare(url, url, *SOME)
    assert result.exit_code == 0, result.stderr
    (comparison,) = shown
    assert comparison.old == comparison.new == f"gpt-5 at {url}"
    assert comparison.about == "2 cases that ask 1 question"
    assert {each.judgement for each in comparison.results if each.metric.gates} <= {
        "no worse",
        "cannot tell",
    }


def test_two_models_of_one_endpoint(url: str, shown: list[Comparison]) -> None:
    result = compare(url, *SOME[:-2], "--old-model", "gpt-5", "--new-model", "gpt-4o")
    assert result.exit_code == 0, result.stderr
    assert (shown[0].old, shown[0].new) == (f"gpt-5 at {url}", f"gpt-4o at {url}")


def test_names_of_the_file_with_a_key_each(
    url: str, shown: list[Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("conformance.toml").write_text(
        f'[targets.a]\nbase_url = "{url}"\nmodel = "gpt-5"\napi_key_env = "KEY_A"\n'
        f'[targets.b]\nbase_url = "{url}"\nmodel = "gpt-4o"\napi_key_env = "KEY_B"\n'
    )
    monkeypatch.delenv("CONFORMANCE_API_KEY")
    monkeypatch.setenv("KEY_A", TOKEN)
    monkeypatch.setenv("KEY_B", "wrong")
    result = compare("a", "b", *SOME[:-2])
    assert (result.exit_code, shown) == (3, [])
    assert result.stderr.startswith("Error: NEW: ")
    assert "status 401" in result.stderr
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("KEY_B", TOKEN)
    assert compare("a", "b", *SOME[:-2]).exit_code == 0
    result = compare("a", "c")
    assert result.exit_code == 2
    assert "conformance.toml has a, b" in result.stderr


def test_a_saved_comparison_is_repeated_without_a_request(
    url: str, shown: list[Comparison]
) -> None:
    assert compare(url, url, *SOME, "--report", "saved").exit_code == 0
    before = (Path("saved") / saved.SAMPLES).read_bytes()
    assert compare("saved").exit_code == 0
    assert compare("saved").exit_code == 0
    assert shown[0] == shown[1] == shown[2]
    assert (Path("saved") / saved.SAMPLES).read_bytes() == before
    assert compare("saved", "saved").exit_code == 0
    assert "not asked at the same time" in shown[-1].notes[-1]


def test_a_stored_run_is_compared_with_new(url: str, shown: list[Comparison]) -> None:
    compare(url, url, *SOME, "--report", "saved")
    result = compare("--against", "saved", url, "--model", "gpt-5", "--report", "night")
    assert result.exit_code == 0, result.stderr
    assert (shown[-1].about, shown[-1].samples) == ("2 cases that ask 1 question", 2)
    assert any("not asked at the same time" in note for note in shown[-1].notes)
    assert {each.pairs for each in shown[-1].results if each.metric.name == "refused"} == {4}
    assert compare("night").exit_code == 0
    assert shown[-1] == shown[-2]


def test_the_answers_of_a_saved_run_are_asked_again(url: str, shown: list[Comparison]) -> None:
    arguments = ["run", url, "--model", "gpt-5", "--case", "chat-plain", "--report", "r"]
    CliRunner().invoke(main, arguments)
    result = compare("--against", "r", url, "--model", "gpt-5")
    assert result.exit_code == 0, result.stderr
    assert shown[0].about == "1 case"


def test_a_budget_that_ends_early_says_how_many_are_missing(
    url: str, shown: list[Comparison]
) -> None:
    result = compare(url, url, *SOME, "--max-requests", "6", "--report", "saved")
    assert result.exit_code == 0
    assert shown[0].notes == ("2 pairs of answers missing: the budget of 6 requests is spent",)
    result = compare(url, url, *SOME, "--report", "saved", "--resume")
    assert result.stderr.startswith("2 pairs already there and not asked again.\n")
    assert shown[1].notes == ()
    assert compare("saved").exit_code == 0
    assert shown[2] == shown[1]


def test_a_budget_for_nothing_compares_nothing(url: str, shown: list[Comparison]) -> None:
    result = compare(url, url, *SOME, "--max-requests", "2")
    assert (result.exit_code, shown) == (3, [])
    assert result.stderr == ("Nothing could be compared: the budget of 2 requests is spent.\n")


def test_another_comparison_is_not_continued(url: str, shown: list[Comparison]) -> None:
    compare(url, url, *SOME, "--report", "saved")
    result = compare(url, url, *SOME, "--report", "saved", "--resume", "--seed", "9")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: --resume: --seed is not that of saved (1 then, 9 now); give the same, or another"
        " --report\n"
    )


def test_a_damaged_line_is_named_and_left_out(url: str, shown: list[Comparison]) -> None:
    compare(url, url, *SOME, "--report", "saved")
    path = Path("saved") / saved.SAMPLES
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0][:50] + b"\n", *lines[1:]]))
    result = compare("saved")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"Warning: {path}:1 is damaged and left out: ")
    assert any("is damaged" in note for note in shown[-1].notes)
    assert any("1 sample of one side" in note for note in shown[-1].notes)


def test_recordings_are_paired_by_their_requests(shown: list[Comparison]) -> None:
    call, text = completion(None, "look_up"), completion("I cannot.")
    old = recorded(Path("old.jsonl"), ("a", call), ("b", call), ("c", text))
    new = recorded(Path("new.jsonl"), ("b", text), ("a", call), ("d", text))
    assert compare(old, new).exit_code == 0
    assert len(shown[0].lost_tool_calls) == 1
    assert shown[0].about == "2 recorded requests"
    assert [note.partition(" without")[0] for note in shown[0].notes[:2]] == [
        "1 answer of OLD",
        "1 answer of NEW",
    ]


def test_recordings_of_other_questions_cannot_be_compared(shown: list[Comparison]) -> None:
    old = recorded(Path("old.jsonl"), ("a", completion("x")))
    new = recorded(Path("new.jsonl"), ("b", completion("x")))
    result = compare(old, new)
    assert (result.exit_code, shown) == (3, [])
    assert result.stderr == (
        "Error: nothing to compare: old.jsonl and new.jsonl have no answers to the same request in"
        " common\n"
    )


def test_shipped_cassettes_name_the_cases_that_lost_their_tool_call(
    shown: list[Comparison],
) -> None:
    folder = ROOT / "cassettes"
    assert compare(folder / "llama.cpp", folder / "vllm").exit_code in (0, 1)
    assert {"tools-cut", "tools-n-two"} <= set(shown[0].lost_tool_calls)
    assert any("not asked at the same time" in note for note in shown[0].notes)


def test_the_plan_sends_nothing(url: str) -> None:
    result = compare(url, "http://127.0.0.1:9/v1", *SOME, "--plan")
    assert result.exit_code == 0, result.stderr
    assert "On 2 cases that ask 1 question, 2 samples a side: 8 requests, about " in result.stdout
    assert "minute" in result.stdout
    assert "dollars" in result.stdout
    assert 'Too few questions to prove "no worse"' in result.stdout
    assert result.stdout.endswith("Nothing was sent.\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "give OLD and NEW"),
        (("http://h/v1",), "give OLD and NEW"),
        (("nowhere", "http://h/v1"), "'nowhere' is neither a URL such as"),
        (("http://h/v1", "a.jsonl", "--model", "m"), "can only be NEW: give the saved one first"),
        (("a.jsonl", "a.jsonl", "--plan"), "--plan: both sides are saved"),
        (("a.jsonl", "a.jsonl", "--max-requests", "5"), "--max-requests: both sides are saved"),
        (("http://h/v1", "http://h/v1", "--resume"), "--resume needs the --report DIR"),
        (("http://h/v1", "http://h/v1", "--model", "m", "--calibrate"), "--samples 4 or more"),
        (("--against", "nowhere", "http://h/v1"), "nowhere: there is no such file or folder"),
        (("--against", "a.jsonl", "http://h/v1", "http://h/v1"), "give only NEW beside it"),
        (("--old-model", "a", "--new-model", "b"), "no endpoint: give a URL"),
        (("http://h/v1", "http://h/v1", "--profile", "nobody"), "nobody"),
        (
            ("http://h/v1", "http://h/v1", "--model", "m", "--core", "--family", "tool"),
            "--core and --family: give only one of them",
        ),
        (("http://h/v1", "http://h/v1", "--model", "m", "--case", "no-such"), "no-such"),
    ],
)
def test_bad_usage_is_one_line(arguments: tuple[str, ...], why: str) -> None:
    recorded(Path("a.jsonl"), ("a", completion("x")))
    result = compare(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert result.stderr.count("\n") == 1


def test_no_account_and_no_key_is_saved(
    url: str, shown: list[Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER", "value-of-a-header-0815")
    compare(url, url, *SOME, "--old-header", "x-tenant: tenant-4711", "--report", "saved")
    content = b"".join(path.read_bytes() for path in Path("saved").iterdir())
    assert TOKEN.encode() not in content
    assert b"tenant-4711" not in content


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_it_gets_130(end: signal.Signals, tmp_path: Path) -> None:
    with serving(waits) as server:
        command = [server.url, server.url, "--model", "m", "--case", "chat-plain"]
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "compare", *command, "--report", str(tmp_path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 30
        while not server.asked and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(end)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "add --resume to the same command to continue" in said


def test_saved_answers_can_be_judged_by_lint(url: str, shown: list[Comparison]) -> None:
    compare(url, url, *SOME, "--report", "saved")
    result = CliRunner().invoke(main, ["lint", f"saved/{saved.SAMPLES}"])
    assert result.exit_code == 0, result.output
    assert "8 exchanges judged as openai" in result.stdout


def test_the_seed_chooses_the_questions_of_a_family(url: str, shown: list[Comparison]) -> None:
    chosen = []
    for seed in ("1", "1", "2"):
        options = ("--model", "gpt-5", "--samples", "1", "--family", "json", "--questions", "4")
        assert compare(url, url, *options, "--seed", seed, "--report", "saved").exit_code == 0
        lines = (Path("saved") / saved.CASES).read_text().splitlines()
        chosen.append([json.loads(line)["id"] for line in lines])
    assert chosen[0] == chosen[1] != chosen[2]
    assert {name.rpartition("ask-json-")[0] for name in chosen[0]} == {""}
    assert shown[0].about == "4 questions of the suite"


def test_calibration_counts_false_alarms(url: str, shown: list[Comparison]) -> None:
    result = compare(url, url, *SOME[:4], "--samples", "4", "--model", "gpt-5", "--calibrate")
    assert result.exit_code == 0, result.stderr
    assert (shown[0].alarms, shown[0].splits) == (0.0, 200)


def test_every_format_is_written(url: str) -> None:
    outputs = [f"--output={name}=out.{name}" for name in ("json", "markdown", "html")]
    result = compare(url, url, *SOME, *outputs)
    assert result.exit_code == 0, result.stderr
    line = "Cannot tell whether NEW is worse than OLD on 2 cases"
    assert result.stdout.startswith(line)
    assert json.loads(Path("out.json").read_bytes())
    assert line in Path("out.markdown").read_text()
    assert line in Path("out.html").read_text()
    assert json.loads(compare(url, url, *SOME, "--format", "json").stdout)
    result = compare(url, url, *SOME, "--output", "pdf=x")
    assert result.exit_code == 2
    assert "no format is named 'pdf'" in result.stderr


def test_own_cases_are_asked_saved_and_repeated(url: str, shown: list[Comparison]) -> None:
    body = {"model": "{model}", "messages": [{"role": "user", "content": "Capital of France?"}]}
    row = {"id": "own-paris", "request": {"body": body}, "check": {"pattern": "."}}
    Path("own.jsonl").write_text(json.dumps(row) + "\n")
    options = ("--cases", "own.jsonl", "--model", "gpt-5", "--samples", "2")
    result = compare(url, url, *options, "--report", "saved")
    assert result.exit_code == 0, result.stderr
    assert shown[0].about == "1 own question"
    assert "text-right" in {each.metric.name for each in shown[0].results}
    assert compare("saved").exit_code == 0
    assert shown[1] == shown[0]


def test_a_file_of_cases_with_errors_is_named(url: str) -> None:
    Path("own.jsonl").write_text('{"id": 3}\n')
    result = compare(url, url, "--cases", "own.jsonl", "--model", "gpt-5")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: own.jsonl:1: ")
