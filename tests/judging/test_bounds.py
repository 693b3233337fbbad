"""Parts that take too long to judge are not judged, and the output says so."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.judging.bounds import BOUNDS, OF_LARGE_BODIES
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.reports.json.run import as_json
from conformance.reports.text.run import render
from conformance.runs.collecting import of_answers
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from conformance.testing.assertions import ConformanceWarning, assert_conformant
from tests.helpers.project import ROOT

_URL = "https://host.example/v1/chat/completions"


def exchange(request: Mapping[str, Any], body: bytes, status: int = 200) -> Exchange:
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **request}
    kind = "text/event-stream" if body.startswith(b"data:") else "application/json"
    headers = (("content-type", kind),)
    return Exchange(
        "x", Request("POST", _URL, (), asked), Response(status, headers, body, fidelity="bytes")
    )


def completion(message: Mapping[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1770000000,
            "model": "m",
            "choices": [choice | more],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
    ).encode()


def error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "x", "code": None}}).encode()


def fragments(count: int) -> bytes:
    """Return a stream whose tool calls all have one id and arguments that are never complete."""
    function = {"name": "f", "arguments": "{"}
    chunks = [
        {"index": at, "id": "call_1", "type": "function", "function": function}
        for at in range(count)
    ]
    return b"".join(
        b"data: %s\n\n"
        % json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}).encode()
        for call in chunks
    )


def asks_schema(schema: Any) -> dict[str, Any]:
    named = {"name": "x", "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def asks_tool(parameters: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}]}


def calls(arguments: str) -> bytes:
    function = {"name": "f", "arguments": arguments}
    call = {"id": "call_1", "type": "function", "function": function}
    return completion({"content": None, "tool_calls": [call]}, finish_reason="tool_calls")


def keywords(count: int) -> list[str]:
    return [f"key{number}" for number in range(count)]


def wide(size: int) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(range(size))}}


def stray(size: int) -> bytes:
    return b'data: {"choices":[]}\n\n{"error":"' + b"a" * size + b'"}\n\n'


OVER: dict[str, Callable[[int], Exchange]] = {
    "stop strings after the first 100": lambda more: exchange(
        {"stop": [f"s{number}" for number in range(100 + more)]}, completion({"content": "a"})
    ),
    "half of a stop string of more than 1,000 characters at the end of a text": lambda more: (
        exchange({"stop": ["s" * (1000 + more)]}, completion({"content": "a"}))
    ),
    "an error message after its first 20,000 characters": lambda more: exchange(
        {}, error("a" * (20_000 + more)), 400
    ),
    "schema keywords in an error message after the first 200": lambda more: exchange(
        asks_schema(dict.fromkeys(keywords(200 + more), True)),
        error(" ".join(keywords(200 + more))),
        400,
    ),
    "values by a schema that is too large": lambda more: exchange(
        asks_schema({"description": "a" * (256 * 1024 - 18 + more)}), completion({"content": "{}"})
    ),
    "values by a schema with too many alternatives": lambda more: exchange(
        asks_tool(wide(996)), calls(json.dumps([1] * (9_900 + 1_000 * more)))
    ),
    "whether a call begins where one id has more than 16 indexes": lambda more: exchange(
        {"stream": True}, fragments(17 + more)
    ),
    "more than 65,536 bytes in a stream outside of its fields": lambda more: exchange(
        {"stream": True}, stray(65_536 - len('{"error":""}') + more)
    ),
    OF_LARGE_BODIES: lambda more: exchange(
        {}, completion({"content": "a"}, finish_reason=0, extra=[0] * (19_973 + 1_000 * more))
    ),
}
"""By bound, a function that returns an exchange: with 0 just within the bound, with 1 beyond it."""


def left_out(judged: Exchange) -> set[str]:
    said: set[str] = set()
    judge = judge_for(profile("openai"), shipped_suite())
    assert all(judge.findings(judged, said.add))
    again: set[str] = set()
    judge.verdicts(judged, again.add)
    assert again == said
    return said


def test_each_bound_is_tried() -> None:
    assert OVER.keys() == {*(bound.what for bound in BOUNDS), OF_LARGE_BODIES}


@pytest.mark.parametrize("what", OVER)
def test_what_is_beyond_a_bound_is_named(what: str) -> None:
    assert left_out(OVER[what](1)) == {what}


@pytest.mark.parametrize("what", OVER)
def test_nothing_is_left_out_up_to_the_bound(what: str) -> None:
    assert left_out(OVER[what](0)) == set()


def log(folder: Path, *exchanges: Exchange) -> str:
    rows = [
        {
            "request": {"url": _URL, "body": each.request.body},
            "response": {
                "status": each.response.status,
                "headers": dict(each.response.headers),
                "body": (each.response.body or b"").decode(),
            },
        }
        for each in exchanges
    ]
    path = folder / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


STOPS, HALVES = list(OVER)[:2]


def test_lint_names_each_kind_once_with_its_count(tmp_path: Path) -> None:
    path = log(tmp_path, OVER[STOPS](1), OVER[HALVES](1), OVER[STOPS](2), OVER[STOPS](0))
    result = CliRunner().invoke(main, ["lint", path, "--profile", "openai"], env={"COLUMNS": "200"})
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("not judged")] == [
        f"not judged: {HALVES} (1 exchange)",
        f"not judged: {STOPS} (2 exchanges)",
    ]
    assert lines[-1] == "PASS: exit code 0, 3 judged in part"
    assert result.exit_code == 0


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_the_json_of_a_lint_counts_what_is_not_judged(form: str, tmp_path: Path) -> None:
    path = log(tmp_path, OVER[STOPS](1), OVER[STOPS](1))
    result = CliRunner().invoke(main, ["lint", path, "--profile", "openai", "--format", form])
    last = json.loads(result.stdout if form == "json" else result.stdout.splitlines()[-1])
    assert last["summary"]["not_judged"] == {STOPS: 2}
    assert result.stderr == f"not judged: {STOPS} (2 exchanges)\n"


def test_a_run_names_each_kind_with_its_count() -> None:
    selection = Selection("openai", corpus=shipped_corpus())
    asked = [
        Answer("t", "chat-plain", OVER[STOPS](1)),
        Answer("t", "chat-stop", OVER[STOPS](1)),
        Answer("t", "chat-system", OVER[STOPS](0)),
    ]
    report = of_answers(asked, selection, [], []).report(selection)
    members = json.loads(as_json(report))
    assert members["not_judged"] == [{"target": "t", "what": STOPS, "answers": 2}]
    console = Console(file=io.StringIO(), width=200, color_system=None)
    render(report, console)
    assert f"not judged: {STOPS} (2 exchanges)\n" in console.file.getvalue()  # type: ignore[attr-defined]


def test_an_assertion_warns_of_what_is_not_judged() -> None:
    with pytest.warns(ConformanceWarning, match=f"^not judged: {STOPS} "):
        assert_conformant(OVER[STOPS](1), "openai")


def test_the_recordings_are_judged_whole() -> None:
    result = CliRunner().invoke(main, ["lint", str(ROOT / "cassettes"), "--format", "json"])
    assert json.loads(result.stdout)["summary"]["not_judged"] == {}
