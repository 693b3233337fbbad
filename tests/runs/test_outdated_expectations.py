"""Expectations: which failures an entry accepts, and when the entry itself fails the run."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from re import compile as compiled

import pytest

from conformance.judging.expectations import Expectation, Expectations
from conformance.judging.profiles import Condition
from conformance.runs.collecting import replayed
from conformance.runs.group_judging import judged_twins
from conformance.runs.outdated_expectations import problems
from conformance.runs.results import Answer, Report, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.summary import exit_code
from tests.helpers.judged_cases import judged_case
from tests.helpers.made_cassettes import LLAMA, shelve
from tests.judging.conftest import completion, error, stream
from tests.runs.test_group_judging import PARTS, WORDS

TODAY = date(2026, 6, 1)
TWINS = {"words": WORDS, "parts": PARTS}


def entry(requirement: str = "ENV-008", **rest: object) -> Expectation:
    given = {"frequency": "always", "reason": "known to us", "place": "e.toml:3", **rest}
    return Expectation(requirement, **given)  # type: ignore[arg-type]


def run(folder: Path, *entries: Expectation, **rest: object) -> Report:
    targets = tuple(each.name for each in folder.iterdir())
    selection = Selection(targets=targets, expected=Expectations(entries, TODAY), **rest)  # type: ignore[arg-type]
    return replayed(folder, selection).report(selection)


def broken(case: str = "chat-plain") -> dict[str, object]:
    return {"exchange": completion(created=-1), "case": case}


def outcomes(report: Report, requirement: str = "ENV-008") -> list[str]:
    return [
        verdict.verdict
        for target in report.targets
        for verdict in target.verdicts
        if verdict.requirement == requirement and verdict.verdict != "not exercised"
    ]


def test_an_accepted_failure_keeps_its_reason_and_does_not_fail_the_run(tmp_path: Path) -> None:
    shelve(tmp_path, **broken())  # type: ignore[arg-type]
    assert exit_code(run(tmp_path)) == 1
    made = run(tmp_path, entry(link="https://tracker.example/7"))
    assert (exit_code(made), made.expectation_problems) == (0, ())
    (target,) = made.targets
    (verdict,) = [each for each in target.verdicts if each.verdict == "accepted"]
    assert verdict.findings[0].accepted == "known to us (https://tracker.example/7)"
    assert verdict.findings[0].known is None


@pytest.mark.parametrize(
    ("rest", "accepted"),
    [
        ({"case": "chat-plain"}, True),
        ({"case": "chat-*"}, True),
        ({"case": "stream-*"}, False),
        ({"target": "sample"}, True),
        ({"target": "other"}, False),
        ({"condition": Condition(kind="completion")}, True),
        ({"condition": Condition(kind="stream")}, False),
        ({"condition": Condition(actual=compiled("^-1$"))}, True),
        ({"condition": Condition(actual=compiled("^0$"))}, False),
        ({"until": TODAY}, True),
        ({"until": date(2026, 5, 31)}, False),
    ],
)
def test_an_entry_accepts_what_it_names(
    tmp_path: Path, rest: dict[str, object], accepted: bool
) -> None:
    shelve(tmp_path, **broken())  # type: ignore[arg-type]
    made = run(tmp_path, entry(frequency="sometimes", **rest))  # type: ignore[arg-type]
    assert outcomes(made) == ["accepted" if accepted else "fail"]


def test_a_finding_that_no_entry_explains_still_fails(tmp_path: Path) -> None:
    shelve(tmp_path, completion(created=-1), case="chat-plain")
    shelve(tmp_path, completion(created=-2), case="chat-system")
    only = entry(condition=Condition(actual=compiled("^-1$")))
    assert outcomes(run(tmp_path, only)) == ["accepted", "fail"]


def test_an_entry_that_always_occurs_but_no_longer_fails_is_a_problem(tmp_path: Path) -> None:
    shelve(tmp_path)
    shelve(tmp_path, case="chat-system")
    made = run(tmp_path, entry())
    assert exit_code(made) == 1
    (problem,) = made.expectation_problems
    assert problem == (
        "e.toml:3: ENV-008 no longer fails: 2 answers that tested it kept it, first chat-plain:"
        ' delete the entry, or write occurs = "sometimes" if chance decides;'
        " `conformance expectations update DIR --prune` deletes it, DIR being that of run --report"
    )


@pytest.mark.parametrize(
    "rest",
    [
        {"frequency": "sometimes"},
        {"requirement": "SEQ-003"},
        {"condition": Condition(kind="stream")},
    ],
)
def test_what_occurs_sometimes_or_was_not_tested_is_not_missed(
    tmp_path: Path, rest: dict[str, object]
) -> None:
    shelve(tmp_path)
    assert run(tmp_path, entry(**rest)).expectation_problems == ()  # type: ignore[arg-type]


def test_one_failure_of_many_answers_confirms_an_entry(tmp_path: Path) -> None:
    shelve(tmp_path, **broken())  # type: ignore[arg-type]
    shelve(tmp_path, case="chat-system")
    assert run(tmp_path, entry()).expectation_problems == ()


def test_a_failure_that_is_known_anyway_confirms_an_entry(tmp_path: Path) -> None:
    coded = error(400, {"error": {"message": "No.", "type": "x", "param": None, "code": 400}})
    shelve(tmp_path, coded, case="error-known", **LLAMA)
    shelve(tmp_path, error(400), case="error-unknown-model", profile="openai-compatible")
    made = run(tmp_path, entry("ERR-019"))
    assert (sorted(outcomes(made, "ERR-019")), made.expectation_problems) == (["known", "pass"], ())


def test_an_answer_that_broke_off_does_not_refute_an_entry(tmp_path: Path) -> None:
    whole = stream()
    shelve(
        tmp_path,
        replace(whole, response=replace(whole.response, truncated=True)),
        case="stream-plain",
    )
    assert run(tmp_path, entry()).expectation_problems == ()


def test_an_expired_entry_is_a_problem_and_accepts_nothing(tmp_path: Path) -> None:
    shelve(tmp_path, **broken())  # type: ignore[arg-type]
    made = run(tmp_path, entry(until=date(2026, 5, 31)))
    assert made.expectation_problems == (
        "e.toml:3: ENV-008 was accepted until 2026-05-31: fix the failure and delete the entry, or"
        " write a later date",
    )


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ({"case": "stream-plain"}, 'e.toml:3: no case of this run is case = "stream-plain"'),
        ({"requirement": "THK-001"}, "e.toml:3: THK-001 is not required by the profile openai"),
    ],
)
def test_an_entry_that_can_apply_to_nothing_is_a_problem(
    tmp_path: Path, rest: dict[str, object], why: str
) -> None:
    shelve(tmp_path)
    made = run(tmp_path, entry(frequency="sometimes", **rest))  # type: ignore[arg-type]
    assert [problem.startswith(why) for problem in made.expectation_problems] == [True]
    assert exit_code(made) == 1


@pytest.mark.parametrize(
    ("entries", "rest"),
    [
        ({"case": "stream-plain"}, {"cases": frozenset({"chat-plain"})}),
        ({"requirement": "USG-003"}, {"requirements": frozenset({"ENV-008"})}),
        ({}, {"cases": frozenset({"chat-plain"})}),
        ({"target": "another"}, {}),
    ],
)
def test_a_run_that_was_narrowed_misses_nothing(
    tmp_path: Path, entries: dict[str, object], rest: dict[str, object]
) -> None:
    shelve(tmp_path)
    assert run(tmp_path, entry(**entries), **rest).expectation_problems == ()  # type: ignore[arg-type]


def test_a_case_that_was_left_out_or_not_answered_may_still_apply(tmp_path: Path) -> None:
    judged = judged_case(case="chat-plain")
    selection = Selection(expected=Expectations((entry(case="stream-plain"),), TODAY))
    for why, count in (("not a core case", 0), ("not supported by openai: n", 1)):
        skipped = [Unanswered("t", "stream-plain", why)]
        assert len(problems([judged], skipped, selection)) == count


def test_the_self_test_is_never_accepted() -> None:
    pair = [Answer("self-test", name, made) for name, made in TWINS.items()]
    expected = Expectations((entry("META-005"),), TODAY)
    (found,) = judged_twins(pair, Selection("openai", expected=expected))
    assert [each.verdict for each in found.verdicts] == ["fail"]
    judged = replace(found, refuted=expected.entries)
    assert problems([judged], [], Selection(expected=expected)) == ()


def test_a_served_reference_endpoint_is_a_target_like_any_other(tmp_path: Path) -> None:
    shelve(tmp_path, **broken(), provenance="emulated")  # type: ignore[arg-type]
    assert outcomes(run(tmp_path, entry())) == ["accepted"]
    shelve(tmp_path, provenance="emulated")
    assert "no longer fails" in run(tmp_path, entry()).expectation_problems[0]


@pytest.mark.parametrize("named", ["words", "parts", "parts+words", "words+parts"])
def test_twins_are_accepted_by_the_name_of_either_or_of_the_pair(named: str) -> None:
    pair = [Answer("a", name, made) for name, made in TWINS.items()]
    expected = Expectations((entry("META-005", case=named),), TODAY)
    (found,) = judged_twins(pair, Selection("openai", expected=expected))
    outcome = "fail" if named == "parts+words" else "accepted"
    assert [each.verdict for each in found.verdicts] == [outcome]
    assert len(found.confirmed) == (outcome == "accepted")


def test_the_server_behind_a_gateway_has_known_deviations(tmp_path: Path) -> None:
    coded = error(400, {"error": {"message": "No.", "type": "x", "param": None, "code": 400}})
    shelve(tmp_path, coded, case="error-known", profile="openai-compatible")
    assert outcomes(run(tmp_path), "ERR-019") == ["fail"]
    assert outcomes(run(tmp_path, behind="llama.cpp"), "ERR-019") == ["known"]
    assert outcomes(run(tmp_path, behind="SGLang"), "ERR-019") == ["fail"]
