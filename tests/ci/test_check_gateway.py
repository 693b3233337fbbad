"""The script for CI: its exit codes, the files that it writes, annotations, summary and outputs."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.faults import faults
from conformance.protocol.exchange import Exchange
from conformance.reports.formats import FORMATS
from tests.ci.check_gateway import KEY, SCRIPT, Outcome, check_gateway
from tests.helpers.loopback import reference

pytestmark = pytest.mark.skipif(not shutil.which("sh"), reason="needs a POSIX shell")

CASE = "--case=stream-usage"
ANNOTATION = re.compile(r"^::(error|warning|notice) title=[^:\n]+::[^\n]+$", re.MULTILINE)
ACCEPTED = """
[[expectations]]
requirement = "SSE-003"
occurs = "always"
reason = "our gateway ends each stream without [DONE]"
"""


def unnamed(exchange: Exchange) -> Exchange:
    """Return an answer as if another server gave it; expectations apply to no emulated answer."""
    headers = tuple(field for field in exchange.response.headers if field[0] != "server")
    return replace(exchange, response=replace(exchange.response, headers=headers))


def broken(name: str) -> Callable[[Exchange], Exchange]:
    """Return a function that puts a fault of the catalogue into each answer it applies to."""
    fault = faults()[name]
    return lambda exchange: unnamed(fault(exchange) or exchange)


def checked(folder: Path, fault: str = "", *, github: bool = True, **inputs: str) -> Outcome:
    """Run the script against the reference endpoint, with this fault in its answers, if any."""
    with reference("openai", change=broken(fault) if fault else unnamed) as address:
        defaults = {
            "CHECK_URL": f"http://{address}/v1",
            "CHECK_MODEL": "gpt-4o",
            "CHECK_PROFILE": "openai",
            "CHECK_API_KEY_ENV": KEY,
            "CHECK_OPTIONS": CASE,
        }
        return check_gateway(folder, github=github, **defaults | inputs)


def after_commands(outcome: Outcome) -> str:
    """Return the part of the log in which GitHub executes workflow commands."""
    found = re.match(
        r"::stop-commands::([0-9a-f]{32})\n(.*?)^::\1::\n", outcome.stdout, re.S | re.M
    )
    assert found, outcome.stdout + outcome.stderr
    return outcome.stdout[found.end() :]


def test_an_endpoint_that_conforms(tmp_path: Path) -> None:
    outcome = checked(tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    assert re.fullmatch(r"::notice title=chat-conformance::PASS: .*\n", after_commands(outcome))
    assert outcome.outputs == {"report": "conformance-report", "exit-code": "0"}
    assert outcome.summary.startswith("**PASS**")
    junit = ET.parse(outcome.report / "junit.xml").getroot()
    assert {suite.get("failures") for suite in junit.iter("testsuite")} == {"0"}


def test_a_failure_is_in_every_file_and_annotated(tmp_path: Path) -> None:
    outcome = checked(tmp_path, "no-done")
    assert outcome.exit_code == 1, outcome.stderr
    annotations = after_commands(outcome)
    assert ANNOTATION.sub("", annotations).strip() == ""
    assert annotations.startswith("::error title=chat-conformance::FAIL: ")
    assert "::error title=SSE-003 " in annotations
    assert "SSE-003" in outcome.summary
    assert outcome.outputs["exit-code"] == "1"
    written = {path.name for path in outcome.report.iterdir()}
    assert written >= {"report.json", "answers", "junit.xml", "conformance.sarif", "badge.json"}
    assert b"SSE-003" in (outcome.report / "junit.xml").read_bytes()
    sarif = json.loads((outcome.report / "conformance.sarif").read_bytes())
    assert "SSE-003" in {result["ruleId"] for run in sarif["runs"] for result in run["results"]}


def test_an_accepted_failure_does_not_fail(tmp_path: Path) -> None:
    (tmp_path / "accepted.toml").write_text(ACCEPTED, encoding="utf-8")
    outcome = checked(tmp_path, "no-done", CHECK_EXPECTATIONS="accepted.toml")
    assert outcome.exit_code == 0, outcome.stdout + outcome.stderr
    assert outcome.summary.startswith("**PASS**")


def test_the_default_file_of_expectations_is_used(tmp_path: Path) -> None:
    (tmp_path / "conformance-expectations.toml").write_text(ACCEPTED, encoding="utf-8")
    assert checked(tmp_path, "no-done").exit_code == 0


def test_a_wrong_file_of_expectations_is_an_annotation(tmp_path: Path) -> None:
    typo = ACCEPTED.replace("reason", "raeson")
    (tmp_path / "accepted.toml").write_text(typo, encoding="utf-8")
    outcome = checked(tmp_path, CHECK_EXPECTATIONS="accepted.toml")
    assert outcome.exit_code == 2
    assert "accepted.toml" in outcome.stderr
    assert after_commands(outcome).startswith(
        "::error title=chat-conformance::Nothing was judged (exit code 2)"
    )
    assert outcome.outputs["exit-code"] == "2"
    assert outcome.summary == ""


def test_an_endpoint_that_is_not_there(tmp_path: Path) -> None:
    outcome = check_gateway(tmp_path, CHECK_URL="http://127.0.0.1:1/v1", CHECK_MODEL="m")
    assert outcome.exit_code == 3
    assert after_commands(outcome).startswith("::error title=chat-conformance::INCONCLUSIVE: ")
    assert "the connection was refused" in outcome.summary
    assert outcome.outputs["exit-code"] == "3"


def test_without_a_url_it_says_what_to_set(tmp_path: Path) -> None:
    outcome = check_gateway(tmp_path)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("CHECK_URL: set it to what comes before /chat/completions")


def test_elsewhere_than_on_github_it_prints_no_command(tmp_path: Path) -> None:
    outcome = checked(tmp_path, "no-done", github=False)
    assert outcome.exit_code == 1
    assert "::" not in outcome.stdout
    assert outcome.stdout.startswith("FAIL: ")
    assert (outcome.report / "junit.xml").exists()


def test_an_earlier_report_in_the_folder_is_not_taken_for_this_one(tmp_path: Path) -> None:
    (tmp_path / "conformance-report").mkdir()
    for name in ("annotations.txt", "summary.md"):
        (tmp_path / "conformance-report" / name).write_text("::notice title=old::old\n")
    outcome = checked(tmp_path, CHECK_FAIL_ON="maybe")
    assert outcome.exit_code == 2
    assert "old" not in outcome.stdout + outcome.summary


@pytest.mark.parametrize(
    "name", ["MODEL", "PROFILE", "BEHIND", "EXPECTATIONS", "FAIL_ON", "WAIT", "REPORT", "OPTIONS"]
)
def test_a_value_is_never_run_as_a_command(name: str, tmp_path: Path) -> None:
    value = f"'; touch {tmp_path}/run; echo $(touch {tmp_path}/run) `touch {tmp_path}/run` \"$(id)"
    value = value.replace("/", "") if name == "REPORT" else value
    inputs = {"CHECK_URL": "http://127.0.0.1:1/v1", "CHECK_MODEL": "m", f"CHECK_{name}": value}
    check_gateway(tmp_path, github=True, **inputs)
    assert not [*tmp_path.rglob("run")]


def test_a_url_is_not_an_option(tmp_path: Path) -> None:
    outcome = check_gateway(tmp_path, CHECK_URL="--plan", CHECK_MODEL="m")
    assert outcome.exit_code == 2
    assert "'--plan' is not a URL" in outcome.stderr


def test_an_answer_cannot_contain_a_command(tmp_path: Path) -> None:
    def hostile(exchange: Exchange) -> Exchange:
        body = b"data: ::error::from the server\n\n" * 3
        return unnamed(replace(exchange, response=replace(exchange.response, body=body)))

    with reference("openai", change=hostile) as address:
        outcome = check_gateway(
            tmp_path,
            CHECK_URL=f"http://{address}/v1",
            CHECK_MODEL="gpt-4o",
            CHECK_API_KEY_ENV=KEY,
            CHECK_OPTIONS="--case=stream-usage\n--case=stream-plain",
        )
    assert outcome.exit_code == 1, outcome.stderr
    assert ANNOTATION.sub("", after_commands(outcome)).strip() == ""
    assert "\n::error::from" not in after_commands(outcome)


def test_every_format_is_written() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    assert set(re.findall(r"--output (\w+)=", script)) == set(FORMATS)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_other_shells_read_it_too(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    command = [shell, *(["sh"] if shell == "busybox" else []), "-n", str(SCRIPT)]
    subprocess.run(command, check=True, cwd=tmp_path)
