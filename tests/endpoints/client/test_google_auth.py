"""The example of Google's page on the loopback: google-auth gets a token, the SDK uses it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth.transport.requests
import openai
import pytest
from cryptography.hazmat.primitives import serialization
from google.auth import default, jwt
from google.auth.exceptions import RefreshError
from pydantic import BaseModel

from conformance.endpoints.client.google_urls import Place, base_url
from conformance.judging.profiles import profile
from tests.helpers.google_cloud import (
    ACCOUNT,
    PROJECT,
    TOKEN,
    Cloud,
    credentials_file,
    google_cloud,
    private_key,
)
from tests.helpers.loopback import reference

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
FIRST = f"{TOKEN}-1"


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Google's hosts on the loopback, without other credentials or proxies in the environment."""
    for name in (
        "GOOGLE_CLOUD_PROJECT",
        "GCLOUD_PROJECT",
        "GOOGLE_CLOUD_QUOTA_PROJECT",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
        "ALL_PROXY",
        "all_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    with google_cloud(tmp_path) as (served, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """The base URL of the page, on the loopback."""
    with reference("vertex-gemini", FIRST) as host:
        url = urlsplit(base_url(profile("vertex-gemini"), Place(PROJECT, "us-central1")))
        yield url._replace(scheme="http", netloc=host).geturl()


@pytest.fixture
def authorized_user(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a user, as ``gcloud auth application-default login`` writes them."""
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("authorized_user", tmp_path))
    )


@pytest.fixture
def service_account(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of a service account, whose key is made here."""
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("service_account", tmp_path))
    )


def refreshed() -> tuple[Any, str | None]:
    """The credentials and the project, obtained with the code of the page."""
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
    model = "google/gemini-3.5-flash"
    sky = [{"role": "user", "content": "Why is the sky blue?"}]
    create: Any = client.chat.completions.create
    plain = create(model=model, messages=sky)
    assert plain.choices[0].message.content

    chunks = list(create(model=model, messages=sky, stream=True))
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    scones = {
        "type": "image_url",
        "image_url": "gs://cloud-samples-data/generative-ai/image/scones.jpg",
    }
    parts = [{"type": "text", "text": "Describe the following image:"}, scones]
    seen = create(model=model, messages=[{"role": "user", "content": parts}])
    assert seen.choices[0].message.content
    assert seen.usage.prompt_tokens > plain.usage.prompt_tokens


def test_the_extra_body_of_the_page_arrives(client: openai.OpenAI) -> None:
    google = {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}
    thought = client.chat.completions.create(
        model="google/gemini-2.5-flash-preview-04-17",
        messages=[{"role": "user", "content": "Why?"}],
        extra_body={"extra_body": {"google": google}},
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


def test_a_user_brings_the_refresh_token(authorized_user: None, cloud: Cloud) -> None:
    credentials, project = refreshed()
    assert (credentials.token, project) == (FIRST, None)
    ((host, form),) = cloud.asked
    assert (host, form["grant_type"]) == ("oauth2.googleapis.com", "refresh_token")
    assert (form["client_id"], form["client_secret"], form["refresh_token"]) == (
        "client",
        "secret",
        "refresh",
    )


def test_a_service_account_signs_for_the_scope_of_the_page(
    service_account: None, cloud: Cloud
) -> None:
    credentials, project = refreshed()
    assert (credentials.token, project) == (FIRST, PROJECT)
    ((_, form),) = cloud.asked
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    public = serialization.load_pem_private_key(private_key().encode(), None).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    decode: Any = jwt.decode
    claims = decode(
        form["assertion"], certs=pem.decode(), audience="https://oauth2.googleapis.com/token"
    )
    assert (claims["iss"], claims["scope"]) == (ACCOUNT, SCOPE)


@pytest.mark.parametrize("kind", ["authorized_user", "service_account"])
def test_a_refused_refresh_gives_no_token(
    request: pytest.FixtureRequest, kind: str, cloud: Cloud
) -> None:
    request.getfixturevalue(kind)
    cloud.refuses = True
    with pytest.raises(RefreshError, match="invalid_grant"):
        refreshed()


def test_another_token_is_refused(cloud: Cloud, page_url: str) -> None:
    with (
        openai.OpenAI(base_url=page_url, api_key="another", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.chat.completions.create(
            model="google/gemini-2.5-flash", messages=[{"role": "user", "content": "Hi"}]
        )
