"""``conformance run URL``: find the model, check the endpoint first, say how to repeat a case."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.cli.run import first_line
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.reference import TOKEN
from tests.endpoints.client.test_http_client import Script, plain, says, serving
from tests.helpers.loopback import reference
from tests.judging.conftest import completion

ANSWER = plain(completion().response.body or b"")
SMALL = str(REQUEST.body["messages"][0]["content"]).encode()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFORMANCE_BASE_URL", "CONFORMANCE_MODEL", "CONFORMANCE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["run", *arguments])


def models(*names: str) -> bytes:
    return plain(json.dumps({"data": [{"id": name} for name in names]}).encode())


def by_path(listed: bytes, answer: bytes, asked: list[bytes]) -> Script:
    """Answer GET with the list and POST with the answer; ``asked`` holds the requests so far."""
    return lambda connection: says(listed if asked[-1].startswith(b"GET") else answer)(connection)


def error(status: bytes, message: str) -> bytes:
    body = json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode()
    return plain(body, head=b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n")


def test_a_url_is_asked_with_its_only_model() -> None:
    with serving(b"") as server:
        server.script = by_path(models("m-1"), ANSWER, server.asked)
        result = run(server.url, "--case", "chat-plain", "--format", "json")
    assert f"The model is m-1, the only one that {server.url}/models lists." in result.stderr
    assert [request.split(b" ")[0] for request in server.asked] == [b"GET", b"POST", b"POST"]
    assert all(b'"model": "m-1"' in request for request in server.asked[1:])
    document = json.loads(result.stdout)
    assert document["repeat"] == f"conformance run {server.url} --model m-1"


def test_the_user_chooses_among_several_models() -> None:
    with serving(models("a", "b", "c", "d")) as server:
        result = run(server.url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: no model: {server.url} has 4 models, a, b, c and 1 more: choose one with --model"
        " ID\n"
    )
    assert len(server.asked) == 1


def test_without_a_list_of_models_one_must_be_named() -> None:
    with serving(error(b"404 Not Found", "no such route")) as server:
        result = run(server.url)
    assert result.exit_code == 2
    assert "lists none (status 404): give --model ID" in result.stderr


def test_a_plan_sends_nothing_and_needs_a_model() -> None:
    with serving(models("m")) as server:
        result = run(server.url, "--plan")
        assert run(server.url, "--plan", "--model", "m").exit_code == 0
    assert (result.exit_code, server.asked) == (2, [])
    assert "no model: give --model ID" in result.stderr


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("127.0.0.1:8081/v1", "'127.0.0.1:8081/v1' is not a URL: write http://127.0.0.1:8081/v1\n"),
        ("localhost/v1", "'localhost/v1' is not a URL: write http://localhost/v1\n"),
        ("127.0.0.1", "is not a URL: write http://127.0.0.1\n"),
        ("gateway.example/v1", "is not a URL: write https://gateway.example/v1\n"),
        ("traffic.har", "use `conformance lint PATH` for your own"),
        ("../answers.d/x", "use `conformance lint PATH` for your own"),
        ("http://[::1/v1", "URL 'http://[::1/v1': Invalid IPv6 URL"),
        ("http:/host/v1", "URL 'http:/host/v1': write http:// or https://, a host"),
        ("lm-proxy", "--target NAME to replay recordings"),
        ("./traffic.har", "use `conformance lint PATH` for your own"),
        ("ftp://host/v1", "'ftp://host/v1' is not a URL"),
        ("http://host/v1?a=1", "URL 'http://host/v1?a=1': write http:// or https://, a host"),
    ],
)
def test_what_is_not_a_url_is_bad_usage(argument: str, said: str) -> None:
    result = run(argument, "--model", "m")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("model", [(), ("--model", "m")])
def test_an_error_about_the_url_names_the_argument(model: tuple[str, ...]) -> None:
    result = run("http://127.0.0.1:1/v1/chat/completions", *model)
    assert result.stdout.splitlines()[0] == (
        "INCONCLUSIVE: the base URL must not end in /chat/completions, which is appended to it -"
        " fix: URL http://127.0.0.1:1/v1"
    )
    named = run("--live", "--base-url", "http://127.0.0.1:1/v1/chat/completions", *model)
    assert "fix: --base-url http://127.0.0.1:1/v1" in named.stdout


def test_a_secret_in_the_url_is_not_repeated() -> None:
    for url in ("https://me:hunter2pass@host/v1", "me:hunter2pass@host", "ftp://me:hunter2pass@h"):
        assert "hunter2pass" not in run(url, "--model", "m").output


def test_a_url_and_a_base_url_contradict_each_other() -> None:
    result = run("http://127.0.0.1:1/v1", "--base-url", "http://127.0.0.1:2/v1")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: URL and --base-url: give only one of them\n",
    )


def test_live_may_be_given_with_a_url() -> None:
    result = run("http://127.0.0.1:1/v1", "--live", "--model", "m")
    assert "the connection was refused" in result.stdout


@pytest.mark.parametrize(
    ("answer", "problem", "fix"),
    [
        (error(b"401 Unauthorized", "bad key"), "the credential is rejected", "KEY_OF_A_TEST to a"),
        (error(b"403 Forbidden", "no"), "the request is forbidden", "check what the account"),
        (
            error(b"404 Not Found", "The model m does not exist"),
            "the endpoint does not have the model m",
            "correct --model (did you mean mm?); the endpoint has mm, n",
        ),
        (error(b"404 Not Found", "Not Found"), "nothing found at", "correct the base URL"),
        (error(b"405 Method Not Allowed", "no"), "takes no POST request", "correct the base URL"),
        (
            plain(b"<html></html>", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"),
            "the answer is not a chat completion: text/html",
            "correct the base URL",
        ),
    ],
)
def test_a_problem_of_every_case_ends_the_run_in_one_line(
    answer: bytes, problem: str, fix: str, tmp_path: Path
) -> None:
    key = ("--api-key-env", "KEY_OF_A_TEST")
    began = time.monotonic()
    with serving(b"") as server:
        server.script = by_path(models("mm", "n"), answer, server.asked)
        result = run(server.url, "--model", "m", *key, "--report", str(tmp_path / "r"))
    assert time.monotonic() - began < 3
    assert result.exit_code == 3
    assert result.stdout.startswith("INCONCLUSIVE: ")
    assert problem in result.stdout
    assert f" - fix: {fix}" in result.stdout.replace("set KEY", "KEY")
    assert result.stdout.count("\n") == 1
    assert 1 <= len(server.asked) <= 2
    report = json.loads((tmp_path / "r" / "report.json").read_bytes())
    assert report["unanswered"]
    assert report["verdicts"] == []


def test_a_closed_port_ends_the_run_in_one_line() -> None:
    for more in ((), ("--model", "m")):
        result = run("http://127.0.0.1:1/v1", *more)
        assert result.exit_code == 3
        assert result.stdout.startswith("INCONCLUSIVE: the connection was refused")
        assert result.stdout.count("\n") == 1


def test_a_base_url_without_its_version_is_corrected() -> None:
    with reference("openai") as address:
        key = ("--api-key-env", "KEY_OF_A_TEST")
        result = run(f"http://{address}", "--model", "gpt-4o", "--profile", "openai", *key)
    assert result.exit_code == 3
    assert f"the base URL lacks /v1: nothing found at http://{address}/chat" in result.stdout
    assert f"fix: URL http://{address}/v1" in result.stdout


@pytest.mark.parametrize(
    "answer",
    [error(b"500 Internal Server Error", "x"), error(b"400 Bad Request", "x"), plain(b"{}")],
)
def test_the_first_check_accepts_an_answer_that_breaks_requirements(answer: bytes) -> None:
    with serving(answer) as server:
        result = run(server.url, "--model", "m", "--case", "chat-plain", "--format", "json")
    assert len(server.asked) >= 2
    assert "fix:" not in result.stdout


def test_a_connection_that_ends_once_does_not_end_the_run() -> None:
    with serving(b"") as server:
        server.script = lambda connection: says(b"" if len(server.asked) == 1 else ANSWER)(
            connection
        )
        result = run(server.url, "--model", "m", "--case", "chat-plain")
    assert len(server.asked) == 3
    assert "INCONCLUSIVE" not in result.stdout


def test_the_first_check_counts_in_the_budget() -> None:
    with serving(ANSWER) as server:
        run(server.url, "--model", "m", "--max-requests", "1")
        assert len(server.asked) == 1
        run(server.url, "--model", "m", "--max-requests", "0")
        assert len(server.asked) == 1


def test_nothing_is_checked_first_if_all_cases_were_answered(tmp_path: Path) -> None:
    fixed = ("--model", "m", "--case", "chat-plain", "--report", str(tmp_path / "r"))
    with serving(ANSWER) as server:
        run(server.url, *fixed)
        assert len(server.asked) == 2
        run(server.url, *fixed, "--resume")
        assert len(server.asked) == 2


def test_a_header_is_sent_and_not_recorded(tmp_path: Path) -> None:
    secret = "tenant-hunter2/77"
    body = json.loads(completion().response.body or b"")
    body["choices"][0]["message"]["content"] = f"You are {secret}."
    with serving(plain(json.dumps(body).encode())) as server:
        result = run(
            *(server.url, "--model", "m", "--case", "chat-plain", "--format", "json"),
            *("-H", f"X-Tenant: {secret}", "-H", "x-mode:stream", "--report", str(tmp_path / "r")),
        )
    assert server.asked
    assert all(f"x-tenant: {secret}".encode() in request for request in server.asked)
    written = [path.read_text("utf-8") for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert len(written) >= 2
    assert secret not in "".join((*written, result.output))
    assert any("x-tenant" in text for text in written)
    command = json.loads(result.stdout)["repeat"]
    assert shlex.split(command) == [
        *("conformance", "run", server.url, "--model", "m"),
        *("-H", "X-Tenant:VALUE", "-H", "x-mode:VALUE"),
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "Authorization: Bearer hunter2pass",
            "name the variable that holds the key with --api-key-env",
        ),
        ("host: hunter2pass", "it follows from the URL: change that"),
        ("content-length:hunter2pass", "cannot be added"),
        ("content-type:hunter2pass", "cannot be added"),
        ("hunter2pass", "write NAME:VALUE"),
        ("hunter2pass x: y", "the name of a header field has letters"),
        ("x-a: hunter2pass\n", ""),
        ("x-a: hunter2pass\x01", "characters that a header field cannot hold"),
        ("x-a:", "has no value"),
    ],
)
def test_a_header_that_cannot_be_added_is_bad_usage(header: str, said: str) -> None:
    result = run("http://127.0.0.1:1/v1", "--model", "m", "-H", header)
    assert result.exit_code == (2 if said else 3)
    assert said in result.stderr
    assert "hunter2pass" not in result.output


def test_the_command_that_repeats_a_case_is_quoted_and_has_no_project() -> None:
    with serving(ANSWER) as server:
        fixed = (server.url, "--model", "my model", "--case", "chat-plain", "--format", "json")
        more = ("--profile", "openai", "--target", "t", "--api-key-env", "KEY_OF_A_TEST")
        command = json.loads(run(*fixed, *more).stdout)["repeat"]
    assert command == (
        f"conformance run {server.url} --model 'my model' --profile openai --target t"
        " --api-key-env KEY_OF_A_TEST"
    )


def test_a_replay_is_repeated_by_its_target() -> None:
    document = json.loads(run("--target", "lm-proxy", "--format", "json").stdout)
    assert document["repeat"] == "conformance run --target lm-proxy"


def test_cases_can_be_chosen_by_pattern_feature_and_requirement() -> None:
    def planned(*arguments: str) -> int:
        result = run("http://127.0.0.1:1/v1", "--model", "m", "--plan", *arguments)
        assert result.exit_code == 0, result.output
        found = re.search(r"([\d,]+) cases?, up to", result.stdout)
        assert found
        return int(found[1].replace(",", ""))

    every = planned()
    assert 1 < planned("--case", "stream-*") < planned("--feature", "streaming") < every
    assert planned("--case", "stream-usage", "--feature", "streaming") == 1
    assert 1 < planned("--requirement", "SSE-003") < every
    assert planned("--requirement", "SSE-003", "--case", "stream-plain") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--case", "strem-*"), "--case 'strem-*' matches no case"),
        (("--feature", "straming"), "unknown feature 'straming' (did you mean stream"),
        (("--case", "chat-plain", "--feature", "auth"), "have no case in common"),
    ],
)
def test_a_choice_without_cases_is_bad_usage(arguments: tuple[str, ...], said: str) -> None:
    for url in ((), ("http://127.0.0.1:1/v1", "--model", "m")):
        result = run(*url, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


def test_help_has_headings_and_examples() -> None:
    text = run("--help").stdout
    headings = re.findall(r"^(\w[\w ]+):$", text, re.MULTILINE)
    assert headings[:5] == [
        "What to ask",
        "Endpoint",
        "Google Cloud",
        "Pace and budget",
        "Output and exit",
    ]
    assert headings[-1] == "Examples"
    assert "  conformance run http://127.0.0.1:8081/v1 " in text


def test_help_needs_no_part_that_is_slow_to_load() -> None:
    code = (
        "import sys; from conformance.cli import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'httpx', 'rich', 'pytest', 'jsonschema_rs'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    ("url", "live", "line"),
    [
        (None, False, "Judging recordings ..."),
        (None, True, "Asking the target; Ctrl-C prints what is known so far ..."),
        (
            "https://user:secret@gateway.test/v1?key=secret",
            False,
            "Asking gateway.test; Ctrl-C prints what is known so far ...",
        ),
        ("http://[", False, "Asking the target; Ctrl-C prints what is known so far ..."),
    ],
)
def test_the_first_line_names_the_host_alone(url: str | None, live: bool, line: str) -> None:
    options: Any = SimpleNamespace(url=url, live=live, at=SimpleNamespace(base_url=None))
    assert first_line(options) == line
