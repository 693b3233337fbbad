"""All formats: equal reports give equal bytes, published schemas hold, the size is limited."""

from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import xmlschema

from conformance.cases.corpus import shipped_corpus
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.reports.formats import FORMATS, LINT_FORMATS
from conformance.reports.formats.found import found_in
from conformance.reports.json import run as run_json
from conformance.reports.json.saved_run import read_run
from conformance.runs.collecting import of_answers
from conformance.runs.results import Answer, JudgedCase, Report, Unanswered
from conformance.runs.selection import Selection, cassettes
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from tests.helpers.injections import INJECTIONS, exchanges
from tests.helpers.made_cassettes import replay, shelve_every_verdict
from tests.helpers.project import ROOT
from tests.reports.formats.sample import report
from tests.reports.sample_reports import finding, target, verdict

DATA = ROOT / "tests" / "data"
LONG = "x" * 5000


def every_verdict(folder: Path, **rest: Any) -> Report:
    shelve_every_verdict(folder)
    outcomes = [each for path in cassettes(folder, ()) for each in replay(path, Selection())]
    return report_of(
        [each for each in outcomes if isinstance(each, JudgedCase)], Selection(), **rest
    )


@cache
def spoilt(kind: str) -> Report:
    """Return a report on answers that have a hostile text in each place."""
    selection = Selection("openai")
    text = f"{INJECTIONS[kind]}{LONG}"
    answers = [
        Answer("t", f"chat-{number}", exchange)
        for number, (_, exchange) in enumerate(islice(exchanges(text), 0, None, 8))
    ]
    found = of_answers(answers, selection, [], [])
    return report_of(found.judged_cases, selection, found.unreadable, (), found.unanswered)


def undecided(folder: Path) -> Report:
    return every_verdict(
        folder,
        unreadable=[Unreadable("a.yaml:3", "not YAML")],
        unanswered=[Unanswered("t", "chat-plain", "connection refused")],
    )


def worst(folder: Path) -> Report:
    """Return a report in which every requirement fails three times, with the longest evidence."""
    rows = [
        {
            **verdict("fail", name, f"case-{number}"),
            "findings": [finding(LONG, expected=LONG, actual=["`|<&" * 200], pointer=f"/{LONG}")],
        }
        for name in requirements()
        for number in range(3)
    ]
    return report(folder, *rows)


def xml_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(DATA / "junit-10.xsd"))


def sarif_schema() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(orjson.loads((DATA / "sarif-2.1.0.json").read_bytes()))


@pytest.mark.parametrize("kind", INJECTIONS)
def test_a_report_gives_equal_bytes_live_and_read_back(kind: str, tmp_path: Path) -> None:
    live = spoilt(kind)
    saved = read_run(run_json.write(live, tmp_path), shipped_suite(), shipped_corpus())
    for name, render in FORMATS.items():
        assert render(live) == render(saved) == render(live), name


def test_junit_is_valid_by_the_schema_of_jenkins(tmp_path: Path) -> None:
    schema = xml_schema()
    made = [every_verdict(tmp_path / "a"), undecided(tmp_path / "b"), worst(tmp_path / "c")]
    for each in (*made, *map(spoilt, INJECTIONS), report(tmp_path, seconds=1234.5)):
        schema.validate(FORMATS["junit"](each).decode())
    assert not schema.is_valid("<testsuites><testsuite/></testsuites>")


def test_sarif_is_valid_by_the_published_schema(tmp_path: Path) -> None:
    schema = sarif_schema()
    made = [every_verdict(tmp_path / "a"), undecided(tmp_path / "b"), worst(tmp_path / "c")]
    for each in (*made, *map(spoilt, INJECTIONS), report(tmp_path)):
        log = orjson.loads(FORMATS["sarif"](each))
        assert [error.message for error in schema.iter_errors(log)] == []
    assert not schema.is_valid({"version": "2.1.0", "runs": [{}]})


SIZES = {
    "junit": 4 << 20,
    "sarif": 10 << 20,
    "markdown": 65_536,
    "badge": 1_000,
    "github": 65_536,
}
"""The most bytes of each format; GitHub takes 65,536 characters in a comment."""


def test_a_report_has_a_limited_size(tmp_path: Path) -> None:
    made = worst(tmp_path)
    too_large = [name for name, most in SIZES.items() if len(FORMATS[name](made)) > most]
    assert too_large == []
    assert SIZES.keys() == FORMATS.keys() - {"html"}


def test_a_format_of_a_lint_is_one_of_a_run(tmp_path: Path) -> None:
    made = every_verdict(tmp_path)
    for name, render in LINT_FORMATS.items():
        assert render(found_in(made)) == FORMATS[name](made)


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_without_a_verdict_has_a_report(name: str, tmp_path: Path) -> None:
    assert FORMATS[name](report(tmp_path, targets=[target()], verdicts=[]))


def test_expectations_that_are_out_of_date_are_shown_and_fail(tmp_path: Path) -> None:
    why = "conformance-expectations.toml:3: ENV-008 no longer fails"
    made = report(tmp_path, verdict("pass"), expectation_problems=[why])
    for name in ("junit", "sarif", "markdown", "github"):
        text = FORMATS[name](made).decode().replace("`", "")
        assert "ENV-008 no longer fails" in text, name
    assert b'<failure type="run"' in FORMATS["junit"](made)
    place = "file=conformance-expectations.toml,line=3,title=expectation out of date"
    assert f"\n::error {place}::{why}\n" in FORMATS["github"](made).decode()
    assert sarif_schema().is_valid(orjson.loads(FORMATS["sarif"](made)))
