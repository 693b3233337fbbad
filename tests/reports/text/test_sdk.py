"""The results of the official SDK, as text and in the JSON report."""

import json
from dataclasses import replace
from io import StringIO

import jsonschema_rs
from rich.console import Console

from conformance._files import data_folder
from conformance.reports.json import run as run_json
from conformance.reports.text.sdk import render
from conformance.runs.sdk.reading import Break, CaseReading, Reading, Readings
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of

LOST, RAISED = (
    Break("stream()", "lost", "content of choice 0: 'a\x1b[2J'"),
    Break("create()", "raised", "JSONDecodeError: no"),
)
READINGS = Readings(
    "3.0.0",
    (
        CaseReading("t", "fine", Reading()),
        CaseReading("t", "lost", Reading((LOST,), strict="1 error, the first at created: no")),
        CaseReading("t", "raised", Reading((RAISED, LOST))),
        CaseReading("t", "quoted", Reading(not_read="only a part of the body was recorded")),
        CaseReading("t", "crashed", Reading(error="TypeError: of our own")),
    ),
)


def shown(readings: Readings) -> list[str]:
    out = StringIO()
    render(readings, Console(file=out, width=200, highlight=False, color_system=None))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_each_that_is_broken_has_a_line() -> None:
    assert shown(READINGS) == [
        (
            "openai SDK 3.0.0: 3 answers parsed, 2 broken, 1 not valid for the types of the SDK,"
            " 1 not parsed, 1 error of this suite. No verdict depends on the SDK."
        ),
        "  t/lost: stream() lost content of choice 0: 'a\\x1b[2J'",
        "  t/raised: create() raised JSONDecodeError: no, and 1 other failure",
        "  t/crashed: the SDK check crashed, please report it: TypeError: of our own",
        "",
    ]


def test_the_worst_is_the_outcome() -> None:
    assert [each.reading.outcome for each in READINGS.cases] == [
        "fine",
        "lost",
        "raised",
        "not read",
        "error",
    ]


def test_the_report_keeps_to_its_schema_and_tells_of_what_there_is_to_say() -> None:
    schema = json.loads((data_folder("schemas") / "report.json").read_text(encoding="utf-8"))
    document = json.loads(run_json.as_json(replace(report_of([], Selection()), sdk=READINGS)))
    assert list(jsonschema_rs.Draft202012Validator(schema).iter_errors(document)) == []
    assert document["sdk"] == {
        "version": "3.0.0",
        "read": 3,
        "broken": 2,
        "not_strict": 1,
        "not_read": 1,
        "errors": 1,
    }
    assert [each["case"] for each in document["sdk_readings"]] == [
        "lost",
        "raised",
        "quoted",
        "crashed",
    ]
    del document["sdk"]
    assert list(jsonschema_rs.Draft202012Validator(schema).iter_errors(document))
