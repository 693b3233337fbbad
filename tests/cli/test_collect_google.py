"""``tox run -e google`` as a whole, from consent to archive to cassettes.

The command of tox.ini runs in a process of its own, on a terminal, with google-auth's own code and
the key of a service account. It asks Google's own URLs over TLS, which a tunnel leads to the
reference endpoint on the loopback.
"""

import configparser
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.runs.archive.layout import manifest_of
from tests.helpers.google_cloud import ACCOUNT, PROJECT, TOKEN, credentials_file, private_key
from tests.helpers.google_endpoint import GoogleEndpoint, google_endpoint
from tests.helpers.made_archives import MODEL, PROFILE, TARGET
from tests.helpers.project import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")

DEFAULTS = re.compile(r"conformance collect \{posargs:(.*)\}")


def tox_command() -> list[str]:
    """The arguments of ``conformance`` that tox.ini has for the environment ``google``."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    command = DEFAULTS.fullmatch(tox["testenv:google"]["commands"].strip())
    assert command, "tox.ini runs another command than this test"
    return ["collect", *shlex.split(command[1])]


@pytest.fixture
def google(tmp_path: Path) -> Iterator[tuple[GoogleEndpoint, dict[str, str]]]:
    """Google on the loopback, and the environment of whoever has a service account there."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    with google_endpoint(secrets) as (endpoint, environment):
        kept = ("PATH", "SYSTEMROOT", "COVERAGE_PROCESS_START")
        yield (
            endpoint,
            {
                **{name: os.environ[name] for name in kept if name in os.environ},
                **environment,
                "HOME": str(secrets),
                "GOOGLE_APPLICATION_CREDENTIALS": str(credentials_file("service_account", secrets)),
                "GOOGLE_CLOUD_PROJECT": PROJECT,
            },
        )


def on_a_terminal(
    arguments: list[str], folder: Path, environment: dict[str, str], reply: bytes
) -> tuple[int, str, str]:
    """Run the command on a terminal and reply to its question.

    Returns the exit code, the output up to the question, and the rest.
    """
    here, there = pty.openpty()
    command = [sys.executable, "-m", "conformance", *arguments]
    try:
        with subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=there,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout
            question = b""
            while not question.endswith(b"[y/N] ") and (byte := process.stdout.read(1)):
                question += byte
            os.write(here, reply)
            rest, _ = process.communicate(timeout=120)
    finally:
        os.close(here)
        os.close(there)
    return process.returncode, question.decode(), rest.decode()


def test_from_consent_to_cassettes(
    google: tuple[GoogleEndpoint, dict[str, str]], tmp_path: Path
) -> None:
    endpoint, environment = google
    code, question, rest = on_a_terminal(tox_command(), tmp_path, environment, b"y\n")
    assert code == 0, rest
    assert re.search(r"^\d+ cases, up to \d+ requests and about [\d,]+ tokens", question, re.M)
    assert PROJECT in question  # the user sees which project pays

    # Google's own code got the token, and nothing else was asked for.
    assert endpoint.hosts == {"oauth2.googleapis.com", "aiplatform.googleapis.com"}
    (grant,) = endpoint.grants
    assert grant["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    urls = {chat.request.url for chat in endpoint.chats}
    assert any(
        url.endswith(f"/v1/projects/{PROJECT}/locations/global/endpoints/openapi/chat/completions")
        for url in urls
    )
    asked = {dict(chat.request.headers).get("authorization") for chat in endpoint.chats}
    assert f"Bearer {TOKEN}" in asked

    (path,) = tmp_path.glob("conformance-google-*.zip")
    assert f"Wrote {path.name} (" in rest
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    manifest = manifest_of(json.loads(files["manifest.json"]))
    assert (manifest.profile, manifest.model, manifest.target) == (PROFILE, MODEL, TARGET)
    assert manifest.corpus == shipped_corpus().digest
    answered = {name[8:-5] for name in files if name.startswith("answers/")}
    assert shipped_corpus().core_of(PROFILE).keys() <= answered
    report = json.loads(files["report.json"])
    assert report["unanswered"] == []
    assert report["examples"] == []  # the archive has the answers, without names of the account
    assert f"\n  {TARGET}: {len(answered)} cases, " in files["report.txt"]

    everything = "\n".join((*files, *files.values()))
    secrets = (PROJECT, ACCOUNT, TOKEN, private_key().splitlines()[1], "planted", str(tmp_path))
    assert [secret for secret in secrets if secret in everything] == []
    assert "x-request-id: [REDACTED]" in files["answers/chat-plain.yaml"]
    assert "/projects/PROJECT/locations/global/" in files["answers/chat-plain.yaml"]

    folder = str(tmp_path / "cassettes")
    imported = CliRunner().invoke(
        main, ["cassettes", "import", str(path), "--folder", folder, "--source", "https://x/1"]
    )
    assert imported.exit_code == 0, imported.output
    checked = CliRunner().invoke(main, ["cassettes", "check", folder])
    assert checked.exit_code == 0, checked.output
    written = {file.stem for file in Path(folder, TARGET).glob("*.yaml")}
    assert written <= answered
    assert len(written) >= 0.9 * len(answered)
    replayed = CliRunner().invoke(main, ["lint", "--format", "json", folder])
    assert replayed.exit_code in (0, 1), replayed.output


def test_without_consent_nothing_is_sent(
    google: tuple[GoogleEndpoint, dict[str, str]], tmp_path: Path
) -> None:
    endpoint, environment = google
    code, _, rest = on_a_terminal(tox_command(), tmp_path, environment, b"\n")
    assert (code, endpoint.hosts) == (2, set())
    assert rest.strip() == "Error: no consent, so nothing was sent"
    without = subprocess.run(
        [sys.executable, "-m", "conformance", *tox_command()],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (without.returncode, endpoint.hosts) == (2, set())
    assert "there is no terminal to ask for consent, so nothing was sent" in without.stderr
    assert list(tmp_path.glob("conformance-*")) == []


def test_a_spent_daily_quota_ends_the_run_and_the_next_day_goes_on(
    google: tuple[GoogleEndpoint, dict[str, str]], tmp_path: Path
) -> None:
    endpoint, environment = google
    endpoint.quota = 20
    code, _, first = on_a_terminal(tox_command(), tmp_path, environment, b"y\n")
    assert code == 3
    first_day = len(endpoint.chats)
    assert first_day == 21
    assert "without an answer; to send them again, add --resume to the same command:" in first
    (path,) = tmp_path.glob("conformance-google-*.zip")

    endpoint.quota = None
    again = [*tox_command(), "--resume"]
    code, question, rest = on_a_terminal(again, tmp_path, environment, b"y\n")
    assert code == 0, rest
    assert re.search(r"^\d+ cases already answered\.$", question, re.M)
    assert 0 < len(endpoint.chats) - first_day < 40
    second = tmp_path / f"{path.stem}-2.zip"
    with zipfile.ZipFile(second) as after, zipfile.ZipFile(path) as before:
        names = set(after.namelist())
        assert names > set(before.namelist())
    assert shipped_corpus().core_of(PROFILE).keys() <= {name[8:-5] for name in names}
