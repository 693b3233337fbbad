"""Lint counts all findings, prints three formats, and derives the exit code from them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.judging.suite import shipped_suite
from conformance.reports.json import lint as lint_json
from conformance.runs.lint import Tally, lint
from conformance.traffic import read

GOOD: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1770000000,
    "model": "gpt-4o",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Paris."},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
OPENAI = "https://api.openai.com/v1/chat/completions"


def record(body: Any, url: str = OPENAI, status: int = 200, **meta: Any) -> str:
    """A line of a log."""
    request = {
        "method": "POST",
        "url": url,
        "headers": {},
        "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]},
    }
    response = {
        "status": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
    return json.dumps({"id": "one", "request": request, "response": response, "meta": meta})


BAD = record({**GOOD, "created": 0})
SHOULD = record({**GOOD, "id": "x-1"})  # ENV-007 is a should of OpenAI


@pytest.fixture
def log(tmp_path: Path) -> Any:
    """Writes lines to a log and gives its path."""

    def write(*lines: str, name: str = "log.jsonl") -> str:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return write


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    """Call the command."""
    return CliRunner().invoke(
        main, ["lint", *arguments], input=stdin, env={"COLUMNS": "80", "NO_COLOR": "1"}
    )


def test_conforming_traffic_exits_0(log: Any) -> None:
    result = run(log(record(GOOD)))
    assert result.exit_code == 0, result.output
    assert "1 exchange judged as openai, " in result.output


def test_an_unexpected_must_exits_1_and_names_the_place(log: Any) -> None:
    path = log(record(GOOD), BAD)
    result = run(path)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert any(line.startswith("must    ENV-008  1 answer: ") for line in lines)
    assert f"in {path}:2 /created" in " ".join(map(str.strip, lines))


@pytest.mark.parametrize(
    ("line", "level", "code"),
    [
        (BAD, "must", 1),
        (BAD, "never", 0),
        (SHOULD, "must", 0),
        (SHOULD, "should", 1),
        (SHOULD, "never", 0),
    ],
)
def test_fail_on_decides_the_exit_code(log: Any, line: str, level: str, code: int) -> None:
    assert run("--fail-on", level, log(line)).exit_code == code


def test_requirements_about_the_model_are_reported_but_never_fail(log: Any) -> None:
    empty = {
        **GOOD,
        "choices": [{**GOOD["choices"][0], "message": {"role": "assistant", "content": ""}}],
    }
    empty["usage"] = {"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 3}
    result = run(log(record(empty)))
    assert "\nmodel   MSG-005  1 answer: " in result.output
    assert result.exit_code == 0


def test_a_known_deviation_is_no_failure(log: Any) -> None:
    error = [{"error": {"code": 400, "message": "Bad.", "status": "INVALID_ARGUMENT"}}]
    path = log(
        record(
            error, "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", 400
        )
    )
    result = run("--format", "json", "--fail-on", "should", path)
    [finding] = json.loads(result.stdout)["findings"]
    assert (finding["requirement"], finding["profile"]) == ("ERR-018", "gemini-api")
    assert "array" in finding["known"]
    assert result.exit_code == 0


def test_json_has_the_documented_keys(log: Any) -> None:
    path = log(BAD)
    document = json.loads(run("--format", "json", path).stdout)
    assert {
        "exchanges": 1,
        "unreadable": 0,
        "findings": 1,
        "by_requirement": {"ENV-008": 1},
    }.items() <= document["summary"].items()
    [finding] = document["findings"]
    assert finding == {
        "exchange": "one",
        "profile": "openai",
        "requirement": "ENV-008",
        "level": "must",
        "known": None,
        "count": 1,
        "event": None,
        "pointer": "/created",
        "message": finding["message"],
        "expected": finding["expected"],
        "actual": 0,
        "location": f"{path}:1",
    }


def test_ndjson_is_a_finding_a_line_and_a_summary(log: Any) -> None:
    lines = [
        json.loads(line) for line in run("--format", "ndjson", log(BAD, BAD)).stdout.splitlines()
    ]
    assert [line.get("requirement") for line in lines] == ["ENV-008", "ENV-008", None]
    assert lines[-1]["summary"]["findings"] == 2


def test_a_document_holds_a_thousand_findings_a_requirement_and_counts_all(log: Any) -> None:
    tally = Tally()
    document = json.loads(
        lint_json.document(
            lint(read([log(*[BAD] * 1003)]), "openai", tally, shipped_suite()), tally
        )
    )
    assert len(document["findings"]) == 1000
    assert document["summary"]["by_requirement"] == {"ENV-008": 1003}


def test_no_evidence_repeats_nothing_of_the_traffic(log: Any) -> None:
    secret = "the patient's name"
    body = {
        **GOOD,
        "choices": [
            {
                **GOOD["choices"][0],
                "message": {"role": secret, "content": [secret]},
                "finish_reason": secret,
            }
        ],
        "model": "",
    }
    path = log(record(body))
    for form in ("json", "ndjson", "text"):
        assert secret in run("--format", form, path).stdout.replace("\n", " ").replace("  ", " "), (
            form
        )
        result = run("--format", form, "--no-evidence", path)
        assert "patient" not in result.output, form
        assert "CHO-005" in result.output


def test_long_evidence_is_truncated(log: Any) -> None:
    document = json.loads(
        run("--format", "json", log(record({**GOOD, "created": "x" * 100_000}))).stdout
    )
    assert len(json.dumps(document["findings"][0])) < 2000


def test_evidence_holds_nothing_that_looks_like_a_secret(log: Any) -> None:
    key = "sk-proj-" + "a1B2" * 12
    output = run("--format", "json", log(record({**GOOD, "created": f"Bearer {key}"}))).output
    assert "ENV-008" in output
    assert key not in output


def test_auto_uses_the_recorded_profile_then_the_url_then_the_fallback(log: Any) -> None:
    lines = [
        record(GOOD, profile="vertex-vllm"),
        record(GOOD),
        record(GOOD, "http://localhost:8000/v1/chat/completions"),
    ]
    result = run("--format", "json", log(*lines))
    assert json.loads(result.stdout)["summary"]["profiles"] == {
        "openai": 1,
        "openai-compatible": 1,
        "vertex-vllm": 1,
    }
    text = run(log(*lines)).output.replace("\n", " ")
    assert "3 exchanges judged (1 as vertex-vllm, 1 as openai, 1 as openai-compatible), " in text
    assert "Profile unknown for 1 exchange: judged as openai-compatible;" in text


def test_several_recordings_and_standard_input(log: Any) -> None:
    result = run("--format", "json", log(BAD), "-", stdin=record(GOOD) + "\n")
    assert json.loads(result.stdout)["summary"]["exchanges"] == 2


def test_bad_input_loses_no_good_work(log: Any, tmp_path: Path) -> None:
    truncated = tmp_path / "cut.jsonl.gz"
    truncated.write_bytes(gzip.compress((BAD + "\n").encode() * 500)[:-20])
    (tmp_path / "empty").mkdir()
    cassette = tmp_path / "new.yaml"
    cassette.write_text("interactions: []\nversion: 99\n")
    result = run(
        "--format",
        "json",
        log("{not json", BAD),
        str(truncated),
        str(tmp_path / "empty"),
        str(cassette),
        str(tmp_path / "missing.har"),
    )
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document["summary"]["by_requirement"]["ENV-008"] > 1
    assert document["summary"]["unreadable"] == 5
    assert "log.jsonl:1" in result.stderr
    assert "Traceback" not in result.output


def test_many_unreadable_lines_are_summed_up(log: Any) -> None:
    path = log(*["nonsense"] * 50, record(GOOD))
    output = " ".join(run(path).output.split())  # a long path is on a line of its own
    assert output.count(f"unreadable {path}:") == 6
    assert f"unreadable {path}: 45 more" in output


@pytest.mark.parametrize("form", ["text", "json", "ndjson"])
def test_a_sum_beyond_64_bits_is_printed(log: Any, form: str) -> None:
    most = 2**64 - 1
    result = run(
        "--format",
        form,
        log(
            record(
                {
                    **GOOD,
                    "usage": {"prompt_tokens": most, "completion_tokens": most, "total_tokens": 5},
                }
            )
        ),
    )
    assert result.exit_code == 1
    assert str(2 * most) in result.stdout


def test_unreadable_lines_without_end_are_counted_and_not_kept(log: Any) -> None:
    path = log(*["nonsense", record(GOOD)] * 1_100)
    document = json.loads(run("--format", "json", path).stdout)
    assert (document["summary"]["unreadable"], len(document["unreadable"])) == (1_100, 1_000)
    output = run(path).output
    joined = " ".join(output.split())  # a long path is on a line of its own
    assert f"unreadable {path}: 995 more unreadable: 100 more" in joined
    assert output.endswith("UNREADABLE: exit code 2, 1,100 unreadable\n")


def test_an_unknown_profile_is_one_line_with_the_names() -> None:
    result = run("--profile", "opnai", "log.jsonl")
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith(
        "Error: unknown profile 'opnai' (did you mean openai?); there are azure-openai, "
    )
    assert line.endswith(", and auto")


def test_recordings_without_a_chat_call_exit_3(log: Any) -> None:
    path = log(record(GOOD, "https://api.openai.com/v1/embeddings"))
    result = run(path)
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout.startswith("INCONCLUSIVE: 0 requirements broken, 0 exchanges judged, ")
    assert "there is no Chat Completions exchange" in result.stdout.replace("\n", " ")
    assert "Skipped: 1 exchange, not Chat Completions\n" in result.stdout
    assert run("--format", "json", path).exit_code == 3


def test_a_crashed_rule_exits_3_unless_something_is_worse(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.judging.rules import rules

    def crash(_facts: Any) -> Any:
        raise RuntimeError("on purpose")

    rule = rules()["ENV-001"]
    monkeypatch.setattr(type(rule), "__setattr__", object.__setattr__)
    monkeypatch.setattr(rule, "check", crash)
    result = run(log(record(GOOD)))
    assert result.exit_code == 3
    assert "ENV-001 crashed" in result.output
    assert run(log(BAD)).exit_code == 1
    assert run(log(BAD, "nonsense")).exit_code == 2


SERVED = ("http://127.0.0.1:8000/v1/chat/completions", {"x-conformance-profile": "gemini-api"})


def _jsonl(url: str, headers: dict[str, str]) -> Any:
    line = json.loads(record(GOOD, url))
    line["response"]["headers"] |= headers
    return line


def _har(url: str, headers: dict[str, str]) -> Any:
    fields = [{"name": name.title(), "value": value} for name, value in headers.items()]
    request = {"method": "POST", "url": url, "headers": []}
    response = {"status": 200, "headers": fields, "content": {"text": json.dumps(GOOD)}}
    return {"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}}


def _cassette(url: str, headers: dict[str, str]) -> Any:
    fields = {name.title(): [value] for name, value in headers.items()}
    request = {"method": "POST", "uri": url, "headers": {}, "body": "{}"}
    status = {"code": 200, "message": "OK"}
    response = {"status": status, "headers": fields, "body": {"string": json.dumps(GOOD)}}
    return {"version": 1, "interactions": [{"request": request, "response": response}]}


@pytest.mark.parametrize(
    ("recording", "name"),
    [(_jsonl, "log.jsonl"), (_har, "session.har"), (_cassette, "test.yaml")],
)
def test_the_profile_that_a_server_names_judges_its_recorded_answers(
    log: Any, recording: Any, name: str
) -> None:
    url, headers = SERVED
    path = log(json.dumps(recording(url, headers)), name=name)
    assert "1 exchange judged as gemini-api, " in run(path).output
    assert "1 exchange judged as openai, " in run("--profile", "openai", path).output
    unnamed = log(json.dumps(recording(url, {"x-conformance-profile": "nope"})), name=name)
    assert "openai-compatible" in run(unnamed).output
