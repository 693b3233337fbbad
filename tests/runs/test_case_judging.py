"""Judge single answers: profile, probes, evidence, deviations and unreadable cassettes."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.judging.verdict import FailOn, RuleCrash, Verdict
from conformance.protocol.exchange import Exchange
from conformance.runs import case_judging as module
from conformance.runs.results import Answer, CaseVerdict, JudgedCase, Unanswered
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable
from tests.helpers.made_cassettes import LLAMA, replay, shelve
from tests.judging.conftest import chunks, completion, error, streamed

ALL = Selection()


def judged_case(path: Path, selection: Selection = ALL) -> JudgedCase:
    (outcome,) = replay(path, selection)
    assert isinstance(outcome, JudgedCase), outcome
    return outcome


def verdict(path: Path, requirement: str, selection: Selection = ALL) -> CaseVerdict:
    return next(
        each for each in judged_case(path, selection).verdicts if each.requirement == requirement
    )


def test_target_case_and_provenance_come_from_the_cassette(tmp_path: Path) -> None:
    found = judged_case(shelve(tmp_path, target="a", case="b", server="c", server_version="d"))
    assert (found.target, found.case, found.provenance, found.server, found.server_version) == (
        "a",
        "b",
        "documented",
        "c",
        "d",
    )
    assert {each.target for each in found.verdicts} == {"a"}
    assert {each.case for each in found.verdicts} == {"b"}


@pytest.mark.parametrize(
    ("chosen", "said", "url", "expected"),
    [
        (
            "gemini-api",
            "openai",
            "https://api.openai.com/v1/chat/completions",
            ("gemini-api", False),
        ),
        (
            None,
            "azure-openai",
            "https://api.openai.com/v1/chat/completions",
            ("azure-openai", False),
        ),
        (None, None, "https://api.openai.com/v1/chat/completions", ("openai", False)),
        (None, None, "http://127.0.0.1/v1/chat/completions", ("openai-compatible", True)),
    ],
)
def test_the_profile_is_the_chosen_or_recorded_one_or_that_of_the_url(
    tmp_path: Path, chosen: str | None, said: str | None, url: str, expected: tuple[str, bool]
) -> None:
    made = completion()
    made = replace(made, request=replace(made.request, url=url))
    found = judged_case(shelve(tmp_path, made, profile=said), Selection(chosen))
    assert (found.profile, found.assumed) == expected


def test_an_unknown_profile_is_unreadable_unless_another_is_chosen(tmp_path: Path) -> None:
    path = shelve(tmp_path, profile="opnai")
    (outcome,) = replay(path, ALL)
    assert isinstance(outcome, Unreadable)
    assert outcome.where == f"{path}#1"
    assert outcome.why.startswith(
        "the recording names an unknown profile 'opnai' (did you mean openai?); there are "
    )
    assert judged_case(path, Selection("openai")).profile == "openai"


def test_cassettes_of_an_unknown_version_or_another_call_are_unreadable(tmp_path: Path) -> None:
    path = shelve(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("conformance:\n  version: 1", "conformance:\n  version: 7"), encoding="utf-8"
    )
    (unknown,) = replay(path, ALL)
    path.write_text(text.replace("/chat/completions", "/embeddings"), encoding="utf-8")
    (other,) = replay(path, ALL)
    assert isinstance(unknown, Unreadable)
    assert isinstance(other, Unreadable)
    assert "version 7" in unknown.why
    assert "not a Chat Completions call" in other.why


def test_a_cassette_of_several_interactions_has_a_case_each(tmp_path: Path) -> None:
    path = shelve(tmp_path, case="two")
    text = path.read_text(encoding="utf-8")
    one = text[text.index("- request") : text.index("version: 1")]
    path.write_text(f"interactions:\n{one}{one}version: 1\n", encoding="utf-8")
    outcomes = list(replay(path, ALL))
    assert [each.case for each in outcomes if isinstance(each, JudgedCase)] == ["two", "two#2"]


def test_a_finding_is_reported_with_its_evidence(tmp_path: Path) -> None:
    found = verdict(shelve(tmp_path, completion(created=-1)), "ENV-008")
    (told,) = found.findings
    assert (found.level, found.verdict, found.fails_run) == ("must", "fail", True)
    assert (told.actual, told.pointer, told.count, told.known) == (-1, "/created", 1, None)


def test_evidence_is_truncated(tmp_path: Path) -> None:
    (told,) = verdict(shelve(tmp_path, completion(finish="x" * 10_000)), "CHO-005").findings
    assert len(str(told.actual)) < 500
    assert len(told.message) < 500


def test_a_known_deviation_is_reported_with_its_source(tmp_path: Path) -> None:
    found = verdict(
        shelve(
            tmp_path,
            error(400, {"error": {"message": "No.", "type": "x", "param": None, "code": 400}}),
            **LLAMA,
        ),
        "ERR-019",
    )
    assert (found.verdict, found.fails_run) == ("known", False)
    assert found.findings[0].known == "`error.code` is a number (12.1, 12.2, 7.17)"


@pytest.mark.parametrize("shipped", [True, False])
def test_a_stale_deviation_fails_only_a_run_of_the_shipped_recordings(
    tmp_path: Path, shipped: bool
) -> None:
    selection = Selection(fail_on=FailOn(stale=shipped))
    found = verdict(shelve(tmp_path, error(400), **LLAMA), "ERR-019", selection)
    assert (found.level, found.verdict, found.fails_run) == ("should", "stale", shipped)
    assert (
        found.findings[0].message
        == "profile openai-compatible says that this always occurs, but it did not: `error.code` is"
        " a number (12.1, 12.2, 7.17)"
    )


@pytest.mark.parametrize(
    ("case", "expected"), [("error-unknown-model", "pass"), ("error-not-json", "not exercised")]
)
def test_a_probe_is_judged_where_the_case_was_made_for_it(
    tmp_path: Path, case: str, expected: str
) -> None:
    made = error(
        404,
        {
            "error": {
                "message": "The model does not exist",
                "type": "invalid_request_error",
                "param": None,
                "code": "model_not_found",
            }
        },
    )
    assert verdict(shelve(tmp_path, made, case=case), "ERR-010").verdict == expected


def test_a_rule_that_crashes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crashing:
        def verdicts(self, *_: object) -> list[Verdict]:
            return [Verdict("ENV-008", "must", "error", RuleCrash("ENV-008", "KeyError: 'x'"))]

    monkeypatch.setattr(module, "judge_for", lambda *_: Crashing())
    (found,) = judged_case(shelve(tmp_path)).verdicts
    assert (found.verdict, found.fails_run) == ("error", False)
    assert found.findings[0].message == "the rule crashed, please report it: KeyError: 'x'"


def test_only_musts_and_shoulds_that_were_chosen_get_a_verdict(tmp_path: Path) -> None:
    path = shelve(tmp_path)
    assert {each.level for each in judged_case(path).verdicts} == {"must", "should"}
    assert [
        each.requirement
        for each in judged_case(path, Selection(requirements=frozenset({"ENV-008"}))).verdicts
    ] == ["ENV-008"]


FAILED = {"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        (
            completion(truncated=True),
            "the answer was truncated: the connection ended before the answer was complete",
        ),
        (
            streamed([*chunks("Hel", finish=...), FAILED], done=False),
            "the stream ended with an error: 429 RESOURCE_EXHAUSTED: Later.",
        ),
        (streamed([FAILED | {"error": {"code": 400, "message": "No."}}]), None),
        (completion(), None),
    ],
)
def test_an_incomplete_answer_makes_an_entry_that_says_why(
    exchange: Exchange, why: str | None
) -> None:
    entry = module.why_incomplete(Answer("t", "c", exchange))
    assert entry == (Unanswered("t", "c", why) if why else None)
