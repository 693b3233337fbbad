"""The first line of a report."""

from dataclasses import replace

import pytest

from conformance.judging.requirements import requirements
from conformance.judging.verdict import FailOn, Outcome
from conformance.reports.text.verdict_line import verdict_line
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseReply, CaseVerdict, Report, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from tests.helpers.judged_cases import judged_case


def report(outcome: Outcome, status: int = 200, said: str = "", thin: bool = False) -> Report:
    verdict = CaseVerdict(
        "t", "c", requirements()["ENV-008"], "must", outcome, (ReportedFinding("wrong"),)
    )
    reply = CaseReply("chat-plain", status, said, wants_refusal=False, thin=thin)
    return report_of([judged_case(verdict, provenance=None, reply=reply)], Selection())


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (report("pass"), "PASS: t, 0 of 1 tested requirement broken, 1 case"),
        (report("accepted"), "PASS: t, 0 of 1 tested requirement broken, 1 accepted, 1 case"),
        (
            report("fail"),
            "FAIL: t, 1 of 1 tested requirement broken, 1 case",
        ),
        (
            report("not exercised"),
            "INCONCLUSIVE: t, 0 of 0 tested requirements broken, 1 case; no requirement was tested",
        ),
        (
            report("pass", 400, "no such thing"),
            "INCONCLUSIVE: t, 0 of 1 tested requirement broken, 1 case; 1 case refused:"
            " status 400, no such thing",
        ),
        (
            report("pass", thin=True),
            "INCONCLUSIVE: t, 0 of 1 tested requirement broken, 1 case; half or more of"
            " the answers are empty, cut, filtered or declined (1)",
        ),
    ],
)
def test_the_verdict_comes_first(given: Report, line: str) -> None:
    assert verdict_line(given) == line


def test_what_is_broken_is_counted_even_if_nothing_may_fail_the_run() -> None:
    (target,) = report("fail").targets
    verdicts = tuple(replace(each, fail_on=FailOn(())) for each in target.verdicts)
    given = replace(
        report("fail"), targets=(replace(target, verdicts=verdicts),), fail_on=FailOn(())
    )
    assert verdict_line(given) == "PASS: t, 1 of 1 tested requirement broken, 1 case"


def test_the_most_frequent_reason_is_named_without_what_led_to_it() -> None:
    retired = "status 404, the model is retired"
    given = replace(
        report("pass"),
        unanswered=(
            Unanswered("t", "a", "ReadTimeout"),
            Unanswered("t", "b", retired),
            Unanswered("t", "c", f"given up after 3 cases in a row without an answer: {retired}"),
        ),
    )
    assert verdict_line(given).endswith(f"; 3 cases without a complete answer: {retired}")


def test_what_cannot_be_read_is_named_first() -> None:
    given = replace(report("fail"), unreadable=(Unreadable("a.yaml", "empty"),))
    assert verdict_line(given) == (
        "UNREADABLE: t, 1 of 1 tested requirement broken, 1 case; 1 recording cannot be read"
    )


def test_several_targets_are_counted() -> None:
    other = report("pass").targets[0]
    given = replace(report("pass"), targets=(*report("pass").targets, replace(other, name="u")))
    assert verdict_line(given).startswith("PASS: 2 targets, ")


def test_a_target_that_answered_nothing_is_named_with_the_reason() -> None:
    given = report_of([], Selection(), unanswered=[Unanswered("t", "a", "ConnectError")])
    assert verdict_line(given) == "INCONCLUSIVE: t, no answer to any of 1 case: ConnectError"


def test_a_few_empty_answers_are_counted() -> None:
    target = report("pass").targets[0]
    good = CaseReply("chat-system", 200, wants_refusal=False)
    mixed = replace(target, replies=(replace(good, thin=True), good, good))
    assert verdict_line(replace(report("pass"), targets=(mixed,))).endswith(
        "; 1 answer empty, cut, filtered or declined"
    )
