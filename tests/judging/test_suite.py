"""Two suites judge in one process without seeing each other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from types import MappingProxyType
from typing import Any

import pytest
from rich.console import Console

from conformance.cases import Case
from conformance.cases.corpus import corpus_of
from conformance.cases.digest import digest_of_all
from conformance.endpoints.client.live_target import LiveTarget
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import FALLBACK, PROFILE_HEADER, UnknownProfile, profile
from conformance.judging.rule import ANSWER, Rule, finding
from conformance.judging.suite import Suite, shipped_suite
from conformance.judging.verdict import MUST_ONLY
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange, Finding
from conformance.reports.json.run import as_json
from conformance.reports.text.run import render
from conformance.runs.case_judging import judge_case
from conformance.runs.hunt.hunting import broken
from conformance.runs.lint import Tally, lint
from conformance.runs.live.asking import chosen
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from conformance.runs.summary import exit_code, report_of
from tests.judging.conftest import completion

OWN = "OWN-001"


def _no_greeting(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        if "Hello" in choice.text:
            yield finding("the answer greets", actual=choice.text)


def own_suite() -> Suite:
    """One requirement of a user beside those of ENV, with a rule, in the profile openai."""
    shipped = shipped_suite()
    like = shipped.requirements["ENV-004"]
    kept = {id: each for id, each in shipped.requirements.items() if id.startswith("ENV-")}
    levels = {id: level for id, level in shipped.profile("openai").levels.items() if id in kept}
    own = replace(shipped.profile("openai"), levels=MappingProxyType({**levels, OWN: "must"}))
    return Suite(
        requirements={**kept, OWN: replace(like, id=OWN, sentence="An answer does not greet")},
        profiles={"openai": own},
        rules={OWN: Rule(OWN, _no_greeting, ANSWER, (), frozenset())},
        twin_rules={},
        session_rules={},
    )


def found(exchange: Exchange, suite: Suite) -> set[str]:
    judge = judge_for(suite.profile("openai"), suite)
    return {
        each.finding.requirement
        for each in judge.findings(exchange)
        if isinstance(each, JudgedFinding)
    }


def test_two_suites_judge_without_seeing_each_other() -> None:
    exchange = completion("Hello!", id="")
    own, shipped = own_suite(), shipped_suite()
    assert OWN in found(exchange, own)
    assert OWN not in found(exchange, shipped)
    assert found(exchange, own) - {OWN} <= found(exchange, shipped)
    assert OWN in found(exchange, own)
    assert {
        each.requirement for each in judge_for(own.profile("openai"), own).verdicts(exchange)
    } == {
        OWN,
        *(id for id in own.requirements if id != OWN and own.requirements[id].needs == "exchange"),
    } & own.profile("openai").levels.keys()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"profiles": {"openai": profile("openai")}},
            "profile openai: AUTH-001 is not a requirement of this suite",
        ),
        (
            {"rules": {**own_suite().rules, "OWN-002": own_suite().rules[OWN]}},
            "rules: OWN-002 is not a requirement of this suite",
        ),
        (
            {"twin_rules": {"OWN-003": None}},
            "twin_rules: OWN-003 is not a requirement of this suite",
        ),
        (
            {"session_rules": {"OWN-004": None}},
            "session_rules: OWN-004 is not a requirement of this suite",
        ),
        (
            {"profiles": {"mine": own_suite().profile("openai")}},
            "profiles: 'mine' is the key of the profile 'openai'",
        ),
        (
            {"profiles": {}},
            "profiles: a suite needs openai-compatible, for exchanges that name no profile, or only"
            " one profile",
        ),
        (
            {
                "profiles": {
                    name: replace(own_suite().profile("openai"), name=name) for name in ("a", "b")
                }
            },
            "profiles: a suite needs openai-compatible, for exchanges that name no profile, or only"
            " one profile",
        ),
    ],
    ids=["level", "rule", "rule of twins", "rule of sessions", "name", "no profile", "no fallback"],
)
def test_a_suite_whose_parts_do_not_fit_cannot_be_made(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        replace(own_suite(), **changed)


def test_the_only_profile_of_a_suite_judges_what_names_none() -> None:
    exchange = completion("Hello!")
    exchange = replace(exchange, request=replace(exchange.request, url=""))
    judged_by, assumed = own_suite().choose_profile(exchange)
    assert (judged_by.name, assumed) == ("openai", True)
    tally = Tally()
    assert OWN in {each.requirement for each in lint([exchange], "auto", tally, own_suite())}
    assert (tally.guessed, tally.unreadable) == (1, [])


def test_a_run_judges_by_the_suite_of_its_selection() -> None:
    answer = Answer("t", "case", completion("Hello!"))
    selections = Selection("openai", suite=own_suite()), Selection("openai")
    own, shipped = (judge_case(answer, each).verdicts for each in selections)
    assert (OWN, "fail") in {(each.requirement, each.verdict) for each in own}
    assert OWN not in {each.requirement for each in shipped}


def test_a_suite_knows_only_its_own_profiles() -> None:
    tally = Tally()
    record = completion("Hello!", meta={"profile": "vertex-vllm"})
    assert list(lint([record], "auto", tally, own_suite())) == []
    assert [each.why for each in tally.unreadable] == [
        "the recording names an unknown profile 'vertex-vllm'; there are openai"
    ]


def test_a_message_repeats_only_the_beginning_of_a_long_name() -> None:
    with pytest.raises(UnknownProfile) as refused:
        own_suite().choose_profile(completion(meta={"profile": "x" * 100_000}))
    assert str(refused.value) == (
        f"the recording names an unknown profile '{'x' * 79}…'; there are openai"
    )


def test_a_lint_reports_and_fails_by_the_requirements_of_its_suite() -> None:
    tally, suite = Tally(), own_suite()
    (own,) = (
        each.report()
        for each in lint([completion("Hello!")], "openai", tally, suite, quote=False)
        if each.requirement == OWN
    )
    assert own.reported.message == "An answer does not greet"
    assert (own.reported.expected, own.reported.actual) == (None, None)
    assert tally.fails(MUST_ONLY, suite)
    assert not tally.fails((), suite)


def test_a_run_by_an_own_suite_is_reported_with_its_sentences() -> None:
    selection = Selection("openai", suite=own_suite())
    judged = judge_case(Answer("t", "case", completion("Hello!")), selection)
    report = report_of([judged], selection)
    assert exit_code(report) == 1
    out = StringIO()
    render(report, Console(file=out, width=80))
    text = out.getvalue()
    assert "must    OWN-001  1 of 1 answer: " in text
    assert "OWN-001  An answer does not greet\n" in text
    assert b'"requirement":"OWN-001"' in as_json(report)


def test_a_run_chooses_from_the_cases_of_its_corpus() -> None:
    own = Case("own-question", "one", "here", frozenset(), CHAT_COMPLETIONS, {}, probes=(OWN,))
    selection = Selection("openai", suite=own_suite(), corpus=corpus_of([own]))
    target = LiveTarget("t", "http://127.0.0.1:1/v1", "m", "openai")
    assert chosen(target, selection) == ([own], [])
    assert report_of([], selection).corpus == digest_of_all([own])


def test_a_hunt_judges_by_the_suite_it_is_given() -> None:
    suite = own_suite()
    judged = broken(completion("Hello!"), suite.profile("openai"), suite)
    assert OWN in {each.finding.requirement for each in judged}


VERTEX = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi/chat/completions"


def chosen_for(header: str, url: str = "", **meta: str) -> tuple[str, bool]:
    """The profile that judges a response with this profile header, and whether it is assumed."""
    exchange = completion("Hello!", meta=meta)
    request = replace(exchange.request, url=url)
    headers = (*exchange.response.headers, (PROFILE_HEADER, header))
    response = replace(exchange.response, headers=headers)
    judged_by, assumed = shipped_suite().choose_profile(
        replace(exchange, request=request, response=response)
    )
    return judged_by.name, assumed


def test_the_profile_that_a_response_names_comes_after_the_recording_and_the_url() -> None:
    assert chosen_for("gemini-api") == ("gemini-api", False)
    assert chosen_for(" gemini-api ", "http://127.0.0.1:8000/v1/chat/completions") == (
        "gemini-api",
        False,
    )
    assert chosen_for("gemini-api", VERTEX) == ("vertex-gemini", False)
    assert chosen_for("gemini-api", VERTEX, profile="openai") == ("openai", False)


@pytest.mark.parametrize(
    "header", ["", "gemini", "../openai", "openai, openai", "\x00", "x" * 99999]
)
def test_a_response_that_names_no_profile_is_judged_as_if_it_had_no_such_header(
    header: str,
) -> None:
    assert chosen_for(header) == (FALLBACK, True)
    assert chosen_for(header, VERTEX) == ("vertex-gemini", False)
