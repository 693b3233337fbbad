"""`--emit pytest=FILE` of run and lint writes tests, and `--code` shows the failing requests."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.faults import faults
from conformance.protocol.exchange import Exchange, Request
from conformance.traffic.cassette_writer import write
from tests.helpers.loopback import reference
from tests.judging.conftest import edited, stream

pytest_plugins = ["pytester"]

BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
CASE = ("--case", "stream-no-limit", "--profile", "openai", "--model", "gpt-4o")
NO_DONE = edited(stream("Hello!", request=BODY), "data: [DONE]\n\n", "")


def without_done(exchange: Exchange) -> Exchange:
    return faults()["no-done"](exchange) or exchange


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments])


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "traffic.yaml"
    write(path, NO_DONE)
    return path


def test_the_test_written_by_lint_fails(recording: Path, pytester: pytest.Pytester) -> None:
    done = invoke("lint", str(recording), "--emit", f"pytest={pytester.path}")
    assert done.exit_code == 1
    assert "1 test in " in done.stderr
    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", "test_conformance.py")
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["*AssertionError: SSE-003  must *"])


def test_a_test_written_by_run_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "key-of-a-test")
    with reference("openai", "key-of-a-test", without_done) as host:
        file = pytester.path / "test_bug.py"
        case = (*CASE, "--api-key-env", "MY_KEY")
        done = invoke("run", f"http://{host}/v1", *case, "--emit", f"pytest={file}")
    assert done.exit_code == 1
    assert "MY_KEY=... python test_bug.py" in file.read_text(encoding="utf-8")
    outcome = pytester.runpytest_inprocess("-p", "no:cacheprovider", str(file))
    outcome.assert_outcomes(failed=1)


def test_without_a_failure_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    write(path, stream("Hello!", request=BODY))
    done = invoke("lint", str(path), "--emit", f"pytest={tmp_path}")
    assert done.exit_code == 0
    assert "No test to write" in done.stderr
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("junit=a.py", "write --emit pytest=FILE.py"),
        ("pytest", "write --emit pytest=FILE.py"),
        ("pytest=a.txt", "ends in .py"),
        ('pytest=a"b.py', "ends in .py"),
        ("pytest=missing/test_a.py", "there is no folder missing"),
    ],
)
@pytest.mark.parametrize("command", [("lint", "a.yaml"), ("run",)])
def test_a_wrong_value_is_an_error_before_any_work(
    command: tuple[str, ...], value: str, why: str
) -> None:
    done = invoke(*command, "--emit", value)
    assert done.exit_code == 2
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_lint_writes_a_test_only_beside_the_text(recording: Path, tmp_path: Path) -> None:
    done = invoke("lint", str(recording), "--emit", f"pytest={tmp_path}", "--format", "json")
    assert done.exit_code == 2
    assert "--emit and --format json: give only one of them" in done.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("curl", "curl -sS"), ("httpx", "import httpx"), ("openai", "OpenAI(")]
)
def test_the_failing_request_is_shown_as_code(recording: Path, name: str, said: str) -> None:
    assert said not in invoke("lint", str(recording)).stdout
    shown = invoke("lint", str(recording), "--code", name)
    assert said in shown.stdout
    assert said in invoke("lint", str(recording), "--code", name, "-v").stdout


def test_a_saved_report_shows_the_code_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "key-of-a-test")
    with reference("openai", "key-of-a-test", without_done) as host:
        case = (*CASE, "--api-key-env", "MY_KEY")
        done = invoke(
            "run", f"http://{host}/v1", *case, "--code", "curl", "--report", str(tmp_path)
        )
    again = invoke("report", str(tmp_path), "--code", "curl")
    for each in (done, again):
        assert f"http://{host}/v1/chat/completions" in each.stdout
        assert "$MY_KEY" in each.stdout


def test_a_request_without_a_body_has_no_code(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write(path, NO_DONE.__class__("a", Request("POST", "https://h/v1"), NO_DONE.response))
    assert "import httpx" not in invoke("lint", str(path), "--code", "httpx").stdout
