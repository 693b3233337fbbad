"""No server that only pretends to work passes, and the first lines of the report say why."""

import re
import time
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.cli import main
from conformance.endpoints.client.target_from_url import target_at
from conformance.endpoints.reference import PROFILES, TOKEN
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.suite import shipped_suite
from conformance.reports.text.run import render
from conformance.runs.live.session import LiveOptions, ask_live
from conformance.runs.results import Report
from conformance.runs.selection import Selection
from conformance.runs.summary import exit_code
from tests.helpers.lazy_servers import IGNORED, LAZY, ONE_FAULT, Answer, LazyServer, served

KEY = "KEY_OF_A_TEST"
ALL = tuple(shipped_suite().profiles)
WITH_A_GOOD_SERVER = tuple(name for name in ALL if name != "vertex-tgi")
"""Not TGI: the reference endpoint does not answer as TGI does, so a failure proves nothing."""

TOLERATED = {
    ("ignores-response-format", "vertex-gemini"): "two core cases are too few to blame the server",
    ("ignores-n", "vertex-gemini"): "no core case sets n, as obeying it is only a should",
    ("ignores-n", "gemini-api"): "no core case sets n, as obeying it is only a should",
    ("ignores-stream-options", "vertex-gemini"): "usage comes in any case",
    ("ignores-logprobs", "azure-openai"): "a should",
    ("ignores-logprobs", "openai-compatible"): "a should",
    ("ignores-logprobs", "gemini-api"): "no core case asks for log-probabilities",
    ("ignores-logprobs", "vertex-gemini"): "no core case asks for log-probabilities",
    ("ignores-logprobs", "vertex-vllm"): "a known deviation",
}
"""Servers that ignore a parameter, and profiles that do not require it, with the reason."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, TOKEN)
    monkeypatch.setattr(time, "sleep", lambda _: None)


def asked(server: LazyServer, profile: str, patch: pytest.MonkeyPatch, folder: Path) -> Report:
    """Return the report of a run with the core cases of a profile."""
    dialect = dialect_of(profile if profile in PROFILES else "openai")
    target = target_at(
        f"http://127.0.0.1:9{dialect.example}", dialect.listed[0], KEY, profile, "t", auth="bearer"
    )
    selection = Selection(profile)
    with served(server, profile, patch):
        collected = ask_live(
            target, selection, LiveOptions(core_only=True), None, folder, lambda *_: None
        )
    return collected.report(selection)


def beginning(report: Report) -> str:
    """Return the first ten lines of the report as text."""
    out = StringIO()
    render(report, Console(file=out, width=300, highlight=False, color_system=None))
    return "\n".join(out.getvalue().splitlines()[:10])


@pytest.mark.parametrize("server", LAZY, ids=lambda server: server.name)
def test_a_lazy_server_does_not_pass_and_the_first_lines_say_why(
    server: LazyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for profile in ALL:
        report = asked(server, profile, monkeypatch, tmp_path)
        assert exit_code(report) == server.code, profile
        assert profile not in WITH_A_GOOD_SERVER or re.search(server.cause, beginning(report)), (
            profile,
            beginning(report),
        )


@pytest.mark.parametrize("server", (*ONE_FAULT, *IGNORED), ids=lambda server: server.name)
def test_a_server_with_one_fault_fails_and_the_first_lines_name_it(
    server: LazyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for profile in WITH_A_GOOD_SERVER:
        report = asked(server, profile, monkeypatch, tmp_path)
        tolerated = (server.name, profile) in TOLERATED
        assert exit_code(report) == (0 if tolerated else 1), profile
        if not tolerated:
            assert re.search(server.cause, beginning(report)), (profile, beginning(report))


def test_a_good_server_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    good: Answer = lambda request, good: good(request)  # noqa: E731
    for profile in WITH_A_GOOD_SERVER:
        report = asked(LazyServer("good", good, ""), profile, monkeypatch, tmp_path)
        assert exit_code(report) == 0, profile


def test_the_command_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    server = next(server for server in LAZY if server.name == "ok")
    arguments = ["--profile", "openai", "--base-url", "http://127.0.0.1:9/v1", "--model", "gpt-4o"]
    with served(server, "openai", monkeypatch):
        result = CliRunner().invoke(
            main,
            ["run", "--live", "--core", "--api-key-env", KEY, *arguments],
            env={"COLUMNS": "300"},
        )
    assert result.exit_code == 1
    assert re.search(server.cause, "\n".join(result.stdout.splitlines()[:10]))
