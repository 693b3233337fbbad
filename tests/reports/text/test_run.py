"""The report of a run as text: order, details, length, and what was left out."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from conformance.judging.requirements import requirements
from conformance.reports.text.run import View, render
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, Report, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from tests.helpers.judged_cases import judged_case
from tests.helpers.made_cassettes import report, shelve, shelve_every_verdict
from tests.judging.conftest import completion


def shown(made: Report, width: int = 120, view: View | None = None) -> str:
    out = StringIO()
    console = Console(file=out, width=width, highlight=False, color_system=None)
    render(made, console, view or View())
    return out.getvalue()


def test_the_verdict_comes_first_and_last(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    lines = shown(report(tmp_path), 80).splitlines()
    assert lines[0].startswith("FAIL: 2 targets, ")
    assert lines[1] == (
        "  llama.cpp: 2 cases, documented, from llama.cpp, judged as openai-compatible"
    )
    assert lines[-1] == "FAIL: exit code 1"


def test_each_broken_requirement_has_an_entry_the_worst_first(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    entries = [
        line.split()[:2]
        for line in shown(report(tmp_path), 200).splitlines()
        if re.search(r" of \d+ answers?", line)
    ]
    assert entries == [
        ["must", "ENV-008"],
        ["model", "MSG-005"],
        ["should", "ENV-007"],
    ]


def test_an_entry_has_count_message_and_place_then_details_follow(tmp_path: Path) -> None:
    for number in range(5):
        shelve(tmp_path, completion(created=-1), case=f"case-{number}")
    lines = shown(report(tmp_path), 80).splitlines()
    assert lines[3:5] == [
        "must    ENV-008  5 of 5 answers: the number is too small; first in case-0",
        "        /created",
    ]
    end = lines.index("  more:     conformance explain ENV-008")
    assert lines[6 : end + 1] == [
        "ENV-008  `created` of the response is an integer and a plausible Unix time in",
        "    seconds (not 0, not milliseconds)",
        "  in case-0 /created and 4 more answers",
        "  expected: 1000000000 or more",
        "  got:      -1",
        "  breaks:   2 of 7 clients raise an error",
        "  again:    conformance run --target sample --case case-0 --requirement ENV-008",
        "  more:     conformance explain ENV-008",
    ]


def test_verbose_shows_all_examples(tmp_path: Path) -> None:
    for number in range(5):
        shelve(tmp_path, completion(created=-1), case=f"case-{number}")
    text = shown(report(tmp_path), 80, View(verbose=True))
    assert text.count("  got:      -1") == 3
    assert "  in case-2 /created and 2 more answers" in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_any_report_fits_one_page(tmp_path: Path, width: int) -> None:
    verdicts = tuple(
        CaseVerdict("t", f"case-{number}", entry, "must", "fail", (ReportedFinding("wrong " * 30),))
        for number, entry in enumerate(requirements().values())
    )
    made = report_of([judged_case(*verdicts, provenance=None)], Selection())
    lines = shown(made, width).splitlines()
    assert len(lines) <= 40
    assert any(re.fullmatch(r"\+\d+ more: -v", line) for line in lines)
    assert sum("conformance explain" in line for line in lines) >= 1
    assert max(len(line) for line in lines if "again:" not in line) <= width


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_table_of_chapters_fits_the_terminal(tmp_path: Path, width: int) -> None:
    shelve_every_verdict(tmp_path)
    text = shown(report(tmp_path), width, View(frozenset({"chapters"})))
    table = [line for line in text.splitlines() if line.startswith(("ENV ", "MSG "))]
    assert table
    assert all(len(line) <= max(width, 49) for line in table)


def test_the_names_of_targets_stand_before_cases_only_if_there_are_several(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    assert "first in sample/chat-must-fails" in shown(report(tmp_path), 200)
    single = tmp_path / "single"
    shelve(single, completion(created=-1))
    assert "first in chat-plain /created" in shown(report(single), 200)


def test_a_self_test_counts_only_alone(tmp_path: Path) -> None:
    shelve(tmp_path, completion(created=-1), target="reference", provenance="emulated")
    assert "reference: 1 case, self-test, emulated, " in shown(report(tmp_path))
    assert "ENV-008" in shown(report(tmp_path))
    shelve(tmp_path)
    both = shown(report(tmp_path))
    assert "ENV-008" not in both
    assert "Self-test: 1 case of the suite's own endpoint" in both


def test_an_assumed_profile_and_an_unknown_provenance_are_said(tmp_path: Path) -> None:
    path = shelve(tmp_path, profile=None, provenance=None)
    text = path.read_text(encoding="utf-8").replace("https://api.openai.com", "http://localhost")
    path.write_text(text, encoding="utf-8")
    assert (
        "unknown provenance, judged as openai-compatible (assumed; to change it, use --profile"
        " NAME)" in shown(report(tmp_path), 200)
    )


def _with_gaps(folder: Path) -> Report:
    shelve(folder)
    left = [
        Unanswered("sample", name, why)
        for name, why in (
            ("a", "no cassette"),
            ("b", "not supported by sample: audio"),
            ("c", "no cassette"),
            ("d", "not supported by sample: audio, image"),
        )
    ]
    return report(
        folder,
        not_asked=left,
        unanswered=[Unanswered("sample", "e", "refused")],
        unreadable=[Unreadable("x.yaml", "the file is empty")],
    )


def test_what_was_left_out_is_counted_with_the_option_that_lists_it(tmp_path: Path) -> None:
    text = shown(_with_gaps(tmp_path))
    assert "Skipped: 4 cases: no cassette (2), not supported by sample (2) (--show skipped)" in text
    assert "Unanswered: 1 case: refused (--show unanswered)" in text
    assert re.search(r"Not tested: \d+ requirements \(--show not-tested\)", text)
    assert "unreadable x.yaml: the file is empty" in text
    assert text.endswith("UNREADABLE: exit code 2\n")


def test_what_was_left_out_is_listed_on_request(tmp_path: Path) -> None:
    text = shown(
        _with_gaps(tmp_path), 200, View(frozenset({"skipped", "unanswered", "not-tested"}))
    )
    assert "  no cassette (2 cases): a, c\n" in text
    assert "  not supported by sample: audio, image (1 case): d\n" in text
    assert "  refused (1 case): sample/e\n" in text
    assert re.search(r"^  sample: [A-Z]+-\d+, ", text, re.MULTILINE)


def test_known_deviations_are_listed_on_request(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    made = report(tmp_path)
    assert "Known deviations: 2 requirements, 2 times (--show known)" in shown(made)
    assert re.search(
        r"^  ERR-007  1 time: ", shown(made, 200, View(frozenset({"known"}))), re.MULTILINE
    )


def test_many_cases_without_an_answer_are_counted(tmp_path: Path) -> None:
    shelve(tmp_path)
    text = shown(
        report(
            tmp_path,
            unanswered=[
                Unanswered("sample", f"case-{number:03}", "refused") for number in range(100)
            ],
        ),
        400,
        View(frozenset({"unanswered"})),
    )
    assert "refused (100 cases): sample/case-000, sample/case-001, " in text
    assert "sample/case-007 and 92 more\n" in text


def test_the_last_line_has_the_time_and_the_file(tmp_path: Path) -> None:
    shelve(tmp_path)
    view = View(seconds=75, saved=Path("out/report.json"))
    lines = shown(report(tmp_path), view=view).splitlines()
    assert lines[0].endswith(", 1 min 15 s")
    assert lines[-1] == "PASS: exit code 0, 1 min 15 s, report: out/report.json"


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
            [judged_case(verdict, target=evil, case=evil, server=evil, server_version=evil)],
            Selection(),
        )
    )
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(text)
    assert "[bold]" in text
    assert "event 3 /" in text


def test_a_rule_that_crashed_stands_first_in_its_level_of_failure() -> None:
    verdicts = (
        CaseVerdict("t", "c", requirements()["ENV-007"], "should", "fail", (ReportedFinding("x"),)),
        CaseVerdict(
            "t", "c", requirements()["ENV-008"], "should", "error", (ReportedFinding("KeyError"),)
        ),
    )
    text = shown(report_of([judged_case(*verdicts, provenance=None)], Selection()))
    assert "crash   ENV-008  1 of 1 answer: KeyError; first in c" in text
    assert text.index("KeyError") < text.index("should  ENV-007")


def test_many_unreadable_recordings_are_counted() -> None:
    unreadable = [Unreadable(f"{number}.yaml", "the file is empty") for number in range(50)]
    made = report_of([], Selection(), unreadable=unreadable)
    brief = shown(made)
    assert brief.count("the file is empty") == 8
    assert "+42 more lines about what cannot be read: -v" in brief
    assert shown(made, view=View(verbose=True)).count("the file is empty") == 50


def test_what_is_listed_on_request_takes_no_room_from_the_broken(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    made = report(tmp_path)
    entries = [line for line in shown(made, 80).splitlines() if re.search(r" of \d+ answer", line)]
    listed = shown(made, 80, View(frozenset({"chapters", "known", "not-tested"})))
    assert [line for line in listed.splitlines() if re.search(r" of \d+ answer", line)] == entries
