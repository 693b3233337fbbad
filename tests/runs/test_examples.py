"""The exchanges that a report shows in full are the first that break each requirement."""

import pytest

from conformance.judging.requirements import Level, requirements
from conformance.runs import examples
from conformance.runs.examples import examples_of
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import Answer, CaseVerdict, JudgedCase, Report
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.helpers.judged_cases import judged_case
from tests.judging.conftest import completion, raw

MUST, SHOULD = "ENV-008", "ENV-007"
LONG = raw("".join(f"data: {number}\n\n" for number in range(50)), "text/event-stream")


def broken(requirement: str, *cases: str, event: int | None = None) -> list[JudgedCase]:
    level: Level = "must" if requirement == MUST else "should"
    found = (ReportedFinding("it is so", event=event),)
    return [
        judged_case(
            CaseVerdict("t", case, requirements()[requirement], level, "fail", found), case=case
        )
        for case in cases
    ]


def report(*judged: JudgedCase) -> Report:
    return report_of(judged, Selection())


def answers(*cases: str) -> list[Answer]:
    return [Answer("t", case, completion()) for case in cases]


def test_a_report_without_a_broken_requirement_has_no_example() -> None:
    assert examples_of(report(), answers("a", "b")) == ()


def test_the_worst_requirement_is_first_and_each_exchange_comes_once() -> None:
    made = report(*broken(SHOULD, "a", "b"), *broken(MUST, "b", "c"))
    shown = examples_of(made, answers("a", "b", "c", "d"))
    assert [(each.target, each.case) for each in shown] == [("t", "b"), ("t", "c"), ("t", "a")]


def test_at_most_three_exchanges_are_shown_for_a_requirement() -> None:
    made = report(*broken(MUST, *"abcde"))
    assert [each.case for each in examples_of(made, answers(*"abcde"))] == ["a", "b", "c"]


def test_all_exchanges_that_were_judged_together_are_shown() -> None:
    made = report(*broken(MUST, "talk+talk#2"))
    assert [each.case for each in examples_of(made, answers("talk", "talk#2"))] == [
        "talk",
        "talk#2",
    ]


def test_an_answer_that_is_not_there_is_left_out() -> None:
    assert [each.case for each in examples_of(report(*broken(MUST, "a", "b")), answers("b"))] == [
        "b"
    ]


def test_the_events_with_findings_are_shown() -> None:
    made = report(*broken(MUST, "a", event=10), *broken(SHOULD, "a", event=30))
    (shown,) = examples_of(made, [Answer("t", "a", LONG)])
    assert {10, 30} <= {event.number for event in shown.events}
    assert 20 not in {event.number for event in shown.events}


def test_the_number_of_exchanges_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST", 2)
    made = report(*broken(MUST, *"abc"))
    assert [each.case for each in examples_of(made, answers(*"abc"))] == ["a", "b"]
