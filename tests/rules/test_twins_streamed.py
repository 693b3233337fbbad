"""What a stream may change of an answer, and what not."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from conformance.exchange import Exchange, Json
from conformance.rules import twin_rules
from tests.rules.conftest import TOOLS, Object, call, completion, stream
from tests.rules.groups import COUNTED, GEMINI, GREEDY, SIGNED, found, fragments, outcomes, streamed, usage

Twin: TypeAlias = tuple[Exchange, Exchange]

TOOL: Object = {"tools": [*TOOLS]}
REQUIRED = TOOL | {"tool_choice": "required"}
CALLED: Object = {"tool_calls": [call()]}
TWO_CALLS: Object = {"tool_calls": [call(), call(arguments='{"city":"Rome"}', identifier="call_2")]}


def sampled(plain: str | Object, *deltas: str | Object, finish: Json = None, end: str = "stop", **request: Json) -> Twin:
    return completion(plain, request=request, finish=finish), stream(*deltas, request=request, finish=end)


def without_end(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, cut=True))


BY_STREAM: list[tuple[str, str, Twin, bool]] = [
    ("META-001", "another text, sampled", sampled("Hello.", "Good day."), False),
    ("META-001", "cut in another text", sampled("Hello.", "Good ", "day", end="length"), False),
    ("META-001", "cut in the same text", sampled("Hello.", "Hello.", end="length"), True),
    ("META-001", "filtered in another text", sampled("Hello.", "Good", end="content_filter"), False),
    ("META-001", "another role", (completion("Hi."), stream({"role": "user", "content": "Hi."})), False),  # the first of the deltas has one
    ("META-001", "another role, said first", (completion({"role": "model", "content": "Hi."}), stream("Hi.")), True),
    ("META-001", "empty when streamed", sampled("Hello.", ""), True),
    ("META-001", "empty when plain", sampled("", "Hello."), True),
    ("META-001", "empty as it was cut", sampled("Hello.", "", end="length"), False),
    ("META-001", "empty both ways", sampled("", ""), False),
    ("META-001", "a refusal", sampled({"refusal": "No."}, {"refusal": "I won't."}), False),
    ("META-001", "no call when streamed, sampled", sampled(CALLED, "It is fine.", **TOOL), False),
    ("META-001", "no call when streamed, greedy", sampled(CALLED, "It is fine.", **TOOL, **GREEDY), True),
    ("META-001", "no call when cut, greedy", sampled(CALLED, "It is", end="length", **TOOL, **GREEDY), False),
    ("META-001", "another name, same arguments", sampled(CALLED, *fragments('{"city":"Paris"}', name="get_time"), end="tool_calls", **TOOL), True),
    ("META-001", "another call, sampled", sampled(CALLED, *fragments('{"zone":1}', name="get_time"), end="tool_calls", **TOOL), False),
    ("META-001", "another call, greedy", sampled(CALLED, *fragments('{"zone":1}', name="get_time"), end="tool_calls", **TOOL, **GREEDY), True),
    ("META-001", "one call of two, greedy", sampled(TWO_CALLS, *fragments('{"city":"Paris"}'), end="tool_calls", **TOOL, **GREEDY), True),
    ("META-001", "calls that stop", sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL), True),
    ("META-001", "text that ends in calls", sampled("Hi.", "Hello.", end="tool_calls", **TOOL), True),
    ("META-001", "TGI's word for stop", sampled("Hi.", "Hello.", end="eos_token"), False),
    ("META-001", "an end that is not known", (completion("Hi."), without_end(stream("", done=False, finish=...))), False),
    ("META-002", "not greedy", sampled("Hello.", "Good day.", seed=1), False),
    ("META-002", "no seed", sampled("Hello.", "Good day.", temperature=0), False),
    ("META-002", "greedy and seeded", sampled("Hello.", "Good day.", temperature=0.0, seed=1), True),
    ("META-002", "another system", (completion("Hi.", request=GREEDY, system_fingerprint="fp_1"), stream("Ho.", request=GREEDY)), False),
    ("META-002", "no word of a system", (completion("Hi.", request=GREEDY, system_fingerprint=""), stream("Ho.", request=GREEDY)), True),
    ("META-003", "not forced", sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL), False),
    ("META-003", "no call when streamed", sampled(CALLED, "It is fine.", **REQUIRED), True),
    ("META-003", "no call in either", sampled("Fine.", "It is fine.", **REQUIRED), False),
    ("META-003", "refused", sampled(CALLED, {"refusal": "No."}, **REQUIRED), False),
    ("META-003", "cut", sampled(CALLED, *fragments('{"ci'), end="length", **REQUIRED), False),
    ("META-003", "other arguments", sampled(CALLED, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED), False),
    ("META-003", "fewer calls, sampled", sampled(TWO_CALLS, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED), False),
    ("META-003", "fewer calls, greedy", sampled(TWO_CALLS, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED, **GREEDY), True),
    ("META-015", "both think", sampled({"content": "1", "reasoning": "Hm."}, {"reasoning_content": "Well."}, "1"), False),
    ("META-015", "only the plain one thinks", sampled({"content": "1", "reasoning": "Hm."}, "1"), True),
    ("META-015", "in tags when plain, apart when streamed", sampled("<think>Hm.</think>1", {"reasoning": "Hm."}, "1"), True),
    ("META-015", "in tags both ways", sampled("<think>Hm.</think>1", "<think>Well.</think>", "1"), False),
]


@pytest.mark.parametrize(("row", "what", "twin", "speaks"), BY_STREAM, ids=[f"{row}: {what}" for row, what, *_ in BY_STREAM])
def test_what_a_stream_may_change_and_what_not(row: str, what: str, twin: Twin, speaks: bool) -> None:
    assert (row in found(twin)) is speaks, what


def counted(plain: Object, other: Object, *words: str, text: str = "Hello.", **request: Json) -> Twin:
    return completion(text, request=request, usage=plain), streamed(*(words or (text,)), request=request, usage=other)


@pytest.mark.parametrize(
    ("row", "twin", "outcome"),
    [
        ("USG-009", counted(usage(9), usage(9), "Bye."), "pass"),
        ("USG-009", counted(usage(9), usage(8), "Bye."), "fail"),
        ("USG-009", counted(usage(9), usage(8), tools=[{"type": "web_search"}]), "not exercised"),
        ("USG-009", counted(usage(9), usage(8), web_search_options={}), "not exercised"),
        ("USG-009", counted(usage(9), usage(8), plugins=[{"id": "web"}]), "not exercised"),
        ("USG-009", (completion(usage=usage(9), model="gpt-4o-2024-05-13"), streamed("Hi.", request={}, usage=usage(8))), "not exercised"),
        ("USG-009", (completion(), stream("Hi.")), "not exercised"),
        ("USG-009", (completion(usage={"prompt_tokens": "9"}), streamed("Hi.", request={})), "pass"),
        ("USG-013", counted(usage(9, 3), usage(9, 4), **GREEDY), "fail"),
        ("USG-013", counted(usage(9, 3), usage(9, 4)), "not exercised"),
        ("USG-013", counted(usage(9, 3), usage(9, 4), "Bye.", **GREEDY), "not exercised"),
        ("USG-013", counted(usage(9, 3), usage(9, 40, completion_tokens_details={"reasoning_tokens": 36}), **GREEDY), "pass"),
    ],
)
def test_the_same_costs_the_same_when_streamed(row: str, twin: Twin, outcome: str) -> None:
    assert outcomes(twin)[row] == outcome


def test_the_last_usage_of_a_stream_counts() -> None:
    twice = stream("Hi.", request={"stream_options": COUNTED}, usage=usage(9))
    assert "USG-009" not in found((completion(usage=usage(9)), twice))


def signed(calls_signed: bool, answer: Json = None) -> Object:
    return {"tool_calls": [call(extra_content=SIGNED if calls_signed else ...)], **({"extra_content": answer} if answer else {})}


def gemini(plain: Object, *deltas: str | Object, **request: Json) -> Twin:
    asked = TOOL | {"model": "google/gemini-3-pro"} | request
    return completion(plain, request=asked, **GEMINI), stream(*deltas, request=asked, finish="tool_calls", **GEMINI)


@pytest.mark.parametrize(
    ("twin", "outcome"),
    [
        (gemini(signed(True), *fragments("{}", extra_content=SIGNED)), "pass"),
        (gemini(signed(True), *fragments("{}")), "fail"),
        (gemini(signed(False), *fragments("{}", extra_content=SIGNED)), "fail"),
        (gemini(signed(False), *fragments("{}")), "pass"),
        (gemini(signed(True), *fragments("{}"), {"content": "", "extra_content": SIGNED}), "pass"),
        (gemini(signed(True), "It is fine."), "not exercised"),
    ],
)
def test_a_signature_comes_both_ways_wherever_it_stands(twin: Twin, outcome: str) -> None:
    assert outcomes(twin, "vertex-gemini")["META-016"] == outcome


def test_an_older_gemini_signs_as_it_likes() -> None:
    plain, other = gemini(signed(True), *fragments("{}"))
    older: Object = {"model": "google/gemini-2.5-pro"}
    twin = (completion(signed(True), request=TOOL | older, **older), stream(*fragments("{}"), request=TOOL | older, finish="tool_calls", **older))
    assert outcomes((plain, other), "vertex-gemini")["META-016"] == "fail"
    assert outcomes(twin, "vertex-gemini")["META-016"] == "not exercised"


THOUGHT: Json = {"google": {"thought": True}}
INCLUDED: Json = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
TAGGED: Json = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}}}


def test_thoughts_may_hide_in_the_text_where_no_tag_is_asked_for() -> None:
    deltas = ({"content": "Hm.", "extra_content": THOUGHT}, "391")
    assert "META-015" not in found(sampled("Hm. 391", *deltas, **INCLUDED), "vertex-gemini")
    assert "META-015" in found(sampled("Hm. 391", *deltas, **TAGGED), "vertex-gemini")


def test_a_model_that_thought_in_one_answer_only_shows_its_thoughts_there_only() -> None:
    thought = usage(9, 40, completion_tokens_details={"reasoning_tokens": 36})
    twin = completion({"content": "1", "reasoning": "Hm."}, usage=thought), streamed("1", request={}, usage=usage(9, 3))
    assert "META-015" not in found(twin)
    assert "META-015" in found((twin[0], streamed("1", request={}, usage=thought)))


def test_thoughts_tagged_when_plain_and_flagged_when_streamed_are_known_of_vertex() -> None:
    twin = sampled("<think>Hm.</think>391", {"content": "Hm.", "extra_content": THOUGHT}, "391", **TAGGED)
    assert outcomes(twin, "vertex-gemini")["META-015"] == "known"


def test_a_finding_stands_in_the_other_exchange() -> None:
    twin = sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL)
    finding = found(twin)["META-001"]
    assert (finding.event, finding.pointer) == (3, "/choices/0/finish_reason")
    assert (finding.expected, finding.actual) == ("tool_calls", "stop")
    assert twin_rules()["META-001"].check.__name__ == "stream_is_of_the_same_kind"
