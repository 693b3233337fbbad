"""A gateway before another server that makes the three mistakes that are reported most.

It drops the chunk with the usage, invents a finish reason, and ends a stream without ``[DONE]``.
Everything else is handed on as it arrives.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REASONS = {"stop": "end_turn", "length": "max_tokens"}
"""The finish reasons of another API, by that of Chat Completions."""

BREAKS = {"SEQ-014": "no usage", "CHO-005": "a wrong finish reason", "SSE-003": "no [DONE]"}
"""The requirements that it breaks, with what it does."""

_PER_CONNECTION = {"connection", "transfer-encoding", "content-length", "server", "date"}


class _Gateway(BaseHTTPRequestHandler):
    """Asks the server behind it the same, and returns the answer with the mistakes."""

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
        """Ask; if either side closes the connection, close the other."""
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
    """Yield the events of a stream that the gateway hands on."""
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
    """Return an answer or a chunk with an invented finish reason."""
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
    """The host and port of a gateway before the server at the host and port ``behind``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Gateway, behind))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
