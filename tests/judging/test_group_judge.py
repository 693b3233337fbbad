"""The judge of several exchanges: the same verdicts as for one, and known deviations that one of
them explains."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.profiles import Condition, Deviation, Profile, profile
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol.chat.twins import twin_relation, twins
from conformance.protocol.exchange import Exchange, Finding
from tests.helpers import shipped_cassettes
from tests.helpers.natural_conversations import conversations
from tests.helpers.project import RECORDINGS
from tests.judging.conftest import TOOLS, call, completion, stream
from tests.judging.rules.groups import GREEDY, TWINS, Made, asking, found_in, fragments, usage
from tests.judging.rules.turns import SESSIONS

OPENAI = profile("openai")
HELLO = (
    completion("Hello.", usage=usage(9)),
    stream("Good ", "day.", request={"stream_options": {"include_usage": True}}, usage=usage(8)),
)
"""A twin that breaks USG-009, which is a must of OpenAI's."""

PROFILE_OF = {
    "openai": "openai",
    "gemini-api": "gemini-api",
    "vertex-gemini": "vertex-gemini",
    "other:azure-openai": "azure-openai",
}


def by_row(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.requirement: verdict for verdict in verdicts}


def with_deviation(
    *conditions: Condition, row: str = "USG-009", of: Profile = OPENAI, frequency: str = "sometimes"
) -> Profile:
    return replace(
        of,
        deviations=tuple(
            Deviation(row, "seen", frequency, condition, ("a report",))  # type: ignore[arg-type]
            for condition in conditions
        ),
    )


def test_a_finding_has_its_row_and_the_level_of_the_profile() -> None:
    (found,) = found_in(verdicts_of_twins(OPENAI, shipped_suite(), *HELLO))
    assert isinstance(found, JudgedFinding)
    assert (found.finding.requirement, found.level, found.known) == ("USG-009", "must", None)
    assert (found.finding.expected, found.finding.actual, found.finding.count) == (9, 8, 1)
    assert [
        each.level
        for each in found_in(
            verdicts_of_twins(profile("openai-compatible"), shipped_suite(), *HELLO)
        )
        if isinstance(each, JudgedFinding)
    ] == ["should"]


def test_findings_of_one_row_are_counted() -> None:
    n = {"n": 2, **GREEDY}
    (found,) = found_in(
        verdicts_of_twins(
            OPENAI,
            shipped_suite(),
            completion("A.", "B.", request=n),
            stream((0, "C."), (1, "D."), request=n),
        )
    )
    assert isinstance(found, JudgedFinding)
    assert (found.finding.requirement, found.finding.count) == ("META-002", 2)


@pytest.mark.parametrize("made", TWINS, ids=lambda made: made.name)
def test_twins_are_judged_alike_whichever_comes_first(made: Made) -> None:
    a, b = made.exchanges
    assert verdicts_of_twins(profile(made.profile), shipped_suite(), a, b) == verdicts_of_twins(
        profile(made.profile), shipped_suite(), b, a
    )


def test_a_verdict_stands_for_each_row_of_the_profile_in_the_order_of_the_ledger() -> None:
    for name in ("openai", "gemini-api", "vertex-tgi"):
        rows = [row for row in requirements().values() if row.id in profile(name).levels]
        assert [
            each.requirement for each in verdicts_of_twins(profile(name), shipped_suite(), *HELLO)
        ] == [row.id for row in rows if row.needs == "twin"]
        assert [
            each.requirement for each in verdicts_of_session(profile(name), shipped_suite(), HELLO)
        ] == [row.id for row in rows if row.needs == "session"]


def test_exchanges_that_are_no_twins_show_nothing() -> None:
    strangers = (HELLO[0], asking(HELLO[1], seed=1))
    assert found_in(verdicts_of_twins(OPENAI, shipped_suite(), *strangers)) == []
    assert {
        verdict.outcome for verdict in verdicts_of_twins(OPENAI, shipped_suite(), *strangers)
    } == {"not exercised"}


def test_what_is_not_known_of_both_is_not_judged() -> None:
    cut = replace(HELLO[1], response=replace(HELLO[1].response, truncated=True))
    found = by_row(verdicts_of_twins(OPENAI, shipped_suite(), HELLO[0], cut))
    assert found["META-001"].outcome == "not exercised"
    assert found["USG-009"].outcome == "fail"


def test_a_row_that_a_profile_only_allows_is_never_found() -> None:
    refused = asking(completion(status=400), made_up=1)
    twin = (completion(), refused)
    assert {
        each.requirement
        for each in verdicts_of_twins(profile("vertex-gemini"), shipped_suite(), *twin)
        if each.outcome == "fail"
    } == {"META-007"}
    assert profile("openai-compatible").levels["META-007"] == "may"
    assert found_in(verdicts_of_twins(profile("openai-compatible"), shipped_suite(), *twin)) == []


@pytest.mark.parametrize(
    "condition",
    [
        Condition(),
        Condition(kind="stream"),
        Condition(kind="completion"),
        Condition(request=("include-usage",)),
        Condition(actual=re.compile("^8$")),
    ],
)
def test_a_deviation_whose_condition_one_of_the_two_meets_explains_the_finding(
    condition: Condition,
) -> None:
    by = with_deviation(condition)
    (found,) = found_in(verdicts_of_twins(by, shipped_suite(), *HELLO))
    assert isinstance(found, JudgedFinding)
    assert found.known == by.deviations[0]
    assert by_row(verdicts_of_twins(by, shipped_suite(), *HELLO))["USG-009"].outcome == "known"


@pytest.mark.parametrize(
    "condition",
    [
        Condition(model=re.compile("gemini")),
        Condition(kind="error"),
        Condition(kind="completion", request=("include-usage",)),
        Condition(actual=re.compile("^9$")),
    ],
)
def test_a_deviation_that_neither_meets_by_itself_explains_nothing(condition: Condition) -> None:
    assert (
        by_row(verdicts_of_twins(with_deviation(condition), shipped_suite(), *HELLO))[
            "USG-009"
        ].outcome
        == "fail"
    )


def test_a_deviation_that_always_comes_and_did_not_is_stale() -> None:
    fine = (
        HELLO[0],
        stream(
            "Good ", "day.", request={"stream_options": {"include_usage": True}}, usage=usage(9)
        ),
    )
    cut = (fine[0], replace(fine[1], response=replace(fine[1].response, truncated=True)))
    by = with_deviation(Condition(kind="stream"), frequency="always")
    assert by_row(verdicts_of_twins(by, shipped_suite(), *fine))["USG-009"].outcome == "stale"
    assert by_row(verdicts_of_twins(by, shipped_suite(), *cut))["USG-009"].outcome == "pass"
    on_mondays = with_deviation(Condition(kind="stream", also="on Mondays"), frequency="always")
    assert (
        by_row(verdicts_of_twins(on_mondays, shipped_suite(), *fine))["USG-009"].outcome == "pass"
    )
    assert (
        by_row(verdicts_of_twins(with_deviation(Condition()), shipped_suite(), *fine))[
            "USG-009"
        ].outcome
        == "pass"
    )


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", "gemini-4-pro", "gemini-flash-latest"])
def test_geminis_stop_after_a_streamed_call_is_known(model: str) -> None:
    request = {"model": model, "tools": [*TOOLS], "tool_choice": "required"}
    answer: dict[str, Any] = {
        "id": "nQiNafGyF5rw998Pstqoo12",
        "model": model,
        "request": request,
    }
    twin = (
        completion({"tool_calls": [call()]}, **answer),
        stream(*fragments('{"city":"Paris"}'), finish="stop", **answer),
    )
    found = by_row(verdicts_of_twins(profile("gemini-api"), shipped_suite(), *twin))
    assert (found["META-001"].outcome, found["META-003"].outcome) == ("known", "known")
    other = stream(*fragments("{}", name="get_time"), finish="tool_calls", **answer)
    assert (
        by_row(
            verdicts_of_twins(
                profile("gemini-api"), shipped_suite(), twin[0], asking(other, temperature=0)
            )
        )["META-003"].outcome
        == "not exercised"
    )
    greedy = (asking(twin[0], temperature=0), asking(other, temperature=0))
    assert (
        by_row(verdicts_of_twins(profile("gemini-api"), shipped_suite(), *greedy))[
            "META-003"
        ].outcome
        == "fail"
    )


@pytest.mark.parametrize("name", ["gemini-api", "vertex-gemini"])
@pytest.mark.parametrize(
    "twin", [(completion("Hello."), stream("")), (completion(""), stream("Hello."))]
)
def test_an_empty_answer_beside_one_that_speaks_is_known_of_gemini(
    twin: tuple[Exchange, Exchange], name: str
) -> None:
    by = profile(name)
    assert by_row(verdicts_of_twins(by, shipped_suite(), *twin))["META-001"].outcome == "known"
    assert by_row(verdicts_of_twins(OPENAI, shipped_suite(), *twin))["META-001"].outcome == "fail"


@pytest.mark.parametrize(
    ("name", "outcome"), [("gemini-api", "known"), ("vertex-gemini", "known"), ("openai", "fail")]
)
def test_an_empty_answer_beside_a_call_is_known_of_gemini(name: str, outcome: str) -> None:
    asked: dict[str, Any] = {"request": {"tools": [*TOOLS], "tool_choice": "required"}}
    plain, empty = completion({"tool_calls": [call()]}, **asked), stream("", **asked)
    found = by_row(verdicts_of_twins(profile(name), shipped_suite(), plain, empty))
    assert found["META-003"].outcome == outcome


def test_a_deviation_explains_a_conversation_by_one_of_its_turns() -> None:
    turns = next(made.exchanges for made in SESSIONS if made.name == "calls-twice")
    again = replace(turns[1], response=turns[0].response)
    assert (
        by_row(verdicts_of_session(OPENAI, shipped_suite(), (turns[0], again)))["TOOL-029"].outcome
        == "fail"
    )
    by = with_deviation(Condition(request=("tool-results",)), row="TOOL-029")
    assert (
        by_row(verdicts_of_session(by, shipped_suite(), (turns[0], again)))["TOOL-029"].outcome
        == "known"
    )


def test_a_rule_that_crashes_is_an_error_and_never_a_pass() -> None:
    def crashes(*_: object) -> Iterator[Finding]:
        raise ValueError("broken")

    def condition(*_: object) -> bool:
        raise KeyError("x")

    shipped = shipped_suite()
    of_twins, of_session = shipped.twin_rules["USG-009"], shipped.session_rules["TOOL-029"]
    suite = replace(
        shipped,
        twin_rules={**shipped.twin_rules, "USG-009": replace(of_twins, check=crashes)},
        session_rules={
            **shipped.session_rules,
            "TOOL-029": replace(of_session, conditions=(condition,)),
        },
    )
    twins, session = (
        verdicts_of_twins(OPENAI, suite, *HELLO),
        verdicts_of_session(OPENAI, suite, HELLO),
    )
    assert found_in(twins) == [RuleCrash("USG-009", "ValueError: broken")]
    assert found_in(session) == [RuleCrash("TOOL-029", "KeyError: 'x'")]
    assert by_row(twins)["USG-009"].outcome == "error"
    assert by_row(session)["TOOL-029"].outcome == "error"


def real_findings(
    exchanges: list[Exchange],
) -> dict[tuple[str, str], list[JudgedFinding | RuleCrash]]:
    """What is found in all natural twins and conversations among exchanges, by the ids of the first
    and the last."""

    def by(exchange: Exchange) -> Profile:
        return profile(
            str(
                exchange.meta.get("profile")
                or PROFILE_OF.get(str(exchange.meta.get("target")), "openai-compatible")
            )
        )

    found = {
        (a.id, b.id): found_in(verdicts_of_twins(by(a), shipped_suite(), a, b))
        for a, b in twins(exchanges)
    }
    found |= {
        (turns[0].id, turns[-1].id): found_in(
            verdicts_of_session(by(turns[0]), shipped_suite(), turns)
        )
        for turns in conversations(exchanges)
    }
    return {ids: findings for ids, findings in found.items() if findings}


def test_the_natural_twins_among_the_cassettes_conform() -> None:
    exchanges = list(shipped_cassettes.exchanges())
    assert {
        found.difference
        for a, b in twins(exchanges)
        if (found := twin_relation(a.request, b.request))
    } >= {
        "stream",
        "usage",
        "tools",
        "limit",
        "parts",
        "thinking",
    }
    unexpected = {
        ids: found
        for ids, found in real_findings(exchanges).items()
        if not all(isinstance(each, JudgedFinding) and each.known for each in found)
    }
    assert unexpected == {}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="../shared/recordings is not there")
def test_the_natural_twins_and_conversations_among_the_recordings_conform() -> None:
    exchanges = shipped_cassettes.exchanges_in(RECORDINGS)
    passed = Counter(
        each.requirement
        for a, b in twins(exchanges)
        for each in verdicts_of_twins(OPENAI, shipped_suite(), a, b)
        if each.outcome == "pass"
    )
    passed.update(
        each.requirement
        for turns in conversations(exchanges)
        for each in verdicts_of_session(OPENAI, shipped_suite(), turns)
        if each.outcome == "pass"
    )
    assert passed["META-001"] > 800
    assert passed["USG-009"] > 100
    assert min(passed[row] for row in ("TOOL-017", "THK-020")) > 30
    assert min(passed[row] for row in ("TOOL-029", "META-012")) >= 8
    assert real_findings(exchanges) == {}
