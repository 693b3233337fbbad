"""A user's own cases are read from files and folders, and each wrong line is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.own_cases import OwnCaseError, read_own_cases
from conformance.protocol.chat.answer_check import AnswerCheck


def row(name: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hello"}]
    return {"id": name, "request": {"body": {"model": "{model}", "messages": messages}}, **more}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in rows), encoding="utf-8")
    return path


def test_a_short_row_is_completed(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.jsonl", row("mine-b", check={"value": "Hi"}), row("mine-a"))
    first, second = read_own_cases(path)
    assert (first.id, second.id) == ("mine-a", "mine-b")
    assert (second.method, second.path) == ("POST", "/chat/completions")
    assert second.source == f"{path}:1"
    assert second.check == AnswerCheck({"value": "Hi"})


def test_a_folder_and_several_files_are_read(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", row("mine-a"))
    write(tmp_path / "b.jsonl", row("mine-b"))
    (tmp_path / "notes.txt").write_text("not a case", encoding="utf-8")
    other = write(tmp_path / "c.json", row("mine-c"))
    assert [case.id for case in read_own_cases(tmp_path, other)] == ["mine-a", "mine-b", "mine-c"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nonsense", "not JSON: "),
        ("[1]", "row: "),
        (json.dumps(row("Mine")), "id: "),
        (json.dumps(row("mine", check={"pattern": "("})), "check.pattern: not a regular"),
        (json.dumps({"id": "mine", "request": {}}), 'request: "body" is a required property'),
        (json.dumps({"id": "mine"}), 'row: "request" is a required property'),
        (json.dumps(row("audio-gs")), "id: 'audio-gs' is a case that ships"),
        (json.dumps(row("ask-tool-eggs")), "id: 'ask-tool-eggs' is a case that ships"),
        (json.dumps(row("fine")), "id: 'fine' is also the id of "),
        ("[" * 5000, "not JSON: "),
    ],
)
def test_a_wrong_line_is_named_with_its_place(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(f"{json.dumps(row('fine'))}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(OwnCaseError) as error:
        read_own_cases(path)
    (told,) = error.value.problems
    assert told.startswith(f"{path}:3: {problem}")
    assert "\n" not in told


def test_many_wrong_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("x\n" * 14, encoding="utf-8")
    with pytest.raises(OwnCaseError) as error:
        read_own_cases(path)
    lines = str(error.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "and 4 more"


def test_a_file_without_a_case_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OwnCaseError, match="no case"):
        read_own_cases(write(tmp_path / "mine.jsonl"))
    with pytest.raises(OwnCaseError, match="not a file"):
        read_own_cases(Path("/dev/null"))
    with pytest.raises(FileNotFoundError):
        read_own_cases(tmp_path / "missing.jsonl")
