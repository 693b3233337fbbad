"""Expectations on the command line: in a run, in a lint, and when the file is written."""

import json
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from tests.helpers.made_cassettes import LLAMA, shelve
from tests.judging.conftest import completion, error

ENTRY = """\
[[expectations]]
requirement = "ENV-008"
occurs = "always"
reason = "The gateway sends no time."
link = "https://tracker.example/7"
"""
FILE = "conformance-expectations.toml"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a working folder with cassettes of a user's own target, which breaks ENV-008."""
    monkeypatch.chdir(tmp_path)
    shelve(tmp_path / "cassettes", completion(created=-1), target="gw", case="chat-plain")
    shelve(tmp_path / "cassettes", target="gw", case="chat-system")
    return tmp_path


def of_gateway(*arguments: str) -> Result:
    return run("run", "--target", "gw", *arguments)


def test_the_file_of_the_working_folder_is_used_and_what_it_accepts_is_shown(
    gateway: Path,
) -> None:
    assert of_gateway().exit_code == 1
    (gateway / FILE).write_text(ENTRY)
    result = of_gateway()
    assert result.exit_code == 0
    assert result.output.startswith("PASS: ")
    assert "Accepted: 1 requirement, 1 time (--show accepted)\n" in result.output
    assert (
        "  ENV-008  1 time: The gateway sends no time. (https://tracker.example/7)\n"
        in of_gateway("--show", "accepted").output
    )


def test_a_requirement_may_be_typed_in_several_ways(gateway: Path) -> None:
    (gateway / FILE).write_text(ENTRY.replace("ENV-008", "env8"))
    result = of_gateway("--report", "out")
    assert (result.exit_code, "Accepted: 1 requirement" in result.output) == (0, True)
    assert run("expectations", "update", "out").output == f"{FILE}: 0 added\n"
    chosen = of_gateway("--requirement", "env8", "--report", "out")
    assert chosen.exit_code == 0
    saved = orjson.loads((gateway / "out" / "report.json").read_bytes())
    assert {row["requirement"] for row in saved["verdicts"]} == {"ENV-008"}


def test_a_file_may_have_another_name_or_be_part_of_conformance_toml(gateway: Path) -> None:
    (gateway / "other.toml").write_text(ENTRY)
    assert of_gateway("--expectations", "other.toml").exit_code == 0
    (gateway / "conformance.toml").write_text('[live]\nmodel = "m"\n' + ENTRY)
    assert of_gateway().exit_code == 0
    (gateway / FILE).write_text(ENTRY)
    result = of_gateway()
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: conformance-expectations.toml and conformance.toml both have [[expectations]]: keep"
        " them in one file\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("ENV-008", "ENV-999", ":2: requirement: unknown requirement 'ENV-999' (did you mean"),
        ("The gateway sends no time.", "", ":4: reason: say why the failure is accepted"),
        ("always", "allways", ":3: occurs: 'allways' is neither: write"),
        ("occurs", 'case = "chat-plane"\noccurs', ":3: case: no case is 'chat-plane' (did you"),
        ('"always"', '"always', ": not TOML: "),
    ],
)
def test_a_wrong_file_is_one_line_and_exit_code_2(
    gateway: Path, old: str, new: str, why: str
) -> None:
    (gateway / FILE).write_text(ENTRY.replace(old, new))
    results = [of_gateway(), *([] if "no case" in why else [run("lint", "cassettes")])]
    for result in results:  # a lint has no cases
        assert result.exit_code == 2
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"Error: {FILE}{why}")


def test_all_mistakes_of_a_file_are_listed(gateway: Path) -> None:
    of_gateway("--report", "out")
    (gateway / FILE).write_text(ENTRY.replace("ENV-008", "ENV-888").replace("always", "never"))
    commands = [("run", "--target", "gw"), ("lint", "cassettes"), ("expectations", "update", "out")]
    for command in commands:
        result = run(*command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert [line.partition(": unk")[0] for line in result.stderr.splitlines()] == [
            f"Error: {FILE}:2: requirement",
            f"Error: {FILE}:3: occurs: 'never' is neither: write occurs = \"always\" if each run"
            ' shows the failure, or "sometimes"',
        ]


@pytest.mark.parametrize("name", [FILE, "conformance.toml"])
def test_a_misspelt_table_is_not_ignored(gateway: Path, name: str) -> None:
    (gateway / name).write_text(ENTRY.replace("[[expectations]]", "[[expectation]]"))
    for result in (of_gateway(), run("lint", "cassettes")):
        assert result.exit_code == 2
        (line,) = result.stderr.splitlines()
        assert line == (
            f"Error: {name}:1: expectation: unknown table (did you mean [[expectations]]?)"
        )


def test_a_file_that_is_missing_or_not_text_is_refused(gateway: Path) -> None:
    for command in (("run", "--target", "gw"), ("lint", "cassettes")):
        assert run(*command, "--expectations", "no.toml").stderr == (
            "Error: no.toml: there is no such file; `conformance expectations update DIR"
            " --expectations no.toml` writes it, DIR being that of run --report\n"
        )
    folder = of_gateway("--expectations", "cassettes")
    assert (folder.exit_code, folder.stderr) == (
        2,
        "Error: cassettes: a folder: name a file in it\n",
    )
    (gateway / FILE).write_bytes(b"\xff\xfe")
    assert of_gateway().stderr == f"Error: {FILE}: not UTF-8: save it as UTF-8\n"


def test_what_is_out_of_date_fails_the_run_after_the_verdict(gateway: Path) -> None:
    (gateway / FILE).write_text(
        ENTRY + ENTRY.replace("ENV-008", "USG-001") + ENTRY + "until = 2026-01-31\n"
    )
    result = of_gateway("--report", "out")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith("FAIL: ")
    assert lines[0].endswith("; 2 expectations out of date")
    assert lines[2].startswith(f"  {FILE}:11: ENV-008 was accepted until 2026-01-31: fix")
    assert lines[3].startswith(f"  {FILE}:6: USG-001 no longer fails: 2 answers that tested it")
    assert of_gateway("--fail-on", "never").exit_code == 0
    saved = orjson.loads((gateway / "out" / "report.json").read_bytes())
    assert [line.partition(": ")[0] for line in saved["expectation_problems"]] == [
        f"{FILE}:11",
        f"{FILE}:6",
    ]
    again = run("report", "out")
    assert again.output.splitlines()[2:4] == lines[2:4]


def test_the_level_that_fails_a_run_can_be_chosen(gateway: Path) -> None:
    shelve(gateway / "cassettes", completion(id="x"), target="gw", case="chat-plain")  # ENV-007
    assert of_gateway().exit_code == 0
    assert of_gateway("--fail-on", "should").exit_code == 1
    assert of_gateway("--fail-on", "never").exit_code == 0


def test_a_server_that_got_better_is_news_for_its_user(gateway: Path) -> None:
    shelve(gateway / "cassettes", error(400), target="better", case="error-not-json", **LLAMA)
    result = run("run", "--target", "better", "--requirement", "ERR-019")
    assert result.exit_code == 0
    assert "No longer broken: 1 requirement, 1 time (--show stale)\n" in result.output


def test_the_server_behind_a_gateway_can_be_named(gateway: Path) -> None:
    coded = error(400, {"error": {"message": "No.", "type": "x", "param": None, "code": 400}})
    shelve(gateway / "cassettes", coded, target="gw2", case="error-n", profile="openai-compatible")
    asked = ("run", "--target", "gw2", "--requirement", "ERR-019")
    assert "should  ERR-019" in run(*asked).output
    assert "Known deviations: 1 requirement" in run(*asked, "--behind", "llama.cpp").output
    typo = run(*asked, "--behind", "lama.cpp")
    assert (typo.exit_code, typo.stderr) == (
        2,
        "Error: --behind lama.cpp: no known deviation is about such a server (did you mean"
        " llama.cpp?)\n",
    )
    other = run(*asked, "--behind", "my-own")
    assert other.stderr.startswith("--behind my-own: no known deviation is about such a server; ")


def test_a_report_becomes_a_file_that_asks_for_reasons(gateway: Path) -> None:
    of_gateway("--report", "out")
    result = run("expectations", "update", "out")
    assert (result.exit_code, result.output) == (
        0,
        f"{FILE}: 1 added; write a reason for 1: an entry without one is refused\n",
    )
    assert of_gateway().stderr.startswith(f"Error: {FILE}:9: reason: say why")
    text = (gateway / FILE).read_text().replace('reason = ""', 'reason = "Ours."')
    (gateway / FILE).write_text(text)
    assert of_gateway("--report", "out").exit_code == 0
    assert run("expectations", "update", "out/report.json").output == f"{FILE}: 0 added\n"
    lines = text.splitlines(keepends=True)
    assert (gateway / FILE).read_text() == "".join(
        line for line in lines if "is needed" not in line
    )
    shelve(gateway / "cassettes", target="gw", case="chat-plain")
    of_gateway("--report", "out")
    assert run("expectations", "update", "--prune", "out").output == f"{FILE}: 0 added, 1 removed\n"
    assert of_gateway().exit_code == 0


def test_what_a_report_did_not_test_is_kept_and_a_report_without_answers_is_refused(
    gateway: Path,
) -> None:
    entries = ENTRY + ENTRY.replace("ENV-008", "USG-001")
    (gateway / FILE).write_text(entries)
    of_gateway("--report", "out", "--case", "chat-system")
    result = run("expectations", "update", "--prune", "out")
    assert (result.exit_code, result.output) == (
        0,
        f"{FILE}: 0 added, 2 kept, not tested in this report\n",
    )
    saved = orjson.loads((gateway / "out" / "report.json").read_bytes())
    empty: dict[str, list[object]] = {
        name: [] for name in ("targets", "verdicts", "replies", "examples")
    }
    (gateway / "out" / "report.json").write_bytes(orjson.dumps({**saved, **empty}))
    result = run("expectations", "update", "--prune", "out")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: out: no answers, so nothing can be accepted or removed: run")
    assert (gateway / FILE).read_text() == entries


def test_what_cannot_be_updated_is_one_line(gateway: Path) -> None:
    missing = run("expectations", "update", "nowhere")
    assert (missing.exit_code, missing.stderr) == (
        2,
        "Error: nowhere: there is no such report; `conformance run ... --report nowhere` writes"
        " one\n",
    )
    of_gateway("--report", "out")
    inline = 'expectations = [{ requirement = "USG-001", occurs = "always", reason = "x" }]\n'
    (gateway / FILE).write_text(inline)
    result = run("expectations", "update", "out")
    assert result.exit_code == 2
    assert "begin each entry with [[expectations]]" in result.stderr
    assert (gateway / FILE).read_text() == inline


def test_a_lint_accepts_by_the_file_of_an_exchange(gateway: Path) -> None:
    path = "cassettes/gw/chat-plain.yaml"
    assert run("lint", path).exit_code == 1
    (gateway / FILE).write_text(ENTRY + f"case = {json.dumps('*chat-plain*')}\n")
    result = run("lint", path)
    assert result.exit_code == 0
    assert "Accepted: 1 requirement, 1 time (--show accepted)\n" in result.output
    listed = run("lint", path, "--show", "accepted").output
    assert "  ENV-008  1 time: The gateway sends no time." in listed
    document = orjson.loads(run("lint", path, "--format", "json").stdout)
    assert document["summary"]["accepted"] == 1
    assert document["findings"][0]["accepted"].startswith("The gateway sends no time.")


def test_a_lint_fails_only_because_of_an_entry_that_has_expired(gateway: Path) -> None:
    (gateway / FILE).write_text(ENTRY)
    fine = "cassettes/gw/chat-system.yaml"
    assert run("lint", fine).exit_code == 0
    (gateway / FILE).write_text(ENTRY + "until = 2026-01-31\n")
    result = run("lint", fine)
    assert result.exit_code == 1
    assert f"{FILE}:1: ENV-008 was accepted until 2026-01-31" in result.output
    assert run("lint", fine, "--fail-on", "never").exit_code == 0
