"""Broken requirements are counted over all answers, the worst first, each fault once."""

from dataclasses import replace
from typing import Literal

import pytest

from conformance.judging.requirements import Level, Requirement, requirements
from conformance.judging.verdict import FailOn, Outcome
from conformance.runs.broken import MOST_EXAMPLES, Broken, BrokenTally, Sighting, broken_in
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import EMULATED, CaseVerdict, Report
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.helpers.judged_cases import judged_case

ENTRY = requirements()["ENV-008"]
FOUND = (ReportedFinding("it is so"),)


def entry(
    identifier: str,
    about: Literal["protocol", "model"] = "protocol",
    covered_by: tuple[str, ...] = (),
) -> Requirement:
    """Return a requirement without a measured client impact."""
    return replace(ENTRY, id=identifier, about=about, covered_by=covered_by)


def sighting(
    requirement: Requirement,
    level: Level = "must",
    outcome: Outcome = "fail",
    case: str = "c",
    *,
    fails: bool = False,
) -> Sighting:
    return Sighting("t", case, requirement, level, outcome, fails, FOUND)


def summed(*answers: list[Sighting], judged: dict[str, int] | None = None) -> tuple[Broken, ...]:
    tally = BrokenTally()
    for answer in answers:
        tally.add(answer)
    return tally.broken(judged or {})


def ids(broken: tuple[Broken, ...]) -> list[tuple[str, ...]]:
    """Return the id of each broken requirement, followed by those that are listed with it."""
    return [(each.entry.id, *(other.id for other in each.also)) for each in broken]


def test_nothing_broken() -> None:
    assert summed() == summed([]) == ()


def test_answers_are_counted_and_the_first_are_kept() -> None:
    answers = [[sighting(entry("A-001"), case=f"c{number}")] for number in range(5)]
    (broken,) = summed(*answers, judged={"A-001": 8})
    assert (broken.answers, broken.judged) == (5, 8)
    assert broken.examples == tuple(answer for (answer,) in answers[:MOST_EXAMPLES])


@pytest.mark.parametrize(
    ("judged", "share", "of_answers"),
    [
        ({"A-001": 1_204}, "1 of 1,204", "1 of 1,204 answers"),
        ({"A-001": 1}, "1 of 1", "1 of 1 answer"),
        (None, "1", "1 answer"),
    ],
)
def test_the_share_is_of_the_answers_that_tested_it_if_those_were_counted(
    judged: dict[str, int] | None, share: str, of_answers: str
) -> None:
    tally = BrokenTally()
    tally.add([sighting(entry("A-001"))])
    (broken,) = tally.broken(judged)
    assert (broken.share, broken.share_of_answers) == (share, of_answers)


def test_without_their_number_what_more_answers_break_is_worse() -> None:
    tally = BrokenTally()
    tally.add([sighting(entry("A-001"))])
    for _ in range(2):
        tally.add([sighting(entry("A-002"))])
    assert ids(tally.broken(None)) == [("A-002",), ("A-001",)]


def test_at_least_the_answers_that_break_it_were_judged() -> None:
    (broken,) = summed([sighting(entry("A-001"))], [sighting(entry("A-001"))])
    assert (broken.answers, broken.judged) == (2, 2)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (
            sighting(entry("B-001"), "should", "stale", fails=True),
            sighting(entry("A-001"), "must", "error"),
        ),
        (sighting(entry("B-001"), "should", "error"), sighting(entry("A-001"), "must", "fail")),
        (sighting(entry("B-001", "model"), "must"), sighting(entry("A-001"), "should")),
        (sighting(entry("B-001")), sighting(entry("A-001", "model"))),
        (sighting(entry("ENV-001")), sighting(entry("A-001"))),
        (sighting(entry("A-001")), sighting(entry("B-001"))),
    ],
    ids=["fails the run", "crash", "level", "protocol", "clients", "id"],
)
def test_the_worst_is_first(worse: Sighting, better: Sighting) -> None:
    assert ids(summed([better, worse])) == [(worse.entry.id,), (better.entry.id,)]


def test_what_breaks_a_larger_share_of_the_answers_is_worse() -> None:
    rare, common = sighting(entry("A-001")), sighting(entry("B-001"))
    assert ids(summed([rare], [common], judged={"A-001": 9, "B-001": 2})) == [
        ("B-001",),
        ("A-001",),
    ]


def test_the_worst_verdict_on_a_requirement_counts() -> None:
    a = entry("A-001")
    (broken,) = summed(
        [sighting(a, "should", "stale")],
        [sighting(a, "should", "fail")],
        [sighting(a, "must", "fail", fails=True)],
    )
    assert (broken.level, broken.outcome, broken.fails_run) == ("must", "fail", True)
    (crashed,) = summed([sighting(a, fails=True)], [sighting(a, "should", "error")])
    assert (crashed.outcome, crashed.fails_run) == ("error", True)


COVER = entry("A-001")
COVERED = entry("B-001", covered_by=("A-001",))


def test_what_is_always_covered_is_named_with_its_cover() -> None:
    both = [sighting(COVERED), sighting(COVER)]
    assert ids(summed(both, both, [sighting(COVER)])) == [("A-001", "B-001")]


def test_what_is_broken_alone_once_stays_apart() -> None:
    both = [sighting(COVERED), sighting(COVER)]
    assert ids(summed(both, [sighting(COVERED)])) == [("A-001",), ("B-001",)]
    assert ids(summed([sighting(COVERED)], [sighting(COVER)])) == [("A-001",), ("B-001",)]


def test_a_cover_is_as_bad_as_the_worst_that_it_covers() -> None:
    other = sighting(entry("C-001"), "must", "fail")
    (first, second) = summed(
        [sighting(COVER, "should"), sighting(COVERED, "must", fails=True)], [other]
    )
    assert ids((first, second)) == [("A-001", "B-001"), ("C-001",)]
    assert (first.level, first.fails_run) == ("must", True)
    assert {each.entry.id for each in first.examples} == {"A-001"}


def test_a_chain_of_covers_is_one_line() -> None:
    chain = [COVER, COVERED, entry("C-001", covered_by=("B-001",))]
    assert ids(summed([sighting(each) for each in chain])) == [("A-001", "B-001", "C-001")]


def test_requirements_that_cover_each_other_are_one_line() -> None:
    pair = [entry("A-001", covered_by=("B-001",)), entry("B-001", covered_by=("A-001",))]
    (only,) = summed([sighting(each) for each in pair])
    assert {only.entry.id, *(each.id for each in only.also)} == {"A-001", "B-001"}


def test_the_cover_that_is_seen_most_often_is_chosen() -> None:
    covered = entry("D-001", covered_by=("A-001", "C-001"))
    common = [sighting(entry("C-001")), sighting(covered)]
    once = [sighting(COVER), sighting(covered)]
    assert ids(summed(once, common, common)) == [("A-001",), ("C-001", "D-001")]


def report(*judged: tuple[str, str, Outcome]) -> Report:
    """Return a report with these verdicts on ENV-008; each is (target, case, outcome)."""
    return report_of(
        [
            judged_case(
                CaseVerdict(target, case, ENTRY, "must", outcome, FOUND),
                target=target,
                case=case,
                provenance=EMULATED if target == "reference" else "recorded",
            )
            for target, case, outcome in judged
        ],
        Selection(),
    )


def test_a_report_counts_each_verdict_of_its_targets() -> None:
    (broken,) = broken_in(
        report(
            ("a", "c", "fail"),
            ("a", "d", "pass"),
            ("a", "e", "not exercised"),
            ("b", "c", "fail"),
            ("b", "d", "known"),
        )
    )
    assert (broken.entry, broken.answers, broken.judged, broken.fails_run) == (ENTRY, 2, 4, True)
    assert [(each.target, each.case) for each in broken.examples] == [("a", "c"), ("b", "c")]


def test_what_is_stale_is_listed_only_if_it_fails_the_run() -> None:
    made = report(("a", "c", "stale"))
    assert broken_in(made) == ()
    (target,) = made.targets
    failing = replace(target.verdicts[0], fail_on=FailOn(stale=True))
    (broken,) = broken_in(replace(made, targets=(replace(target, verdicts=(failing,)),)))
    assert (broken.outcome, broken.fails_run) == ("stale", True)


def test_a_report_of_expected_verdicts_has_nothing_broken() -> None:
    assert broken_in(report(("a", "c", "pass"), ("a", "d", "known"))) == ()


def test_a_self_test_counts_only_if_there_is_no_other_target() -> None:
    (alone,) = broken_in(report(("reference", "c", "fail")))
    assert alone.answers == 1
    assert broken_in(report(("reference", "c", "fail"), ("a", "c", "pass"))) == ()
