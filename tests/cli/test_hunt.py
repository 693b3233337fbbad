"""``conformance hunt`` prints the smallest failing request as code; usage errors are one line."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cases import Case
from conformance.cli import hunt_failures as module
from conformance.cli import main
from conformance.endpoints.client.retries import with_retries
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference.in_process import embedded
from conformance.protocol.exchange import Exchange, Request, Response
from tests.runs.hunt.test_hunting import spoilt_where


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["hunt", *arguments])


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "embedded", lambda _: spoilt_where(("seed", "one-tool")))


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(case: Case) -> Exchange:
        raise AssertionError("asked in vain")

    monkeypatch.setattr(module, "embedded", lambda _: ask)


@pytest.mark.usefixtures("faulty")
def test_a_failure_is_shown_with_its_evidence_and_as_code(tmp_path: Path) -> None:
    result = run(
        "--max-requests", "250", "--feature", "seed", "--save", str(tmp_path / "corpus.jsonl")
    )
    assert result.exit_code == 1
    assert 'ENV-002  must  `object` of the response is "chat.completion"' in result.stdout
    assert "triggered by: seed, one-tool" in result.stdout
    assert "Actual:" in result.stdout
    for code in ("curl -sS", "import httpx", "client.chat.completions.create("):
        assert code in result.stdout
    assert "Request saved as case tools-" in result.stdout
    assert " ".join(result.stdout.split()).endswith("1 requirement broken.")
    assert "Bearer self-test" not in result.stdout


@pytest.mark.usefixtures("faulty")
def test_a_machine_reads_the_same() -> None:
    document: dict[str, Any] = json.loads(
        run("--max-requests", "250", "--feature", "seed", "--format", "json").stdout
    )
    (failure,) = document["failures"]
    assert (failure["requirement"], failure["features"]) == ("ENV-002", ["seed", "one-tool"])
    assert failure["body"]["seed"] is not None
    assert failure["code"].keys() == {"curl", "httpx", "openai"}


@pytest.mark.usefixtures("unasked")
def test_without_hypothesis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr == "Error: hunt needs Hypothesis, which is not installed: pip install"
        " 'chat-conformance[suites]'\n"
    )


def test_where_nothing_is_found_the_exit_code_is_0() -> None:
    result = run("--max-requests", "60", "--profile", "openai")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"self-test, judged as openai: \d\d requests, 0 requirements broken\.\n", result.stdout
    )


def test_nobody_there_is_3(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(
        "conformance.endpoints.client.live_endpoint.with_retries",
        partial(with_retries, sleep=waits.append),
    )
    result = run(
        "--live", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "--max-requests", "20"
    )
    assert result.exit_code == 3
    assert "3 requests, ended early: 3 requests in a row got no answer" in " ".join(
        result.stdout.split()
    )
    assert len(waits) == 6


@pytest.mark.parametrize(("status", "asked"), [(401, 3), (429, 3), (404, 3), (400, 20), (308, 3)])
def test_a_target_that_refuses_everything_is_3(
    monkeypatch: pytest.MonkeyPatch, status: int, asked: int
) -> None:
    monkeypatch.setattr(module, "embedded", lambda _: refusing(status))
    result = run("--profile", "openai", "--max-requests", "20", "--format", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["failures"]) == (3, [])
    if asked == 3:
        assert (document["asked"], document["refused"]) == (3, 0)
        assert f"status {status}" in document["ended"]
    else:  # as many as Hypothesis makes of so few
        assert 3 < document["asked"] == document["refused"] <= asked
    assert "0 requirements broken" in " ".join(
        run("--profile", "openai", "--max-requests", "20").stdout.split()
    )


def refusing(status: int) -> Endpoint:
    """An endpoint that answers every request with a valid error."""
    error = {
        "error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    }
    response = Response(status, (("content-type", "application/json"),), json.dumps(error).encode())
    return lambda case: Exchange(
        case.id, Request(case.method, "https://x.test/v1/chat/completions", (), case.body), response
    )


def test_errors_among_the_answers_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module,
        "embedded",
        lambda _: lambda case: (refusing(400) if "seed" in case.body else embedded("openai"))(case),
    )
    result = run("--profile", "openai", "--max-requests", "60")
    assert result.exit_code == 0
    assert re.search(
        r"requests \(\d+ answered without status 200\), 0 requirements",
        " ".join(result.stdout.split()),
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "opnai"), "unknown profile 'opnai' (did you mean openai?); there are "),
        (
            ("--profile", "azure-openai"),
            "--profile azure-openai: without --live only the built-in reference endpoint is ",
        ),
        (("--feature", "streem"), "unknown feature 'streem'; there are "),
        (
            ("--feature", "stop-list", "--feature", "stop-string"),
            "no request can combine stop-list, stop-string",
        ),
        (("--requirement", "X-1"), "unknown requirement 'X-001'"),
        (
            ("--requirement", "META-001"),
            "--requirement META-001: a hunt cannot test it, as it needs several exchanges or ",
        ),
        (
            ("--requirement", "ERR-008"),
            "--requirement ERR-008: a hunt cannot test it, as it needs several exchanges or ",
        ),
        (("--base-url", "http://h/v1"), "--base-url: only valid with --live"),
        (("--live",), "no target: give --base-url URL, or --profile NAME"),
    ],
)
def test_what_is_chosen_wrongly_is_told_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {said}")
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("corpus.jsonl", "corpus.jsonl:1: not JSON"),
        ("nowhere/corpus.jsonl", "nowhere does not"),
    ],
)
def test_where_nothing_can_be_saved_nothing_is_asked(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "corpus.jsonl").write_text("nonsense\n", encoding="utf-8")
    result = run("--max-requests", "5", "--save", str(tmp_path / name))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert said in result.stderr
