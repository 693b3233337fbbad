"""The environment has versions, and nothing about the machine or its user."""

import getpass
import json
import platform
import socket
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import pytest

from conformance import __version__
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.environment import Environment, environment_here


def test_it_has_the_versions() -> None:
    here = environment_here()
    assert here.suite == __version__
    assert here.python.startswith(f"{platform.python_version()} (")
    assert here.system.startswith(platform.system())
    assert here.packages["httpx"] == version("httpx")
    assert here.packages.keys() >= {"click", "google-auth", "orjson", "pyyaml", "rich"}
    assert not here.packages.keys() & {"pytest", "starlette", "openai"}


def test_it_names_no_user_no_machine_and_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "planted-host")
    monkeypatch.setattr(platform, "release", lambda: "6.1.0-planted-kernel")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    text = json.dumps(asdict(environment_here()))
    assert "planted" not in text
    values = [value for value in text.split('"') if value]
    assert not {getpass.getuser(), socket.gethostname()} & set(values)


def test_what_a_system_says_cannot_be_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "<b>`x`\n" + "y" * 200)
    here = environment_here()
    assert here.machine == ("-b--x--" + "y" * 200)[:80]
    assert Environment.from_json(asdict(here)) == here


GOOD: dict[str, Any] = asdict(Environment("1", "3", "Linux", "x", {"click": "8.1"}))


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {**GOOD, "user": "me"},
        {**GOOD, "system": "a\nb"},
        {**GOOD, "system": 1},
        {**GOOD, "packages": []},
        {**GOOD, "packages": {"[x](y)": "1"}},
        {**GOOD, "packages": {"x": "<1>"}},
        {**GOOD, "packages": {f"p{number}": "1" for number in range(101)}},
    ],
    ids=lambda content: str(content)[:40],
)
def test_a_malformed_environment_is_refused(content: Any) -> None:
    assert Environment.from_json(GOOD).packages == {"click": "8.1"}
    with pytest.raises(ArchiveError):
        Environment.from_json(content)
