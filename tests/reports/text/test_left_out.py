"""Each kind of thing that a report leaves out is counted on one line, and listed on request."""

from dataclasses import replace

from conformance.cli.run_options import SHOWN
from conformance.endpoints.client.retries import Attempt
from conformance.judging.requirements import requirements
from conformance.reports.text.left_out import NAMES, LeftOut, left_out
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import (
    CaseReply,
    CaseVerdict,
    JudgedCase,
    Report,
    TargetVerdicts,
    Unanswered,
)
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.helpers.judged_cases import judged_case


def judged(
    case: str,
    target: str = "t",
    known: tuple[str, ...] = (),
    status: int = 200,
    said: str = "",
    thin: bool = False,
) -> JudgedCase:
    """Return a judged case; ``known`` are the deviations that explain its findings for ENV-008."""
    findings = tuple(ReportedFinding("it is so", known=name) for name in known)
    verdict = CaseVerdict(
        target, case, requirements()["ENV-008"], "must", "known" if known else "pass", findings
    )
    reply = CaseReply(case, status, said, False, thin)
    return judged_case(verdict, target=target, case=case, reply=reply)


def kinds(report: Report, *shown: TargetVerdicts) -> dict[str, LeftOut]:
    found = {kind.name: kind for kind in left_out(report, shown or report.targets)}
    assert [name for name in NAMES if name in found] == [*found]
    found.pop("not-tested", None)
    return found


def of(*cases: JudgedCase) -> Report:
    return report_of(cases, Selection())


def test_every_kind_can_be_asked_for() -> None:
    assert {*NAMES, "chapters"} == {*SHOWN}


def test_nothing_left_out() -> None:
    report = of(judged("a"))
    complete = replace(report.targets[0], not_exercised=())
    assert list(left_out(report, [complete])) == []


def test_known_deviations_the_most_frequent_first() -> None:
    kind = kinds(of(judged("a", known=("x",)), judged("b", known=("y", "y"))))["known"]
    assert kind.line == "Known deviations: 1 requirement, 2 times"
    assert kind.entries == ("ENV-008  2 times: y", "ENV-008  1 time: x")


def test_refused_cases_by_reason_with_the_main_reason() -> None:
    refused = [
        judged("a", status=400, said="no"),
        judged("b", status=429),
        judged("c", status=429),
    ]
    kind = kinds(of(*refused))["refused"]
    assert kind.line == "Refused: 3 cases: status 429"
    assert kind.entries == ("status 429 (2 cases): t/b, t/c", "status 400, no (1 case): t/a")


def test_thin_answers() -> None:
    kind = kinds(of(judged("a", thin=True), judged("b")))["empty"]
    assert kind.line == "Empty, cut, filtered or declined: 1 answer"
    assert kind.entries == ("t/a",)


def test_skipped_cases_are_counted_by_reason_and_listed_with_what_is_missing() -> None:
    why = ("not supported by t: audio", "not supported by t: image", "no cassette: none here")
    rows = tuple(Unanswered("t", f"c{number}", each) for number, each in enumerate(why))
    kind = kinds(replace(of(judged("a")), not_asked=rows))["skipped"]
    assert kind.line == "Skipped: 3 cases: not supported by t (2), no cassette (1)"
    assert set(kind.entries) == {
        "not supported by t: audio (1 case): c0",
        "not supported by t: image (1 case): c1",
        "no cassette (1 case): c2",
    }


def test_skipped_cases_of_a_target_that_is_not_shown_are_left_out() -> None:
    report = replace(
        of(judged("a"), judged("a", target="reference")),
        not_asked=(Unanswered("t", "b", "no cassette"), Unanswered("reference", "b", "other")),
    )
    shown = [target for target in report.targets if target.name == "t"]
    assert kinds(report, *shown)["skipped"].entries == ("no cassette (1 case): b",)


def test_unanswered_cases_and_retries_by_reason() -> None:
    report = replace(
        of(judged("a")),
        unanswered=tuple(Unanswered("t", f"c{number}", "no\nroute") for number in range(10)),
        attempts=(Attempt("a", 1, "status 503", 1.0), Attempt("a", 2, "status 503", 2.0)),
    )
    found = kinds(report)
    assert found["unanswered"].line == "Unanswered: 10 cases: no route"
    (line,) = found["unanswered"].entries
    assert line.startswith("no route (10 cases): t/c0, ")
    assert line.endswith(" and 2 more")
    assert found["retries"].line == "Retries: 2: status 503"


def test_requirements_that_were_not_tested_by_target() -> None:
    report = of(judged("a"), judged("a", target="u"))
    one, two = (
        replace(target, not_exercised=names)
        for target, names in zip(
            report.targets, (("ENV-001",), ("ENV-001", "MSG-005")), strict=True
        )
    )

    def not_tested(*targets: TargetVerdicts) -> LeftOut:
        (kind,) = (kind for kind in left_out(report, targets) if kind.name == "not-tested")
        return kind

    assert not_tested(two).line == "Not tested: 2 requirements"
    assert not_tested(two, two).line == "Not tested: 2 requirements by target"
    assert not_tested(one, two).line == "Not tested: 1 to 2 requirements by target"
    assert not_tested(one, two).entries == ("t: ENV-001", "u: ENV-001, MSG-005")
