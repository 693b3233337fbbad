"""The comparison of two reports: kinds of changes, exit codes, and what can be compared."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from conformance._files import data_folder
from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.reports.diff.as_json import as_json
from conformance.reports.diff.comparability import NotComparable
from conformance.reports.diff.compare import (
    Diff,
    LostAnswer,
    StatusChange,
    compare,
    exit_code,
    summary,
)
from conformance.reports.diff.saved_report import read_report
from conformance.runs.reported_finding import ReportedFinding
from tests.reports.sample_reports import (
    MODEL,
    MUST,
    SHOULD,
    absent,
    document,
    read,
    reply,
    target,
    verdict,
    written,
)

ANOTHER = "fedcba9876543210"
CASES = ("chat-plain", "chat-system")
"""Two cases: the fewest that can show that a requirement is always broken."""


def diff(folder: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], **of_new: Any) -> Diff:
    """Compare two reports; each also holds a verdict that is the same in both."""
    same = verdict("pass", "CHO-001")
    return compare(read(folder / "old", same, *old), read(folder / "new", same, *new, **of_new))


def kinds(made: Diff) -> list[tuple[str, bool]]:
    return [(change.kind, change.fails_run) for each in made.targets for change in each.changes]


@pytest.mark.parametrize(
    ("old", "new", "kind", "decides"),
    [
        ("pass", "fail", "regression", True),
        ("known", "fail", "regression", True),
        ("stale", "fail", "regression", True),
        ("fail", "pass", "fixed", False),
        ("fail", "known", "deviation", False),
        ("fail", "stale", "deviation", True),
        ("pass", "known", "deviation", False),
        ("known", "pass", "deviation", False),
        ("stale", "pass", "deviation", False),
        ("stale", "known", "deviation", False),
        ("pass", "stale", "deviation", True),
        ("known", "stale", "deviation", True),
        ("pass", "accepted", "accepted", False),
        ("fail", "accepted", "accepted", False),
        ("accepted", "known", "accepted", False),
        ("accepted", "fail", "regression", True),
        ("accepted", "pass", "fixed", False),
        ("pass", "error", "crash", False),
        ("error", "fail", "crash", False),
        (None, "pass", "exercised", False),
        (None, "fail", "exercised", False),
        ("pass", None, "not exercised", False),
        ("fail", None, "not exercised", False),
    ],
)
def test_each_change_of_a_verdict_has_its_kind(
    tmp_path: Path, old: str | None, new: str | None, kind: str, decides: bool
) -> None:
    shipped: dict[str, Any] = {"fail_on": {"levels": ["must"], "stale": True}}
    other = verdict("pass", "CHO-001", case=CASES[1])
    made = diff(
        tmp_path,
        *([other, *(verdict(each, case=case) for case in CASES if each)] for each in (old, new)),
        **shipped,
    )
    assert kinds(made) == [(kind, decides)] * 2
    changes = made.targets[0].changes
    assert [(each.old, each.new, each.case, each.requirement) for each in changes] == [
        (old, new, case, MUST) for case in CASES
    ]
    assert exit_code(made) == int(decides)


def test_one_case_is_shown_and_proves_nothing(tmp_path: Path) -> None:
    made = diff(tmp_path, [verdict("pass")], [verdict("fail")])
    assert (kinds(made), exit_code(made)) == ([("regression", False)], 0)
    assert exit_code(made, require_proof=True) == 3


@pytest.mark.parametrize("outcome", ["pass", "fail", "known", "stale", "error"])
def test_a_verdict_that_stayed_is_no_change(tmp_path: Path, outcome: str) -> None:
    made = diff(
        tmp_path, [verdict(outcome)], [verdict(outcome, findings=verdict(outcome)["findings"] * 2)]
    )
    assert (kinds(made), made.notes, exit_code(made)) == ([], (), 0)


@pytest.mark.parametrize("requirement", [SHOULD, MODEL])
def test_neither_a_should_nor_what_a_model_says_decides(tmp_path: Path, requirement: str) -> None:
    made = diff(
        tmp_path,
        *([verdict(each, requirement, case=case) for case in CASES] for each in ("pass", "fail")),
    )
    assert (kinds(made), exit_code(made)) == ([("regression", False)] * 2, 0)
    assert exit_code(made, require_proof=True) == 0


def test_what_is_shown_is_the_new_finding_or_else_the_old_one(tmp_path: Path) -> None:
    broke, mended = (
        diff(tmp_path, [verdict(old)], [verdict(new)]).targets[0].changes[0]
        for old, new in (("pass", "fail"), ("fail", "pass"))
    )
    assert (
        broke.findings
        == mended.findings
        == (ReportedFinding("it is so", "more", -1, None, "/created"),)
    )


def test_changes_stand_by_kind_then_what_decides_then_by_the_ledger(tmp_path: Path) -> None:
    rows = ["MSG-005", "ENV-007", "CHO-002", "ENV-008"]
    made = diff(
        tmp_path,
        [*(verdict("pass", row) for row in rows), verdict("fail", "ENV-001")],
        [*(verdict("fail", row) for row in rows), verdict("pass", "ENV-001")],
    )
    assert [change.requirement for change in made.targets[0].changes] == [
        "ENV-008",
        "CHO-002",
        "ENV-007",
        "MSG-005",
        "ENV-001",
    ]


def test_a_case_in_one_report_only_is_told_with_the_reason_and_its_failures(tmp_path: Path) -> None:
    old = [
        verdict("pass", case="one"),
        verdict("fail", case="one+chat-plain", requirement="META-001"),
    ]
    made = diff(
        tmp_path,
        old,
        [verdict("fail", case="two"), verdict("fail", case="two#2")],
        not_asked=[absent("one", "no cassette")],
    )
    (compared,) = made.targets
    assert compared.cases == 1
    assert compared.changes == ()
    assert [(each.case, each.why, each.failures) for each in compared.only_old] == [
        ("one", "no cassette", 1)
    ]
    assert [(each.case, each.why, each.failures) for each in compared.only_new] == [
        ("two", "not in the report", 2)
    ]
    assert exit_code(made) == 0


def replies(*told: tuple[str, int, str]) -> list[dict[str, Any]]:
    return [reply(case, status=status, said=said) for case, status, said in told]


@pytest.mark.parametrize(
    ("case", "before", "after", "said", "lost"),
    [
        ("chat-plain", (200, ""), (400, "no such field"), "no such field", True),
        ("conversation-tools#2", (200, ""), (500, ""), "", True),
        ("chat-plain", (400, "no such field"), (200, ""), "no such field", False),
        ("chat-plain", (400, "no"), (422, "no, no"), "no, no", False),
        (
            "error-n-zero",
            (200, ""),
            (400, "n is too small"),
            "n is too small",
            False,
        ),  # which is what the case asks for
    ],
)
def test_a_case_that_is_answered_with_another_status_is_told(
    tmp_path: Path,
    case: str,
    before: tuple[int, str],
    after: tuple[int, str],
    said: str,
    lost: bool,
) -> None:
    old = read(tmp_path / "old", verdict("pass", case=case), replies=replies((case, *before)))
    made = compare(
        old, read(tmp_path / "new", verdict("pass", case=case), replies=replies((case, *after)))
    )
    assert made.targets[0].restated == (StatusChange(case, before[0], after[0], said, lost),)
    assert summary(made)["lost"] == int(lost)
    assert exit_code(made) == (3 if lost else 0)


@pytest.mark.parametrize("judged", [True, False])
def test_a_case_that_is_left_open_is_told_whether_a_part_was_judged_or_nothing(
    tmp_path: Path, judged: bool
) -> None:
    new = [verdict("pass")] if judged else []
    made = diff(
        tmp_path,
        [verdict("pass")],
        new,
        unanswered=[
            absent("chat-plain#2", "the answer was cut"),
            absent("chat-plain#3", "never asked"),
        ],
    )
    (compared,) = made.targets
    assert compared.left_open == (LostAnswer("chat-plain", "the answer was cut"),)
    assert compared.only_old == ()
    assert exit_code(made) == 3
    again = compare(made.new, made.new)
    assert (again.targets[0].left_open, exit_code(again)) == ((), 0)


def test_what_was_never_asked_leaves_nothing_open(tmp_path: Path) -> None:
    made = diff(tmp_path, [verdict("pass")], [], not_asked=[absent("chat-plain", "no cassette")])
    assert (made.targets[0].left_open, exit_code(made)) == ((), 0)


def test_a_regression_decides_whatever_is_left_open(tmp_path: Path) -> None:
    made = diff(
        tmp_path,
        [*(verdict("pass", case=case) for case in CASES), verdict("pass", case="two")],
        [verdict("fail", case=case) for case in CASES],
        unanswered=[absent("two", "refused")],
    )
    assert exit_code(made) == 1


def test_twins_are_compared_where_both_reports_have_both(tmp_path: Path) -> None:
    alone = [verdict("pass", case="twin")]
    made = diff(
        tmp_path,
        [*alone, verdict("pass", case="chat-plain+twin")],
        [*alone, verdict("fail", case="chat-plain+twin")],
    )
    assert kinds(made) == [("regression", False)]


def test_the_only_real_targets_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    own = [verdict("fail", target="self-test")]
    old = read(
        tmp_path / "old",
        verdict("pass", target="one"),
        *own,
        targets=[target("one"), target("self-test", provenance="emulated")],
    )
    new = read(tmp_path / "new", verdict("fail", target="other"))
    made = compare(old, new)
    assert [(each.old.name, each.new.name) for each in made.targets] == [("one", "other")]
    assert kinds(made) == [("regression", False)]
    assert made.notes == ()


def test_of_several_targets_those_of_one_name_are_compared_and_the_others_named(
    tmp_path: Path,
) -> None:
    old = read(tmp_path / "old", *(verdict("pass", target=name) for name in ("a", "b", "c")))
    new = read(tmp_path / "new", *(verdict("fail", target=name) for name in ("c", "d", "b")))
    made = compare(old, new)
    assert [(each.old.name, each.new.name) for each in made.targets] == [("b", "b"), ("c", "c")]
    assert made.notes == (
        "not compared, as only OLD has it: a",
        "not compared, as only NEW has it: d",
    )


def test_a_target_that_answered_nothing_any_more_lost_its_answers(tmp_path: Path) -> None:
    old = read(tmp_path / "old", *(verdict("pass", target=name) for name in ("a", "b")))
    new = read(
        tmp_path / "new",
        verdict("pass", target="a"),
        unanswered=[absent("chat-plain", "connection refused", "b")],
    )
    made = compare(old, new)
    assert [(each.old.name, each.new.name) for each in made.targets] == [("a", "a"), ("b", "b")]
    assert made.targets[1].left_open == (LostAnswer("chat-plain", "connection refused"),)
    assert made.notes == ()
    assert exit_code(made) == 3
    schema().validate(orjson.loads(as_json(made)))


def test_a_target_that_never_answered_does_not_keep_the_others_from_a_comparison(
    tmp_path: Path,
) -> None:
    old = read(tmp_path / "old", verdict("pass", target="a"))
    new = read(
        tmp_path / "new", verdict("fail", target="b"), unanswered=[absent("chat-plain", "no", "c")]
    )
    made = compare(old, new)
    assert [(each.old.name, each.new.name) for each in made.targets] == [("a", "b")]
    assert made.notes == ("not compared, as only NEW has it: c",)


def test_reports_of_an_own_suite_are_compared_in_the_order_of_its_requirements(
    tmp_path: Path,
) -> None:
    shipped = shipped_suite()
    like = shipped.requirements[MUST]
    suite = replace(
        shipped,
        requirements={
            id: replace(like, id=id) for id in ("OWN-002", "OWN-001", *shipped.requirements)
        },
    )
    ids = (MUST, "OWN-001", "OWN-002")
    old, new = (
        read_report(
            written(tmp_path / outcome, document(*(verdict(outcome, id) for id in ids))),
            suite,
            shipped_corpus(),
        )
        for outcome in ("pass", "fail")
    )
    (compared,) = compare(old, new).targets
    assert [change.requirement for change in compared.changes] == ["OWN-002", "OWN-001", MUST]


def test_self_tests_are_compared_where_there_is_nothing_else(tmp_path: Path) -> None:
    emulated = [target(provenance="emulated")]
    old, new = (
        read(tmp_path / "old", verdict("pass"), targets=emulated),
        read(tmp_path / "new", verdict("fail"), targets=emulated),
    )
    assert kinds(compare(old, new)) == [("regression", False)]
    with pytest.raises(
        NotComparable, match=r"^no target is in both reports: OLD has only a self-test, NEW has t$"
    ):
        compare(old, read(tmp_path / "real", verdict("pass")))


def cases(*names: str) -> list[dict[str, Any]]:
    return [verdict("pass", case=name) for name in names]


@pytest.mark.parametrize(
    ("of_new", "said"),
    [
        (
            {"edition": "2020-01"},
            (
                "OLD was judged by edition 2026-11 of the requirements, NEW by edition 2020-01;"
                " judge both with the same suite"
            ),
        ),
        (
            {"suite": "0.99.0"},
            (
                "OLD was made by version 0.1.0 of this suite, NEW by version 0.99.0; judge both"
                " with the same version"
            ),
        ),
        ({"suite": "1.1.0"}, "NEW by version 1.1.0"),
        ({"suite": "unheard of"}, "NEW by version unheard of"),
        (
            {"verdicts": [], "targets": [], "replies": []},
            "NEW contains no answer to judge; `unanswered` in its report.json says why",
        ),
        (
            {"verdicts": [], "targets": [target(provenance="emulated")]},
            "no target is in both reports: OLD has t, NEW has only a self-test",
        ),
        (
            {"verdicts": cases("c", "d"), "targets": [target()]},
            "only 0 of 4 cases are in both reports, fewer than half; run the same cases for both",
        ),
        (
            {
                "verdicts": cases("a"),
                "targets": [target()],
                "not_asked": [absent("x", "no"), absent("y", "no")],
            },
            "only 1 of 4 cases are in both",
        ),
        (
            {
                "verdicts": [],
                "targets": [target()],
                "unanswered": [absent("a", "no"), absent("b", "no")],
            },
            "no case was answered in both reports; unanswered in NEW: a: no",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(
    tmp_path: Path, of_new: dict[str, Any], said: str
) -> None:
    old = read(tmp_path / "old", *cases("a", "b"))
    new = read(tmp_path / "new", **{**document(*cases("a", "b")), **of_new})
    with pytest.raises(NotComparable) as refused:
        compare(old, new)
    assert said in str(refused.value)


def test_half_of_the_cases_are_enough_and_one_that_was_not_asked_is_one(tmp_path: Path) -> None:
    old = read(tmp_path / "old", *cases("a", "b"), not_asked=[absent("c", "no")])
    new = read(
        tmp_path / "new", *cases("a"), not_asked=[absent("x", "no")], unanswered=[absent("b", "no")]
    )
    assert compare(old, new).targets[0].cases == 1


@pytest.mark.parametrize(
    ("old", "new"), [("0.1.0", "0.1.7"), ("1.2.0", "1.9.1"), ("0.1", "0.1.0.dev1")]
)
def test_versions_that_judge_alike_are_compared_and_told(
    tmp_path: Path, old: str, new: str
) -> None:
    made = compare(
        read(tmp_path / "old", verdict("pass"), suite=old),
        read(tmp_path / "new", verdict("pass"), suite=new),
    )
    assert made.notes == (f"the version of the suite differs (OLD {old}, NEW {new})",)


def test_other_expectations_and_another_corpus_are_told_and_judged_anyway(tmp_path: Path) -> None:
    made = diff(
        tmp_path, [verdict("pass")], [verdict("fail")], profiles={"openai": ANOTHER}, corpus=ANOTHER
    )
    assert kinds(made) == [("regression", False)]
    assert [note.split(" (")[0] for note in made.notes] == [
        "the profile openai differs",
        "the corpus of cases differs",
    ]
    (note,) = diff(
        tmp_path, [], [], profiles={"vertex-vllm": ANOTHER}, targets=[target(profile="vertex-vllm")]
    ).notes
    assert note.startswith("t was judged by different profiles (OLD openai, NEW vertex-vllm): ")


def schema() -> Any:
    resources = [
        (each["$id"], each)
        for name in ("diff", "report")
        if (each := orjson.loads((data_folder("schemas") / f"{name}.json").read_bytes()))
    ]
    return jsonschema_rs.Draft202012Validator(
        resources[0][1], registry=jsonschema_rs.Registry(resources)
    )


def test_the_json_keeps_to_its_schema_and_says_it_all(tmp_path: Path) -> None:
    old = [verdict("pass"), verdict("fail", SHOULD), *cases("one", "both", "open")]
    new = [
        verdict("fail"),
        verdict("pass", SHOULD),
        verdict("fail", "ENV-001"),
        verdict("fail", case="two"),
        *cases("both"),
    ]
    answered = [
        *replies(
            ("both", 400, "no"), ("chat-plain", 400, "no"), ("chat-assistants-in-a-row", 200, "")
        ),
        reply("two"),
    ]
    made = diff(
        tmp_path, old, new, corpus=ANOTHER, replies=answered, unanswered=[absent("open", "stalled")]
    )
    whole = orjson.loads(as_json(made))
    assert [error.message for error in schema().iter_errors(whole)] == []
    assert whole["summary"] == summary(made)
    assert {name: count for name, count in whole["summary"].items() if count} == {
        "cases": 2,
        "restated": 2,
        "lost": 2,
        "left_open": 1,
        "only_old": 1,
        "only_new": 1,
        "regression": 1,
        "fixed": 1,
        "exercised": 1,
    }
    assert whole["word"] == "cannot tell"
    assert [
        (each["metric"], each["word"], each["harmed"], each["decides"]) for each in whole["results"]
    ] == [(MUST, "changed", ["chat-plain"], False), (SHOULD, "no worse", [], False)]
    assert whole["lost_tool_calls"] == []
    first = whole["changes"][0]
    assert (
        first["kind"],
        first["requirement"],
        first["about"],
        first["old"],
        first["new"],
        first["decides"],
    ) == (
        "regression",
        MUST,
        "protocol",
        "pass",
        "fail",
        False,
    )
    assert first["findings"][0]["actual"] == -1
    assert whole["only_new"] == [
        {"target": 0, "case": "two", "why": "not in the report", "failures": 1}
    ]
    assert whole["restated"][0] == {
        "target": 0,
        "case": "both",
        "old": 200,
        "new": 400,
        "said": "no",
        "lost": True,
    }
    assert whole["left_open"] == [{"target": 0, "case": "open", "why": "stalled"}]
    assert len(whole["notes"]) == 1
    whole["changes"][0]["surplus"] = 1
    assert not schema().is_valid(whole)
