"""The documentation page from end to end on the loopback: google-auth gets a token from a token server, and the official SDK asks with it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth.transport.requests
import google.oauth2.credentials
import openai
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import default, jwt
from google.auth.exceptions import RefreshError
from pydantic import BaseModel

from conformance.endpoints.urls import Place, base_url
from conformance.profiles import profile
from tests.loopback import reference

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TOKEN = "ya29.token-of-a-test"


@dataclass
class TokenServer:
    """A server of tokens; ``asked`` are the forms that came."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    refuses: bool = False

    def answer(self, form: str) -> tuple[int, dict[str, object]]:
        self.asked.append({name: values[0] for name, values in parse_qs(form).items()})
        if self.refuses:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return 200, {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer", "scope": SCOPE}


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    """A token server on the loopback."""
    served = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, answer = served.answer(self.rfile.read(int(self.headers["content-length"])).decode())
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/token"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join(5)


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """The base URL of the page, at another host."""
    with reference("vertex-gemini", TOKEN) as host:
        url = urlsplit(base_url(profile("vertex-gemini"), Place("my-project", "us-central1")))
        yield url._replace(scheme="http", netloc=host).geturl()


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment tells of other credentials, or of a way through a proxy."""
    for name in ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def authorized_user(tokens: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a user, as a login leaves them. Google's library asks its own token server whatever such a file says, so that is replaced too."""
    info = {"type": "authorized_user", "client_id": "client", "client_secret": "secret", "refresh_token": "refresh", "quota_project_id": "my-project"}
    _point_to(tmp_path, {**info, "token_uri": tokens.url}, monkeypatch)
    monkeypatch.setattr(google.oauth2.credentials, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", tokens.url)


@pytest.fixture
def service_account(tokens: TokenServer, private_key: rsa.RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a service account, whose key is made here."""
    pem = private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    email = "tester@my-project.iam.gserviceaccount.com"
    info = {"type": "service_account", "project_id": "my-project", "private_key_id": "1", "private_key": pem.decode(), "client_email": email}
    _point_to(tmp_path, {**info, "token_uri": tokens.url}, monkeypatch)


def _point_to(folder: Path, info: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "credentials.json"
    path.write_text(json.dumps(info), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))


def refreshed() -> tuple[Any, str | None]:
    """The credentials and the project, got in the page's own lines."""
    credentials: Any
    credentials, project = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials, project


class CalendarEvent(BaseModel):
    name: str
    date: str
    participants: list[str]


@pytest.fixture(params=["authorized_user", "service_account"])
def client(request: pytest.FixtureRequest, page_url: str) -> Iterator[openai.OpenAI]:
    request.getfixturevalue(request.param)
    credentials, _ = refreshed()
    with openai.OpenAI(base_url=page_url, api_key=credentials.token) as made:
        yield made


def test_the_examples_of_the_page_are_answered(client: openai.OpenAI) -> None:
    model = "google/gemini-2.0-flash-001"
    sky = [{"role": "user", "content": "Why is the sky blue?"}]
    create: Any = client.chat.completions.create
    plain = create(model=model, messages=sky)
    assert plain.choices[0].message.content

    chunks = list(create(model=model, messages=sky, stream=True))
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    scones = {"type": "image_url", "image_url": "gs://cloud-samples-data/generative-ai/image/scones.jpg"}
    parts = [{"type": "text", "text": "Describe the following image:"}, scones]
    seen = create(model=model, messages=[{"role": "user", "content": parts}])
    assert seen.choices[0].message.content
    assert seen.usage.prompt_tokens > plain.usage.prompt_tokens


def test_the_extra_body_of_the_page_arrives(client: openai.OpenAI) -> None:
    google = {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}
    thought = client.chat.completions.create(
        model="google/gemini-2.5-flash-preview-04-17", messages=[{"role": "user", "content": "Why?"}], extra_body={"extra_body": {"google": google}}
    )
    assert (thought.choices[0].message.content or "").startswith("<think>")


def test_the_structured_output_of_the_page_is_parsed(client: openai.OpenAI) -> None:
    completion = client.beta.chat.completions.parse(
        model="google/gemini-2.5-flash-preview-04-17",
        messages=[
            {"role": "system", "content": "Extract the event information."},
            {"role": "user", "content": "Alice and Bob are going to a science fair on Friday."},
        ],
        response_format=CalendarEvent,
    )
    assert isinstance(completion.choices[0].message.parsed, CalendarEvent)


def test_a_user_brings_the_refresh_token(authorized_user: None, tokens: TokenServer) -> None:
    credentials, project = refreshed()
    assert (credentials.token, project) == (TOKEN, None)
    (form,) = tokens.asked
    assert form["grant_type"] == "refresh_token"
    assert (form["client_id"], form["client_secret"], form["refresh_token"]) == ("client", "secret", "refresh")


def test_a_service_account_signs_for_the_scope_of_the_page(service_account: None, tokens: TokenServer, private_key: rsa.RSAPrivateKey) -> None:
    credentials, project = refreshed()
    assert (credentials.token, project) == (TOKEN, "my-project")
    (form,) = tokens.asked
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    public = private_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    decode: Any = jwt.decode
    claims = decode(form["assertion"], certs=public.decode(), audience="https://oauth2.googleapis.com/token")
    assert (claims["iss"], claims["scope"]) == ("tester@my-project.iam.gserviceaccount.com", SCOPE)


@pytest.mark.parametrize("kind", ["authorized_user", "service_account"])
def test_a_refused_refresh_gives_no_token(request: pytest.FixtureRequest, kind: str, tokens: TokenServer) -> None:
    request.getfixturevalue(kind)
    tokens.refuses = True
    with pytest.raises(RefreshError, match="invalid_grant"):
        refreshed()


def test_another_token_is_refused(page_url: str) -> None:
    with openai.OpenAI(base_url=page_url, api_key="another", max_retries=0) as stranger, pytest.raises(openai.AuthenticationError):
        stranger.chat.completions.create(model="google/gemini-2.5-flash", messages=[{"role": "user", "content": "Hi"}])
