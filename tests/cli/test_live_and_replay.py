"""A live run and the replay of its recordings give the same report, except for time and command."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cases import cases
from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.endpoints.reference import TOKEN
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from tests.helpers.loopback import reference

PROFILE = "vertex-gemini"
CASES = [
    case.id
    for case in cases()
    if case.id in shipped_corpus().core_of(PROFILE)
    and case.needs <= profile(PROFILE).capabilities_of(dialect_of(PROFILE).listed[0])
]


def another_server_that_errs(exchange: Exchange) -> Exchange:
    """Answer with a wrong ``object``, and not as our own server, so that it counts as recorded."""
    body = (exchange.response.body or b"").replace(
        b'"object":"chat.completion"', b'"object":"completion"'
    )
    return replace(
        exchange,
        response=replace(
            exchange.response,
            headers=(("content-type", content_type(exchange)), ("server", "another")),
            body=body,
        ),
    )


def content_type(exchange: Exchange) -> str:
    return dict(exchange.response.headers)["content-type"]


def reported(folder: Path, *options: str) -> str:
    """Return the report without its time and without the command that repeats it."""
    chosen = [word for name in CASES for word in ("--case", name)]
    result = CliRunner().invoke(
        main, ["run", "--target", "t", *chosen, "--report", str(folder), *options]
    )
    assert result.exit_code == 1, result.output
    report = json.loads((folder / "report.json").read_bytes())
    assert (report.pop("seconds", None) is not None) is ("--live" in options)
    assert report.pop("repeat").startswith("conformance run")
    return json.dumps(report)


def test_a_live_run_and_its_replay_are_the_same_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    with reference(PROFILE, change=another_server_that_errs) as address:
        sent = (
            "--base-url",
            f"http://{address}{dialect_of(PROFILE).example}",
            "--model",
            "google/gemini-3-flash",
            "--api-key-env",
            "KEY_OF_A_TEST",
            "--profile",
            PROFILE,
        )
        live = reported(tmp_path / "live", "--live", "--record", "--concurrency", "8", *sent)
    assert len(list((tmp_path / "cassettes" / "t").glob("*.yaml"))) == len(CASES) > 20
    assert reported(tmp_path / "replay") == live
    verdicts = {each["verdict"] for each in json.loads(live)["verdicts"]}
    assert verdicts >= {"pass", "fail"}
