"""A full disk ends a run with what was judged; two runs never share a report folder."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance._files import LOCK, locked
from conformance.endpoints.reference import TOKEN
from conformance.protocol.exchange import Exchange
from tests.helpers.loopback import reference

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits and locks of POSIX")

CASES = ("chat-plain", "stream-plain", "chat-system")
SECONDS = re.compile(r"\b\d+(\.\d)? s\b")
ANSWER_FITS = 20
"""Blocks of 512 bytes: enough for the answer to a case, too few for a report."""


@pytest.fixture
def url() -> Iterator[str]:
    with reference("openai") as address:
        yield f"http://{address}/v1"


def conformance(
    *arguments: str, blocks: int | None = None, folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a command; no file that it writes may be longer than ``blocks`` of 512 bytes."""
    limit = "" if blocks is None else f"ulimit -f {blocks}; "
    command = ["sh", "-c", f'{limit}exec "$0" -m conformance "$@"', sys.executable, *arguments]
    environment = {
        **os.environ,
        "KEY_OF_A_TEST": TOKEN,
        "NO_PROXY": "127.0.0.1",
        "PYTHONDONTWRITEBYTECODE": "1",  # half a cache file would break every later process
    }
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
        cwd=folder,
    )


def _without_id(exchange: Exchange) -> Exchange:
    body = (exchange.response.body or b"").replace(b'"id":"chatcmpl', b'"id":"x')
    return replace(exchange, response=replace(exchange.response, body=body))


def live(url: str, *more: str) -> tuple[str, ...]:
    named = [word for case in CASES for word in ("--case", case)]
    at = ("--base-url", url, "--model", "gpt-4o", "--api-key-env", "KEY_OF_A_TEST")
    return ("run", "--live", *at, "--profile", "openai", "--target", "t", *named, *more)


def test_a_live_run_ends_with_the_answers_it_has(url: str, tmp_path: Path) -> None:
    result = conformance(*live(url, "--format", "json", "--report", str(tmp_path)), blocks=0)
    assert result.returncode == 2
    told = json.loads(result.stdout)
    assert {verdict["case"] for verdict in told["verdicts"]} == {CASES[0]}
    assert {each["why"] for each in told["unanswered"]} == {"the run ended before this case"}
    (line,) = result.stderr.splitlines()
    assert line == f"Error: {tmp_path / 'answers' / 't' / 'chat-plain.yaml'}: File too large"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [LOCK]


def test_the_text_of_a_live_run_is_printed_too(url: str, tmp_path: Path) -> None:
    result = conformance(*live(url, "--report", str(tmp_path)), blocks=0)
    assert result.returncode == 2
    first, *_, last = result.stdout.splitlines()
    assert first.startswith("INCONCLUSIVE: t, 0 of ")
    assert "1 case, " in first
    assert last.startswith("INCONCLUSIVE: exit code 3, ")
    assert "chat-plain.yaml: File too large" in result.stderr


def test_a_report_that_does_not_fit_is_printed(url: str, tmp_path: Path) -> None:
    result = conformance(
        *live(url, "--format", "json", "--report", str(tmp_path)), blocks=ANSWER_FITS
    )
    assert result.returncode == 2
    assert {verdict["case"] for verdict in json.loads(result.stdout)["verdicts"]} >= set(CASES)
    assert result.stderr == f"Error: {tmp_path / 'report.json'}: File too large\n"
    assert len(list((tmp_path / "answers" / "t").iterdir())) == len(CASES)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_replay_prints_the_report_that_it_cannot_write(form: str, tmp_path: Path) -> None:
    chosen = ("--target", "self-test", "--case", "chat-plain", "--format", form)
    whole = conformance("run", *chosen)
    result = conformance("run", *chosen, "--report", str(tmp_path), blocks=0)
    printed, complete = (SECONDS.sub("", done.stdout) for done in (result, whole))
    assert (result.returncode, printed) == (2, complete)
    assert result.stderr == f"Error: {tmp_path / 'report.json'}: File too large\n"


def test_a_collection_ends_with_what_was_judged(url: str, tmp_path: Path) -> None:
    at = ("--base-url", url, "--model", "gpt-4o", "--api-key-env", "KEY_OF_A_TEST")
    result = conformance("collect", *at, "--profile", "openai", "--yes", blocks=0, folder=tmp_path)
    assert result.returncode == 2
    assert " tested requirements broken, 1 case; 39 cases without" in result.stdout
    (line,) = result.stderr.splitlines()
    assert line.endswith(".yaml: File too large")


def test_a_hunt_prints_the_failures_that_it_cannot_save(url: str, tmp_path: Path) -> None:
    file = tmp_path / "found.jsonl"
    options = ("--requirement", "ENV-007", "--max-requests", "3", "--save", str(file))
    with reference("openai", change=_without_id) as address:
        at = ("--base-url", f"http://{address}/v1", "--model", "gpt-4o")
        key = ("--api-key-env", "KEY_OF_A_TEST", "--profile", "openai")
        result = conformance("hunt", "--live", *at, *key, *options, blocks=0)
    assert result.returncode == 2
    assert "1 requirement broken" in result.stdout
    assert result.stderr == f"Error: {file}: File too large\n"


def test_a_second_run_with_the_same_report_folder_ends_in_a_line(tmp_path: Path) -> None:
    with locked(tmp_path):
        result = conformance("run", "--report", str(tmp_path), "--case", "chat-plain")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: {tmp_path}: another run is using this folder; wait for it or name another\n"
    )
    assert not (tmp_path / "report.json").exists()


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    holds = (
        "import sys, time; from pathlib import Path; from conformance._files import locked\n"
        "with locked(Path(sys.argv[1])): print('locked', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stdout.readline()
        with pytest.raises(BlockingIOError), locked(tmp_path):
            pass
        process.kill()
    with locked(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_has_no_lock(tmp_path: Path) -> None:
    with locked(tmp_path / "missing"), locked(tmp_path / "missing"):
        pass
