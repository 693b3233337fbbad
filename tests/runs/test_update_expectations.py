"""The failures of a report are added to a file, and what its user wrote is kept."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from conformance.judging.expectations import Expectation
from conformance.judging.expectations_file import parse
from conformance.judging.requirements import requirements
from conformance.judging.verdict import Outcome
from conformance.runs.outdated_expectations import kept_by
from conformance.runs.results import CaseVerdict, Report, Unanswered
from conformance.runs.update_expectations import NothingTested, Updated, updated
from tests.runs.test_summary import report, verdict

OWN = """\
# ours, see the wiki

# the billing team knows
[[expectations]]
requirement = "ENV-008"  # since May
case = "a"
occurs = "always"
reason = "The gateway sends milliseconds."
[expectations.condition]
kind = "completion"

# the other one
[[expectations]]
requirement = "USG-001"
occurs = "sometimes"
reason = "Seldom."
# the end
"""


def read(text: str) -> tuple[Expectation, ...]:
    return parse("e.toml", text, requirements().keys(), drafts=True)


def update(text: str, made: Report, cases: Collection[str] = (), *, prune: bool = False) -> Updated:
    return updated(text, read(text), made, cases, prune=prune)


def broken(*cases: str, requirement: str = "ENV-008", outcome: Outcome = "fail") -> Report:
    return report(*(verdict(requirement, outcome, case=case) for case in cases))


def test_a_new_file_has_an_entry_for_each_failing_case_and_asks_for_reasons() -> None:
    made = update("", broken("b", "a"))
    assert made.text == (
        "# The failures of this target that are accepted, and why. An entry without a reason is"
        " refused.\n"
        "\n"
        "[[expectations]]\n"
        f"# {requirements()['ENV-008'].sentence}\n"
        'requirement = "ENV-008"\n'
        'case = "a"\n'
        'occurs = "always"\n'
        "# a reason is needed: why is this failure accepted, and who will fix it?\n"
        'reason = ""\n'
        "\n"
        "[[expectations]]\n"
        f"# {requirements()['ENV-008'].sentence}\n"
        'requirement = "ENV-008"\n'
        'case = "b"\n'
        'occurs = "always"\n'
        "# a reason is needed: why is this failure accepted, and who will fix it?\n"
        'reason = ""\n'
    )
    assert (made.added, made.removed) == (2, 0)
    again = update(made.text, broken("b", "a"))
    assert (again.text, again.added) == (made.text, 0)


def test_the_comment_that_asks_for_a_reason_goes_once_there_is_one() -> None:
    made = update("", broken("b", "a"))
    comment = "# a reason is needed: why is this failure accepted, and who will fix it?\n"
    head, first, second = made.text.split(comment)
    written = first.replace('reason = ""', 'reason = "Ours."  ' + comment.strip())
    again = update(head + comment + written + comment + second, broken("b", "a"))
    assert again.text == head + written + comment + second
    assert (again.added, again.removed) == (0, 0)


def test_many_failing_cases_have_one_entry_and_so_has_the_model() -> None:
    (entry,) = read(update("", broken(*"abcdefg")).text)
    assert (entry.case, entry.frequency) == ("*", "always")
    (entry,) = read(update("", broken("a", requirement="MSG-005")).text)
    assert (entry.case, entry.frequency) == ("*", "sometimes")


def test_what_the_user_wrote_stays_and_a_new_entry_follows_its_requirement() -> None:
    made = update(OWN, broken("b"))
    own_first, _, own_rest = OWN.partition("\n# the other one")
    assert made.text.startswith(own_first)
    assert made.text.endswith("# the other one" + own_rest)
    assert [(entry.requirement, entry.case) for entry in read(made.text)] == [
        ("ENV-008", "a"),
        ("ENV-008", "b"),
        ("USG-001", "*"),
    ]
    assert read(made.text)[0].condition.kind == "completion"
    assert update(made.text, broken("b")).text == made.text


def test_a_new_requirement_comes_last_and_only_what_fails_is_added() -> None:
    made = update(OWN, broken("a", requirement="CHO-001"))
    assert [entry.requirement for entry in read(made.text)] == ["ENV-008", "USG-001", "CHO-001"]
    others: tuple[Outcome, ...] = ("pass", "known", "accepted", "stale", "error")
    for outcome in others:
        assert update(OWN, broken("b", outcome=outcome)).text == OWN
    (target,) = broken("a").targets
    self_test = replace(target, name="self-test")
    both = replace(broken("a"), targets=(self_test, replace(target, verdicts=())))
    assert update("", both).added == 0


def test_the_target_is_named_only_if_there_are_several() -> None:
    one = broken("a")
    (target,) = one.targets
    other = replace(
        target, name="u", verdicts=tuple(replace(each, target="u") for each in target.verdicts)
    )
    made = update("", replace(one, targets=(target, other)))
    assert [entry.target for entry in read(made.text)] == ["t", "u"]


def test_only_what_was_tested_and_holds_is_removed_and_only_if_asked_for() -> None:
    plain = OWN.replace('[expectations.condition]\nkind = "completion"\n', "")
    fine = report(verdict("ENV-008", "pass", case="a"), verdict("USG-001", "pass"))
    assert update(plain, fine).text == plain
    made = update(plain, fine, prune=True)
    assert (made.added, made.removed, made.untested) == (0, 1, 0)
    assert made.text == "# ours, see the wiki\n" + OWN.partition('kind = "completion"\n')[2]
    outcomes: tuple[Outcome, ...] = ("fail", "accepted", "known")
    for outcome in outcomes:
        made = update(plain, broken("a", outcome=outcome), prune=True)
        assert (made.text, made.untested) == (plain, 0)


@pytest.mark.parametrize(
    "tested",
    [
        verdict("ENV-008", "pass", case="b"),
        verdict("ENV-008", "error", case="a"),
        verdict("CHO-001", "pass", case="a"),
    ],
)
def test_what_a_report_did_not_test_is_kept_and_counted(tested: CaseVerdict) -> None:
    plain = OWN.replace('[expectations.condition]\nkind = "completion"\n', "")
    made = update(plain, report(tested), prune=True)
    assert (made.text, made.removed, made.untested) == (plain, 0, 1)


def test_a_report_of_some_of_the_cases_that_an_entry_names_removes_nothing() -> None:
    every = OWN.replace('case = "a"\n', "").replace(
        '[expectations.condition]\nkind = "completion"\n', ""
    )
    fine = report(verdict("ENV-008", "pass", case="c"))
    made = update(every, fine, ("c", "d"), prune=True)
    assert (made.text, made.untested) == (every, 1)
    skipped = replace(fine, not_asked=(Unanswered("t", "d", "not supported by openai: n"),))
    assert update(every, skipped, ("c", "d"), prune=True).removed == 1


def test_an_entry_with_a_condition_is_removed_only_if_the_run_says_that_it_is_over() -> None:
    fine = report(verdict("ENV-008", "pass", case="a"))
    assert update(OWN, fine, prune=True).untested == 1
    (entry, _) = read(OWN)
    assert update(OWN, with_problem(fine, kept_by(entry, ["a"])), prune=True).removed == 1
    other = kept_by(replace(entry, place="e.toml:14"), ["a"])
    assert update(OWN, with_problem(fine, other), prune=True).untested == 1


def with_problem(made: Report, problem: str) -> Report:
    return replace(made, expectation_problems=(problem,))


def test_a_report_without_answers_is_refused() -> None:
    for prune in (False, True):
        with pytest.raises(NothingTested, match="no answers"):
            update(OWN, replace(broken("a"), targets=()), prune=prune)


def test_line_ends_are_added_where_they_are_missing() -> None:
    made = update(OWN.rstrip("\n").removesuffix("\n# the end"), broken("a", requirement="CHO-001"))
    assert len(read(made.text)) == 3
