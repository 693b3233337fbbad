"""A saved report is read back whole; an edited or truncated one is an error of one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import FailOn
from conformance.reports.json import run as run_json
from conformance.reports.json.saved_file import ReportError
from conformance.reports.json.saved_run import read_run
from conformance.runs.results import Report
from conformance.runs.selection import Selection
from tests.helpers.shipped_cassettes import gathered
from tests.reports.sample_reports import document, finding, target, verdict, written


def read(path: Path) -> Report:
    return read_run(path, shipped_suite(), shipped_corpus())


def test_a_report_is_read_back_whole(tmp_path: Path) -> None:
    selection = Selection(
        "openai", ("llama.cpp",), cases=frozenset({"image-data", "stream-unicode-emoji"})
    )
    report = gathered(selection).report(selection)
    assert report.examples
    again = read(run_json.write(report, tmp_path))
    first, second = (json.loads(run_json.as_json(each)) for each in (report, again))
    for counted in ("protocol", "model"):
        first["summary"][counted]["not exercised"] = 0  # they are not saved
    assert second == first
    assert again.examples == report.examples


def test_what_is_accepted_and_what_fails_the_run_is_saved(tmp_path: Path) -> None:
    accepted = finding("wrong", accepted="ours (https://tracker.example/7)")
    saved = document(
        verdict("accepted", findings=[accepted]),
        verdict("stale", "ERR-019"),
        fail_on={"levels": ["must", "should"], "stale": True},
        expectation_problems=["e.toml:3: ENV-008 no longer fails"],
    )
    again = read(written(tmp_path, saved))
    (told,) = again.targets
    assert [(each.verdict, each.fails_run) for each in told.verdicts] == [
        ("accepted", False),
        ("stale", True),
    ]
    assert told.verdicts[0].findings[0].accepted == "ours (https://tracker.example/7)"
    assert again.fail_on == FailOn(("must", "should"), stale=True)
    assert again.expectation_problems == ("e.toml:3: ENV-008 no longer fails",)
    twice = json.loads(run_json.as_json(again))
    for name in ("fail_on", "expectation_problems", "verdicts"):
        assert twice[name] == saved[name]


def test_each_target_of_one_name_keeps_what_was_not_judged_of_it(tmp_path: Path) -> None:
    rows = [
        {"target": "t", "part": 0, "what": "a", "answers": 2},
        {"target": "t", "part": 1, "what": "b", "answers": 3},
    ]
    saved = document(targets=[target(), target(profile="openai-compatible")], not_judged=rows)
    again = read(written(tmp_path, saved))
    assert [each.not_judged for each in again.targets] == [(("a", 2),), (("b", 3),)]
    assert json.loads(run_json.as_json(again))["not_judged"] == rows


def test_only_a_truncated_file_is_called_truncated(tmp_path: Path) -> None:
    whole = json.dumps(document(verdict("pass"), suite="1.0 \N{BUG}"), ensure_ascii=False).encode()
    for end in range(1, len(whole), 7):
        with pytest.raises(ReportError, match=r": the file was cut; run again, conformance run"):
            read(written(tmp_path, whole[:end]))
    for other in (whole.replace(b",", b";"), b"<html>", whole + b"}"):
        with pytest.raises(ReportError) as error:
            read(written(tmp_path, other))
        assert "file was cut" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (
            document(verdict("pass", target="u"), targets=[target()]),
            "verdicts.0.target: 'u' is not in `targets`",
        ),
        (
            document(verdict("pass", part=1), targets=[target()]),
            "verdicts.0.part: targets.1 is not t",
        ),
        (
            document(verdict("pass", requirement="ENV-999")),
            "verdicts.0.requirement: unknown requirement ENV-999",
        ),
        (document(schema_version=2), "schema_version: is 2, expected 3"),
        (b'{"schema', "not JSON: "),
        (b" \n", "the file is empty; run again, conformance run ... --report DIR"),
        (b'{"schema_version": 3 "edition": "x"}', "not JSON: "),
        (document(examples=[{}]), "examples.0: "),
    ],
)
def test_an_error_in_a_report_names_file_and_field(given: Any, why: str, tmp_path: Path) -> None:
    path = written(tmp_path, given)
    with pytest.raises(ReportError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: {why}")
    assert "\n" not in str(error.value)
