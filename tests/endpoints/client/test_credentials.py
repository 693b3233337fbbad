"""Each kind of Google credentials gets its token through google-auth, from a local server.

Once for all threads, and again when needed.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from conformance.cases import Case
from conformance.cli import main
from conformance.endpoints.client import credentials, http_client
from conformance.endpoints.client.credentials import GoogleAuth
from conformance.endpoints.client.google_urls import Place, base_url
from conformance.endpoints.client.http_client import Limits, send
from conformance.endpoints.client.live_target import WRONG_KEY, LiveTarget, TargetError
from conformance.endpoints.endpoint import Unreachable
from conformance.judging.profiles import Auth, profile
from conformance.protocol.exchange import Exchange
from conformance.traffic.cassette_writer import keep
from tests.helpers.google_cloud import (
    ACCOUNT,
    PROJECT,
    TOKEN,
    Cloud,
    credentials_file,
    google_cloud,
)
from tests.helpers.project import ROOT

KINDS = ("authorized_user", "service_account", "impersonated_service_account", "external_account")
CASE = Case(
    "chat-plain",
    "x",
    "x",
    frozenset(),
    "/chat/completions",
    {"model": "{model}", "messages": [{"role": "user", "content": "Hi"}]},
)
URL = base_url(profile("vertex-gemini"), Place(PROJECT, "us-central1"))
TARGET = LiveTarget("vertex", URL, "google/gemini-2.5-flash", "vertex-gemini", auth="google")
HASTY = Limits(connect=5, read=5, whole=5, size=10_000)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Google's hosts on the loopback, and credentials without a token yet."""
    with google_cloud(tmp_path) as (served, environment):
        for name in (
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_CLOUD_QUOTA_PROJECT",
            "GOOGLE_CLOUD_PROJECT",
            "ALL_PROXY",
            "all_proxy",
        ):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(credentials, "APPLICATION_DEFAULT", GoogleAuth())
        http_client._tls.cache_clear()  # what is trusted is read from the environment once
        yield served
    http_client._tls.cache_clear()


@pytest.fixture
def account(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The same, with the credentials of a service account."""
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("service_account", tmp_path))
    )
    return cloud


def asked(case: Case = CASE, target: LiveTarget = TARGET) -> Exchange:
    outcome = send(case, target, HASTY)
    assert isinstance(outcome, Exchange), outcome
    return outcome


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_credentials_gets_a_token(
    cloud: Cloud, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file(kind, tmp_path)))
    assert asked().response.status == 200
    assert cloud.chats[-1].startswith(f"Bearer {TOKEN}-")
    hosts = [host.partition(".")[0] for host, _ in cloud.asked]
    assert hosts == {
        "external_account": ["sts", "iamcredentials"],
        "impersonated_service_account": ["oauth2", "iamcredentials"],
    }.get(kind, ["oauth2"])
    form = cloud.asked[0][1]
    assert "cloud-platform" in str(cloud.asked[-1][1]) or form["grant_type"] in (
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    )
    assert {
        "external_account": form.get("subject_token") == "subject-token-of-a-test",
        "authorized_user": form.get("refresh_token") == "refresh",
    }.get(kind, True)
    assert cloud.headers[-1].get("x-goog-user-project") == (
        "quota-project" if kind == "authorized_user" else None
    )


def test_a_machine_on_google_cloud_gets_its_token_from_the_metadata_server(
    cloud: Cloud, tmp_path: Path
) -> None:
    # google-auth reads where that server is when it is imported
    environment = {
        **os.environ,
        "GCE_METADATA_HOST": cloud.address,
        "GCE_METADATA_IP": cloud.address,
        "NO_GCE_CHECK": "false",
    }
    place = (
        "--profile",
        "vertex-gemini",
        "--project",
        PROJECT,
        "--location",
        "us-central1",
        "--model",
        TARGET.model,
    )
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "doctor", *place],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "ok: Google returned a token for the application default credentials, valid for 59 minutes"
        in " ".join(done.stdout.split())  # wrapped if COLUMNS is set
    )
    assert [host for host, _ in cloud.asked] == ["metadata"]
    assert cloud.chats == [f"Bearer {TOKEN}-1"] * 2  # an answer, and a stream
    assert TOKEN not in done.stdout


def test_sixteen_threads_ask_for_one_token(account: Cloud) -> None:
    together = threading.Barrier(16)

    def work(_: int) -> int:
        together.wait(5)
        return asked().response.status

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(work, range(16))) == [200] * 16
    assert len(account.asked) == 1
    assert set(account.chats) == {f"Bearer {TOKEN}-1"}


def test_a_token_is_kept_while_it_is_good_for_some_minutes(account: Cloud) -> None:
    for _ in range(3):
        asked()
    assert len(account.asked) == 1


def test_a_token_that_expires_soon_is_replaced_before_it_does(account: Cloud) -> None:
    account.seconds = 120
    asked()
    account.seconds = 3599
    asked()
    asked()
    assert account.chats == [f"Bearer {TOKEN}-{number}" for number in (1, 2, 2)]


def test_a_401_makes_one_more_token(account: Cloud) -> None:
    account.revoked = {f"{TOKEN}-1"}
    assert asked().response.status == 200
    assert account.chats == [f"Bearer {TOKEN}-1", f"Bearer {TOKEN}-2"]
    assert asked().response.status == 200
    assert len(account.asked) == 2


def test_a_401_in_the_middle_of_a_run_is_met_by_one_new_token_for_all_threads(
    account: Cloud,
) -> None:
    asked()
    account.revoked = {f"{TOKEN}-1"}
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: asked().response.status, range(8))) == [200] * 8
    assert len(account.asked) == 2


def test_a_second_401_is_the_answer_and_is_not_met_again(account: Cloud) -> None:
    account.revoked = {f"{TOKEN}-{number}" for number in range(9)}
    assert asked().response.status == 401
    assert (len(account.chats), len(account.asked)) == (2, 2)
    assert asked().response.status == 401
    assert (len(account.chats), len(account.asked)) == (3, 2)
    account.revoked = set()
    assert asked().response.status == 200
    account.revoked = {f"{TOKEN}-2"}
    assert asked().response.status == 200  # a token that was taken may be replaced again
    assert len(account.asked) == 3


def test_the_body_of_a_401_that_has_no_end_is_not_waited_for(account: Cloud) -> None:
    account.endless_refusal, account.revoked = True, {f"{TOKEN}-1"}
    assert asked().response.status == 200


@pytest.mark.parametrize(
    ("how", "sent"),
    [
        ("right", f"Bearer {TOKEN}-1"),
        ("basic", f"Basic {TOKEN}-1"),
        ("wrong", f"Bearer {WRONG_KEY}"),
        ("none", ""),
    ],
    ids=lambda each: each[:5],
)
def test_a_case_brings_the_credential_it_wants(account: Cloud, how: str, sent: str) -> None:
    exchange = asked(replace(CASE, auth=how))  # type: ignore[arg-type]
    assert account.chats == [sent]
    assert len(account.asked) == int(TOKEN in sent)
    assert dict(exchange.request.headers).get("authorization", "") == (
        f"{sent.split()[0]} REDACTED-CREDENTIAL" if sent else ""
    )


def test_a_token_in_the_environment_is_sent_as_it_is(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_OF_A_TEST", f"{TOKEN}-7")
    assert asked(target=replace(TARGET, key_variable="TOKEN_OF_A_TEST")).response.status == 200
    assert (cloud.chats, cloud.asked) == ([f"Bearer {TOKEN}-7"], [])


@pytest.mark.parametrize("name", ["api-key", "x-goog-api-key"])
def test_a_key_in_a_header_of_its_own(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: Auth
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", "key-of-a-test")
    keyed = replace(TARGET, auth=name, key_variable="KEY_OF_A_TEST")
    exchanges = [
        asked(replace(CASE, auth=how), keyed) for how in ("right", "wrong", "basic", "none")
    ]
    assert [headers.get(name) for headers in cloud.headers] == [
        "key-of-a-test",
        WRONG_KEY,
        None,
        None,
    ]
    assert cloud.chats == ["", "", "Basic key-of-a-test", ""]
    assert "key-of-a-test" not in repr(exchanges)
    assert name in dict(exchanges[0].request.headers)


def test_without_credentials_one_line_says_what_to_do(cloud: Cloud) -> None:
    environment = {
        name: value for name, value in os.environ.items() if name != "CONFORMANCE_ACCESS_TOKEN"
    }  # where nothing is known of a metadata server
    place = (
        "--profile",
        "vertex-gemini",
        "--project",
        PROJECT,
        "--location",
        "us-central1",
        "--model",
        TARGET.model,
        "--case",
        "chat-plain",
    )
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--live", *place],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no Google credentials: ")
    assert "gcloud auth application-default login" in done.stderr
    assert done.stderr.count("\n") == 1
    assert cloud.chats == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"type": "service_account"}', '{"type": "unheard-of"}', None]
)
def test_a_file_that_holds_no_credentials_is_told_in_one_line(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    with pytest.raises(
        TargetError,
        match=(
            r"^no Google credentials: [^\n]+; run `gcloud auth application-default login`, [^\n]+$"
        ),
    ):
        asked()


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_refused_a_token_is_not_let_in_and_asks_for_no_other(
    cloud: Cloud, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file(kind, tmp_path)))
    cloud.refuses = True
    outcomes = [send(CASE, TARGET, HASTY) for _ in range(3)]
    assert all(
        isinstance(each, Unreachable)
        and each.why.startswith("no token for the Google credentials: ")
        and not each.asked
        for each in outcomes
    )
    assert "invalid_grant" in str(outcomes)
    assert TOKEN not in str(outcomes)
    assert (len(cloud.asked), cloud.chats) == (1, [])


def test_a_token_server_that_is_not_there_may_come_back(
    account: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = os.environ["HTTPS_PROXY"]
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    outcome = send(CASE, TARGET, HASTY)
    assert isinstance(outcome, Unreachable)
    assert outcome.asked
    assert "; check that this machine reaches Google's token server" in outcome.why
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)
    assert asked().response.status == 200


def test_a_token_gets_nowhere_but_to_its_endpoint(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("authorized_user", tmp_path))
    )
    cloud.revoked = {f"{TOKEN}-1", f"{TOKEN}-2"}
    caplog.set_level(logging.DEBUG)
    refused = asked()  # it repeats the token
    cloud.revoked = set()
    taken = asked()
    keep([taken], CASE, tmp_path / "kept")
    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "kept").rglob("*.yaml"))
    shown = repr((refused, taken, credentials.APPLICATION_DEFAULT, TARGET)) + kept + caplog.text
    assert "Request of PROJECT had invalid authentication credentials: REDACTED-CREDENTIAL" in shown
    for secret in (TOKEN, "quota-project", PROJECT, ACCOUNT, "'secret'"):
        assert secret not in shown.replace(URL, ""), secret


def test_what_is_shown_of_the_credentials_is_their_name(account: Cloud) -> None:
    account_default = credentials.APPLICATION_DEFAULT
    token = account_default.token()
    assert token == f"{TOKEN}-1"
    assert repr(account_default) == str(account_default) == "GoogleAuth()"
    with httpx.Client(auth=account_default) as client:
        assert TOKEN not in repr(client)


def test_a_run_against_vertex_keeps_and_reports_nothing_secret(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("authorized_user", tmp_path))
    )
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "conformance.toml").write_text(
        f'[targets.vertex]\nprofile = "vertex-gemini"\nproject = "{PROJECT}"\nlocation ='
        f' "us-central1"\nmodel = "{TARGET.model}"\n',
        encoding="utf-8",
    )
    cases = ("--case", "chat-plain", "--case", "auth-wrong", "--case", "auth-none")
    result = CliRunner().invoke(
        main,
        [
            "run",
            "--live",
            "--target",
            "vertex",
            *cases,
            "--record",
            "--report",
            "report",
            "--format",
            "json",
        ],
    )
    assert result.exit_code in (0, 1), result.output
    assert {each["case"] for each in json.loads(result.stdout)["verdicts"]} >= {
        "chat-plain",
        "auth-wrong",
        "auth-none",
    }
    (here / "conformance.toml").unlink()
    written = {
        path.relative_to(here).as_posix(): path.read_bytes().decode()
        for path in here.rglob("*")
        if path.is_file()
    }
    assert "cassettes/vertex/chat-plain.yaml" in written
    for secret in (TOKEN, PROJECT, "quota-project"):
        assert secret not in str(written) + result.output, secret
    assert len(cloud.asked) == 1


def test_a_run_that_is_given_no_token_could_not_judge(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("service_account", tmp_path))
    )
    monkeypatch.chdir(tmp_path)
    cloud.refuses = True
    place = (
        "--profile",
        "vertex-gemini",
        "--project",
        PROJECT,
        "--location",
        "us-central1",
        "--model",
        TARGET.model,
        "--case",
        "chat-plain",
    )
    result = CliRunner().invoke(main, ["run", "--live", *place])
    assert result.exit_code == 3, result.output
    assert "no token for the Google credentials" in " ".join(result.stdout.split())


def test_what_identifies_the_account_is_known_once_there_is_a_token(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(credentials_file("service_account", tmp_path))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", path)
    auth = GoogleAuth()
    assert auth.identifiers() == {}
    token = auth.token()
    assert auth.identifiers() == {
        "token": token,
        "service_account_email": ACCOUNT,
        "signer_email": ACCOUNT,
        "project_id": PROJECT,
    }
