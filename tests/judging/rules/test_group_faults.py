"""Faults that only several exchanges show: the requirement that a fault names reports it.

The groups conform without the fault.
"""

from functools import cache

import pytest

from conformance.faults import Fault, Group, group_faults
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.rules import session_rules, twin_rules
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import Verdict
from tests.judging.conftest import told as complete
from tests.judging.rules.groups import TWINS, Made, found_in
from tests.judging.rules.turns import SESSIONS

MADE = (*TWINS, *SESSIONS)


def verdicts(made: Made) -> list[Verdict]:
    if made in SESSIONS:
        return verdicts_of_session(profile(made.profile), shipped_suite(), made.exchanges)
    return verdicts_of_twins(profile(made.profile), shipped_suite(), *made.exchanges)


@cache
def passed(name: str) -> frozenset[str]:
    made = next(each for each in MADE if each.name == name)
    return frozenset(verdict.requirement for verdict in verdicts(made) if verdict.outcome == "pass")


def told(profile_name: str, exchanges: Group, of_session: bool) -> set[str]:
    """The requirements that several exchanges break together, those of known deviations left out; a
    crash fails the test."""
    by = profile(profile_name)
    found = found_in(
        verdicts_of_session(by, shipped_suite(), exchanges)
        if of_session
        else verdicts_of_twins(by, shipped_suite(), *exchanges)
    )
    assert all(isinstance(each, JudgedFinding) for each in found)
    return {
        complete(each.finding).requirement
        for each in found
        if isinstance(each, JudgedFinding) and not each.known
    }


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_a_group_conforms(made: Made) -> None:
    assert {verdict.outcome for verdict in verdicts(made)} <= {"pass", "not exercised"}
    assert passed(made.name)
    judge = judge_for(profile(made.profile), shipped_suite())
    assert [
        each
        for exchange in made.exchanges
        for each in judge.findings(exchange)
        if not (isinstance(each, JudgedFinding) and each.known)
    ] == []


def test_no_two_groups_have_one_name() -> None:
    assert len({made.name for made in MADE}) == len(MADE)


def test_every_row_is_met_by_two_groups() -> None:
    for row in (*twin_rules(), *session_rules()):
        assert sum(row in passed(made.name) for made in MADE) >= 2, row


@cache
def faulty(name: str) -> tuple[tuple[Made, Group], ...]:
    """The groups that a fault was put into: those that exercise the requirement that must catch
    it."""
    fault = group_faults()[name]
    changed = [
        (made, fault(made.exchanges))
        for made in MADE
        if fault.caught_by in passed(made.name) and made.profile == fault.profile
    ]
    return tuple((made, group) for made, group in changed if group is not None)


@pytest.mark.parametrize("fault", group_faults().values(), ids=group_faults())
def test_a_fault_is_told_by_the_requirement_it_names_and_by_no_other(fault: Fault[Group]) -> None:
    assert len(faulty(fault.name)) >= 2
    for made, group in faulty(fault.name):
        spoke = told(fault.profile, group, made in SESSIONS)
        assert fault.caught_by in spoke, made.name
        assert spoke <= {fault.caught_by} | fault.also, made.name


@pytest.mark.parametrize("row", [*twin_rules(), *session_rules()])
def test_every_row_is_broken_by_a_fault(row: str) -> None:
    assert any(fault.caught_by == row for fault in group_faults().values())


def test_the_order_of_a_twin_is_of_no_account() -> None:
    for fault in group_faults():
        for made, group in faulty(fault):
            if made in TWINS:
                plain, other = group
                assert told(made.profile, (other, plain), of_session=False) == told(
                    made.profile, group, of_session=False
                )
