"""A secret in any part of an answer reaches no cassette, no report and no terminal."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli import main
from tests.helpers.threaded_server import threaded_server

KEY = "sk-planted-Zx81Qw73Lk20"
SIGNATURE = "planted0signature0of0a0url"
COOKIE = "planted0cookie"
PROJECT = "planted-project-1"
URL = f"https://storage.googleapis.com/b/o?X-Goog-Signature={SIGNATURE}"
PLANTED = (KEY, SIGNATURE, COOKIE, PROJECT)


def answers() -> list[tuple[int, dict[str, str], str]]:
    """Status, headers and body of one answer after the other."""
    said = f"Incorrect API key provided: {KEY}. See projects/{PROJECT}/locations/x and {URL}"
    refusal = json.dumps({"error": {"message": said, "type": "x", "param": None, "code": KEY}})
    chunk = json.dumps(
        {
            "id": KEY,
            "object": "chat.completion.chunk",
            "created": -1,
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": said}}],
        }
    )
    return [
        (400, {"content-type": "application/json", "set-cookie": f"session={COOKIE}"}, refusal),
        (302, {"location": URL, "content-type": "text/html"}, f"<a href='{URL}'>moved, {KEY}</a>"),
        (
            200,
            {"content-type": "application/json", "x-api-key": KEY, "openai-project": PROJECT},
            json.dumps({"id": said, "object": KEY, "created": said, "choices": said}),
        ),
        (
            200,
            {"content-type": "text/event-stream"},
            f"data: {chunk}\n\ndata: {KEY}\n\n: {KEY}\n\n",
        ),
        (502, {"content-type": "text/html"}, f"<pre>Authorization: Bearer {KEY}</pre>"),
    ]


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    coming: list[tuple[int, dict[str, str], str]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            coming.extend(answers() if not coming else [])
            status, headers, body = coming.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", KEY)
    with threaded_server(Answering) as server:
        yield f"http://127.0.0.1:{server.server_port}/v1/projects/{PROJECT}/locations/us-central1/endpoints/openapi"


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_kept_or_shown(
    url: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = (
        "chat-plain",
        "chat-system",
        "chat-history",
        "stream-plain",
        "chat-name",
        "json-object",
        "conversation-chat",
    )
    chosen = [word for name in names for word in ("--case", name)]
    fixed = (
        "--live",
        "--base-url",
        url,
        "--model",
        "m",
        "--api-key-env",
        "KEY_OF_A_TEST",
        "--profile",
        "openai-compatible",
        "--record",
        "--report",
        "report",
    )
    result = CliRunner().invoke(main, ["run", *fixed, "--format", form, *chosen])
    assert result.exit_code in (1, 3), result.output
    written = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    # The redirects are told, not kept; the others are, with the report and its lock.
    assert len(written) == 2 * (len(names) - 2) + 2
    written[Path("terminal")] = result.output
    assert {
        (secret, str(path))
        for path, text in written.items()
        for secret in PLANTED
        if secret in text
    } == set()


def test_no_secret_is_shown_by_a_hunt(url: str, tmp_path: Path) -> None:
    fixed = (
        "--live",
        "--base-url",
        url,
        "--model",
        "m",
        "--api-key-env",
        "KEY_OF_A_TEST",
        "--max-requests",
        "8",
        "--save",
        str(tmp_path / "corpus.jsonl"),
    )
    result = CliRunner().invoke(main, ["hunt", *fixed])
    assert result.exit_code == 1
    assert [secret for secret in (KEY, SIGNATURE, COOKIE) if secret in result.output] == []
