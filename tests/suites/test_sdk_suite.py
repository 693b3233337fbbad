"""The suite of the official SDK: an answer that breaks it is an xfail; without it, one skip."""

from pathlib import Path

import pytest

from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import stream
from tests.suites.test_given import TARGET
from tests.suites.test_given import run as run_project
from tests.suites.test_suites import Anywhere

HIDER = """
import conformance.suites.parametrize as items

items.find_spec = lambda name: None
"""
CALL = {
    "tool_calls": [
        {"index": 0, "id": "c", "type": "function", "function": {"name": "get", "arguments": "{}"}}
    ]
}


@pytest.fixture
def anywhere(installed: Path, tmp_path: Path) -> Anywhere:
    return Anywhere(installed, tmp_path)


def test_what_breaks_the_sdk_is_an_expected_failure_with_its_reason(anywhere: Anywhere) -> None:
    openai = pytest.importorskip("openai")
    broken = shelve(
        anywhere.site / "conformance" / "cassettes",
        stream(CALL, CALL, finish="tool_calls"),
        case="tools-twice",
    )
    try:
        done = anywhere.suite("-k", "sdk and sample", "-rx")
    finally:
        broken.unlink()
    assert (
        f"tools-twice breaks the openai SDK {openai.__version__}: stream() lost tool call 0 of"
        " choice 0: " in done.stdout
    )
    assert (
        "5 passed, 1 skipped" in done.stdout
    )  # of the cassette that cannot be read there is nothing to play
    assert "1 xfailed" in done.stdout
    assert "failed" not in done.stdout.replace("1 xfailed", "")


def test_it_speaks_of_no_requirement(anywhere: Anywhere) -> None:
    done = anywhere.suite("-k", "sdk", "--requirement", "ENV-008", "--target", "sample")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_without_the_sdk_one_item_is_skipped_and_says_how_to_install_it(anywhere: Anywhere) -> None:
    (anywhere.folder / "hider.py").write_text(HIDER, encoding="utf-8")
    done = anywhere.suite("-p", "hider", "-k", "sdk", "-rs")
    assert "1 skipped" in done.stdout
    assert "needs the openai SDK: pip install 'chat-conformance[sdk]'" in done.stdout


def test_a_project_can_let_the_sdk_read_what_its_target_answers(pytester: pytest.Pytester) -> None:
    pytest.importorskip("openai")
    pytester.makepyfile(test_conformance="from conformance.suites.test_sdk import test_sdk")
    result = run_project(
        pytester, TARGET, "-k", "chat-plain or tools-auto-stream or audio-gs", "-v"
    )
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*test_sdk[[]conformance_target/chat-plain[]] PASSED*"])
    result.stdout.no_fnmatch_line("*llama.cpp*")
