"""A gateway in front of a server; it makes the three mistakes of gateways that are reported most.

It drops the chunk with the usage, invents finish reasons, and ends streams without ``[DONE]``. It
passes on everything else as it arrives.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler

from tests.helpers.threaded_server import threaded_server

REASONS = {"stop": "end_turn", "length": "max_tokens"}
"""The invented finish reasons, by those of Chat Completions; another API has them."""

BREAKS = {"SEQ-014": "no usage", "CHO-005": "a wrong finish reason", "SSE-003": "no [DONE]"}
"""The requirements that the gateway breaks, each with the mistake."""

_PER_CONNECTION = {"connection", "transfer-encoding", "content-length", "server", "date"}


class _Gateway(BaseHTTPRequestHandler):
    """Sends each request to the server behind it, and returns the answer with the mistakes."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sloppy-gateway/1.0", ""

    def __init__(self, behind: str, *arguments: object) -> None:
        self._behind = behind
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._try(None)

    def do_POST(self) -> None:
        self._try(self.rfile.read(int(self.headers.get("content-length", 0))))

    def _try(self, body: bytes | None) -> None:
        """Answer the request; if one side closes its connection, close the other one."""
        try:
            self._ask(body)
        except OSError:
            self.close_connection = True

    def _ask(self, body: bytes | None) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection = HTTPConnection(self._behind, timeout=600)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _PER_CONNECTION:
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        streamed = "text/event-stream" in answer.getheader("content-type", "")
        for piece in _sloppy_stream(answer) if streamed else (_sloppy(answer.read()),):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b"")
        self.wfile.write(b"0\r\n\r\n")
        connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


def _sloppy_stream(answer: HTTPResponse) -> Iterator[bytes]:
    """Yield the events of a stream as the gateway passes them on."""
    event = b""
    while line := answer.readline():
        event += line
        if not line.strip():
            yield _sloppy_event(event)
            event = b""


def _sloppy_event(event: bytes) -> bytes:
    data = event.removeprefix(b"data:").strip()
    if data == b"[DONE]":
        return b""
    if not data.startswith(b"{"):
        return event
    chunk = json.loads(data)
    if chunk.get("usage") and not chunk.get("choices"):
        return b""
    chunk.pop("usage", None)
    return b"data: %b\n\n" % _sloppy(json.dumps(chunk).encode())


def _sloppy(body: bytes) -> bytes:
    """Return an answer or a chunk with invented finish reasons."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    for choice in answer.get("choices", []) if isinstance(answer, dict) else []:
        reason = choice.get("finish_reason")
        choice["finish_reason"] = REASONS.get(reason, reason)
    return json.dumps(answer).encode()


@contextmanager
def sloppy_gateway(behind: str) -> Iterator[str]:
    """Yield host and port of a gateway in front of ``behind``, the host and port of a server."""
    with threaded_server(partial(_Gateway, behind)) as server:
        yield f"127.0.0.1:{server.server_port}"
