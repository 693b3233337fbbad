"""No output of any command reveals a key that a server repeats in any form."""

import base64
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import cycle, islice
from pathlib import Path
from socket import create_server
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner

from conformance import Exchange, Response, assert_conformant
from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.protocol.exchange import Request
from tests.helpers.echo_forms import (
    SECRET,
    Answer,
    Looker,
    forms,
    split_answers,
    splits,
    value_of,
    whole_answers,
)
from tests.helpers.threaded_server import threaded_server

MODEL = "m"


def some_answers() -> list[Answer]:
    """Return answers with the key: at each place in two forms, and some forms in pieces."""
    whole = {form: list(whole_answers(form, text)) for form, text in forms().items()}
    turns = cycle(whole.values())
    places = [next(turns)[-at] for _ in range(2) for at in range(1, len(whole["hex"]))]
    texts = [(form, value_of(forms()[form])) for form in ("plain", "JSON in JSON", "base64 at 2")]
    cut = [
        answer
        for form, text in texts
        for pieces in [*islice(splits(text), 3, None, 60), tuple(text)]
        for answer in split_answers(form, pieces)
    ]
    spread = [
        answer for three in zip(places, cut, cut[len(places) :], strict=False) for answer in three
    ]
    return [answer for answer in spread if answer.status not in (401, 403, 500, 502)]


@contextmanager
def echoing(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield the base URL of a server that sends these answers in turn.

    Fails at the end if no request had the key.
    """
    coming = cycle(answers)
    brought: list[bool] = []

    class Echoing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            brought.append(self.headers["authorization"] == f"Bearer {SECRET}")
            self.rfile.read(int(self.headers["content-length"]))
            answer = next(coming)
            self.send_response(answer.status, answer.reason)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            pass

    with threaded_server(Echoing) as server:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    assert any(brought)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", SECRET)


def called(command: str, *arguments: str) -> str:
    """Run a command; return what it prints on both streams."""
    result = CliRunner().invoke(main, [command, *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 3), result.output
    return result.stdout + result.stderr


def asked(url: str) -> tuple[str, ...]:
    target = ("--base-url", url, "--model", MODEL, "--api-key-env", "KEY_OF_A_TEST")
    return (*target, "--profile", "openai-compatible")


def look_in_files(looker: Looker, folder: Path) -> int:
    """Look for the key in all cassettes, reports and archives; return the number of cassettes."""
    cassettes = 0
    for path in folder.rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder / "unpacked")
            return look_in_files(looker, folder / "unpacked")
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            looker.text(str(path), text)
            if path.suffix == ".yaml":
                cassettes += 1
                for interaction in yaml.safe_load(text)["interactions"]:
                    body = interaction["response"]["body"]["string"]
                    looker.body(str(path), body.encode() if isinstance(body, str) else body)
    return cassettes


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_run_neither_prints_nor_records_it(form: str, tmp_path: Path) -> None:
    names = [name for name in shipped_corpus().cases if name.startswith(("chat-", "stream-"))]
    answers = some_answers()
    chosen = [word for name in names[: len(answers)] for word in ("--case", name)]
    looker = Looker()
    with echoing(answers) as url:
        kept = ("--record", "--report", "report", "--format", form)
        looker.text("output", called("run", "--live", *asked(url), *kept, *chosen))
    assert look_in_files(looker, tmp_path) > 10
    assert looker.found == []


def test_no_temporary_file_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed leaves them behind."""
    looker, seen, move = Looker(), set(), Path.replace

    def replace(part: Path, target: Path) -> Path:
        looker.text(part.name, part.read_text(encoding="utf-8"))
        seen.add(part.suffix)
        return move(part, target)

    monkeypatch.setattr(Path, "replace", replace)
    names = [name for name in shipped_corpus().cases if name.startswith(("chat-", "stream-"))]
    chosen = [word for name in names[:40] for word in ("--case", name)]
    with echoing(some_answers()) as url:
        called("run", "--live", *asked(url), "--record", "--report", "report", *chosen)
    assert seen == {".part"}
    assert looker.found == []


def test_a_comparison_of_two_reports_does_not_show_it() -> None:
    looker, answers = Looker(), some_answers()
    names = [name for name in shipped_corpus().cases if name.startswith(("chat-", "stream-"))]
    chosen = [word for name in names[: len(answers)] for word in ("--case", name)]
    for report, server in (("one", answers), ("two", answers[::-1])):
        with echoing(server) as url:
            called("run", "--live", *asked(url), "--target", "t", "--report", report, *chosen)
    for form in ("text", "json"):
        output = called("diff", "one", "two", "--format", form)
        assert "ENV-0" in output
        looker.text(form, output)
    assert looker.found == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_hunt_does_not_show_it(form: str, tmp_path: Path) -> None:
    looker = Looker()
    with echoing(some_answers()) as url:
        limits = ("--max-requests", "60", "--save", str(tmp_path / "corpus.jsonl"))
        looker.text("output", called("hunt", "--live", *asked(url), *limits, "--format", form))
    look_in_files(looker, tmp_path)
    assert looker.found == []


def test_doctor_does_not_show_it() -> None:
    looker = Looker()
    whole = [list(whole_answers(form, text)) for form, text in forms().items()]
    for at in range(len(whole[0]) - 1):
        answer = whole[at % len(whole)][at]
        with echoing([answer]) as url:
            looker.text(answer.name, called("doctor", *asked(url)))
    assert looker.found == []


@pytest.mark.parametrize("form", ["plain", "percent", "hex", "base64 at 1"])
def test_doctor_does_not_show_it_if_the_answer_is_not_http(form: str) -> None:
    """httpx quotes the line that it could not read."""
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def answer() -> None:
            for _ in range(2):
                try:
                    connection, _ = listener.accept()
                except OSError:  # the doctor needed no second request
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(f"HTTP/1.1 {forms()[form]} no\r\n\r\n".encode())

        threading.Thread(target=answer, daemon=True).start()
        looker = Looker()
        output = called("doctor", *asked(f"http://127.0.0.1:{listener.getsockname()[1]}/v1"))
    looker.text("output", output)
    assert "REDACTED-CREDENTIAL" in output
    assert looker.found == []


def test_collected_answers_do_not_hold_it(tmp_path: Path) -> None:
    looker = Looker()
    with echoing(some_answers()) as url:
        looker.text("output", called("collect", "--yes", *asked(url)))
    assert look_in_files(looker, tmp_path) > 5
    assert looker.found == []


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_a_lint_of_a_log_with_the_key_does_not_show_it(form: str, tmp_path: Path) -> None:
    looker = Looker()
    url = "https://host.example/v1/chat/completions"
    sent = {"url": url, "headers": {"authorization": f"Bearer {SECRET}"}, "body": {"model": "m"}}
    path = tmp_path / "log.jsonl"
    for answers in every_answer(parts=2):
        rows = [
            {
                "request": sent,
                "response": {
                    "status": answer.status,
                    "headers": dict(answer.headers),
                    "body": answer.body.decode("latin-1"),
                },
            }
            for answer in answers
        ]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        looker.text(answers[0].name, called("lint", str(path), "--format", form))
    assert looker.found == []


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_a_lint_of_a_har_with_the_key_does_not_show_it(form: str, tmp_path: Path) -> None:
    looker, path = Looker(), tmp_path / "session.har"
    for answers in every_answer(parts=2):
        entries = [
            {
                "request": {
                    "method": "POST",
                    "url": "https://host.example/v1/chat/completions",
                    "headers": [{"name": "Authorization", "value": f"Bearer {SECRET}"}],
                    "postData": {"text": json.dumps({"model": "m"})},
                },
                "response": {
                    "status": answer.status,
                    "headers": [{"name": name, "value": text} for name, text in answer.headers],
                    "content": {"text": answer.body.decode("latin-1")},
                },
            }
            for answer in answers
        ]
        path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
        output = called("lint", str(path), "--format", form)
        assert "ENV-0" in output
        looker.text(answers[0].name, output)
    assert looker.found == []


_TESTS = """
import base64, json, pathlib
import httpx, pytest

ANSWERS = json.loads((pathlib.Path(__file__).parent / "answers.json").read_text())

@pytest.mark.parametrize("number", range(len(ANSWERS)))
@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer(number, streamed):
    status, headers, body = ANSWERS[number]
    body = base64.b64decode(body)
    content = iter([body[:50], body[50:]]) if streamed else body
    answer = httpx.Response(status, headers=headers, content=content)
    transport = httpx.MockTransport(lambda _: answer)
    key = base64.b64decode(KEY).decode()
    with httpx.Client(transport=transport, headers={"authorization": f"Bearer {key}"}) as client:
        client.post("https://host.example/v1/chat/completions", json={"model": "m"})
"""


def test_the_traffic_lint_of_pytest_does_not_show_it(tmp_path: Path) -> None:
    looker = Looker()
    key = base64.b64encode(SECRET.encode()).decode()
    answers = [answer for part in every_answer(parts=1) for answer in part[::7]]
    held = [
        (answer.status, answer.headers, base64.b64encode(answer.body).decode())
        for answer in answers
    ]
    (tmp_path / "answers.json").write_text(json.dumps(held), encoding="utf-8")
    (tmp_path / "test_it.py").write_text(f"KEY = {key!r}\n{_TESTS}", encoding="utf-8")
    plugins = ("-p", "conformance.plugin", "-p", "no:cacheprovider", "-p", "no:randomly")
    options = ("--conformance-lint", "--conformance-profile", "openai", "-rA", "-vv")
    command = [sys.executable, "-m", "pytest", *plugins, *options, str(tmp_path)]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path
    )
    assert ran.returncode == 1
    assert ran.stdout.count("must broken, judged as openai") > 50
    looker.text("stdout", ran.stdout)
    looker.text("stderr", ran.stderr)
    assert looker.found == []


def every_answer(parts: int) -> Iterator[list[Answer]]:
    whole = [
        answer for form, text in list(forms().items())[::3] for answer in whole_answers(form, text)
    ]
    answers = [*whole, *some_answers()]
    for part in range(parts):
        yield answers[part::parts]


def test_a_failed_assertion_does_not_show_it() -> None:
    looker, failures = Looker(), 0
    url = "https://host.example/v1/chat/completions"
    sent = {"authorization": f"Bearer {SECRET}"}
    for answers in every_answer(parts=4):
        for answer in answers[::9]:
            request = httpx.Request("POST", url, headers=sent, json={"model": "m"})
            made = httpx.Response(
                answer.status, headers=answer.headers, content=answer.body, request=request
            )
            held = Exchange(
                "x",
                Request(headers=tuple(sent.items())),
                Response(answer.status, answer.headers, answer.body),
            )
            for judged in (made, held):
                try:
                    assert_conformant(judged, "openai")
                except AssertionError as failure:
                    failures += 1
                    looker.text(answer.name, repr(failure) + str(failure))
    assert failures > 50
    assert looker.found == []
