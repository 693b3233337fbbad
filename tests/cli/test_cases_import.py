"""``conformance cases import`` writes a file that ``run --cases`` reads, and replaces none."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from conformance.cli import main

ASKED = {"messages": [{"role": "user", "content": "Hello?"}], "model": "m"}
ANSWER = {"choices": [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]}
RECORD = {
    "request": {"method": "POST", "url": "https://h.example/v1/chat/completions", "body": ASKED},
    "response": {"status": 200, "body": ANSWER},
}


def cases(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cases", *arguments])


def recording(folder: Path) -> str:
    path = folder / "traffic.jsonl"
    path.write_text(f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n", encoding="utf-8")
    return str(path)


def test_cases_are_written_and_no_file_is_replaced(tmp_path: Path) -> None:
    traffic, output = recording(tmp_path), tmp_path / "mine.jsonl"
    done = cases("import", traffic, "--output", str(output))
    assert done.exit_code == 0, done.output
    assert "Left out: the same request as another (1)." in done.stderr
    assert "1 case written to" in done.stderr
    assert json.loads(output.read_text(encoding="ascii"))["id"].startswith("mine-hello-")
    again = cases("import", traffic, "--output", str(output))
    assert again.exit_code == 2
    assert "the file exists; --force replaces it" in again.stderr
    assert cases("import", traffic, "--output", str(output), "--force").exit_code == 0


def test_without_a_file_the_cases_are_printed(tmp_path: Path) -> None:
    done = cases("import", recording(tmp_path))
    assert json.loads(done.stdout)["feature"] == "an imported request"


def test_nothing_to_import_is_an_error_with_the_reason(tmp_path: Path) -> None:
    done = cases("import", str(tmp_path / "missing.jsonl"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == "Error: no request could become a case"
    assert "no such file or folder" in done.stderr


def test_the_list_is_still_the_default() -> None:
    assert cases().stdout == cases("list").stdout
    assert cases("stream-plain").exit_code == 0
    assert "import" in cases("--help").stdout
