"""Columns of the table: names that differ, cells by the worst verdict, and what clients do."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.reports.matrix import words
from conformance.reports.matrix.matrix import Cell, Matrix, matrix_of
from conformance.reports.matrix.saved import read_for_matrix
from conformance.reports.matrix.text import render
from tests.reports.sample_reports import MUST, SHOULD, document, target, verdict, written


def made(folder: Path, *reports: dict[str, Any]) -> Matrix:
    """Return the table of these reports, in folders called 0, 1 and so on."""
    return matrix_of(
        [
            read_for_matrix(
                written(folder / str(number), report), shipped_suite(), shipped_corpus()
            )
            for number, report in enumerate(reports)
        ]
    )


def cell(matrix: Matrix, requirement: str, column: int = 0) -> Cell:
    (row,) = [row for row in matrix.rows if row.entry.id == requirement]
    return row.cells[column]


@pytest.mark.parametrize(
    ("outcomes", "shown"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "stale"], "pass"),
        (["pass", "known"], "known 1 of 2"),
        (["known", "accepted"], "known 1 of 2"),
        (["known", "fail", "fail"], "broken 2 of 3"),
        (["error", "pass"], "crashed 1 of 2"),
    ],
)
def test_a_cell_shows_the_worst_verdict_and_how_often(
    tmp_path: Path, outcomes: list[str], shown: str
) -> None:
    verdicts = [verdict(each, case=f"case-{number}") for number, each in enumerate(outcomes)]
    matrix = made(tmp_path, document(*verdicts))
    assert words.cell_text(cell(matrix, MUST)) == shown


def test_the_evidence_is_the_first_case_with_its_finding(tmp_path: Path) -> None:
    matrix = made(
        tmp_path,
        document(verdict("pass", case="a"), verdict("fail", case="b"), verdict("fail", case="c")),
    )
    assert words.evidence(cell(matrix, MUST)) == "b /created: it is so"


def test_what_does_not_apply_differs_from_what_was_not_tested(tmp_path: Path) -> None:
    matrix = made(
        tmp_path,
        document(verdict("pass"), targets=[target(not_exercised=[SHOULD])]),
        document(verdict("pass", "ENV-001")),
    )
    assert words.cell_text(cell(matrix, SHOULD, 0)) == "not tested"
    assert words.cell_text(cell(matrix, SHOULD, 1)) == "-"


def test_targets_of_the_same_name_get_names_that_differ(tmp_path: Path) -> None:
    one, other = document(verdict("pass")), document(verdict("fail"))
    names = [column.name for column in made(tmp_path, one, other).columns]
    assert len(set(names)) == 2
    assert names[0] == f"t ({tmp_path / '0' / 'report.json'})"
    by_profile = [target(), target(profile="gemini-api")]
    (first, second) = made(tmp_path, document(verdict("pass"), targets=by_profile)).columns
    assert (first.name, second.name) == ("t (openai)", "t (gemini-api)")
    twice = [target(), target()]
    assert [
        column.name for column in made(tmp_path, document(verdict("pass"), targets=twice)).columns
    ] == ["t #1", "t #2"]


def test_reports_of_other_cases_are_noted(tmp_path: Path) -> None:
    matrix = made(tmp_path, document(verdict("pass")), document(verdict("pass"), corpus="0" * 16))
    (note,) = matrix.notes
    assert note.startswith("the corpus of cases differs: ")


def test_many_targets_are_counted(tmp_path: Path) -> None:
    verdicts = [
        verdict("fail" if number % 3 else "pass", target=f"t{number:02}") for number in range(12)
    ]
    out = io.StringIO()
    render(made(tmp_path, document(*verdicts)), Console(file=out, width=80, highlight=False))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert f"{MUST} must  8 of 12 targets: t01, t02, t04, t05 and 4 more" in lines


def reading(case: str, outcome: str, what: str) -> dict[str, Any]:
    calls = [{"call": "create()", "outcome": outcome, "what": what}]
    shared = {"strict": "", "not_read": "", "error": ""}
    return {"target": "t", "case": case, "outcome": outcome, "breaks": calls, **shared}


def test_what_the_official_sdk_did_comes_first(tmp_path: Path) -> None:
    counts = {"read": 2, "broken": 1, "not_strict": 0, "not_read": 0, "errors": 0}
    report = document(
        verdict("fail"),
        sdk={"version": "9.9", **counts},
        sdk_readings=[reading("chat-plain", "raised", "IndexError")],
    )
    (column,) = made(tmp_path, report).columns
    assert words.impact(column)[0] == (
        "openai (Python) 9.9 raised an exception on 1 answer of this run, such as chat-plain:"
        " create() raised IndexError"
    )
    unbroken = {**report, "sdk_readings": []}
    (column,) = made(tmp_path, unbroken).columns
    assert (
        words.impact(column)[0]
        == "openai (Python) 9.9 read the answers of this run without a loss."
    )


def test_without_the_sdk_the_measured_faults_say_what_clients_do(tmp_path: Path) -> None:
    (column,) = made(tmp_path, document(verdict("known", "ENV-001"))).columns
    assert column.sdk is None
    first, *_, last = words.impact(column)
    assert first.startswith("openai (Python) ")
    assert "raises an error with faults of ENV-001 (1 case)" in first
    assert last.startswith("Faults like these also harm ")
    (sound,) = made(tmp_path, document(verdict("pass", "ENV-001"))).columns
    assert words.impact(sound) == []
