"""Cases made from recorded traffic have its requests, each once, and none of its secrets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases import MODEL
from conformance.cases.corpus_writer import line_of
from conformance.cases.own_cases import read_own_cases
from conformance.protocol.exchange import Exchange, Json, Request
from conformance.runs.case_import import import_cases
from conformance.traffic import Unreadable
from tests.helpers import shipped_cassettes
from tests.judging.conftest import completion

URL = "https://gateway.example/v1/chat/completions"
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
SCHEMA = {"type": "object", "required": ["city"]}


def recorded(answer: Exchange, **body: Json) -> Exchange:
    asked = {"model": "gpt-5", "messages": [{"role": "user", "content": "Où est Paris, en bref?"}]}
    headers = (("authorization", f"Bearer {KEY}"),)
    return replace(answer, request=Request("POST", URL, headers, asked | body))


def test_equal_requests_are_one_case_and_the_model_is_a_placeholder() -> None:
    asked = [recorded(completion("Hi")), recorded(completion("Ho"), model="another")]
    imported = import_cases(asked, with_checks=False)
    (case,) = imported.cases
    assert case.id.startswith("mine-ou-est-paris-en-bref-")
    assert case.body["model"] == MODEL
    assert case.check is None
    assert imported.left_out == {"the same request as another": 1}


def test_secrets_are_left_out() -> None:
    messages = [{"role": "user", "content": f"My key is {KEY}"}]
    imported = import_cases([recorded(completion("Hi"), messages=messages)], with_checks=True)
    assert KEY not in line_of(imported.cases[0])
    assert "authorization" not in line_of(imported.cases[0])


@pytest.mark.parametrize(
    ("answer", "body", "check"),
    [
        (completion("Hi"), {}, None),
        (
            completion('{"city": "Paris"}'),
            {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
            {"json_schema": SCHEMA},
        ),
        (
            completion(
                {
                    "tool_calls": [
                        {
                            "id": "c",
                            "type": "function",
                            "function": {"name": "weather", "arguments": '{"city": "Paris"}'},
                        }
                    ]
                }
            ),
            {"tools": [TOOL]},
            {
                "tool": "weather",
                "arguments": {
                    "type": "object",
                    "required": ["city"],
                    "properties": {"city": {"const": "Paris"}},
                },
            },
        ),
    ],
)
def test_the_recorded_answer_becomes_the_check(
    answer: Exchange, body: dict[str, Json], check: dict[str, Json] | None
) -> None:
    (case,) = import_cases([recorded(answer, **body)], with_checks=True).cases
    assert (dict(case.check.members) if case.check else None) == check


def test_what_cannot_become_a_case_is_counted_by_reason() -> None:
    deep: Json = "x"
    for _ in range(150):
        deep = [deep]
    text = replace(completion("Hi"), request=Request("POST", URL, (), "not JSON"))
    other = replace(
        completion("Hi"), request=Request("POST", "https://h.example/v1/embeddings", (), {"a": 1})
    )
    outcomes: list[Exchange | Unreadable] = [
        recorded(completion("Hi"), extra=deep),
        text,
        other,
        Unreadable("f:1", "not JSON"),
    ]
    imported = import_cases(outcomes, with_checks=True)
    assert imported.cases == ()
    assert sum(imported.left_out.values()) == 4
    assert len(imported.left_out) == 4
    assert any("nested too deeply" in why for why in imported.left_out)


def some_recordings() -> Iterator[Exchange]:
    yield from shipped_cassettes.exchanges()[::10]


def test_recordings_become_cases_that_can_be_read_again(tmp_path: Path) -> None:
    imported = import_cases(some_recordings(), with_checks=True)
    assert len(imported.cases) > 50
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(f"{line_of(case)}\n" for case in imported.cases), encoding="ascii")
    assert read_own_cases(path) == imported.cases
    assert import_cases(some_recordings(), with_checks=True) == imported
