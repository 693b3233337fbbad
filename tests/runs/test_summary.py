"""Build the report, its counts and its exit code from verdicts."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases.corpus import shipped_corpus
from conformance.judging.profiles import profile
from conformance.judging.requirements import EDITION, Level, requirements
from conformance.judging.verdict import ON_MUST, FailOn, Outcome
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseReply, CaseVerdict, JudgedCase, Report, Unanswered
from conformance.runs.selection import Selection, cassettes
from conformance.runs.summary import (
    by_chapter,
    counts,
    demanded,
    exercises_nothing,
    exit_code,
    report_of,
    verdicts_of,
)
from conformance.traffic import Unreadable
from tests.helpers.judged_cases import judged_case
from tests.helpers.made_cassettes import replay, shelve_every_verdict

ALL = Selection()
UNREADABLE = Unreadable("a.yaml", "the file is empty")
SILENT = Unanswered("t", "c", "ConnectError")
NEVER = FailOn(())
SHOULD, MUST, MODEL = "ENV-007", "ENV-008", "MSG-005"


def verdict(
    requirement: str,
    outcome: Outcome,
    level: Level = "must",
    target: str = "t",
    case: str = "c",
    fail_on: FailOn = ON_MUST,
) -> CaseVerdict:
    return CaseVerdict(
        target,
        case,
        requirements()[requirement],
        level,
        outcome,
        () if outcome in ("pass", "not exercised") else (ReportedFinding("it is so"),),
        fail_on,
    )


def report(*verdicts: CaseVerdict, provenance: str = "recorded", **rest: object) -> Report:
    return report_of([judged_case(*verdicts, provenance=provenance)], ALL, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (report(verdict(MUST, "pass")), 0),
        (report(verdict(MUST, "known")), 0),
        (report(verdict(SHOULD, "fail", "should")), 0),
        (report(verdict(MODEL, "fail", "must")), 0),
        (report(verdict(MODEL, "stale", "must")), 0),
        (report(verdict(MUST, "fail")), 1),
        (report(verdict(MUST, "fail"), provenance="emulated"), 1),
        (report(verdict(SHOULD, "stale", "should")), 0),
        (report(verdict(SHOULD, "stale", "should", fail_on=FailOn(stale=True))), 1),
        (report(verdict(MUST, "accepted")), 0),
        (report(verdict(SHOULD, "fail", "should", fail_on=FailOn(("must", "should")))), 1),
        (replace(report(verdict(MUST, "pass")), expectation_problems=("a.toml:1: old",)), 1),
        (replace(report(verdict(MUST, "fail", fail_on=NEVER)), fail_on=NEVER), 0),
        (replace(report(verdict(MUST, "pass"), unanswered=[SILENT]), fail_on=NEVER), 3),
        (report(verdict(MUST, "error")), 3),
        (report(verdict(MUST, "pass"), unanswered=[SILENT]), 3),
        (report(verdict(MUST, "pass"), not_asked=[SILENT]), 0),
        (report(verdict(MUST, "fail"), verdict(SHOULD, "error")), 1),
        (report(verdict(MUST, "pass"), unreadable=[UNREADABLE]), 2),
        (report(verdict(MUST, "fail"), verdict(SHOULD, "error"), unreadable=[UNREADABLE]), 2),
    ],
)
def test_the_exit_code(made: Report, code: int) -> None:
    assert exit_code(made) == code


def test_the_self_test_is_not_in_the_totals() -> None:
    both = report_of(
        [
            judged_case(verdict(MUST, "pass")),
            judged_case(verdict(MUST, "fail"), provenance="emulated"),
        ],
        ALL,
    )
    assert [target.self_test for target in both.targets] == [True, False]
    assert [each.verdict for each in verdicts_of(both)] == ["pass"]
    assert [each.verdict for each in verdicts_of(both, self_test=True)] == ["fail"]


def test_a_run_that_only_skipped_exercises_nothing() -> None:
    assert exercises_nothing(report_of([], ALL))
    assert exercises_nothing(report(verdict(MUST, "not exercised")))
    assert not exercises_nothing(report(verdict(MUST, "not exercised"), verdict(SHOULD, "error")))


def test_a_target_lists_the_servers_and_versions_of_its_answers() -> None:
    cases = [
        judged_case(case="a", server="s", server_version="2"),
        judged_case(case="b", server="s"),
        judged_case(case="c", server_version="1"),
    ]
    (target,) = report_of(cases, ALL).targets
    assert (target.server, target.server_version, target.cases) == ("s", "1, 2", 3)


def answered(
    *statuses: int, cases: tuple[str, ...] = ("chat-plain", "chat-system", "chat-history")
) -> Report:
    replies = [
        CaseReply(case, status, wants_refusal=shipped_corpus().wants_refusal(case))
        for case, status in zip(cases, statuses, strict=False)
    ]
    return report_of(
        [
            judged_case(verdict(MUST, "pass", case=each.case), case=each.case, reply=each)
            for each in replies
        ],
        ALL,
    )


@pytest.mark.parametrize(
    ("statuses", "refused", "code"),
    [((200, 200, 400), 1, 0), ((400, 200), 1, 3), ((500, 502, 200), 2, 3), ((200, 200, 200), 0, 0)],
)
def test_a_run_is_inconclusive_if_half_or_more_is_refused(
    statuses: tuple[int, ...], refused: int, code: int
) -> None:
    made = answered(*statuses)
    assert (len(made.targets[0].refusals), exit_code(made)) == (refused, code)


def test_errors_of_error_cases_and_unknown_cases_are_not_refusals() -> None:
    made = answered(
        400, 404, 401, 400, cases=("error-n-zero", "negative-2e31dd60", "auth-wrong", "my-own-case")
    )
    assert (made.targets[0].refusals, exit_code(made)) == ((), 0)


def test_the_order_of_cases_does_not_matter(tmp_path: Path) -> None:
    shelve_every_verdict(tmp_path)
    outcomes = [
        each
        for path in cassettes(tmp_path, ())
        for each in replay(path, ALL)
        if isinstance(each, JudgedCase)
    ]
    assert report_of(outcomes, ALL) == report_of(reversed(outcomes), ALL)


def test_the_report_names_edition_and_profiles() -> None:
    made = report()
    assert (made.edition, dict(made.profiles)) == (EDITION, {"openai": profile("openai").digest})


def test_requirements_without_a_test_are_listed_in_the_order_of_their_files() -> None:
    (target,) = report(verdict("ENV-001", "pass"), verdict("ENV-002", "not exercised")).targets
    assert "ENV-001" not in target.not_exercised
    assert "ENV-002" in target.not_exercised
    assert {"twin", "session", "probe"} <= {
        requirements()[row].needs for row in target.not_exercised
    }
    assert all(profile("openai").levels[row] != "may" for row in target.not_exercised)
    order = list(requirements())
    assert list(target.not_exercised) == sorted(target.not_exercised, key=order.index)


def test_only_selected_requirements_are_listed_as_not_exercised() -> None:
    (target,) = report_of(
        [judged_case()], Selection(requirements=frozenset({"META-001", "ENV-008"}))
    ).targets
    assert target.not_exercised == ("ENV-008", "META-001")


def test_chapters_are_counted_for_protocol_and_model_the_worst_first() -> None:
    made = report(
        verdict("CHO-001", "pass"),
        verdict("ENV-007", "fail", "should"),
        verdict("ENV-008", "fail"),
        verdict("ENV-008", "not exercised", case="d"),
        verdict("ENV-001", "not exercised"),
        verdict("USG-001", "stale"),
        verdict("MSG-005", "fail"),
    )
    (target,) = made.targets
    protocol = by_chapter(target, requirements(), protocol=True)
    assert [each.prefix for each in protocol] == ["ENV", "USG", "CHO"]
    worst = protocol[0]
    in_chapter = sum(
        row.startswith("ENV-") and requirements()[row].about == "protocol"
        for row in demanded("openai", Selection())
    )
    assert (worst.must, worst.should, worst.stale, worst.passed, worst.exercised, worst.rows) == (
        1,
        1,
        0,
        0,
        2,
        in_chapter,
    )
    assert [each.prefix for each in by_chapter(target, requirements(), protocol=False)] == ["MSG"]


def test_counts_have_every_outcome() -> None:
    assert counts([verdict(MUST, "pass")]) == {
        "pass": 1,
        "fail": 0,
        "known": 0,
        "accepted": 0,
        "stale": 0,
        "not exercised": 0,
        "error": 0,
    }


def test_the_model_of_a_target_is_the_one_requested_most_often() -> None:
    asked = [
        replace(judged_case(case=str(number)), model=model)
        for number, model in enumerate((None, "no-such-model", "m", "m"))
    ]
    (target,) = report_of(asked, ALL).targets
    assert target.model == "m"
    assert report_of([judged_case()], ALL).targets[0].model is None


@pytest.mark.parametrize(
    ("thin", "code"), [((True, True, False), 3), ((True, False, False), 0), ((False,) * 3, 0)]
)
def test_a_run_is_inconclusive_if_half_or_more_is_empty_or_cut(
    thin: tuple[bool, ...], code: int
) -> None:
    cases = ("chat-plain", "chat-system", "chat-history")
    made = report_of(
        [
            replace(
                judged_case(verdict(MUST, "pass", case=case), case=case),
                reply=CaseReply(case, 200, wants_refusal=False, thin=empty),
            )
            for case, empty in zip(cases, thin, strict=True)
        ],
        ALL,
    )
    assert (len(made.targets[0].thin_answers), exit_code(made)) == (sum(thin), code)


def test_refused_and_empty_answers_are_added_up() -> None:
    replies = [
        CaseReply("chat-plain", 400, wants_refusal=False),
        CaseReply("chat-system", 200, wants_refusal=False, thin=True),
        CaseReply("chat-history", 200, wants_refusal=False),
        CaseReply("error-not-json", 400, wants_refusal=True),
    ]
    made = report_of(
        [
            judged_case(verdict(MUST, "pass", case=each.case), case=each.case, reply=each)
            for each in replies
        ],
        ALL,
    )
    assert exit_code(made) == 3
