"""The report of a run as text: order, evidence, and what was not tested."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.judging.requirements import requirements
from conformance.reports.text.run import render
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, JudgedCase, Report, Unanswered
from conformance.runs.selection import Selection, cassettes
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from tests.helpers.made_cassettes import replay, shelve, shelve_every_verdict
from tests.judging.conftest import completion


def report(folder: Path, **rest: Any) -> Report:
    outcomes = [each for path in cassettes(folder, ()) for each in replay(path, Selection())]
    return report_of(
        [each for each in outcomes if isinstance(each, JudgedCase)], Selection(), **rest
    )


def shown(made: Report, width: int = 120) -> str:
    out = StringIO()
    render(made, Console(file=out, width=width, highlight=False, color_system=None))
    return out.getvalue()


def test_the_whole_of_it(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    text = shown(report(tmp_path))
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0].startswith("FAIL: 2 targets, ")
    assert lines[2] == "llama.cpp: 2 cases, documented, from llama.cpp, judged as openai-compatible"
    assert "sample: 5 cases, documented, judged as openai" in lines
    table = lines[lines.index("sample: 5 cases, documented, judged as openai") :]
    assert table[3].split()[:4] == ["ENV", "Envelope", "1", "1"]
    assert "about the model's output:" in table
    failures = [
        lines.index(line)
        for line in lines
        if "  ENV-008  must" in line
        or "  ENV-007  should" in line
        or "  MSG-005  must (model)" in line
    ]
    assert len(failures) == 3
    assert failures == sorted(failures)
    at = failures[0]
    assert lines[at + 1] == "    Source:   OA-SPEC (docs/protocol.md of chat-conformance)"
    assert lines[at + 2] == "    sample/chat-must-fails /created"
    assert lines[at + 3] == "      the number is too small"
    assert lines[at + 5] == "      Actual:   -1"
    assert "Unexpected failures (3)" in lines
    assert "Stale deviations (2)" in lines
    known = lines.index("Known deviations (2); their sources are listed in docs/protocol.md")
    assert [line.split()[:2] for line in lines[known + 1 : known + 3]] == [
        ["ERR-007", "1"],
        ["ERR-019", "1"],
    ]
    assert "Not tested on sample: " in text
    assert lines[-1].startswith("7 cases: 1 must failure, 2 other failures, 2 stale, 2 known, ")


def test_of_a_run_of_few_cases_it_is_counted_what_was_not_exercised(tmp_path: Path) -> None:
    shelve(tmp_path, completion())
    assert re.search(
        r"^Not tested on sample: 1\d\d requirements; --format json lists them$",
        shown(report(tmp_path)),
        re.MULTILINE,
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_it_fits_the_terminal(tmp_path: Path, width: int) -> None:
    shelve_every_verdict(tmp_path)
    table = [
        line
        for line in shown(report(tmp_path), width).splitlines()
        if line.startswith(("ENV ", "MSG "))
    ]
    assert table
    assert all(len(line) <= max(width, 49) for line in table)


def test_a_self_test_is_named_and_counted_apart(tmp_path: Path) -> None:
    shelve(tmp_path, completion(created=-1), target="reference", provenance="emulated")
    text = shown(report(tmp_path))
    assert "reference: 1 case, self-test, emulated, " in text
    assert "sample" not in text
    assert "ENV-008" in text
    assert (
        text.rstrip().splitlines()[-1]
        == "Self-test, 1 case: 1 must failure, 0 other failures, 0 stale, 0 known, 36 passed."
    )


def test_an_assumed_profile_and_an_unknown_provenance_are_said(tmp_path: Path) -> None:
    path = shelve(tmp_path, profile=None, provenance=None)
    text = path.read_text(encoding="utf-8").replace("https://api.openai.com", "http://localhost")
    path.write_text(text, encoding="utf-8")
    assert (
        "unknown provenance, judged as openai-compatible (assumed; to change it, use --profile"
        " NAME)" in shown(report(tmp_path), 200)
    )


def test_cases_without_an_answer_are_listed_by_the_reason(tmp_path: Path) -> None:
    shelve(tmp_path)
    left = [
        Unanswered("t", name, why)
        for name, why in (
            ("a", "no cassette"),
            ("b", "not supported by sample: audio"),
            ("c", "no cassette"),
            ("d", "not supported by sample: audio, image"),
        )
    ]
    text = shown(
        report(
            tmp_path,
            not_asked=left,
            unanswered=[Unanswered("t", "d", "refused")],
            unreadable=[Unreadable("x.yaml", "the file is empty")],
        )
    )
    assert "Skipped: no cassette (2 cases): a, c" in text
    assert "Skipped: not supported by sample (2 cases): audio 2, image 1" in text
    assert "Unanswered: refused (1 case): d" in text
    assert "unreadable x.yaml: the file is empty" in text
    assert ", 1 unanswered, 1 unreadable." in text


def test_many_cases_without_an_answer_are_counted(tmp_path: Path) -> None:
    shelve(tmp_path)
    text = shown(
        report(
            tmp_path,
            unanswered=[Unanswered("t", f"case-{number:03}", "refused") for number in range(100)],
        ),
        400,
    )
    assert "Unanswered: refused (100 cases): case-000, case-001, " in text
    assert "case-007 and 92 more\n" in text


def test_one_requirement_that_many_cases_break_is_shown_by_its_first(tmp_path: Path) -> None:
    for number in range(5):
        shelve(tmp_path, completion(created=-1), case=f"case-{number}")
    text = shown(report(tmp_path))
    assert "Unexpected failures (5)" in text
    assert text.count("the number is too small") == 4
    assert "    and 2 more cases on sample: case-3, case-4\n" in text


def test_what_traffic_says_cannot_command_the_terminal() -> None:
    evil = "\x1b[2J\x9b2J\u202e[bold]\r\nend"
    verdict = CaseVerdict(
        evil,
        evil,
        requirements()["ENV-008"],
        "must",
        "fail",
        (ReportedFinding(evil, evil, evil, 3, f"/{evil}", 2),),
    )
    text = shown(
        report_of(
            [JudgedCase(evil, evil, "openai", False, "recorded", evil, evil, (verdict,), None)],
            Selection(),
        )
    )
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(text)
    assert "[bold]" in text
    assert "event 3 /" in text
    assert "(2 times)" in text


def test_a_rule_that_crashed_stands_before_failures() -> None:
    verdicts = (
        CaseVerdict("t", "c", requirements()["ENV-008"], "must", "fail", (ReportedFinding("x"),)),
        CaseVerdict(
            "t", "c", requirements()["ENV-007"], "should", "error", (ReportedFinding("KeyError"),)
        ),
    )
    text = shown(
        report_of(
            [JudgedCase("t", "c", "openai", False, None, None, None, verdicts, None)], Selection()
        )
    )
    assert (
        text.index("Rules that crashed (1)")
        < text.index("KeyError")
        < text.index("Unexpected failures (1)")
    )
    assert ", 1 crashed rule." in text
