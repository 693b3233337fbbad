"""What a case checks is found wrong in wrong answers, and never in right ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import Case, CaseError, read_cases
from conformance.cases.corpus_writer import line_of
from conformance.protocol.chat.answer_check import AnswerCheck, problems
from conformance.protocol.chat.choices import Choice, choice_of
from conformance.protocol.exchange import Json

WEATHER = {"type": "object", "properties": {"city": {"enum": ["Paris"]}}, "required": ["city"]}


def choice(text: str | None = None, *calls: tuple[str, str]) -> Choice:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
            for name, arguments in calls
        ]
    return choice_of(0, [(None, 0, {"index": 0, "message": message})], "message")


def found(check: dict[str, Json], of: Choice | None) -> list[str]:
    return [f"{each.kind}: {each.message}" for each in problems(AnswerCheck(check), of)]


PARIS = ("get_weather", '{"city": "Paris"}')


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ({"tool": "get_weather"}, choice(None, PARIS), choice("It rains.")),
        ({"tool": "get_weather"}, choice(None, PARIS), choice(None, ("search", "{}"))),
        ({"tool": None}, choice("Hello"), choice(None, PARIS)),
        (
            {"arguments": WEATHER},
            choice(None, PARIS),
            choice(None, ("get_weather", '{"city": "Rome"}')),
        ),
        ({"arguments": WEATHER}, choice(None, PARIS), choice(None, ("get_weather", "{city"))),
        ({"arguments": WEATHER}, choice(None, PARIS), choice("Paris")),
        ({"json_schema": WEATHER}, choice('{"city": "Paris"}'), choice('{"city": 1}')),
        ({"json_schema": WEATHER}, choice(' {"city": "Paris"} '), choice("Paris")),
        ({"pattern": r"(?i)\bforty-?two\b|\b42\b"}, choice("It is 42."), choice("It is 142.")),
        ({"pattern": r"(?i)\bparis\b"}, choice("PARIS"), choice("Parisian")),
        ({"value": "Paris"}, choice(" Paris\n"), choice("It is Paris.")),
        ({"value": [1, 2.0]}, choice("[1, 2]"), choice("[2, 1]")),
        ({"value": None}, choice("null"), choice("0")),
    ],
)
def test_a_right_answer_passes_and_a_wrong_one_does_not(
    check: dict[str, Json], right: Choice, wrong: Choice
) -> None:
    assert found(check, right) == []
    assert [each.partition(":")[0] for each in found(check, wrong)] == list(check)


def test_without_a_choice_everything_but_no_call_is_missing() -> None:
    everything = {
        "tool": "f",
        "arguments": WEATHER,
        "json_schema": WEATHER,
        "pattern": "x",
        "value": "x",
    }
    assert [each.partition(":")[0] for each in found(everything, None)] == list(everything)


def test_a_second_call_of_the_tool_has_no_say() -> None:
    assert found({"tool": "get_weather", "arguments": WEATHER}, choice(None, PARIS, PARIS)) == []


def test_an_older_function_call_counts_as_a_call() -> None:
    message = {"role": "assistant", "content": None, "function_call": {"name": "f"}}
    called = choice_of(0, [(None, 0, {"index": 0, "message": message})], "message")
    assert found({"tool": None}, called) == ["tool: a tool was called, although none fits"]


ROW: dict[str, Json] = {
    "id": "mine",
    "feature": "mine",
    "source": "mine",
    "needs": [],
    "request": {"method": "POST", "path": "/chat/completions", "body": {"model": "{model}"}},
}


def read(folder: Path, check: Json) -> Case:
    path = folder / "mine.jsonl"
    path.write_text(json.dumps(ROW | {"check": check}) + "\n", encoding="utf-8")
    (case,) = read_cases(path)
    return case


def test_a_check_is_read_and_written(tmp_path: Path) -> None:
    case = read(tmp_path, {"tool": None, "pattern": "x"})
    assert case.check == AnswerCheck({"tool": None, "pattern": "x"})
    assert json.loads(line_of(case)) == ROW | {"check": {"tool": None, "pattern": "x"}}


@pytest.mark.parametrize(
    ("check", "where"),
    [
        ({"pattern": "("}, "check.pattern: not a regular expression"),
        ({"pattern": "(?=x)"}, "check.pattern: not a regular expression"),
        ({"json_schema": {"type": "strin"}}, "check.json_schema: not a JSON Schema"),
        ({"arguments": {"$ref": "https://example.org/"}}, "check.arguments: not a JSON Schema"),
        ({"patern": "x"}, "check: "),
        ({}, "check: "),
    ],
)
def test_a_wrong_check_is_named_with_its_line(tmp_path: Path, check: Json, where: str) -> None:
    with pytest.raises(CaseError) as error:
        read(tmp_path, check)
    assert str(error.value).startswith(f"mine.jsonl:1: {where}")
    assert "\n" not in str(error.value)
