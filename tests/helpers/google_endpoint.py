"""The reference endpoint as Vertex AI itself: over TLS, under Google's host names, on the loopback.

A tunnel leads there. Clients find it through HTTPS_PROXY and trust its certificate; nothing in them
is changed. Tokens are given to a service account by a stand-in for oauth2.googleapis.com. Answers
contain what a real service might say about the account, so that a test can look for it.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse
from starlette.routing import Route

from conformance.endpoints.reference.app import app
from conformance.protocol.exchange import Exchange
from tests.helpers.google_cloud import ACCOUNT, HOSTS, PROJECT, TOKEN, certificates

GOOGLES_SERVER = "scaffolding on HTTPServer2"
PLANTED = (
    ("via", "1.1 planted-proxy.example"),
    ("x-request-id", "planted-request"),
    ("x-debug-info", f"{PROJECT} {ACCOUNT}"),
)
"""Header fields of each answer that identify the account or the network."""


@dataclass
class GoogleEndpoint:
    """What was asked for: ``hosts`` through the tunnel, ``grants`` for a token, and ``chats``.

    From the ``quota``-th chat on, the answer is that the daily quota is spent; None for no quota.
    """

    hosts: set[str] = field(default_factory=set)
    grants: list[dict[str, str]] = field(default_factory=list)
    chats: list[Exchange] = field(default_factory=list)
    quota: int | None = None

    async def grant(self, incoming: Incoming) -> JSONResponse:
        """Give a token, as https://oauth2.googleapis.com/token does."""
        form = parse_qs((await incoming.body()).decode())
        self.grants.append({name: values[0] for name, values in form.items()})
        return JSONResponse({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})

    def change(self, exchange: Exchange) -> Exchange:
        """Make an answer look like one of Google, and name the account in it."""
        self.chats.append(exchange)
        response = exchange.response
        if self.quota is not None and len(self.chats) > self.quota:
            body = json.dumps([SPENT]).encode()
            response = replace(response, status=429, body=body, reads=((0.0, len(body)),))
        headers = [
            (name, GOOGLES_SERVER if name == "server" else value)
            for name, value in response.headers
            if name != "x-conformance-profile"
        ]
        response = replace(response, headers=(*headers, *PLANTED))
        if response.status >= 400 and (body := _with_account(response.body or b"")):
            response = replace(response, body=body, reads=((0.0, len(body)),))
        return replace(exchange, response=response)


SPENT: dict[str, Any] = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [
                    {
                        "quotaMetric": "generativelanguage.googleapis.com/"
                        "generate_content_free_tier_requests",
                        "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                        "quotaValue": "20",
                    }
                ],
            }
        ],
    }
}
"""The answer to a request after the last of the day."""


def _with_account(body: bytes) -> bytes:
    """An error that names project, account and request; b"" if it is not JSON."""
    with suppress(ValueError):
        document = json.loads(body)
        error = (document[0] if isinstance(document, list) else document)["error"]
        error["message"] += f" Project {PROJECT}, account {ACCOUNT}, token {TOKEN}."
        error.setdefault("details", []).append(
            {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "planted-request"}
        )
        return json.dumps(document, indent=2).encode()
    return b""


@contextmanager
def google_endpoint(folder: Path) -> Iterator[tuple[GoogleEndpoint, dict[str, str]]]:
    """The endpoint, and the environment in which Google's hosts lead to it."""
    google = GoogleEndpoint()
    authority, _ = certificates(folder)
    routes = [Route("/token", google.grant, methods=["POST"])]
    config = uvicorn.Config(
        app("vertex-gemini", TOKEN, google.change, routes),
        log_level="critical",
        lifespan="off",
        ws="none",
        server_header=False,
        ssl_certfile=folder / "certificate-and-key.pem",
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        serving.start()
        try:
            with _tunnel(listener.getsockname()[1], google.hosts) as proxy:
                yield (
                    google,
                    {
                        **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
                        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authority)),
                        **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
                        "NO_GCE_CHECK": "true",
                    },
                )
        finally:
            server.should_exit = True
            serving.join(10)


@contextmanager
def _tunnel(port: int, hosts: set[str]) -> Iterator[str]:
    """A proxy that connects port 443 of Google's hosts, and nothing else, to a local port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method, _, rest = self.rfile.readline().decode("latin-1").partition(" ")
            while self.rfile.readline().strip():
                pass
            host, _, wanted = rest.partition(" ")[0].partition(":")
            hosts.add(host)
            if method != "CONNECT" or wanted != "443" or host not in HOSTS:
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_copy, args=(upstream, self.connection), daemon=True)
                back.start()
                _copy(self.connection, upstream)
                back.join(10)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(5)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes from one socket to another until the first ends."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
