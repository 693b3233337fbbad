"""The command ``serve``: its options, output and exit codes."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.endpoints.reference import PROFILES, TOKEN

BODY = {"messages": [{"role": "user", "content": "Say hello."}]}


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The base URL that the command prints, and its process."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from conformance.cli import main; main()",
            "serve",
            "--port",
            "0",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            told = [process.stdout.readline() for _ in range(4)]
            yield next(line.split()[-1] for line in told if line.startswith("base URL")), process
        finally:
            process.kill()


def test_every_profile_can_be_chosen() -> None:
    result = CliRunner().invoke(main, ["serve", "--help"])
    assert all(profile in result.output for profile in PROFILES)
    (choice,) = [
        parameter for parameter in main.commands["serve"].params if parameter.name == "profile"
    ]
    assert tuple(choice.type.choices) == PROFILES  # type: ignore[attr-defined]


def test_it_serves_over_a_socket_until_it_is_interrupted() -> None:
    with serving("--profile", "vertex-vllm") as (url, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1/projects/.*", url)
        plain = httpx.post(
            f"{url}/chat/completions", json=BODY, headers={"authorization": f"Bearer {TOKEN}"}
        )
        assert plain.json()["choices"][0]["message"]["content"]
        streamed = httpx.post(
            f"{url}/chat/completions",
            json={**BODY, "stream": True},
            headers={"authorization": f"Bearer {TOKEN}"},
        )
        assert streamed.text.endswith("data: [DONE]\n\n")
        assert plain.headers["server"].startswith("chat-conformance-reference/")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == "Stopped.\n"


def test_it_stops_while_a_stream_stalls() -> None:
    with serving("--profile", "vertex-vllm", "--fault", "wire-stall") as (url, process):
        headers = {"authorization": f"Bearer {TOKEN}"}
        with httpx.stream(
            "POST", f"{url}/chat/completions", json={**BODY, "stream": True}, headers=headers
        ) as response:
            assert next(response.iter_bytes()).startswith(b"data: ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_0(end: signal.Signals) -> None:
    with serving("--profile", "openai") as (_, process):
        process.send_signal(end)
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == "Stopped.\n"


def test_the_token_can_be_chosen() -> None:
    with serving("--profile", "vertex-vllm", "--token", "another") as (url, _):
        for token, status in ((TOKEN, 401), ("another", 200)):
            assert (
                httpx.post(
                    f"{url}/chat/completions",
                    json=BODY,
                    headers={"authorization": f"Bearer {token}"},
                ).status_code
                == status
            )


def refused(*arguments: str) -> str:
    """Return the last line of the error output; the exit code is 2."""
    result = CliRunner().invoke(main, ["serve", *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.stderr.splitlines()[-1]


def test_a_port_that_is_taken_is_told_in_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--profile", "openai", "--port", str(port)) == (
            f"Error: cannot listen on 127.0.0.1:{port}: {os.strerror(errno.EADDRINUSE)}; give"
            " another --port, or --port 0 for a free one"
        )


def test_a_host_that_does_not_exist_is_told_in_a_line() -> None:
    line = refused("--profile", "openai", "--host", "not an address")
    assert line.startswith("Error: cannot listen on not an address:8000: ")
    assert line.endswith("; give --host an address of this machine, such as 127.0.0.1")


@pytest.mark.parametrize(
    "arguments", [(), ("--profile", "azure-openai"), ("--profile", "openai", "--port", "70000")]
)
def test_bad_usage(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["serve", *arguments])
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert (
        refused("--profile", "openai")
        == "Error: serve needs uvicorn, which is not installed: pip install"
        " 'chat-conformance[serve]'"
    )


def test_the_address_is_printed_once_connections_are_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[int] = []

    def connect(profile: str, host: str, port: int, token: str) -> None:
        with socket.create_connection((host, port), 5):
            connected.append(port)

    monkeypatch.setattr("conformance.cli.serve._print_address", connect)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    result = CliRunner().invoke(main, ["serve", "--profile", "openai", "--port", "0"])
    assert result.exit_code == 0, result.output
    assert connected


def test_no_address_is_printed_if_it_cannot_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--profile", "openai", "--port", port])
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_served_answer_names_its_profile_and_its_request_is_logged() -> None:
    with serving("--profile", "vertex-vllm", "--token", "another-token") as (url, _):
        headers = {"authorization": "Bearer another-token", "x-conformance-fault": "wire-500"}
        failed = httpx.post(f"{url}/chat/completions", json=BODY, headers=headers)
        log = httpx.get(httpx.URL(url).join("/_requests"), headers=headers)
    assert (failed.status_code, failed.headers["x-conformance-profile"]) == (500, "vertex-vllm")
    assert [each["status"] for each in log.json()["requests"]] == [500]
    assert "another-token" not in log.text


def test_the_faults_are_not_set_by_a_web_page() -> None:
    with serving("--profile", "openai", "--token", "a-key") as (url, _):
        place, key = httpx.URL(url).join("/_faults"), {"authorization": "Bearer a-key"}
        port = place.port
        statuses = [
            httpx.put(place, json={"faults": ["wire-500"]}, headers=headers).status_code
            for headers in (
                {},
                {"authorization": f"Bearer {TOKEN}"},
                {**key, "host": f"evil.test:{port}"},
                {**key, "origin": "https://evil.test"},
                {**key, "origin": "null"},
                {**key, "host": f"localhost:{port}", "origin": f"http://localhost:{port}"},
                key,
            )
        ]
    assert statuses == [401, 401, 403, 403, 403, 200, 200]
