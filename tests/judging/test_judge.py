"""The judge: one finding a requirement, verdicts that never flatter, and nothing judged that is not
known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import Condition, Deviation, Profile, profile, profile_names
from conformance.judging.requirements import requirements
from conformance.judging.rule import Check, finding
from conformance.judging.rules import rules
from conformance.judging.suite import Suite, shipped_suite
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol import schema
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange, Finding, Json, Request
from conformance.traffic.folder_contents import EXPECTED_TO_FAIL
from tests.helpers import shipped_cassettes
from tests.helpers.project import RECORDINGS
from tests.judging.conftest import TOOLS, call, chunks, completion, error, raw, stream, streamed

USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}


def findings(exchange: Exchange, name: str | Profile = "openai") -> dict[str, JudgedFinding]:
    """Return the findings by requirement; fails if a rule crashed or reported twice."""
    seen = profile(name) if isinstance(name, str) else name
    judged = list(judge_for(seen, shipped_suite()).findings(exchange))
    by_row = {each.finding.requirement: each for each in judged if isinstance(each, JudgedFinding)}
    assert len(by_row) == len(judged)
    return by_row


def verdicts(
    exchange: Exchange, name: str | Profile = "openai", suite: Suite | None = None
) -> dict[str, Verdict]:
    judge = judge_for(profile(name) if isinstance(name, str) else name, suite or shipped_suite())
    return {each.requirement: each for each in judge.verdicts(exchange)}


def exercised(exchange: Exchange, name: str | Profile = "openai") -> set[str]:
    return {
        row
        for row, verdict in verdicts(exchange, name).items()
        if verdict.outcome != "not exercised"
    }


@cache
def real_exchanges() -> tuple[Exchange, ...]:
    """Return the shipped cassettes, and every fourth other recording if there are any.

    Not those of targets that are expected to fail: without the request, their failures are hidden.
    """
    sloppy = {path.parent.name for path in shipped_cassettes.FOLDER.glob(f"*/{EXPECTED_TO_FAIL}")}
    others = shipped_cassettes.exchanges_in(RECORDINGS) if RECORDINGS.is_dir() else []
    return tuple(
        each
        for each in (*shipped_cassettes.exchanges(), *others[::4])
        if each.meta.get("target") not in sloppy
    )


MADE = (
    completion("Hi"),
    completion("Hi", "Ho", request={"n": 2}),
    completion({"tool_calls": [call()]}, request={"tools": [*TOOLS]}),
    completion(id="", finish="STOP"),
    stream("Hi"),
    stream("Hi", request={"stream_options": {"include_usage": True}}, usage=USAGE),
    stream({"tool_calls": [call(index=0)]}, finish="tool_calls", request={"tools": [*TOOLS]}),
    streamed([*chunks("Hi", finish=...), '{"error":{"message":"No."}}'], done=False),
    error(),
    error(401, {"error": "Unauthorized"}),
    error(429, headers={}),
    raw("<html>", status=502),
)


class TestFindings:
    def test_a_requirement_is_found_once_with_its_count_and_its_first_occurrence(self) -> None:
        made = chunks("a", "b", "c")
        for number in (1, 3):
            del made[number]["id"]
        found = findings(streamed(made))["SEQ-003"].finding
        assert (found.count, found.event, found.pointer) == (2, 1, "")

    def test_the_first_occurrence_is_the_first_in_the_stream_whatever_choice_it_is_in(self) -> None:
        made = chunks((0, "a"), (1, "b"), n=2)
        late = {"index": 0, "delta": {"role": "user"}, "logprobs": None, "finish_reason": None}
        early = {"index": 1, "delta": {"role": "user"}, "logprobs": None, "finish_reason": None}
        made[2:2] = [made[2] | {"choices": [early]}, made[2] | {"choices": [late]}]
        found = findings(streamed(made, request={"n": 2}))["SEQ-007"].finding
        assert (found.count, found.event) == (2, 2)

    def test_a_fault_far_down_a_long_stream_is_told_where_it_is(self) -> None:
        made = chunks(*["a"] * 400)
        for number in (133, 350):
            made[number]["created"] = 0
        found = findings(streamed(made))["SEQ-022"].finding
        assert (found.count, found.event, found.pointer) == (2, 133, "/created")

    def test_a_vast_answer_is_told_by_its_beginning(self) -> None:
        found = findings(completion("Hi", id="", choices=[0] * 30_000))
        assert set(found) >= {"ENV-004", "MSG-004"}
        assert found["MSG-004"].finding.pointer == "/choices/0"

    def test_a_fault_at_the_end_of_a_vast_answer_is_told(self) -> None:
        token = {"token": "a", "logprob": -1.5, "bytes": [97], "top_logprobs": []}
        told = {"content": [*[token] * 8_000, {**token, "bytes": [256]}]}
        found = findings(
            completion("a" * 8_001, choice={"logprobs": told}, request={"logprobs": True})
        )
        assert found["LOG-002"].finding.pointer == "/choices/0/logprobs/content/8000/bytes/0"

    def test_a_pointer_leads_to_the_evidence(self) -> None:
        found = findings(completion("Hi", usage={**USAGE, "prompt_tokens": -1}))["USG-001"].finding
        assert (found.pointer, found.actual, found.event) == ("/usage/prompt_tokens", -1, None)

    def test_what_is_no_object_breaks_one_row_and_meets_none(self) -> None:
        assert set(findings(raw("[]"))) == {"ENV-001"}
        assert {"ENV-002", "CHO-001", "USG-012"} & exercised(raw("[]")) == set()

    def test_an_error_under_status_200_is_told_as_one_thing(self) -> None:
        assert set(findings(raw('{"error":{"message":"No."}}'))) == {"ERR-023"}

    def test_a_stream_of_nothing_but_done_has_no_shape_to_speak_of(self) -> None:
        assert set(
            findings(raw("data: [DONE]\n\n", "text/event-stream", request={"stream": True}))
        ) == {"SEQ-019"}

    @pytest.mark.parametrize(
        "data", ['{"a":' * 300 + "1" + "}" * 300, "null", " null ", "[[[]]]", "Hi"]
    )
    def test_an_event_that_is_no_object_or_is_nested_too_deeply_is_told_and_the_rest_is_judged(
        self, data: str
    ) -> None:
        found = findings(streamed([*chunks("Hi"), data]))
        assert set(found) == {"SSE-002"}
        assert found["SSE-002"].finding.event == len(chunks("Hi"))

    def test_a_body_that_is_nested_too_deeply_is_told(self) -> None:
        assert set(findings(raw('{"a":' * 300 + "1" + "}" * 300))) == {"ENV-001"}

    def test_a_body_may_be_nested_as_deeply_as_can_be_read(self) -> None:
        body = orjson.loads(completion("Hi", id="").response.body or b"") | {
            "x": orjson.loads('{"a":' * 240 + "1" + "}" * 240)
        }
        assert set(findings(raw(orjson.dumps(body)))) == {"ENV-004", "ENV-007"}

    @pytest.mark.parametrize("status", [101, 204, 301, 304])
    def test_an_answer_that_is_neither_success_nor_error_is_not_judged(self, status: int) -> None:
        assert exercised(raw("", status=status)) == set()

    @pytest.mark.parametrize("exchange", MADE)
    def test_judging_twice_gives_the_same(self, exchange: Exchange) -> None:
        judge = judge_for(profile("openai"), shipped_suite())
        assert list(judge.findings(exchange)) == list(judge.findings(exchange))
        assert judge.verdicts(exchange) == judge.verdicts(exchange)

    def test_a_request_of_any_size_is_counted_without_listing(self) -> None:
        assert set(findings(stream("Hi", n=1, request={"n": 10**12}))) == {"SEQ-026", "CHO-003"}


class TestLevels:
    @pytest.mark.parametrize("name", profile_names())
    def test_a_finding_has_the_level_of_its_profile_and_is_never_a_may(self, name: str) -> None:
        levels = profile(name).levels
        found = [each for exchange in MADE for each in findings(exchange, name).values()]
        assert found
        assert all(each.level == levels[each.finding.requirement] != "may" for each in found)

    @pytest.mark.parametrize("name", profile_names())
    def test_what_a_profile_allows_is_never_exercised(self, name: str) -> None:
        allowed = {row for row, level in profile(name).levels.items() if level == "may"}
        for exchange in MADE:
            assert exercised(exchange, name) & allowed == set()

    def test_one_violation_has_another_level_under_another_profile(self) -> None:
        exchange = completion(id="x")
        assert "ENV-007" not in findings(exchange, "openai-compatible")
        assert findings(exchange, "openai")["ENV-007"].level == "should"
        google = error(
            body=[{"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}]
        )
        assert findings(google, "openai")["ERR-018"].level == "must"
        assert findings(google, "gemini-api")["ERR-018"].level == "should"

    @pytest.mark.parametrize("name", profile_names())
    def test_a_row_that_does_not_apply_has_no_verdict(self, name: str) -> None:
        rows = [
            each.requirement
            for each in judge_for(profile(name), shipped_suite()).verdicts(completion("Hi"))
        ]
        assert rows == [
            row
            for row in requirements()
            if row in profile(name).levels and row in rules().keys() | schema.rows()
        ]


class TestVerdicts:
    def test_pass_and_not_exercised_are_told_apart(self) -> None:
        plain = verdicts(completion("Hi"))
        assert plain["ENV-003"].outcome == plain["CHO-002"].outcome == "pass"
        for row in (
            "TOOL-001",
            "TOOL-005",
            "CHO-010",
            "SEQ-003",
            "SSE-002",
            "ERR-001",
            "MSG-007",
            "LOG-003",
        ):
            assert plain[row].outcome == "not exercised", row

    def test_what_an_answer_breaks_elsewhere_takes_no_pass_away(self) -> None:
        broken = verdicts(completion(id=..., finish="STOP"))
        assert {
            row: broken[row].outcome for row in ("ENV-003", "CHO-005", "ENV-002", "USG-001")
        } == {
            "ENV-003": "fail",
            "CHO-005": "fail",
            "ENV-002": "pass",
            "USG-001": "pass",
        }

    @pytest.mark.parametrize("name", profile_names())
    def test_verdicts_say_what_findings_say(self, name: str) -> None:
        judge = judge_for(profile(name), shipped_suite())
        for exchange in (*MADE, *real_exchanges()[::3]):
            told = {
                each.requirement: each.found
                for each in judge.verdicts(exchange)
                if each.outcome in ("fail", "known", "error")
            }
            found = {
                each.requirement if isinstance(each, RuleCrash) else each.finding.requirement: each
                for each in judge.findings(exchange)
            }
            assert told == found, exchange.origin

    def test_a_verdict_carries_its_finding_only_where_there_is_one(self) -> None:
        for verdict in verdicts(completion(id="")).values():
            assert (verdict.found is not None) == (verdict.outcome in ("fail", "known", "error"))


def rigged(requirement: str, suite: Suite | None = None, **change: Any) -> Suite:
    """Return a suite, by default the shipped one, with this change to one rule."""
    suite = suite or shipped_suite()
    changed = replace(suite.rules[requirement], **change)
    return replace(suite, rules={**suite.rules, requirement: changed})


def boom(facts: Facts) -> Iterator[Finding]:
    raise ValueError("boom")


def boom_late(facts: Facts) -> Iterator[Finding]:
    yield finding("a first finding")
    raise KeyError("boom")


class TestCrash:
    @pytest.mark.parametrize(
        ("check", "why"), [(boom, "ValueError: boom"), (boom_late, "KeyError: 'boom'")]
    )
    def test_a_rule_that_crashes_is_an_error_and_never_a_pass(self, check: Check, why: str) -> None:
        suite = rigged("CHO-002", check=check)
        exchange = completion("Hi", id="")
        assert RuleCrash("CHO-002", why) in judge_for(profile("openai"), suite).findings(exchange)
        told = verdicts(exchange, suite=suite)
        assert (told["CHO-002"].outcome, told["CHO-002"].found) == (
            "error",
            RuleCrash("CHO-002", why),
        )
        assert told["ENV-004"].outcome == "fail"
        assert [row for row, verdict in told.items() if verdict.outcome == "error"] == ["CHO-002"]

    def test_a_condition_that_crashes_is_an_error_of_each_rule_that_has_it(self) -> None:
        suite = rigged("CHO-002", conditions=(boom,))
        suite = rigged("CHO-003", suite, conditions=(*rules()["CHO-003"].conditions, boom))
        suite = rigged("MSG-002", suite, conditions=(boom, *rules()["MSG-002"].conditions))
        told = verdicts(completion("Hi", request={"n": 1}), suite=suite)
        assert [row for row, verdict in told.items() if verdict.outcome == "error"] == [
            "CHO-002",
            "CHO-003",
            "MSG-002",
        ]
        assert told["CHO-012"].outcome == "not exercised"

    def test_a_condition_is_not_asked_where_another_does_not_hold(self) -> None:
        suite = rigged("CHO-003", conditions=(*rules()["CHO-003"].conditions, boom))
        assert verdicts(completion("Hi"), suite=suite)["CHO-003"].outcome == "not exercised"

    def test_a_rule_of_which_nothing_is_demanded_is_not_run(self) -> None:
        suite, openai = rigged("CHO-002", check=boom), profile("openai")
        allowed = replace(openai, levels={**openai.levels, "CHO-002": "may"})
        told = verdicts(completion("Hi"), allowed, suite)
        assert told["CHO-002"].outcome == "not exercised"


def expecting(*deviations: Deviation) -> Profile:
    """The OpenAI profile with these known deviations."""
    return replace(profile("openai"), deviations=deviations)


def deviation(
    requirement: str = "ENV-004", frequency: Any = "always", **condition: Any
) -> Deviation:
    return Deviation(requirement, "seen", frequency, Condition(**condition), ("here",))


class TestKnownAndStale:
    def test_a_finding_that_a_deviation_explains_is_known(self) -> None:
        expected = deviation()
        told = verdicts(completion(id=""), expecting(expected))["ENV-004"]
        assert told.outcome == "known"
        assert isinstance(told.found, JudgedFinding)
        assert told.found.known is expected

    def test_a_deviation_of_another_row_explains_nothing(self) -> None:
        assert (
            verdicts(completion(id=""), expecting(deviation("ENV-003")))["ENV-004"].outcome
            == "fail"
        )

    @pytest.mark.parametrize(
        ("expected", "exchange", "outcome"),
        [
            (deviation(), completion("Hi"), "stale"),
            (deviation(frequency="sometimes"), completion("Hi"), "pass"),
            (deviation(also="on Mondays"), completion("Hi"), "pass"),
            (deviation(kind="stream"), completion("Hi"), "pass"),
            (deviation(status=200, kind="completion"), completion("Hi"), "stale"),
            (deviation("ENV-004"), completion("Hi", meta={"partial": True}), "pass"),
            (deviation("ENV-004"), stream("Hi"), "not exercised"),
            (deviation("SEQ-003", kind="stream"), stream("Hi"), "stale"),
            (deviation("SEQ-003", kind="stream"), stream("Hi", truncated=True), "pass"),
        ],
    )
    def test_only_what_always_comes_and_could_have_come_is_stale(
        self, expected: Deviation, exchange: Exchange, outcome: str
    ) -> None:
        assert verdicts(exchange, expecting(expected))[expected.requirement].outcome == outcome

    @pytest.mark.parametrize("name", profile_names())
    def test_no_entry_that_is_hedged_is_ever_stale(self, name: str) -> None:
        hedged = [
            each
            for each in profile(name).deviations
            if each.frequency == "sometimes" or each.condition.also
        ]
        seen = replace(profile(name), deviations=tuple(hedged))
        for exchange in (*MADE, *real_exchanges()[::9]):
            assert all(verdict.outcome != "stale" for verdict in verdicts(exchange, seen).values())

    def test_what_is_known_hides_nothing_else(self) -> None:
        made = chunks("a", "b")
        made[1]["id"], made[2]["id"] = "", None
        told = verdicts(streamed(made), expecting(deviation("SEQ-003", actual=re.compile('^""$'))))[
            "SEQ-003"
        ]
        assert isinstance(told.found, JudgedFinding)
        assert (told.outcome, told.found.finding.event, told.found.finding.count) == ("fail", 2, 2)

    def test_findings_of_one_row_may_be_explained_by_different_deviations(self) -> None:
        made = chunks("a", "b")
        made[1]["id"], made[2]["id"] = "", None
        first, second = (
            deviation("SEQ-003", actual=re.compile(pattern)) for pattern in ('^""$', "^null$")
        )
        told = verdicts(streamed(made), expecting(second, first))["SEQ-003"]
        assert isinstance(told.found, JudgedFinding)
        assert (told.outcome, told.found.known, told.found.finding.event) == ("known", first, 1)

    def test_a_judge_is_made_once_for_a_profile_and_anew_for_one_that_was_changed(self) -> None:
        assert judge_for(profile("openai"), shipped_suite()) is judge_for(
            profile("openai"), shipped_suite()
        )
        changed = expecting(deviation())
        assert judge_for(changed, shipped_suite()) is not judge_for(
            profile("openai"), shipped_suite()
        )
        assert judge_for(changed, shipped_suite()).profile is changed


def without_request(exchange: Exchange) -> Exchange:
    return replace(exchange, request=Request(exchange.request.method, exchange.request.url))


def without_headers(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, headers=()))


def cut(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, truncated=True))


def quoted(exchange: Exchange) -> Exchange:
    return replace(exchange, meta={**exchange.meta, "partial": True})


def reserialised(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, fidelity="values"))


LESS_KNOWN = {
    "request": (without_request, "request"),
    "headers": (without_headers, "headers"),
    "end, cut": (cut, "end"),
    "end, quoted": (quoted, "end"),
    "text": (reserialised, "text"),
    "bytes": (reserialised, "bytes"),
}


@cache
def some() -> tuple[Exchange, ...]:
    return (*MADE, *real_exchanges()[::7])


@cache
def with_everything_known(number: int, name: str) -> tuple[set[str], set[str]]:
    """Return the requirements that an exchange with all evidence breaks, and exercises."""
    return set(findings(some()[number], name)), exercised(some()[number], name)


class TestWhatIsNotKnownIsNotJudged:
    @pytest.mark.parametrize("what", LESS_KNOWN)
    def test_less_evidence_never_gives_another_finding_and_exercises_nothing_more(
        self, what: str
    ) -> None:
        less, _ = LESS_KNOWN[what]
        for number, exchange in enumerate(some()):
            for name in ("openai", "gemini-api", "vertex-gemini"):
                found, shown = with_everything_known(number, name)
                assert set(findings(less(exchange), name)) <= found, exchange.origin
                assert exercised(less(exchange), name) <= shown, exchange.origin

    @pytest.mark.parametrize("what", LESS_KNOWN)
    def test_a_rule_that_needs_what_is_missing_is_not_exercised(self, what: str) -> None:
        less, known = LESS_KNOWN[what]
        needing = {row for row, rule in rules().items() if known in rule.needs}
        assert needing
        for exchange in MADE:
            assert exercised(less(exchange)) & needing == set()

    def test_no_row_about_the_request_is_exercised_without_it(self) -> None:
        about_it = {row.id for row in requirements().values() if "request" in row.when} - {
            "ERR-014"
        }  # a stream tells by itself that one was asked for
        for exchange in some():
            for name in ("openai", "vertex-gemini"):
                assert exercised(without_request(exchange), name) & about_it == set(), (
                    exchange.origin
                )

    def test_a_quotation_leaves_out_the_envelope_and_is_judged_by_the_rest(self) -> None:
        part = raw(
            '{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant"}}]}',
            meta={"partial": True},
            headers={},
        )
        assert set(findings(part)) == {"MSG-002", "MSG-005", "MSG-009"}
        assert {"ENV-002", "ENV-003", "ENV-004", "USG-012"} & exercised(part) == set()
        assert "CHO-004" in exercised(part)

    def test_a_quotation_is_judged_by_the_envelope_that_it_has(self) -> None:
        part = quoted(completion(id=7))
        assert findings(part)["ENV-003"].finding.actual == 7

    def test_a_quoted_chunk_leaves_out_its_envelope_too(self) -> None:
        choice: Mapping[str, Json] = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}
        part = raw(
            b"data: " + orjson.dumps({"choices": [choice]}) + b"\n\n",
            "text/event-stream",
            meta={"partial": True},
            request=None,
        )
        assert set(findings(part)) == set()
        assert {"SEQ-001", "SEQ-003", "SEQ-010", "SSE-003"} & exercised(part) == set()

    def test_no_body_is_no_evidence(self) -> None:
        silent = replace(completion("Hi"), response=replace(completion("Hi").response, body=None))
        assert exercised(silent) == set()


def test_a_schema_row_and_a_rule_are_switched_by_the_profile_alone() -> None:
    on = {row for row, level in profile("openai").levels.items() if level != "may"}
    exchange = completion(id="", choices=[])
    assert set(findings(exchange, replace(profile("openai"), levels={}))) == set()
    assert set(findings(exchange)) <= on
    assert schema.rows() & set(findings(exchange))


def test_facts_are_folded_from_the_exchange_alone() -> None:
    assert fold(completion("Hi")) == fold(completion("Hi"))


@pytest.mark.parametrize(
    ("choice", "elided", "requirement"),
    [
        ({"message": ...}, "/choices/0/message", "MSG-004"),
        ({"message": ...}, "/choices/0/message", "MSG-010"),
        ({"index": ...}, "/choices/0/index", "CHO-002"),
        ({"finish_reason": ...}, "/choices/0/finish_reason", "CHO-004"),
    ],
)
def test_a_part_that_the_recording_left_out_is_not_missing(
    choice: Json, elided: str, requirement: str
) -> None:
    assert requirement in findings(completion("Hi", choice=choice), "vertex-gemini")
    trimmed = completion("Hi", choice=choice, meta={"elided": [elided]})
    assert requirement not in findings(trimmed, "vertex-gemini")
    other = completion("Hi", choice=choice, meta={"elided": ["/choices/1/message"]})
    assert requirement in findings(other, "vertex-gemini")
