"""Twins that ask for the same in two ways, and twins that compare prompt tokens."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json
from tests.judging.conftest import TOOLS, Object, call, completion, error, stream
from tests.judging.rules.groups import (
    GEMINI,
    GREEDY,
    IMAGE,
    MODEL,
    asking,
    at,
    found,
    fragments,
    outcomes,
    usage,
    user,
)

Twin: TypeAlias = tuple[Exchange, Exchange]

TOOL: Object = {"tools": [*TOOLS]}
CALLED: Object = {"tool_calls": [call()]}
BUSY: Json = "The server is overloaded. Try again."


def without_end(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, truncated=True))


def limited(plain: Exchange, other: Exchange, tokens: int = 3) -> Twin:
    return asking(plain, max_tokens=tokens), asking(other, max_completion_tokens=tokens)


@pytest.mark.parametrize(
    ("twin", "outcome"),
    [
        (
            limited(completion("One two", finish="length"), completion("One two", finish="length")),
            "pass",
        ),
        (
            limited(completion("One two", finish="length"), completion("Yes.", usage=usage(9, 2))),
            "pass",
        ),
        (
            limited(
                completion("One two", finish="length"),
                completion("One two three four.", usage=usage(9, 5)),
            ),
            "fail",
        ),
        (
            limited(
                completion("One two three four.", usage=usage(9, 5)),
                completion("One two", finish="length"),
            ),
            "fail",
        ),
        (
            limited(
                completion("One two", finish="length"), completion("One two three four.", usage=...)
            ),
            "fail",
        ),
        (
            limited(completion("One two", finish="length"), completion("Another one.", usage=...)),
            "pass",
        ),
        (
            limited(
                completion("One two three.", usage=usage(9, 5)),
                completion("One two three.", usage=usage(9, 5)),
            ),
            "pass",
        ),
        (
            limited(
                error(400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
                completion("One two"),
            ),
            "not exercised",
        ),
        (
            limited(completion("One two three four."), completion("One two", finish="length")),
            "fail",
        ),
        (limited(completion(""), completion("One two", finish="length", usage=...)), "pass"),
        (
            limited(
                completion("One two", finish="length"),
                completion("One two", choice={"finish_reason": None}),
            ),
            "pass",
        ),
        (
            limited(
                completion("One two", choice={"finish_reason": None}),
                completion("One two", finish="length"),
            ),
            "pass",
        ),
        (
            limited(
                completion("One two", request=GREEDY, finish="length"),
                completion("Uno, due.", request=GREEDY),
            ),
            "pass",
        ),
        (limited(completion("One two"), completion("One two"), tokens=0), "pass"),
        (
            limited(
                without_end(completion("One two", finish="length")), completion("One two three.")
            ),
            "not exercised",
        ),
    ],
)
def test_both_limits_have_the_same_effect(twin: Twin, outcome: str) -> None:
    assert outcomes(twin)["META-004"] == outcome


def stopping(plain: Exchange, other: Exchange) -> Twin:
    return asking(plain, stop="two"), asking(other, stop=["two"])


@pytest.mark.parametrize(
    ("twin", "outcome"),
    [
        (stopping(completion("One, "), completion("Zero, one, ")), "pass"),
        (stopping(completion("One, "), completion("One, two, three.")), "fail"),
        (stopping(completion("One, two, three."), completion("One, ")), "fail"),
        (stopping(completion("One, two, three."), completion("One, two.")), "pass"),
        (stopping(completion("One, "), completion("One, 2, 3", finish="length")), "fail"),
        (stopping(completion("One, "), completion("Uno, due, tre", finish="length")), "pass"),
        (
            stopping(completion("One, "), without_end(completion("One, 2, 3", finish="length"))),
            "pass",
        ),
        (stopping(completion("One, "), without_end(completion("One, two"))), "fail"),
        (stopping(stream("One, "), stream("One, ", "t", "wo")), "fail"),
        (stopping(completion("One, "), error(400, "stop: expected a string")), "fail"),
        (stopping(error(400, "stop: expected a list"), completion("One, ")), "fail"),
        (stopping(completion("One, "), error(500, "Internal error")), "fail"),
        (stopping(completion("One, "), error(429, BUSY)), "not exercised"),
        (stopping(completion("One, "), error(503, BUSY)), "not exercised"),
        (stopping(completion("One, "), error(500, BUSY)), "not exercised"),
        (stopping(completion("One, "), error(401, "No such key.")), "not exercised"),
        (stopping(error(400, "No."), error(422, "No.")), "pass"),
    ],
)
def test_a_stop_string_has_the_same_effect_in_a_list(twin: Twin, outcome: str) -> None:
    assert outcomes(twin)["META-008"] == outcome


@pytest.mark.parametrize(
    ("plain", "other", "outcome"),
    [
        (completion(), completion("Another text."), "pass"),
        (completion(), error(400, "Unknown name 'made_up'"), "fail"),
        (completion(), error(500, "Internal error"), "fail"),
        (completion(), error(503, BUSY), "not exercised"),
        (completion(), error(403, "Forbidden"), "not exercised"),
        (error(404, "No such model"), error(404, "No such model"), "pass"),
        (error(400, "No."), error(500, "Internal error"), "fail"),
        (error(429, BUSY), completion(), "not exercised"),
    ],
)
def test_a_field_that_is_not_supported_changes_nothing(
    plain: Exchange, other: Exchange, outcome: str
) -> None:
    assert outcomes((plain, asking(other, made_up=1)), "vertex-gemini")["META-007"] == outcome


def test_openai_may_refuse_a_field_it_does_not_know() -> None:
    assert (
        found((completion(), asking(error(400, "Unknown parameter: 'made_up'."), made_up=1))) == {}
    )


FUNCTIONS: Object = {"functions": [tool["function"] for tool in TOOLS]}


def by_function(name: str = "get_weather", arguments: str = '{"city":"Paris"}') -> Object:
    return {"function_call": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    ("other", "more", "outcome"),
    [
        (by_function(), {}, "pass"),
        (by_function(arguments='{ "city": "Paris" }'), GREEDY, "pass"),
        (by_function("get_time"), {}, "fail"),
        (by_function(arguments='{"city":"Rome"}'), {}, "pass"),
        (by_function(arguments='{"city":"Rome"}'), GREEDY, "fail"),
        ({"content": "It is fine."}, {}, "pass"),
        ({"content": "It is fine."}, GREEDY, "fail"),
    ],
)
def test_older_functions_are_called_like_tools(other: Object, more: Object, outcome: str) -> None:
    assert (
        outcomes(
            (completion(CALLED, request=TOOL | more), completion(other, request=FUNCTIONS | more))
        )["META-012"]
        == outcome
    )


def test_the_older_call_is_put_together_from_a_stream() -> None:
    deltas = (
        {"function_call": {"name": "get_weather", "arguments": ""}},
        {"function_call": {"arguments": '{"city":'}},
        {"function_call": {"arguments": '"Rome"}'}},
    )
    more = {**GREEDY, "stream": True}
    twin = (
        stream(*fragments('{"city":"Paris"}'), request=TOOL | more, finish="tool_calls"),
        stream(*deltas, request=FUNCTIONS | more, finish="function_call"),
    )
    assert found(twin)["META-012"].actual == ("get_weather", {"city": "Rome"})


VERSIONED = "https://aiplatform.googleapis.com/{}/projects/P/locations/global/endpoints/openapi/chat/completions"


@pytest.mark.parametrize(
    ("v1", "beta", "outcome"),
    [
        (completion(CALLED), completion("Hello!"), "pass"),
        (completion(), completion(service_tier=...), "fail"),
        (completion(), completion(created="now"), "fail"),
        (completion(), completion(service_tier=None), "fail"),
        (completion(service_tier=None), completion(service_tier=...), "pass"),
        (completion(), completion(usage=usage(completion_tokens_details=...)), "pass"),
        (stream("A", "B"), stream("C"), "pass"),
        (
            error(400, [{"error": {"code": 400, "message": "No."}}]),
            error(400, {"error": {"code": 400, "message": "No."}}),
            "fail",
        ),
        (completion(), error(404, "No such route."), "fail"),
        (completion(), error(429, "Quota."), "not exercised"),
    ],
)
def test_both_versions_answer_in_the_same_shape(v1: Exchange, beta: Exchange, outcome: str) -> None:
    assert (
        outcomes(
            (at(v1, VERSIONED.format("v1")), at(beta, VERSIONED.format("v1beta1"))), "vertex-gemini"
        )["META-011"]
        == outcome
    )


@pytest.mark.parametrize(("total", "outcome"), [(12, "pass"), (72, "pass"), (11, "fail")])
def test_no_total_is_less_than_its_parts_with_thinking_or_without(total: int, outcome: str) -> None:
    thinking, off = (
        asking(completion(), reasoning_effort="low"),
        asking(completion(usage=usage(9, 3, total_tokens=total)), reasoning_effort="none"),
    )
    assert outcomes((thinking, off), "vertex-gemini")["META-013"] == outcome
    assert outcomes((off, thinking), "vertex-gemini")["META-013"] == outcome


def looking(*images: Json, prompt: int = 9) -> Exchange:
    return completion(
        "A dog.",
        request={**MODEL, "messages": [user([{"type": "text", "text": "What is this?"}, *images])]},
        usage=usage(prompt),
        **GEMINI,
    )


@pytest.mark.parametrize(
    ("prompt", "outcome"), [(265, "pass"), (10, "pass"), (9, "fail"), (8, "fail")]
)
def test_an_image_costs_something(prompt: int, outcome: str) -> None:
    assert outcomes((looking(), looking(IMAGE, prompt=prompt)))["MM-014"] == outcome


def test_a_refused_image_costs_nothing() -> None:
    refused = replace(error(400, "This model takes no images."), request=looking(IMAGE).request)
    assert outcomes((looking(), refused))["MM-014"] == "not exercised"


def test_the_evidence_says_what_was_expected_of_the_prompt_and_of_the_shape() -> None:
    assert found((looking(), looking(IMAGE)))["MM-014"].expected == "more than 9"
    versions = (
        at(completion(service_tier=...), VERSIONED.format("v1")),
        at(completion(created="now"), VERSIONED.format("v1beta1")),
    )
    shape = found(versions, "vertex-gemini")["META-011"]
    assert (shape.expected, shape.actual) == (
        ["/created: number"],
        ["/created: string", "/service_tier: string"],
    )
    more = found((versions[0], at(completion(), VERSIONED.format("v1beta1"))), "vertex-gemini")[
        "META-011"
    ]
    assert (more.expected, more.actual) == ("nothing more", ["/service_tier: string"])


def test_a_prompt_that_one_answer_does_not_count_is_not_compared() -> None:
    uncounted = looking(IMAGE)
    uncounted = replace(
        uncounted, response=completion(usage={"total_tokens": 9}, **GEMINI).response
    )
    assert outcomes((looking(), uncounted))["MM-014"] == "pass"


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        (
            completion(CALLED, request=TOOL | GREEDY, finish="length"),
            completion("It is", request=FUNCTIONS | GREEDY),
        ),
        (
            completion(CALLED, request=TOOL | GREEDY),
            completion("It is", request=FUNCTIONS | GREEDY, finish="length"),
        ),
    ],
)
def test_a_cut_answer_may_lack_its_call(plain: Exchange, other: Exchange) -> None:
    assert "META-012" not in found((plain, other))


def test_text_beside_a_call_may_be_sampled() -> None:
    assert "META-012" not in found(
        (completion("It is fine.", request=TOOL), completion(by_function(), request=FUNCTIONS))
    )


def test_the_limit_is_one_of_each_choice() -> None:
    two: Object = {"n": 2}
    twin = (
        completion("One", "Two", request=two, usage=usage(9, 5), finish="length"),
        completion("One", "Two", request=two, usage=usage(9, 1)),
    )
    assert outcomes(limited(*twin))["META-004"] == "fail"  # by its finish reason alone
    assert found(limited(*twin))["META-004"].actual == "stop"


def test_each_pair_of_choices_is_compared() -> None:
    plain = completion(CALLED, CALLED, request=TOOL | GREEDY | {"n": 2})
    other = completion(
        by_function(), by_function("get_time"), request=FUNCTIONS | GREEDY | {"n": 2}
    )
    assert found((plain, other))["META-012"].pointer == "/choices/1/finish_reason"


def test_arguments_that_are_no_json_are_compared_as_text() -> None:
    plain = completion({"tool_calls": [call(arguments="{")]}, request=TOOL | GREEDY)
    assert "META-012" in found(
        (plain, completion(by_function(arguments="["), request=FUNCTIONS | GREEDY))
    )


def test_an_error_is_told_once() -> None:
    assert found(stopping(error(400, "No."), completion("One, two")))["META-008"].count == 1


def beta(plain: Exchange, other: Exchange) -> Twin:
    return at(plain, VERSIONED.format("v1")), at(other, VERSIONED.format("v1beta1"))


ENDS = "/choices/0/finish_reason"
TOTAL = "/usage/total_tokens"
PROMPT = "/usage/prompt_tokens"
CALL_OF_PARIS = ("get_weather", {"city": "Paris"})
STREAMED: Object = {"stream": True, "stream_options": {"include_usage": True}}
THINKING: Object = STREAMED | {"reasoning_effort": "low"}


@pytest.mark.parametrize(
    ("row", "twin", "expected", "actual", "place"),
    [
        (
            "META-004",
            limited(completion("A", finish="length"), completion("A B", usage=usage(9, 5))),
            "completion_tokens 3",
            "completion_tokens 5",
            (None, ""),
        ),
        (
            "META-004",
            limited(
                completion("One two", finish="length"), completion("One two three.", usage=...)
            ),
            "length",
            "stop",
            (None, ENDS),
        ),
        (
            "META-007",
            (completion(), asking(error(400, "No."), made_up=1)),
            "status 200",
            "status 400: No.",
            (None, ""),
        ),
        (
            "META-008",
            stopping(completion("One, "), completion("One, two.")),
            "the text ends before the stop string",
            "the text holds the stop string",
            (None, ""),
        ),
        (
            "META-008",
            stopping(stream("One, "), stream("One, 2", finish="length")),
            "stop",
            "length",
            (2, ENDS),
        ),
        (
            "META-008",
            stopping(completion("One, "), error(400, "No.")),
            "status 200",
            "status 400: No.",
            (None, ""),
        ),
        (
            "META-012",
            (
                completion(CALLED, request=TOOL),
                completion(by_function("get_time"), request=FUNCTIONS),
            ),
            CALL_OF_PARIS,
            ("get_time", {"city": "Paris"}),
            (None, ENDS),
        ),
        (
            "META-012",
            (
                completion(CALLED, request=TOOL | GREEDY),
                completion("It is", request=FUNCTIONS | GREEDY),
            ),
            CALL_OF_PARIS,
            None,
            (None, ENDS),
        ),
        (
            "META-013",
            (
                stream("A", request=THINKING),
                stream(
                    "A",
                    usage=usage(9, 3, total_tokens=11),
                    request=STREAMED | {"reasoning_effort": "none"},
                ),
            ),
            "12 or more",
            11,
            (3, TOTAL),
        ),
        (
            "META-011",
            beta(completion(), completion(choice={"x": 1})),
            "nothing more",
            ["/choices/*/x: number"],
            (None, ""),
        ),
        ("META-011", beta(stream(), stream(x=True)), "nothing more", ["/x: boolean"], (None, "")),
        (
            "META-011",
            beta(completion(), error(404, "No such route.")),
            "status 200",
            "status 404: No such route.",
            (None, ""),
        ),
        ("MM-014", (looking(), looking(IMAGE, prompt=8)), "more than 9", 8, (None, PROMPT)),
        (
            "MM-014",
            (
                stream("A.", request=STREAMED | looking().request.body),
                stream("A.", request=STREAMED | looking(IMAGE).request.body),
            ),
            "more than 9",
            9,
            (3, PROMPT),
        ),
        (
            "META-012",
            (
                stream(*fragments('{"city":"Paris"}'), request=TOOL),
                stream(by_function("get_time"), request=FUNCTIONS, finish="function_call"),
            ),
            CALL_OF_PARIS,
            ("get_time", {"city": "Paris"}),
            (2, ENDS),
        ),
        (
            "USG-009",
            (completion(usage=usage(9)), stream("Hi.", usage=usage(8), request=STREAMED)),
            9,
            8,
            (3, PROMPT),
        ),
    ],
)
def test_the_evidence_says_what_both_answers_gave(
    row: str, twin: Twin, expected: Json, actual: Json, place: tuple[int | None, str]
) -> None:
    name = (
        "openai"
        if row in ("META-004", "META-008", "META-012", "MM-014", "USG-009")
        else "vertex-gemini"
    )
    finding = found(twin, name)[row]
    assert (finding.expected, finding.actual, (finding.event, finding.pointer)) == (
        expected,
        actual,
        place,
    )


@pytest.mark.parametrize(
    ("plain", "other", "ignored"),
    [
        (
            completion("A", finish="length"),
            completion("A B", usage=usage(9, 5)),
            "max_completion_tokens",
        ),
        (completion("A B", usage=usage(9, 5)), completion("A", finish="length"), "max_tokens"),
    ],
)
def test_the_limit_that_is_not_kept_is_named(
    plain: Exchange, other: Exchange, ignored: str
) -> None:
    assert (
        found(limited(plain, other))["META-004"].message
        == f"the answer exceeds {ignored}, but not the other limit"
    )


@pytest.mark.parametrize(("totals", "which"), [((11, 12), "first"), ((12, 11), "second")])
def test_the_answer_whose_total_is_too_small_is_named(totals: tuple[int, int], which: str) -> None:
    plain, other = (completion(usage=usage(9, 3, total_tokens=total)) for total in totals)
    twin = asking(plain, reasoning_effort="low"), asking(other, reasoning_effort="none")
    assert (
        found(twin, "vertex-gemini")["META-013"].message
        == f"total_tokens of the {which} answer is less than prompt plus completion tokens"
    )
