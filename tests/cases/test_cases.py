"""The cases are consistent, and an invalid line is reported with its number."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases import CORPUS, DOCUMENTED, Case, CaseError, cases, read_cases
from conformance.judging.profiles import profile, profile_names
from conformance.judging.requirements import requirements

ROW = (
    '{"id": "chat-plain", "feature": "a plain answer", "source": "SEED 1", "needs": [], "request":'
    ' {"method": "POST", "path": "/chat/completions", "body": {}}}'
)


def row(**changes: object) -> str:
    return json.dumps(json.loads(ROW) | changes)


def request(**changes: object) -> str:
    return row(request=json.loads(ROW)["request"] | changes)


def test_every_example_of_the_documentation_page_has_a_case() -> None:
    examples = [
        number
        for case in cases()
        if (seed := re.match(r"SEED ([\d ]+)", case.source))
        for number in seed[1].split()
    ]
    assert sorted(map(int, examples)) == list(range(1, 19))


def test_no_two_cases_ask_the_same() -> None:
    assert len(cases()) >= 60
    assert len({case.feature for case in cases()}) == len(cases())
    assert len(
        {
            json.dumps([case.path, case.auth, case.body, str(case.then)], sort_keys=True)
            for case in cases()
        }
    ) == len(cases())


def test_every_capability_is_one_that_a_profile_knows() -> None:
    known = {capability for name in profile_names() for capability in profile(name).capabilities}
    assert {need for case in cases() for need in case.needs} <= known


def test_every_example_of_the_documentation_page_can_be_asked_of_a_google_endpoint() -> None:
    able = [profile(name).capabilities for name in ("vertex-gemini", "vertex-vllm", "vertex-tgi")]
    examples = [case for case in cases() if case.source.startswith("SEED")]
    assert [
        case.id for case in examples if not any(case.needs <= capabilities for capabilities in able)
    ] == []


@pytest.mark.parametrize(
    "need",
    [
        "stream",
        "include-usage",
        "n",
        "stop",
        "seed",
        "logprobs",
        "json-object",
        "json-schema",
        "tools",
        "image",
        "audio",
    ],
)
def test_every_capability_that_is_needed_is_said(need: str) -> None:
    assert any(need in case.needs for case in cases())


NOT_ASKED = {
    "CHO-011": "what is filtered depends on the model and on its filter",
    "THK-022": "a cached content has to be made beforehand, and has an id of its own",
    "ERR-024": "how long a prompt must be depends on the context of the model",
    "ERR-025": "how long a prompt must be depends on the context of the model",
    "ERR-029": "no request makes an upstream fail",
    "AUTH-006": "it is about another route, and what is read is Chat Completions calls",
}
"""Requirements that need a probe but cannot be tested with a fixed Chat Completions request, and
why."""


def test_a_requirement_that_needs_a_probe_has_one_or_a_reason() -> None:
    probed = {requirement for case in cases() for requirement in case.probes}
    assert probed | NOT_ASKED.keys() == {
        row.id for row in requirements().values() if row.needs == "probe"
    }
    assert not probed & NOT_ASKED.keys()


def test_the_placeholder_becomes_the_model_and_nothing_else_changes() -> None:
    case = Case(
        "id",
        "feature",
        "source",
        frozenset(),
        "/chat/completions",
        {"model": "{model}", "messages": [{"role": "user", "content": "{model}"}]},
    )
    assert case.request_for("m") == {
        "model": "m",
        "messages": [{"role": "user", "content": "{model}"}],
    }
    assert case.body["model"] == "{model}"


@pytest.mark.parametrize("body", [{"messages": []}, {"model": "no-such-model"}, '{"model": ', []])
def test_a_body_without_the_placeholder_stays_as_it_is(body: object) -> None:
    assert (
        Case("id", "feature", "source", frozenset(), "/chat/completions", body).request_for("m")
        == body
    )


def test_cases_about_a_missing_model_leave_it_out() -> None:
    without = [
        case.id for case in cases() if isinstance(case.body, dict) and "model" not in case.body
    ]
    assert without == [
        "story-no-model",
        "story-no-model-stream",
        "story-page-no-model",
        "story-page-no-model-stream",
    ]


def test_the_file_is_one_row_a_line() -> None:
    lines = DOCUMENTED.read_bytes() + CORPUS.read_bytes()
    assert DOCUMENTED.read_bytes().endswith(b"}\n") and CORPUS.read_bytes().endswith(b"}\n")
    assert len(cases()) == lines.count(b"\n")


def test_documented_and_minted_cases_stand_together_in_the_order_of_their_ids() -> None:
    names = [case.id for case in cases()]
    assert names == sorted(set(names))
    assert len([case for case in cases() if case.covers or case.violates]) >= 400


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ("[]", "row: [] is not of type"),
        (row(id="Chat Plain"), "id: "),
        (row(feature=""), "feature: "),
        (row(needs=["stream", "stream"]), "needs: "),
        (row(probes=[]), "probes: "),
        (row(probes=["ERR-9"]), "probes.0: "),
        (row(colour="red"), "row: Additional properties are not allowed ('colour' was unexpected)"),
        (request(method="GET"), "request.method: "),
        (request(path="chat/completions"), "request.path: "),
        (request(body=None), "request.body: "),
        (request(auth="right"), "request.auth: "),
        (ROW.replace("chat-plain", "a-case"), "id: 'a-case' follows 'b-case'"),
        (ROW.replace("chat-plain", "b-case"), "id: 'b-case' follows 'b-case'"),
    ],
)
def test_a_bad_row_is_named_by_file_line_and_field(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(ROW.replace("chat-plain", "b-case") + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        list(read_cases(path))
    assert str(caught.value).startswith(f"corpus.jsonl:2: {said}")
    assert "\n" not in str(caught.value)


def test_a_case_that_tests_an_own_requirement_about_errors_wants_to_be_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(row(probes=["OWN-001"]) + "\n", encoding="utf-8")
    like = requirements()["ERR-001"]
    errors, answers = (
        {"OWN-001": replace(like, id="OWN-001", when=when)} for when in ("error", "completion")
    )
    assert [case.wants_refusal for case in read_cases(path, errors)] == [True]
    assert [case.wants_refusal for case in read_cases(path, answers)] == [False]
    assert [case.wants_refusal for case in read_cases(path)] == [False]


def test_a_separator_inside_a_row_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(
        request(body={"messages": "\u2028\u0085"}).encode().decode("unicode_escape") + "\n",
        encoding="utf-8",
    )
    assert [case.body for case in read_cases(path)] == [{"messages": "\u2028\u0085"}]
