"""The report as JSON: it matches its schema, is reproducible, and is written atomically."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from conformance._files import data_folder
from conformance.cases import cases
from conformance.cases.digest import digest_of_all
from conformance.endpoints.client.retries import Attempt
from conformance.reports.json import run as run_json
from conformance.runs.results import Report, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.shown_exchange import shown_exchange
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from tests.helpers.made_cassettes import report, shelve, shelve_every_verdict
from tests.helpers.shipped_cassettes import exchanges, gathered

SCHEMA = json.loads((data_folder("schemas") / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def whole(tmp_path: Path) -> Report:
    """A report in which nothing is empty."""
    shelve_every_verdict(tmp_path)
    shelve(tmp_path, target="reference", provenance="emulated")
    silent = [Unanswered("t", "c", "ConnectError")]
    made = report(
        tmp_path,
        unreadable=[Unreadable("a.yaml#1", "no")],
        not_asked=silent,
        unanswered=silent,
        attempts=[Attempt("c", 1, "status 429", 0.5)],
    )
    exchange = next(iter(exchanges()))
    return replace(made, examples=(shown_exchange("t", "c", exchange),))


def problems(document: Any) -> list[str]:
    return [
        error.message for error in jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(document)
    ]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith("/report.json")


def test_a_report_keeps_to_its_schema(whole: Report) -> None:
    document = json.loads(run_json.as_json(whole))
    assert problems(document) == []
    assert all(document[name] for name in SCHEMA["required"])
    assert {"fail", "known", "stale", "pass"} == {each["verdict"] for each in document["verdicts"]}


def test_the_report_on_the_shipped_cassettes_keeps_to_its_schema() -> None:
    assert (
        problems(
            json.loads(run_json.as_json(report_of(gathered(Selection()).judged_cases, Selection())))
        )
        == []
    )


@pytest.mark.parametrize(
    "where",
    [
        (),
        ("summary",),
        ("summary", "protocol"),
        ("summary", "self_test"),
        ("targets", 0),
        ("unreadable", 0),
        ("verdicts", 0),
    ],
)
def test_no_object_of_ours_may_hold_anything_else(
    whole: Report, where: tuple[str | int, ...]
) -> None:
    document = json.loads(run_json.as_json(whole))
    place = document
    for step in where:
        place = place[step]
    place["surplus"] = 1
    assert problems(document) != []


def test_a_finding_without_evidence_or_a_pass_with_a_finding_is_refused(whole: Report) -> None:
    document = json.loads(run_json.as_json(whole))
    failed = next(each for each in document["verdicts"] if each["verdict"] == "fail")
    passed = next(each for each in document["verdicts"] if each["verdict"] == "pass")
    passed["findings"], failed["findings"] = failed["findings"], []
    assert len(problems(document)) == 2


def test_the_summary_counts_protocol_model_and_self_test_apart(whole: Report) -> None:
    summary = run_json.summary(whole)
    assert (summary["cases"], summary["self_test"]["cases"]) == (7, 1)
    assert (
        summary["protocol"]["fail"],
        summary["model"]["fail"],
        summary["protocol"]["known"],
        summary["protocol"]["stale"],
    ) == (2, 1, 2, 2)
    assert summary["self_test"]["protocol"]["pass"] > 0
    assert (summary["not_asked"], summary["unanswered"], summary["unreadable"]) == (1, 1, 1)
    total = sum(
        sum(part[about].values()) - part[about]["not exercised"]
        for part in (summary, summary["self_test"])
        for about in ("protocol", "model")
    )
    assert total == len(json.loads(run_json.as_json(whole))["verdicts"])


def test_an_unchanged_run_gives_the_same_bytes(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    assert run_json.as_json(report(tmp_path)) == run_json.as_json(report(tmp_path))


def test_a_verdict_is_a_line(whole: Report) -> None:
    lines = run_json.as_json(whole).decode().splitlines()
    verdicts = [json.loads(line.rstrip(",")) for line in lines if '"verdict":' in line]
    assert verdicts == json.loads(run_json.as_json(whole))["verdicts"]


def test_a_report_is_written_whole_or_not_at_all(
    whole: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new" / "folder"
    path = run_json.write(whole, folder)
    assert path == folder / "report.json"
    before = path.read_bytes()
    assert before == run_json.as_json(whole)

    def breaks(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", breaks)
    with pytest.raises(OSError, match="No space"):
        run_json.write(report_of([], Selection()), folder)
    assert [each.name for each in folder.iterdir()] == ["report.json"]
    assert path.read_bytes() == before


def test_a_report_tells_the_corpus_and_the_model_that_was_asked(whole: Report) -> None:
    document = json.loads(run_json.as_json(whole))
    assert document["corpus"] == digest_of_all(cases())
    assert {target["model"] for target in document["targets"]} == {"gpt-4o"}
