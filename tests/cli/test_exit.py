"""A command ends with its exit code; an operating system error is one line."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from conformance.cli.exit import exit_with, usage_error

LOG = (
    '{"request": {"method": "POST", "url": "https://api.openai.com/v1/chat/completions", "headers":'
    ' {}, "body": {"model": "m", "messages": []}}, '
)
LOG += (
    '"response": {"status": 200, "headers": {"content-type": "application/json"}, "body":'
    ' "{\\"id\\": \\"\\u00e9\\"}"}}\n'
)


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_code_is_that_of_the_command(code: int) -> None:
    with pytest.raises(SystemExit) as left:
        exit_with(lambda: code)
    assert left.value.code == code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "Error: No space left on device\n"),
        (PermissionError(13, "Permission denied", "report"), "Error: report: Permission denied\n"),
        (OSError("odd"), "Error: odd\n"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: OSError, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses() -> NoReturn:
        raise error

    with pytest.raises(SystemExit) as left:
        exit_with(refuses)
    assert left.value.code == 2
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("left", "code", "said"),
    [(BrokenPipeError, 141, ""), (KeyboardInterrupt, 130, "Interrupted.\n")],
)
def test_what_ends_a_command_from_outside_is_no_verdict(
    left: type[BaseException], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended() -> NoReturn:
        raise left

    with pytest.raises(SystemExit) as exited:
        exit_with(ended)
    assert exited.value.code == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", "LOG"],
        ["lint", "--format", "json", "LOG"],
        ["lint", "--format", "ndjson", "LOG"],
        ["requirements"],
    ],
)
def test_a_reader_that_went_away_is_no_finding(arguments: list[str], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(LOG * 2000, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "conformance",
        *(str(log) if each == "LOG" else each for each in arguments),
    ]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as unread:
        done = subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
@pytest.mark.skipif(os.name == "nt", reason="no shell that closes standard output")
def test_a_closed_output_leaves_the_verdict(form: str, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(LOG, encoding="utf-8")
    command = [
        "sh",
        "-c",
        'exec "$0" -m conformance lint --format "$1" "$2" >&-',
        sys.executable,
        form,
        str(log),
    ]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_character_that_the_output_lacks_is_written_as_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))

    def prints() -> int:
        print("é…")
        return 0

    with pytest.raises(SystemExit):
        exit_with(prints)
    assert out.getvalue() == b"\\xe9\\u2026\n"


def test_refusing_gives_the_code_of_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_error("no such thing") == 2
    assert capsys.readouterr().err == "Error: no such thing\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", "LOG"],
        ["lint", "--format", "json", "LOG"],
        ["lint", "--format", "ndjson", "LOG"],
        ["requirements"],
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_a_full_disk_is_told_in_one_line(arguments: list[str], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(LOG, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "conformance",
        *(str(log) if each == "LOG" else each for each in arguments),
    ]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: No space left on device\n")


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_what_cannot_be_said_on_standard_error_decides_nothing(where: str, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text("no record\n", encoding="utf-8")
    (tmp_path / "log.jsonl").write_text(LOG, encoding="utf-8")

    def code(*arguments: str) -> int:
        command = ["sh", "-c", f'exec "$0" -m conformance "$@" {where}', sys.executable, *arguments]
        return subprocess.run(
            command, stdout=subprocess.DEVNULL, cwd=tmp_path, check=False
        ).returncode

    assert code("lint", "log.jsonl") == 1
    assert code("lint", "--format", "ndjson", "broken.jsonl") == 2
    assert code("run", "--live") == 2


def test_a_lint_in_ascii_comes_to_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(LOG, encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "lint", str(log)],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"\\xe9" in done.stdout


@pytest.mark.parametrize(
    "module", ["click", "conformance.cli.run", "conformance.cli.run_cases", "conformance.cases"]
)
def test_ctrl_c_while_modules_are_imported_is_one_line(module: str) -> None:
    program = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.argv[1:] = ['run']\n"
        "from conformance.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Interrupted.\n")
