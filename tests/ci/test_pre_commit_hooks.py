"""``.pre-commit-hooks.yaml``: the hook passes good cassettes, and fails on bad ones."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.check_gateway import environment
from tests.helpers.made_cassettes import shelve
from tests.helpers.project import ROOT
from tests.judging.conftest import completion


def hook() -> dict[str, Any]:
    """Return the only hook."""
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert isinstance(only, dict)
    return only


def run_hook(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the hook in a project, as pre-commit does for a hook without file names."""
    assert hook()["pass_filenames"] is False
    return subprocess.run(
        [*hook()["entry"].split(), *hook()["args"]],
        cwd=folder,
        env=environment(folder, github=False),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def test_good_cassettes_pass(tmp_path: Path) -> None:
    shipped = ROOT / "cassettes" / "lm-proxy" / "stream-one-token.yaml"
    copy = tmp_path / "cassettes" / "my-gateway" / shipped.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(shipped.read_bytes())
    done = run_hook(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 cassette, 0 problems." in done.stdout


@pytest.mark.parametrize(
    ("case", "said"),
    [("chat-gone", "there is no such case"), ("chat-plain", "what looks like a secret")],
)
def test_a_bad_cassette_fails(case: str, said: str, tmp_path: Path) -> None:
    secret = "sk-proj-" + "Zq3vN8xT2mKp5rWc" * 3
    answer = completion(f"Your key is {secret}.") if case == "chat-plain" else None
    path = shelve(tmp_path / "cassettes", answer, case=case)
    if answer:
        path.write_text(path.read_text("utf-8").replace("REDACTED", secret), encoding="utf-8")
    done = run_hook(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert said in done.stdout
    assert secret not in done.stdout + done.stderr


def test_it_runs_when_a_cassette_changes() -> None:
    files = re.compile(hook()["files"])
    assert files.search("cassettes/my-gateway/chat-plain.yaml")
    assert not files.search("README.md")
