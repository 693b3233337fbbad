"""Answers of 8 MB in many shapes, and the peak memory of a command that judges one."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.helpers.threaded_server import threaded_server

SIZE = 8_000_000

_COMMAND = "import sys; sys.argv[0] = 'conformance'; from conformance.cli import main; main()"
_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.stdout.flush()
sys.stdout.buffer.write(done.stdout[-2000:])
"""
"""A small process that starts the command: a child of this process would count its memory too."""

_TOKEN = (
    '{"token":"a","logprob":-0.5,"bytes":[97],'
    '"top_logprobs":[{"token":"a","logprob":-0.5,"bytes":[97]}]}'
)
_EVENT = (
    'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    '[{"index":0,"delta":%s,"finish_reason":null}]}\n\n'
)


def repeated(piece: str, separator: str = ",", size: int = SIZE - 1000) -> str:
    """Return as many pieces as fit."""
    return separator.join([piece] * (size // len(piece + separator)))


def completion(choices: str) -> bytes:
    """Return a completion with these choices, given as JSON."""
    return (
        '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":'
        f'{choices},"usage":{{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}}}'
    ).encode()


def message(members: str, more: str = "") -> bytes:
    """Return a completion; ``members`` are added to its message, ``more`` to its choice."""
    return completion(
        f'[{{"index":0,"message":{{"role":"assistant",{members}}},"finish_reason":"stop"{more}}}]'
    )


def stream(events: str) -> bytes:
    """Return an event stream."""
    return f"{events}data: [DONE]\n\n".encode()


def call(arguments: str) -> bytes:
    """Return a completion with one tool call."""
    return message(
        '"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f",'
        f'"arguments":{json.dumps(arguments)}}}}}]'
    )


def numbered(member: str, count: int) -> str:
    """Return numbered members or items, separated by commas."""
    return ",".join(member % number for number in range(count))


SHAPES: Mapping[str, Callable[[], bytes]] = {
    "one long text": lambda: message(f'"content":"{repeated("a ", "")}"'),
    "ordinary chunks": lambda: stream(repeated(_EVENT % '{"content":"word "}', "")),
    "200,000 chunks": lambda: stream('data: {"choices":[{"delta":{}}]}\n\n' * 200_000),
    "90,000 chunks": lambda: stream('data: {"choices":[{"delta":{}}]}\n\n' * 90_000),
    "events without data": lambda: stream(repeated("data:\n\n", "")),
    "300,000 tiny choices": lambda: completion("[" + numbered('{"index":%d}', 300_000) + "]"),
    "2,600,000 empty choices": lambda: completion(f"[{repeated('{}')}]"),
    "nested 4,000,000 levels": lambda: completion("[" * (SIZE // 2) + "]" * (SIZE // 2)),
    "nested 200 levels": lambda: completion(f"[{repeated('[' * 200 + ']' * 200)}]"),
    "many keys": lambda: b"{%s}" % numbered('"%06d":0', SIZE // 11).encode(),
    "many keys in the message": lambda: message(numbered('"%06d":0', SIZE // 11)),
    "the same key": lambda: b"{%s}" % repeated('"a":0').encode(),
    "not-a-number values": lambda: message(f'"content":[{repeated("NaN")}]'),
    "one huge argument": lambda: call(json.dumps({"a": repeated("a ", "")})),
    "an argument of objects": lambda: call(f'{{"a":[{repeated("{}")}]}}'),
    "an argument in fragments": lambda: stream(
        repeated(_EVENT % '{"tool_calls":[{"index":0,"function":{"arguments":"aaaa"}}]}', "")
    ),
    "huge logprobs": lambda: message(
        '"content":"a"', f',"logprobs":{{"content":[{repeated(_TOKEN)}]}}'
    ),
}
"""The bodies of answers by the name of their shape."""


def peak(command: Sequence[str]) -> int:
    """Return the peak memory of a command of this package in megabytes, from ``ru_maxrss``.

    Raises AssertionError if the command did not come to its closing line of counts.
    """
    child = [sys.executable, "-c", _MEASURED, sys.executable, "-c", _COMMAND, *command]
    output = subprocess.run(child, capture_output=True, check=True, timeout=600).stdout.decode()
    kilobytes, _, printed = output.partition("\n")
    assert ("judged" if command[0] == "lint" else "exit code") in printed, printed
    return int(kilobytes) >> (20 if sys.platform == "darwin" else 10)


def peak_of_lint(body: bytes, folder: Path) -> int:
    """Return the peak of a lint of a log with this answer."""
    record = {
        "request": {"body": {"model": "m", "messages": [], "stream": body.startswith(b"data")}},
        "response": {
            "status": 200,
            "headers": {"content-type": _media_type(body)},
            "body_base64": base64.b64encode(body).decode(),
        },
        "meta": {"fidelity": "bytes"},
    }
    path = folder / "large.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return peak(["lint", str(path)])


def peak_of_run(body: bytes, headers: Mapping[str, str] | None = None) -> int:
    """Return the peak of a run of one case against a server that always gives this answer."""
    case = "stream-page" if body.startswith(b"data") else "chat-plain"
    with _serving(body, headers or {}) as url:
        return peak(
            [
                *("run", "--live", "--base-url", url, "--model", "m"),
                *("--case", case, "--profile", "openai"),
            ]
        )


def _media_type(body: bytes) -> str:
    return "text/event-stream" if body.startswith(b"data") else "application/json"


@contextmanager
def _serving(body: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            fields = {"content-type": _media_type(body), "content-length": str(len(body))}
            for name, value in {**fields, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with threaded_server(Handler) as server:
        yield f"http://127.0.0.1:{server.server_port}/v1"
