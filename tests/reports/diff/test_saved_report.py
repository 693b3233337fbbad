"""Saved reports are validated, and their texts are made safe for one line."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance._files import data_folder
from conformance.reports.diff.saved_report import ReportError, cases_of
from conformance.reports.json import run as run_json
from conformance.reports.json import saved_file
from conformance.runs.results import JudgedCase
from conformance.runs.selection import Selection, cassettes
from conformance.runs.summary import report_of
from tests.helpers.made_cassettes import replay
from tests.reports.sample_reports import (
    absent,
    document,
    finding,
    read,
    read_back,
    reply,
    target,
    verdict,
    written,
)


def test_our_own_report_is_read_back_whole(tmp_path: Path) -> None:
    played = [
        each
        for path in cassettes(data_folder("cassettes"), ["llama.cpp"])
        for each in replay(path, Selection())
        if isinstance(each, JudgedCase)
    ]
    made = report_of(played, Selection())
    run_json.write(made, tmp_path)
    found = read_back(tmp_path)
    assert found == read_back(tmp_path / "report.json")
    assert (found.edition, found.suite, found.corpus, dict(found.profiles)) == (
        made.edition,
        made.suite,
        made.corpus,
        dict(made.profiles),
    )
    (ours,), (theirs,) = made.targets, found.targets
    assert (theirs.name, theirs.model, theirs.profiles, theirs.self_test) == (
        ours.name,
        ours.model,
        (ours.profile,),
        False,
    )
    exercised = [each for each in ours.verdicts if each.verdict != "not exercised"]
    assert list(theirs.verdicts) == [(each.case, each.requirement) for each in exercised]
    assert [each.verdict for each in theirs.verdicts.values()] == [
        each.verdict for each in exercised
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; run again"),
        (b"{", "not JSON: unexpected end of data: line 1 column 2 (char 1): the file was cut; run"),
        (b'{"a": NaN}', "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[]", "not the report of a run: "),
        (b'"report"', "not the report of a run: "),
        (b'{"log": {"entries": []}}', "not the report of a run: "),
        (
            document(schema_version=1),
            "schema_version: is 1, expected 3: written by an older version",
        ),
        (
            document(schema_version=4, suite="9.1"),
            "schema_version: is 4, expected 3: written by a newer version, 9.1; use that version",
        ),
        (
            document(schema_version=True),
            "schema_version: is True, expected 3; run again, conformance run ... --report DIR",
        ),
        (
            {key: value for key, value in document().items() if key != "schema_version"},
            "schema_version: is missing, expected 3",
        ),
        (
            {key: value for key, value in document().items() if key != "corpus"},
            'not the report of a run: "corpus" is a required property',
        ),
        (document(verdict("maybe")), "verdicts.0.verdict: "),
        (document(verdict("pass"), verdict("fail", findings=[])), "verdicts.1.findings: "),
        (document(verdict("fail", findings=[finding(count=0)])), "verdicts.0.findings.0.count: "),
        (
            document(verdict("pass", requirement="XYZ-999")),
            "verdicts.0.requirement: unknown requirement XYZ-999; the report was written by",
        ),
        (
            document(verdict("pass", target="u"), targets=[target()]),
            "verdicts.0.target: 'u' is not in `targets`",
        ),
        (
            document(verdict("pass"), replies=[reply("chat-plain"), reply("chat-plain", "u")]),
            "replies.1.target: 'u' is not in `targets`",
        ),
        (
            document(verdict("pass"), verdict("fail")),
            "verdicts.1: duplicate verdict for chat-plain and ENV-008",
        ),
    ],
)
def test_what_is_no_report_is_told_with_file_and_field_on_one_line(
    tmp_path: Path, content: Any, said: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ReportError) as refused:
        read_back(tmp_path)
    message = str(refused.value)
    assert message.startswith(f"{path}: {said}")
    assert message.isprintable()
    assert len(message) < 1000


def test_a_report_is_read_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, document(verdict("pass")))
    monkeypatch.setattr(saved_file, "LONGEST", path.stat().st_size)
    assert read_back(path).targets
    monkeypatch.setattr(saved_file, "LONGEST", path.stat().st_size - 1)
    with pytest.raises(ReportError, match="larger than the limit of 0 MB"):
        read_back(path)


def test_what_a_finding_says_is_cut_and_obeyed_by_no_terminal(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(230):
        deep = [deep]
    evil = finding(
        "\x1b[2Jgone\nnext",
        known="\x1b]0;x\x07" + "k" * 9000,
        pointer="/\x9b",
        expected="e" * 9000,
        actual=deep,
    )
    (each,) = (
        read(tmp_path, verdict("fail", findings=[evil]))
        .targets[0]
        .verdicts[("chat-plain", "ENV-008")]
        .findings
    )
    assert each.message == "\\x1b[2Jgone next"
    assert each.known is not None
    assert each.known.isprintable()
    assert each.pointer == "/\\x9b"
    assert len(each.known) <= 400
    assert each.expected == "e" * 400 + "… (9000 characters)"
    assert str(each.actual).endswith("(461 characters)")


def nested(folder: Path, levels: int) -> Path:
    content = run_json.lines_of(
        document(verdict("fail", findings=[finding(actual="HERE")]))
    ).replace(b'"HERE"', b"[" * levels + b"]" * levels)
    return written(folder, content)


def test_a_value_nested_too_deeply_is_refused_and_not_followed(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"not JSON"):
        read_back(nested(tmp_path, 100_000))


def test_a_value_nested_as_deeply_as_can_be_parsed_is_read_or_refused(tmp_path: Path) -> None:
    with suppress(ReportError):  # how far Python follows depends on its version
        assert read_back(nested(tmp_path, 1005)).targets[0].verdicts


@pytest.mark.parametrize("field", ["edition", "profiles", "verdicts", "targets"])
def test_a_deep_value_in_the_wrong_place_is_refused_in_one_line(tmp_path: Path, field: str) -> None:
    content = run_json.lines_of(document(**{field: "HERE"})).replace(
        b'"HERE"', b"[" * 900 + b"]" * 900
    )
    with pytest.raises(ReportError, match=r"report\.json: nested too deeply$"):
        read_back(written(tmp_path, content))


def test_a_target_of_several_profiles_is_one_and_a_self_test_is_wholly_emulated(
    tmp_path: Path,
) -> None:
    entries = [
        target(model=None),
        target(profile="vertex-gemini", provenance="emulated"),
        target("self", provenance="emulated", server=None),
    ]
    one, other = read(
        tmp_path,
        targets=entries,
        not_asked=[absent("audio-wav", "no cassette")],
        unanswered=[absent("conversation-chat#2", "stalled")],
    ).targets
    assert (one.name, one.profiles, one.model, one.server, one.self_test) == (
        "t",
        ("openai", "vertex-gemini"),
        "m",
        "llama.cpp b1",
        False,
    )
    assert (other.name, other.server, other.self_test) == ("self", "b1", True)
    assert (dict(one.not_asked), dict(one.unanswered)) == (
        {"audio-wav": "no cassette"},
        {"conversation-chat#2": "stalled"},
    )
    assert (one.answered(), one.cases()) == (set(), {"audio-wav", "conversation-chat"})


def test_cases_behind_a_verdict() -> None:
    assert cases_of("one") == cases_of("one#2") == cases_of("one+one#2+one#3") == {"one"}
    assert cases_of("one+other#2") == {"one", "other"}


@pytest.mark.skipif(os.name != "posix", reason="named pipes of POSIX")
def test_a_named_pipe_in_place_of_a_report_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.json")
    with pytest.raises(ReportError, match="a named pipe"):
        read_back(tmp_path)
