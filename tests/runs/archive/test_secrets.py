"""Everything that identifies the account of a run is looked for."""

import socket
from pathlib import Path

import pytest

from conformance.endpoints.client.live_target import LiveTarget
from conformance.runs.archive.secrets import Secret, secrets_of
from conformance.traffic.redaction.patterns import scrub
from tests.helpers.google_cloud import ACCOUNT, PROJECT, credentials_file, private_key

TARGET = LiveTarget("t", "https://h/v1", "m", "vertex-gemini")


def values(target: LiveTarget = TARGET, **environment: str) -> dict[str, str]:
    return {secret.value: secret.kind for secret in secrets_of(target, environment, {})}


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without credentials, whose names are known."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")


def test_keys_and_projects_of_the_environment(tmp_path: Path) -> None:
    target = LiveTarget("t", "https://h/v1", "m", "gemini-api", "MY_KEY")
    found = values(
        target,
        MY_KEY=" key-of-mine ",
        CONFORMANCE_ACCESS_TOKEN="token-1",
        GOOGLE_CLOUD_PROJECT="project-1",
        UNRELATED="something",
    )
    assert found == {
        "key-of-mine": "variable MY_KEY",
        "token-1": "variable CONFORMANCE_ACCESS_TOKEN",
        "project-1": "project in GOOGLE_CLOUD_PROJECT",
        str(tmp_path): "home folder",
    }


def test_the_project_of_the_url_and_the_number_of_its_host(tmp_path: Path) -> None:
    host = "https://7.us-central1-123456789.prediction.vertexai.goog/v1"
    target = LiveTarget("t", f"{host}/projects/example.com%3Amine/locations/x", "m", "vertex-vllm")
    assert values(target).keys() - {str(tmp_path)} == {"example.com:mine", "123456789"}


def test_what_is_too_short_to_be_a_secret_is_not_looked_for() -> None:
    target = LiveTarget("t", "https://h/v1/projects/PROJECT/x", "m", "vertex-gemini", "KEY")
    assert not {"EMPTY", "none", "PROJECT"} & values(target, KEY="EMPTY").keys()


def test_names_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "laptop-of-ann")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ann"))
    assert values() == {"laptop-of-ann": "host name", "/home/ann": "home folder"}
    monkeypatch.setattr(Path, "home", lambda: Path("/root"))
    for common in ("server", "host-1", "conformance", "localhost.localdomain"):
        monkeypatch.setattr(socket, "gethostname", lambda name=common: name)
        assert values() == {}


@pytest.mark.parametrize(
    ("kind", "private"),
    [
        ("service_account", {ACCOUNT, PROJECT, private_key().splitlines()[1]}),
        ("authorized_user", {"client", "secret", "refresh", "quota-project"}),
        ("impersonated_service_account", {ACCOUNT, "refresh"}),
        ("external_account", {ACCOUNT, "123456"}),
    ],
)
def test_the_private_parts_of_a_credentials_file(
    kind: str, private: set[str], tmp_path: Path
) -> None:
    path = credentials_file(kind, tmp_path)
    found = values(GOOGLE_APPLICATION_CREDENTIALS=str(path))
    assert private <= found.keys()
    assert not {kind, "https://oauth2.googleapis.com/token"} & found.keys()
    assert all(len(value) >= 6 for value in found)


def test_the_credentials_of_gcloud_are_found_where_it_puts_them(tmp_path: Path) -> None:
    path = credentials_file("authorized_user", tmp_path)
    for folder in (tmp_path / "own", tmp_path / ".config" / "gcloud", tmp_path / "r" / "gcloud"):
        folder.mkdir(parents=True)
        (folder / "application_default_credentials.json").write_bytes(path.read_bytes())
    assert "quota-project" in values(CLOUDSDK_CONFIG=str(tmp_path / "own"))
    assert "quota-project" in values(APPDATA=str(tmp_path / "r"))
    assert "quota-project" in values()


@pytest.mark.parametrize("content", ["", "[1]", '"text"', "{", "{}"])
def test_a_file_without_credentials_is_no_error(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(content, encoding="utf-8")
    assert values(GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "c.json")).keys() <= {str(tmp_path)}


def test_identifiers_come_too_the_longest_first_each_once() -> None:
    identifiers = {"token": "token-of-a-test", "project_id": "mine-1", "quota_project_id": "mine-1"}
    found = secrets_of(TARGET, {"GOOGLE_CLOUD_PROJECT": "mine-1"}, identifiers)
    assert Secret("token", "token-of-a-test") in found
    assert [secret.value for secret in found].count("mine-1") == 1
    assert [len(secret.value) for secret in found] == sorted(
        (len(secret.value) for secret in found), reverse=True
    )


def test_a_secret_is_replaced_by_what_it_is_and_does_not_show_itself() -> None:
    project, key = Secret("project in the URL", "my-project"), Secret("variable KEY", "my-key-1")
    assert scrub("a my-project b", [project.rule])[0] == "a PROJECT b"
    assert scrub("bXkta2V5LTE= my%2Dkey-1", [key.rule])[0] == "REDACTEDE= REDACTED"
    assert "my-key-1" not in repr(key)
