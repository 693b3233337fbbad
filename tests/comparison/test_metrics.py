"""Each metric has the number that an answer is worth, and counts all who asked for it."""

import json
from typing import Any

import pytest

from conformance.cases import Case
from conformance.comparison.metrics import METRICS, measure, requirement_metric
from conformance.comparison.sample import Measured, Sample
from conformance.judging.judge import judge_for
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.protocol.chat.answer_check import AnswerCheck
from conformance.protocol.exchange import Exchange, Json, Request, Response
from tests.helpers import shipped_cassettes

SUITE = shipped_suite()
JUDGE = judge_for(SUITE.profile("openai"), SUITE)
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": PARAMETERS}}
    for name in ("weather", "news")
]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": PARAMETERS}}


def call(name: str = "weather", arguments: str = '{"city": "Oslo"}') -> dict[str, Any]:
    return {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}


def answer(
    content: str | None = None,
    *calls: dict[str, Any],
    finish: str = "stop",
    **message: Json,
) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    if calls:
        said["tool_calls"] = list(calls)
    choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1735689600,
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
    }


def measured(
    body: Json,
    check: dict[str, Json] | None = None,
    status: int = 200,
    request: dict[str, Json] | None = None,
    **response: Any,
) -> Measured:
    asked = {"model": "m", "messages": [{"role": "user", "content": "?"}]} | (request or {})
    case = None
    if check is not None:
        case = Case("q", "", "", frozenset(), "/chat/completions", asked, check=AnswerCheck(check))
    exchange = Exchange(
        "",
        Request(body=asked),
        Response(status, (), json.dumps(body).encode(), **response),
    )
    return measure(Sample("q", "q", "old", 1, 0, exchange, asked=case), JUDGE)


RIGHT = {"tool": "weather", "arguments": {"properties": {"city": {"const": "Oslo"}}}}


class TestTools:
    """The right tool, any tool, and arguments that are valid."""

    @pytest.mark.parametrize(
        ("body", "right", "some", "valid"),
        [
            (answer(None, call()), 1, 1, 1),
            (answer(None, call(arguments='{"city": "Rome"}')), 0, 1, 1),
            (answer(None, call(arguments='{"town": "Oslo"}')), 1, 1, 0),
            (answer(None, call("news")), 0, 1, 1),
            (answer("I cannot do that."), 0, 0, 0),
            (answer(""), 0, 0, 0),
        ],
    )
    def test_the_case_says_which_tool_is_right(
        self, body: Json, right: int, some: int, valid: int
    ) -> None:
        values = measured(body, RIGHT, request={"tools": TOOLS}).values
        assert (values["right-tool"], values["any-tool"], values["arguments-valid"]) == (
            right,
            some,
            valid,
        )

    def test_where_no_tool_fits_a_call_is_wrong_and_any_tool_is_not_asked(self) -> None:
        values = measured(answer(None, call()), {"tool": None}, request={"tools": TOOLS}).values
        assert values["right-tool"] == 0
        assert not {"any-tool", "arguments-valid"} & values.keys()

    def test_without_a_case_the_request_says_whether_a_call_is_required(self) -> None:
        named = {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "news"}}}
        assert measured(answer(None, call()), request=named).values["right-tool"] == 0
        assert measured(answer(None, call("news")), request=named).values["right-tool"] == 1
        free = measured(answer("Hello"), request={"tools": TOOLS}).values
        assert free["any-tool"] == 0
        assert "right-tool" not in free

    def test_an_answer_to_the_result_of_a_tool_is_not_asked_for_a_call(self) -> None:
        messages = [{"role": "tool", "tool_call_id": "c", "content": "7"}]
        values = measured(answer("7"), request={"tools": TOOLS, "messages": messages}).values
        assert "any-tool" not in values

    def test_a_call_that_is_free_counts_its_arguments_and_no_call_does_not(self) -> None:
        called = measured(answer(None, call(arguments="{")), request={"tools": TOOLS}).values
        assert called["arguments-valid"] == 0
        assert "arguments-valid" not in measured(answer("Hi"), request={"tools": TOOLS}).values
        assert "arguments-valid" not in measured(answer(None, call())).values

    def test_a_refusal_is_wrong_where_no_tool_fits_only_if_it_says_nothing(self) -> None:
        none_fits = ({"tool": None}, 200, {"tools": TOOLS})
        assert measured(answer("I can't do that with my tools."), *none_fits).values["right-tool"]
        for body in (answer(""), answer(None, refusal="No."), answer("I", finish="length")):
            assert measured(body, *none_fits).values["right-tool"] == 0

    def test_a_call_that_was_cut_is_no_call(self) -> None:
        required = {"tools": TOOLS, "tool_choice": "required"}
        cut = measured(answer(None, call(), finish="length"), request=required)
        assert (cut.values["right-tool"], cut.values["any-tool"]) == (0, 0)
        assert cut.answered == {}


class TestText:
    """JSON by the schema asked for, and content that is right."""

    @pytest.mark.parametrize(
        ("text", "valid"),
        [('{"city": "Oslo"}', 1), ('{"town": 1}', 0), ("Sorry", 0), ("", 0), ("[1]", 0)],
    )
    def test_json_is_valid_by_the_schema(self, text: str, valid: int) -> None:
        values = measured(answer(text), request={"response_format": SCHEMA}).values
        assert values["schema-valid"] == valid

    def test_the_denominator_has_all_who_asked_and_answered_only_usable_answers(self) -> None:
        cut = measured(answer("{", finish="length"), request={"response_format": SCHEMA})
        assert cut.values["schema-valid"] == 0
        assert "schema-valid" not in cut.answered
        wrong = measured(answer("{"), request={"response_format": SCHEMA})
        assert wrong.answered["schema-valid"] == 0

    def test_a_tool_call_in_place_of_json_says_nothing_about_json(self) -> None:
        both = {"response_format": SCHEMA, "tools": TOOLS}
        assert "schema-valid" not in measured(answer(None, call()), request=both).values
        assert measured(answer("Hi"), request=both).values["schema-valid"] == 0

    def test_thoughts_before_json_are_left_out_only_if_they_were_asked_for(self) -> None:
        text = '<thought>Hm.</thought>{"city": "Oslo"}'
        request: dict[str, Json] = {"response_format": SCHEMA}
        assert measured(answer(text), request=request).values["schema-valid"] == 0
        request["extra_body"] = {"google": {"thinking_config": {"include_thoughts": True}}}
        assert measured(answer(text), request=request).values["schema-valid"] == 1

    def test_the_case_says_what_is_right(self) -> None:
        assert measured(answer("It is 42."), {"pattern": "42"}).values["text-right"] == 1
        assert measured(answer("It is 41."), {"pattern": "42"}).values["text-right"] == 0

    def test_what_was_not_asked_for_has_no_value(self) -> None:
        values = measured(answer("Hello")).values
        assert not {"text-right", "schema-valid", "right-tool", "any-tool"} & values.keys()


class TestHowItEnded:
    """Refusals, empty answers, thoughts only, cut and filtered answers."""

    @pytest.mark.parametrize(
        ("body", "names"),
        [
            (answer("Yes"), set()),
            (answer(None, refusal="No."), {"refused"}),
            (answer(None, finish="content_filter"), {"refused", "finish-content-filter"}),
            (answer(""), {"empty"}),
            (answer(None, reasoning_content="Hm."), {"reasoning-only"}),
            (answer("<think>Hm.", finish="length"), {"reasoning-only", "finish-length"}),
            (answer("<think>Hm.</think>Yes"), set()),
            (answer("Ye", finish="length"), {"finish-length"}),
            (answer("Ye", finish="MAX_TOKENS"), {"finish-length"}),
            (answer(None, finish="SAFETY"), {"refused", "finish-content-filter"}),
        ],
    )
    def test_each_is_told_apart(self, body: Json, names: set[str]) -> None:
        values = measured(body).values
        ends = ("refused", "empty", "reasoning-only", "finish-length", "finish-content-filter")
        assert {name for name in ends if values[name]} == names

    def test_thoughts_that_are_only_counted_are_thoughts(self) -> None:
        body = answer("")
        body["usage"]["completion_tokens_details"] = {"reasoning_tokens": 5}
        values = measured(body).values
        assert (values["reasoning-only"], values["empty"]) == (1, 0)

    def test_plain_words_refuse_where_a_call_or_json_was_wanted_and_nowhere_else(self) -> None:
        body = answer("I'm sorry, but I can't help with that.")
        assert measured(body).values["refused"] == 0
        for request in ({"tools": TOOLS}, {"response_format": SCHEMA}):
            refused = measured(body, request=request)
            assert refused.values["refused"] == 1
            assert refused.answered == {}
        own_words = answer('"I can\'t help with that."')
        form = {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}
        assert measured(own_words, request=form).values["refused"] == 0


class TestErrors:
    """Failures that say nothing about the model leave the other denominators."""

    @pytest.mark.parametrize(("status", "name"), [(429, "error-429"), (503, "error-5xx")])
    def test_a_limit_or_a_failure_has_only_its_own_metric(self, status: int, name: str) -> None:
        each = measured({"error": {"message": "busy"}}, RIGHT, status, {"tools": TOOLS})
        assert {metric for metric, value in each.values.items() if value} == {name}
        assert set(each.values) == {"error-429", "error-5xx", "no-response"}

    def test_a_lost_connection_has_only_its_own_metric(self) -> None:
        each = measured(answer("Yes"), truncated=True)
        assert each.values == {"error-429": 0, "error-5xx": 0, "no-response": 1}
        silent = measure(Sample("q", "q", "old", 1, 0, None, "time-out"), JUDGE)
        assert silent.values == each.values

    def test_a_refused_request_has_nothing_of_what_it_asked_for(self) -> None:
        values = measured({"error": {"message": "no"}}, RIGHT, 400, {"tools": TOOLS}).values
        assert (values["error-4xx"], values["right-tool"], values["any-tool"]) == (1, 0, 0)
        assert "refused" not in values

    def test_a_filter_that_refuses_the_request_is_a_refusal(self) -> None:
        values = measured({"error": {"message": "no", "code": "content_filter"}}, status=400).values
        assert (values["error-4xx"], values["refused"]) == (1, 1)

    def test_a_case_that_must_be_refused_has_only_requirements(self) -> None:
        case = Case("q", "", "", frozenset(), "/chat/completions", {}, wants_refusal=True)
        exchange = Exchange("", Request(body={}), Response(400, (), b'{"error": {"message": "m"}}'))
        values = measure(Sample("q", "q", "old", 1, 0, exchange, asked=case), JUDGE).values
        assert not {"error-4xx", "refused", "empty"} & values.keys()
        assert values["error-5xx"] == 0

    def test_an_answer_that_was_not_recorded_has_no_number(self) -> None:
        quoted = Exchange("", Request(body={}), Response(200, (), b"{}"), {"partial": True})
        assert measure(Sample("q", "q", "old", 1, 0, quoted), JUDGE).values == {}


class TestAmountsAndParameters:
    """Tokens, times, and what the request limits."""

    def test_tokens_and_times_are_those_recorded(self) -> None:
        values = measured(answer("Yes"), reads=((120.0, 10), (150.0, 5))).values
        assert values["tokens-in"] == 7
        assert values["tokens-out"] == 5
        assert (values["first-byte"], values["total-time"]) == (120, 150)
        assert "longest-gap" not in values
        assert "first-byte" not in measured(answer("Yes")).values

    def test_tokens_of_thoughts_that_only_the_total_counts_are_tokens_of_the_answer(self) -> None:
        body = answer("Yes")
        body["usage"] = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 52}
        assert measured(body).values["tokens-out"] == 45

    def test_the_longest_gap_is_that_of_a_stream(self) -> None:
        chunk = b'data: {"choices": []}\n\n'
        reads = ((100.0, 12), (400.0, 5), (420.0, 6))
        exchange = Exchange("", Request(), Response(200, (), chunk, reads))
        values = measure(Sample("q", "q", "old", 1, 0, exchange), JUDGE).values
        assert values["longest-gap"] == 300

    def test_parameters_count_only_if_asked(self) -> None:
        limits: dict[str, Json] = {"stop": ["END"], "max_tokens": 5, "n": 2}
        kept = measured(answer("Yes"), request=limits).values
        names = ("stop-honoured", "max-tokens-honoured", "n-honoured")
        assert [kept[name] for name in names] == [1, 1, 0]
        broken = measured(answer("the END"), request={"stop": "END", "max_tokens": 4}).values
        assert [broken[name] for name in names[:2]] == [0, 0]
        assert not set(names) & measured(answer("Yes")).values.keys()


def test_a_broken_requirement_counts_one_and_a_kept_one_nothing() -> None:
    kept = measured(answer("Yes")).values
    body = answer("Yes")
    body["choices"][0]["finish_reason"] = "ended"
    broken = measured(body).values
    assert {name for name in kept if kept[name] == 1.0} & set(requirements()) == set()
    assert {name for name in broken if broken[name] == 1.0} & set(requirements())


def test_requirements_about_the_protocol_gate_and_those_about_a_model_do_not() -> None:
    for entry in requirements().values():
        metric = requirement_metric(entry)
        assert metric.is_requirement
        if entry.about == "model":
            assert not metric.gates


def test_metrics_have_their_own_names_and_a_direction_to_gate() -> None:
    assert all(name == metric.name for name, metric in METRICS.items())
    assert not {
        metric.name for metric in METRICS.values() if metric.gates and metric.worse == "neither"
    }
    assert not set(METRICS) & set(requirements())


def test_recorded_answers_have_numbers_of_known_metrics_only() -> None:
    known = set(METRICS) | set(requirements())
    for number, exchange in enumerate(shipped_cassettes.exchanges()[::20]):
        each = measure(Sample(str(number), "c", "old", 1, None, exchange), JUDGE)
        assert each.values.keys() <= known
        assert each.answered.keys() <= each.values.keys()
