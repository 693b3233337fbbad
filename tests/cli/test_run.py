"""The command ``run``: output and exit codes."""

import json
import os
import re
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance import _files
from conformance.cases import cases
from conformance.cases.core import core
from conformance.cases.corpus import Corpus, corpus_of
from conformance.cli import main
from conformance.endpoints.client.retries import with_retries
from conformance.traffic import read
from tests.helpers import shipped_cassettes
from tests.helpers.made_cassettes import shelve, shelve_every_verdict
from tests.helpers.threaded_server import threaded_server
from tests.judging.conftest import completion

ANSWER = completion().response.body or b""


def run(*arguments: str, **environment: str) -> Result:
    """Run the command."""
    result = CliRunner().invoke(
        main, ["run", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1", **environment}
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def few_cases() -> Corpus:
    names = ("chat-plain", "chat-system", "image-data")
    return corpus_of([each for each in cases() if each.id in names], core())


def refused(result: Result) -> str:
    """Return the only line of the error output; the exit code is 2."""
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the command takes for the shipped cassettes; the self-test has three cases."""
    monkeypatch.setattr("conformance.cli.run_cases.shipped_corpus", few_cases)
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)  # no cassettes of one's own are here
    shipped_cassettes = _files.data_folder
    monkeypatch.setattr(
        _files,
        "data_folder",
        lambda name: folder if name == "cassettes" else shipped_cassettes(name),
    )
    return folder


@pytest.fixture
def judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge the shipped cassettes only once for all runs with the same selection."""
    monkeypatch.setattr(
        "conformance.cli.run_cases.replayed",
        lambda _, selection: shipped_cassettes.gathered(selection),
    )


@pytest.mark.usefixtures("judged_once")
def test_the_shipped_cassettes_are_as_expected() -> None:
    result = run()
    assert result.exit_code == 0
    assert "judged as openai-compatible" in result.stdout
    lines = result.stdout.splitlines()
    assert re.match(
        r"PASS: \d targets, 0 of \d+ tested requirements broken, [\d,]+ cases, ", lines[0]
    )
    assert not any(line.startswith(("must ", "stale ", "crash ")) for line in lines)
    assert re.match("PASS: exit code 0, ", lines[-1])
    assert len(lines) <= 40
    assert result.stderr == ""


@pytest.mark.usefixtures("judged_once")
def test_what_the_reference_endpoint_answered_is_a_self_test_and_counts_in_no_total() -> None:
    result = run("--target", "reference")
    assert result.exit_code == 0
    assert (
        "reference: 6 cases, self-test, emulated, from chat-conformance-reference/" in result.stdout
    )
    lines = result.stdout.splitlines()
    assert re.match(r"PASS: 4 targets, 0 of \d+ tested requirements broken, 12 cases, ", lines[0])
    assert not any("Self-test: " in line for line in lines)  # counted only beside real targets
    whole = json.loads(run("--format", "json").stdout)
    counted = whole["summary"]
    real = [
        word
        for target in whole["targets"]
        if target["provenance"] == "recorded"
        for word in ("--target", target["name"])
    ]
    alone = json.loads(run("--format", "json", *real).stdout)["summary"]
    tested = counted["self_test"]["cases"]
    assert f"Self-test: {tested} cases of the suite's own endpoint" in run().stdout
    assert counted["self_test"]["cases"] >= 12 > alone["self_test"]["cases"]
    assert all(counted[key] == alone[key] for key in ("cases", "protocol", "model"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--target", "sample"), 1),
        (("--target", "sample", "--requirement", "ENV-007"), 0),
        (("--target", "llama.cpp"), 1),
        (("--target", "llama.cpp", "--requirement", "ERR-001", "--requirement", "ERR-002"), 0),
        (("--target", "llama.cpp", "--requirement", "ERR-019"), 1),
        (("--requirement", "MSG-005"), 0),
        (("--target", "sample", "--case", "chat-must-fails"), 1),
        (("--target", "sample", "--case", "chat-plain"), 0),
    ],
)
def test_what_is_chosen_decides_the_exit_code(
    shelf: Path, arguments: tuple[str, ...], code: int
) -> None:
    shelve_every_verdict(shelf)
    assert run(*arguments).exit_code == code


def test_json_on_standard_output_is_the_report(shelf: Path, tmp_path: Path) -> None:
    shelve_every_verdict(shelf)
    result = run(
        "--format",
        "json",
        "--report",
        str(tmp_path / "new" / "report"),
        "--target",
        "sample",
        "--target",
        "llama.cpp",
    )
    document = json.loads(result.stdout)
    assert (tmp_path / "new" / "report" / "report.json").read_bytes() == result.stdout_bytes
    assert {each["target"] for each in document["verdicts"]} == {"sample", "llama.cpp"}
    assert [each["name"] for each in document["targets"]] == ["llama.cpp", "sample"]


def test_nothing_is_written_unless_asked(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve(shelf)
    monkeypatch.chdir(tmp_path)
    assert run().exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["shelf"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--profile", "opnai"),
            "unknown profile 'opnai' (did you mean openai?); there are azure-openai, gemini-api, ",
        ),
        (("--target", "nobody"), "unknown target 'nobody'; "),
        (
            ("--requirement", "us-003"),
            "unknown requirement 'US-003' (did you mean USG-003 or ",
        ),
        (("--case", "no-such-case"), "unknown case 'no-such-case'"),
        (("--record",), "--record: only valid with --live"),
        (
            ("--base-url", "http://127.0.0.1/v1", "--model", "m"),
            "--base-url, --model: only valid with --live",
        ),
        (("--api-key-env", "KEY"), "--api-key-env: only valid with --live"),
        (
            ("--live", "--model", "m"),
            "no target: give --base-url URL, or --profile NAME with --project and --location",
        ),
        (
            ("--live", "--base-url", "127.0.0.1/v1", "--model", "m"),
            "--base-url '127.0.0.1/v1': write http:// or https://",
        ),
        (
            (
                "--live",
                "--base-url",
                "http://127.0.0.1/v1",
                "--model",
                "m",
                "--target",
                "a",
                "--target",
                "b",
            ),
            "a live run takes only one --target",
        ),
        (
            ("--live", "--base-url", "http://127.0.0.1/v1", "--model", "m", "--target", "../a"),
            "--target '../a'",
        ),
        (
            (
                "--live",
                "--base-url",
                "http://127.0.0.1/v1",
                "--model",
                "m",
                "--api-key-env",
                "NOT_SET",
            ),
            "variable NOT_SET, which should hold the API key",
        ),
        (
            ("--live", "--base-url", "http://127.0.0.1/v1", "--model", "m", "--profile", "x"),
            "unknown profile 'x'",
        ),
    ],
)
def test_bad_usage_is_told_in_one_line(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    shelve(shelf)
    monkeypatch.delenv("NOT_SET", raising=False)
    assert said in refused(run(*arguments))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_folder_without_cassettes_is_an_error(shelf: Path, form: str) -> None:
    assert "holds no cassettes" in refused(run("--format", form))


def test_a_missing_folder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Path:
        raise FileNotFoundError(f"{name}/ is nowhere; install chat-conformance anew")

    monkeypatch.setattr(_files, "data_folder", missing)
    assert refused(run()) == "Error: cassettes/ is nowhere; install chat-conformance anew"


def test_what_exercises_nothing_is_inconclusive(shelf: Path) -> None:
    shelve(shelf)
    result = run("--requirement", "META-001", "--target", "sample")
    assert (result.exit_code, result.stderr) == (3, "")
    first, *_, last = result.stdout.splitlines()
    assert first.startswith("INCONCLUSIVE: sample, 0 of 0 tested requirements broken, 1 case, ")
    assert result.stdout.count("no requirement was tested") == 1
    assert last.startswith("INCONCLUSIVE: exit code 3, ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_broken_cassette_is_named_and_the_others_are_judged(shelf: Path, form: str) -> None:
    shelve_every_verdict(shelf)
    path = shelve(shelf, case="unknown-version")
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "conformance:\n  version: 1", "conformance:\n  version: 7"
        ),
        encoding="utf-8",
    )
    (shelf / "sample" / "not-yaml.yaml").write_text("interactions: [", encoding="utf-8")
    (shelf / "sample" / "empty.yaml").touch()
    result = run("--format", form)
    assert result.exit_code == 2
    told = result.stdout if form == "text" else result.stderr
    assert f"{path}: unsupported conformance block version 7" in told.replace("\n", "")
    assert f"{shelf}/sample/not-yaml.yaml" in told
    assert f"{shelf}/sample/empty.yaml: the file is empty" in told
    assert "ENV-008" in result.stdout


def test_only_broken_cassettes_are_no_success(shelf: Path) -> None:
    (shelf / "sample").mkdir()
    (shelf / "sample" / "empty.yaml").touch()
    result = run()
    assert result.exit_code == 2
    assert "the file is empty" in result.output


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("file", "this is a file; give a folder to write the report into"),
        (
            "file/below",
            "this folder cannot be made (Not a directory); name a place that can be written",
        ),
    ],
)
def test_a_report_that_cannot_be_written_is_told_before_the_work(
    shelf: Path, tmp_path: Path, place: str, said: str
) -> None:
    shelve(shelf)
    (tmp_path / "file").touch()
    result = run("--report", str(tmp_path / place))
    assert f"--report {tmp_path}/{place}: " in refused(result)
    assert said in result.stderr
    assert result.stdout == ""


def test_a_full_disk_is_told_in_one_line(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    shelve(shelf)
    whole = run()
    monkeypatch.setattr(os, "fsync", full)
    result = run("--report", str(tmp_path / "report"))
    assert (result.exit_code, result.stdout) == (2, whole.stdout)
    assert (
        result.stderr == f"Error: {tmp_path / 'report' / 'report.json'}: No space left on device\n"
    )


class Answering(BaseHTTPRequestHandler):
    """Answers with the completion that its server holds."""

    def do_POST(self) -> None:
        asked: Any = self.server
        asked.seen.append(self.headers.get("authorization"))
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(asked.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A local endpoint that answers every request with the same completion, and two cases."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", "secret-of-a-test")
    monkeypatch.setattr("conformance.cli.run_cases.shipped_corpus", few_cases)
    monkeypatch.setattr(
        "conformance.endpoints.client.live_endpoint.with_retries",
        partial(with_retries, sleep=lambda _: None),
    )
    server: Any
    with threaded_server(Answering) as server:
        server.seen, server.status = [], 200
        server.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield server


def asking(url: str, *more: str) -> tuple[str, ...]:
    return (
        "--live",
        "--base-url",
        url,
        "--model",
        "gpt-4o",
        "--api-key-env",
        "KEY_OF_A_TEST",
        "--target",
        "loopback",
        *more,
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_live_run_asks_judges_and_keeps_nothing(endpoint: Any, here: Path) -> None:
    result = run(*asking(endpoint.url))
    assert result.exit_code == 0
    assert endpoint.seen == ["Bearer secret-of-a-test"] * 3  # the first looks whether it answers
    assert "loopback: 2 cases, live, " in result.stdout
    assert "judged as openai-compatible (assumed; " in result.stdout
    assert (
        "Skipped: 1 case: not supported by openai-compatible (1) (--show skipped)\n"
        in result.stdout
    )
    assert list(here.iterdir()) == []
    listed = run(*asking(endpoint.url, "--show", "skipped")).stdout
    assert "  not supported by openai-compatible: image (1 case): image-data\n" in listed


def test_only_the_case_chosen_is_asked(endpoint: Any, here: Path) -> None:
    result = run(*asking(endpoint.url, "--case", "chat-system"))
    assert "loopback: 1 case, live, " in result.stdout
    assert len(endpoint.seen) == 2  # the first looks whether it answers
    assert "unknown case 'chat-sytem' (did you mean chat-system" in refused(
        run(*asking(endpoint.url, "--case", "chat-sytem"))
    )


def test_what_is_recorded_replays_to_the_same_verdicts(
    endpoint: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = json.loads(run(*asking(endpoint.url, "--record", "--format", "json")).stdout)
    kept = sorted(path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file())
    assert kept == ["cassettes/loopback/chat-plain.yaml", "cassettes/loopback/chat-system.yaml"]
    assert "secret-of-a-test" not in (here / kept[0]).read_text(encoding="utf-8")
    assert [hasattr(outcome, "why") for outcome in read([here / "cassettes"])] == [False, False]
    monkeypatch.setattr(_files, "data_folder", lambda _: here / "cassettes")
    replayed = json.loads(run("--format", "json", "--target", "loopback").stdout)
    assert replayed["verdicts"] == live["verdicts"]
    assert replayed["targets"] == live["targets"]


def test_what_was_kept_is_replayed_where_it_is_named(
    endpoint: Any, here: Path, tmp_path: Path
) -> None:
    run(*asking(endpoint.url, "--record", "--case", "chat-plain"))
    result = run("--target", "loopback", "--format", "json")
    assert (result.exit_code, [each["name"] for each in json.loads(result.stdout)["targets"]]) == (
        0,
        ["loopback"],
    )
    assert "unknown target 'other'" in refused(run("--target", "other"))


def test_cassettes_are_kept_in_the_checkout_one_stands_in(
    endpoint: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "conformance").mkdir(parents=True)
    (here / "conformance" / "plugin.py").touch()
    (here / "pyproject.toml").touch()
    monkeypatch.chdir(here / "conformance")
    assert run(*asking(endpoint.url, "--record")).exit_code == 0
    assert (here / "cassettes" / "loopback" / "chat-plain.yaml").is_file()


def test_a_folder_that_cannot_be_written_is_told_in_one_line(endpoint: Any, here: Path) -> None:
    (here / "cassettes").touch()
    assert f"{here}/cassettes" in refused(run(*asking(endpoint.url, "--record")))


def test_nobody_there_is_no_judgement(endpoint: Any, here: Path) -> None:
    endpoint.server_close()
    result = run(*asking(endpoint.url))
    assert result.exit_code == 3
    assert result.stdout.startswith("INCONCLUSIVE: the connection was refused: ConnectError: ")
    assert result.stdout.endswith(" - fix: start the server, or correct host and port\n")


@pytest.mark.parametrize("status", [401, 429])
def test_not_being_let_in_is_no_judgement(endpoint: Any, here: Path, status: int) -> None:
    endpoint.status = status
    assert run(*asking(endpoint.url)).exit_code == 3


def test_nothing_is_sent_without_live(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    shelve(shelf)
    monkeypatch.setattr("socket.socket.connect", forbidden)
    assert run().exit_code == 0
