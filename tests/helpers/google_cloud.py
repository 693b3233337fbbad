"""Google's hosts on the loopback: a proxy that answers for them itself, so that their own URLs are
asked, and a metadata server.

Whoever uses it points HTTPS_PROXY and GCE_METADATA_HOST to it and trusts its certificate. Nothing
of google-auth is changed.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PROJECT = "my-project"
ACCOUNT = f"tester@{PROJECT}.iam.gserviceaccount.com"
TOKEN = "ya29.token-of-a-test"
HOSTS = (
    "oauth2.googleapis.com",
    "sts.googleapis.com",
    "iamcredentials.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "us-central1-aiplatform.googleapis.com",
    "aiplatform.googleapis.com",
)
ANSWER = {
    "id": "a",
    "object": "chat.completion",
    "created": 1,
    "model": "google/gemini-2.5-flash",
    "choices": [],
}


@dataclass
class Cloud:
    """What stands behind Google's hosts. ``asked`` are the token requests, host and form; ``chats``
    the credentials that came with a chat."""

    address: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    chats: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    seconds: int = 3599
    refuses: bool = False
    endless_refusal: bool = False
    given: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def token(self, host: str, form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give the next token, each with a number of its own; ``sts`` gives the first of two."""
        with self.lock:
            self.asked.append((host, form))
            if self.refuses:
                return 400, {
                    "error": "invalid_grant",
                    "error_description": f"Token has been expired or revoked: {TOKEN}-x",
                }
            if host.startswith("sts."):
                return 200, {
                    "access_token": "federated",
                    "issued_token_type": "urn:x",
                    "expires_in": self.seconds,
                    "token_type": "Bearer",
                }
            self.given += 1
            token = f"{TOKEN}-{self.given}"
        expiry = (datetime.now(UTC) + timedelta(seconds=self.seconds)).strftime(
            "%Y-%m-%dT%H:%M:%SZ"
        )
        return 200, {
            "access_token": token,
            "accessToken": token,
            "expires_in": self.seconds,
            "expireTime": expiry,
            "token_type": "Bearer",
        }

    def chat(self, headers: dict[str, str]) -> tuple[int, Any]:
        """Answer a chat to whoever has a token that is not revoked."""
        credential = headers.get("authorization", "")
        with self.lock:
            self.chats.append(credential)
            self.headers.append(headers)
        scheme, _, token = credential.partition(" ")
        if scheme == "Bearer" and token.startswith(f"{TOKEN}-") and token not in self.revoked:
            return 200, ANSWER
        error = {
            "code": 401,
            "message": (
                f"Request of {headers.get('x-goog-user-project', 'nobody')} had invalid"
                f" authentication credentials: {token}"
            ),
            "status": "UNAUTHENTICATED",
        }
        return 401, [{"error": {**error, "details": [{"reason": "ACCESS_TOKEN_EXPIRED"}]}}]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def google_cloud(folder: Path) -> Iterator[tuple[Cloud, dict[str, str]]]:
    """The cloud, and the environment in which its hosts are found, trusted, and nothing else is."""
    cloud = Cloud()
    authority, context = certificates(folder)
    with _Server(("127.0.0.1", 0), _handler(cloud, context)) as server:
        cloud.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        proxy = {
            "HTTPS_PROXY": f"http://{cloud.address}",
            "https_proxy": f"http://{cloud.address}",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        trust = {"SSL_CERT_FILE": str(authority), "REQUESTS_CA_BUNDLE": str(authority)}
        yield (
            cloud,
            {**proxy, **trust, "CLOUDSDK_CONFIG": str(folder / "gcloud"), "NO_GCE_CHECK": "true"},
        )
        server.shutdown()
        thread.join(5)


def _handler(cloud: Cloud, context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.host = self.path.partition(":")[0]
            self.close_connection = True
            with suppress(OSError):
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile.close()
                self.rfile, self.wfile = (
                    self.connection.makefile("rb"),
                    self.connection.makefile("wb", buffering=0),
                )
                self.close_connection = False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path.endswith("/chat/completions"):
                status, answer = cloud.chat(
                    {name.lower(): value for name, value in self.headers.items()}
                )
                if status == 401 and cloud.endless_refusal:
                    self._go_on_for_ever()
                    return
                if status == 200 and '"stream": true' in body:
                    answer = "data: [DONE]\n\n"
            elif self.host.startswith("iamcredentials."):
                status, answer = cloud.token(self.host, json.loads(body))
            else:
                status, answer = cloud.token(
                    self.host, {name: values[0] for name, values in parse_qs(body).items()}
                )
            self._say(status, answer)

        def do_GET(self) -> None:
            if self.host:
                self._say(
                    200,
                    {"projectId": PROJECT} if self.host.startswith("cloudresourcemanager.") else {},
                )
            elif self.headers.get("metadata-flavor") != "Google":
                self._say(403, {})
            elif self.path.partition("?")[0].endswith("/token"):
                self._say(*cloud.token("metadata", {"path": self.path}))
            elif self.path.startswith("/computeMetadata/v1/project/"):
                self._say(200, PROJECT)
            else:
                self._say(
                    200,
                    {
                        "email": ACCOUNT,
                        "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
                    },
                )

        def _say(self, status: int, answer: Any) -> None:
            data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header(
                "content-type", "text/plain" if isinstance(answer, str) else "application/json"
            )
            self.send_header("metadata-flavor", "Google")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _go_on_for_ever(self) -> None:
            self.send_response(401)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            with suppress(OSError):
                while True:
                    self.wfile.write(b"4\r\nmore\r\n")

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()
            self.connection.close()

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    return Handler


def certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The certificate of an authority as a file, and what shows one of Google's hosts that it
    signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chat-conformance tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, both = folder / "certificate.pem", folder / "certificate-and-key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(certificate.read_bytes() + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return certificate, context


@cache
def private_key() -> str:
    """A key of a service account, made here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def credentials_file(kind: str, folder: Path) -> Path:
    """A file of application default credentials of a kind, as Google's tools write it."""
    user = {
        "type": "authorized_user",
        "client_id": "client",
        "client_secret": "secret",
        "refresh_token": "refresh",
    }
    impersonation = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
    pool = "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/pool"
    audience = f"{pool}/providers/provider"
    (folder / "subject.txt").write_text("subject-token-of-a-test", encoding="utf-8")
    files: dict[str, dict[str, Any]] = {
        "authorized_user": {**user, "quota_project_id": "quota-project"},
        "service_account": {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": private_key(),
            "client_email": ACCOUNT,
            "token_uri": "https://oauth2.googleapis.com/token",
        },
        "impersonated_service_account": {
            "type": "impersonated_service_account",
            "service_account_impersonation_url": impersonation,
            "source_credentials": user,
            "delegates": [],
        },
        "external_account": {
            "type": "external_account",
            "audience": audience,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "service_account_impersonation_url": impersonation,
            "credential_source": {"file": str(folder / "subject.txt")},
        },
    }
    path = folder / f"{kind}.json"
    path.write_text(json.dumps(files[kind]), encoding="utf-8")
    return path
