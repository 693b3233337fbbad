"""A finding reads the same in all reports."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.requirements import requirements
from conformance.reports.text.findings import evidence, heading, level_of, located, message
from conformance.runs.reported_finding import ReportedFinding

WRONG = ReportedFinding("wrong")


def test_a_requirement_about_the_model_is_marked() -> None:
    assert level_of(requirements()["ENV-008"], "must") == "must"
    assert level_of(requirements()["MSG-005"], "must") == "must (model)"
    assert heading(requirements()["MSG-005"], "must").startswith("MSG-005  must (model)  ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "log:2"),
        ({"event": 0}, "log:2 event 0"),
        ({"pointer": "/id"}, "log:2 /id"),
        ({"event": 3, "pointer": "/id"}, "log:2 event 3 /id"),
    ],
)
def test_where_it_is(changes: dict[str, Any], said: str) -> None:
    assert located("log:2", replace(WRONG, **changes)) == said
    assert located("", replace(WRONG, **changes)) == said.removeprefix("log:2").strip()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "wrong"),
        ({"count": 1000}, "wrong (1,000 times)"),
        ({"count": 2, "known": "no id (5.1)"}, "wrong (2 times) [known: no id (5.1)]"),
    ],
)
def test_what_it_is(changes: dict[str, Any], said: str) -> None:
    assert message(replace(WRONG, **changes)) == said


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        (None, None, []),
        ("a string", 3, ["Expected: a string", "Actual:   3"]),
        ("", "x", ['Expected: ""', 'Actual:   "x"']),
        (["stop", None], "eos", ['Expected: ["stop",null]', 'Actual:   "eos"']),
        (None, "12", ['Actual:   "12"']),
        ("not null", None, ["Expected: not null", "Actual:   null"]),
    ],
)
def test_what_was_expected_and_what_came(expected: Any, actual: Any, lines: list[str]) -> None:
    assert list(evidence(replace(WRONG, expected=expected, actual=actual))) == lines
