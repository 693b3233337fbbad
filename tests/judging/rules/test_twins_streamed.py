"""What a stream may change in an answer, and what it must not."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from conformance.judging.rules import twin_rules
from conformance.protocol.exchange import Exchange, Json
from tests.judging.conftest import TOOLS, Object, call, chunks, completion, stream
from tests.judging.conftest import streamed as events
from tests.judging.rules.groups import (
    GEMINI,
    GREEDY,
    SIGNED,
    found,
    fragments,
    outcomes,
    streamed,
    usage,
)

Twin: TypeAlias = tuple[Exchange, Exchange]

TOOL: Object = {"tools": [*TOOLS]}
REQUIRED = TOOL | {"tool_choice": "required"}
CALLED: Object = {"tool_calls": [call()]}
TWO_CALLS: Object = {"tool_calls": [call(), call(arguments='{"city":"Rome"}', identifier="call_2")]}


def sampled(
    plain: str | Object,
    *deltas: str | Object,
    finish: Json = None,
    end: Json = "stop",
    **request: Json,
) -> Twin:
    return completion(plain, request=request, finish=finish), stream(
        *deltas, request=request, finish=end
    )


def without_end(exchange: Exchange) -> Exchange:
    return replace(exchange, response=replace(exchange.response, truncated=True))


BY_STREAM: list[tuple[str, str, Twin, bool]] = [
    ("META-001", "another text, sampled", sampled("Hello.", "Good day."), False),
    ("META-001", "cut in another text", sampled("Hello.", "Good ", "day", end="length"), False),
    ("META-001", "cut in the same text", sampled("Hello.", "Hello.", end="length"), True),
    (
        "META-001",
        "filtered in another text",
        sampled("Hello.", "Good", end="content_filter"),
        False,
    ),
    (
        "META-001",
        "another role",
        (completion("Hi."), stream({"role": "user", "content": "Hi."})),
        False,
    ),  # the first of the deltas has one
    (
        "META-001",
        "another role, said first",
        (completion({"role": "model", "content": "Hi."}), stream("Hi.")),
        True,
    ),
    ("META-001", "empty when streamed", sampled("Hello.", ""), True),
    ("META-001", "empty when plain", sampled("", "Hello."), True),
    ("META-001", "empty as it was cut", sampled("Hello.", "", end="length"), False),
    ("META-001", "empty both ways", sampled("", ""), False),
    ("META-001", "a refusal", sampled({"refusal": "No."}, {"refusal": "I won't."}), False),
    ("META-001", "no call when streamed, sampled", sampled(CALLED, "It is fine.", **TOOL), False),
    (
        "META-001",
        "no call when streamed, greedy",
        sampled(CALLED, "It is fine.", **TOOL, **GREEDY),
        True,
    ),
    (
        "META-001",
        "no call when cut, greedy",
        sampled(CALLED, "It is", end="length", **TOOL, **GREEDY),
        False,
    ),
    (
        "META-001",
        "another name, same arguments",
        sampled(CALLED, *fragments('{"city":"Paris"}', name="get_time"), end="tool_calls", **TOOL),
        True,
    ),
    (
        "META-001",
        "another call, sampled",
        sampled(CALLED, *fragments('{"zone":1}', name="get_time"), end="tool_calls", **TOOL),
        False,
    ),
    (
        "META-001",
        "another call, greedy",
        sampled(
            CALLED, *fragments('{"zone":1}', name="get_time"), end="tool_calls", **TOOL, **GREEDY
        ),
        True,
    ),
    (
        "META-001",
        "one call of two, greedy",
        sampled(TWO_CALLS, *fragments('{"city":"Paris"}'), end="tool_calls", **TOOL, **GREEDY),
        True,
    ),
    ("META-001", "calls that stop", sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL), True),
    (
        "META-001",
        "calls of other arguments that stop",
        sampled(CALLED, *fragments('{"city":"Rome"}'), **TOOL),
        True,
    ),
    (
        "META-001",
        "text that ends in calls",
        sampled("Hi.", "Hello.", end="tool_calls", **TOOL),
        True,
    ),
    ("META-001", "TGI's word for stop", sampled("Hi.", "Hello.", end="eos_token"), False),
    (
        "META-001",
        "an end that is not known",
        (completion("Hi."), without_end(stream("", done=False, finish=...))),
        False,
    ),
    ("META-002", "not greedy", sampled("Hello.", "Good day.", seed=1), False),
    ("META-002", "no seed", sampled("Hello.", "Good day.", temperature=0), False),
    (
        "META-002",
        "greedy and seeded",
        sampled("Hello.", "Good day.", temperature=0.0, seed=1),
        True,
    ),
    (
        "META-002",
        "another system",
        (
            completion("Hi.", request=GREEDY, system_fingerprint="fp_1"),
            stream("Ho.", request=GREEDY),
        ),
        False,
    ),
    (
        "META-002",
        "no word of a system",
        (completion("Hi.", request=GREEDY, system_fingerprint=""), stream("Ho.", request=GREEDY)),
        True,
    ),
    ("META-003", "not forced", sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL), False),
    ("META-003", "no call when streamed", sampled(CALLED, "It is fine.", **REQUIRED), True),
    ("META-003", "no call in either", sampled("Fine.", "It is fine.", **REQUIRED), False),
    ("META-003", "refused", sampled(CALLED, {"refusal": "No."}, **REQUIRED), False),
    ("META-003", "cut", sampled(CALLED, *fragments('{"ci'), end="length", **REQUIRED), False),
    (
        "META-003",
        "other arguments",
        sampled(CALLED, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED),
        False,
    ),
    (
        "META-003",
        "fewer calls, sampled",
        sampled(TWO_CALLS, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED),
        False,
    ),
    (
        "META-003",
        "fewer calls, greedy",
        sampled(TWO_CALLS, *fragments('{"city":"Rome"}'), end="tool_calls", **REQUIRED, **GREEDY),
        True,
    ),
    (
        "META-015",
        "both think",
        sampled({"content": "1", "reasoning": "Hm."}, {"reasoning_content": "Well."}, "1"),
        False,
    ),
    (
        "META-015",
        "only the plain one thinks",
        sampled({"content": "1", "reasoning": "Hm."}, "1"),
        True,
    ),
    (
        "META-015",
        "in tags when plain, apart when streamed",
        sampled("<think>Hm.</think>1", {"reasoning": "Hm."}, "1"),
        True,
    ),
    (
        "META-015",
        "in tags both ways",
        sampled("<think>Hm.</think>1", "<think>Well.</think>", "1"),
        False,
    ),
]


@pytest.mark.parametrize(
    ("row", "what", "twin", "speaks"),
    BY_STREAM,
    ids=[f"{row}: {what}" for row, what, *_ in BY_STREAM],
)
def test_what_a_stream_may_change_and_what_not(
    row: str, what: str, twin: Twin, speaks: bool
) -> None:
    assert (row in found(twin)) is speaks, what


def counted(
    plain: Object, other: Object, *words: str, text: str = "Hello.", **request: Json
) -> Twin:
    return completion(text, request=request, usage=plain), streamed(
        *(words or (text,)), request=request, usage=other
    )


@pytest.mark.parametrize(
    ("row", "twin", "outcome"),
    [
        ("USG-009", counted(usage(9), usage(9), "Bye."), "pass"),
        ("USG-009", counted(usage(9), usage(8), "Bye."), "fail"),
        ("USG-009", counted(usage(9), usage(8), tools=[{"type": "web_search"}]), "not exercised"),
        ("USG-009", counted(usage(9), usage(8), web_search_options={}), "not exercised"),
        ("USG-009", counted(usage(9), usage(8), plugins=[{"id": "web"}]), "not exercised"),
        (
            "USG-009",
            (
                completion(usage=usage(9), model="gpt-4o-2024-05-13"),
                streamed("Hi.", request={}, usage=usage(8)),
            ),
            "not exercised",
        ),
        ("USG-009", (completion(), stream("Hi.")), "not exercised"),
        (
            "USG-009",
            (completion(usage={"prompt_tokens": "9"}), streamed("Hi.", request={})),
            "pass",
        ),
        ("USG-013", counted(usage(9, 3), usage(9, 4), **GREEDY), "fail"),
        ("USG-013", counted(usage(9, 3), usage(9, 4)), "not exercised"),
        ("USG-013", counted(usage(9, 3), usage(9, 4), "Bye.", **GREEDY), "not exercised"),
        (
            "USG-013",
            counted(
                usage(9, 3),
                usage(9, 40, completion_tokens_details={"reasoning_tokens": 36}),
                **GREEDY,
            ),
            "pass",
        ),
    ],
)
def test_the_same_costs_the_same_when_streamed(row: str, twin: Twin, outcome: str) -> None:
    assert outcomes(twin)[row] == outcome


def test_the_last_usage_of_a_stream_counts() -> None:
    made = chunks("Hi.", usage=usage(9))
    made[1]["usage"] = usage(2)
    assert "USG-009" not in found((completion(usage=usage(9)), events(made)))


def signed(calls_signed: bool, answer: Json = None) -> Object:
    return {
        "tool_calls": [call(extra_content=SIGNED if calls_signed else ...)],
        **({"extra_content": answer} if answer else {}),
    }


def gemini(plain: Object, *deltas: str | Object, **request: Json) -> Twin:
    asked = TOOL | {"model": "google/gemini-3-pro"} | request
    return completion(plain, request=asked, **GEMINI), stream(
        *deltas, request=asked, finish="tool_calls", **GEMINI
    )


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
    twin = (
        completion(signed(True), request=TOOL | older, **older),
        stream(*fragments("{}"), request=TOOL | older, finish="tool_calls", **older),
    )
    assert outcomes((plain, other), "vertex-gemini")["META-016"] == "fail"
    assert outcomes(twin, "vertex-gemini")["META-016"] == "not exercised"


THOUGHT: Json = {"google": {"thought": True}}
INCLUDED: Json = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
TAGGED: Json = {
    "extra_body": {
        "google": {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "think"}
    }
}


def test_thoughts_may_hide_in_the_text_where_no_tag_is_asked_for() -> None:
    deltas = ({"content": "Hm.", "extra_content": THOUGHT}, "391")
    assert "META-015" not in found(sampled("Hm. 391", *deltas, **INCLUDED), "vertex-gemini")
    assert "META-015" in found(sampled("Hm. 391", *deltas, **TAGGED), "vertex-gemini")


def test_a_model_that_thought_in_one_answer_only_shows_its_thoughts_there_only() -> None:
    thought = usage(9, 40, completion_tokens_details={"reasoning_tokens": 36})
    twin = (
        completion({"content": "1", "reasoning": "Hm."}, usage=thought),
        streamed("1", request={}, usage=usage(9, 3)),
    )
    assert "META-015" not in found(twin)
    assert "META-015" in found((twin[0], streamed("1", request={}, usage=thought)))


def test_thoughts_tagged_when_plain_and_flagged_when_streamed_are_known_of_vertex() -> None:
    twin = sampled(
        "<think>Hm.</think>391", {"content": "Hm.", "extra_content": THOUGHT}, "391", **TAGGED
    )
    assert outcomes(twin, "vertex-gemini")["META-015"] == "known"


def test_a_finding_stands_in_the_other_exchange() -> None:
    twin = sampled(CALLED, *fragments('{"city":"Paris"}'), **TOOL)
    finding = found(twin)["META-001"]
    assert (finding.event, finding.pointer) == (3, "/choices/0/finish_reason")
    assert (finding.expected, finding.actual) == ("tool_calls", "stop")
    assert twin_rules()["META-001"].check.__name__ == "stream_is_of_the_same_kind"


@pytest.mark.parametrize(
    ("twin", "message", "expected", "actual"),
    [
        (
            sampled("Hello.", ""),
            "choice 0: only the answer without stream has content",
            "Hello.",
            "",
        ),
        (sampled("", "Hello."), "choice 0: only the stream has content", "Hello.", ""),
        (
            sampled(CALLED, "", **TOOL),
            "choice 0: only the answer without stream has content",
            ["get_weather"],
            "",
        ),
        (
            sampled({"refusal": "No."}, ""),
            "choice 0: only the answer without stream has content",
            "No.",
            "",
        ),
        (
            sampled({"audio": {"id": "a", "data": "", "expires_at": 1, "transcript": "Hi"}}, ""),
            "choice 0: only the answer without stream has content",
            "audio",
            "",
        ),
        (
            sampled({"role": "model", "content": "Hi."}, "Hi."),
            "choice 0: the role differs when streamed",
            "model",
            "assistant",
        ),
        (
            sampled("Hi.", "Hi.", end="halt"),
            "choice 0: the finish reason differs in kind when streamed",
            "stop",
            "halt",
        ),
    ],
)
def test_a_finding_tells_what_is_of_another_kind(
    twin: Twin, message: str, expected: Json, actual: Json
) -> None:
    finding = found(twin)["META-001"]
    assert (finding.message, finding.expected, finding.actual) == (message, expected, actual)


def test_the_place_where_two_texts_part_is_told() -> None:
    beginning = "This is a beginning that both of the texts have, and it is long: "
    finding = found(sampled(beginning + "a" * 99, beginning, "b" * 99, **GREEDY))["META-002"]
    assert finding.message == f"choice 0: the texts differ from character {len(beginning)} on"
    assert finding.expected == beginning[-40:] + "a" * 80
    assert finding.actual == beginning[-40:] + "b" * 80
    assert found(sampled("Hello.", "Hello. Bye.", **GREEDY))["META-002"].message.endswith(
        "from character 6 on"
    )


SILENT: list[tuple[str, str, Twin]] = [
    (
        "META-001",
        "no role when plain",
        (completion({"role": ..., "content": "Hi."}), stream("Hi.")),
    ),
    ("META-001", "no role when streamed", (completion("Hi."), stream("Hi.", choices=[]))),
    (
        "META-001",
        "other calls, the plain one cut",
        sampled(
            CALLED, *fragments("{}", name="g"), finish="length", end="tool_calls", **TOOL, **GREEDY
        ),
    ),
    ("META-001", "another text, the plain one cut", sampled("Hello", "Good day.", finish="length")),
    ("META-001", "no finish when streamed", (completion("Hi."), stream("Hi.", finish=...))),
    (
        "META-001",
        "no finish when plain",
        (completion("Hi.", choice={"finish_reason": None}), stream("Hi.")),
    ),
    (
        "META-001",
        "no finish in either",
        (completion("Hi.", choice={"finish_reason": None}), stream("Hi.", finish=...)),
    ),
    ("META-003", "the plain one cut", sampled(CALLED, "It is fine.", finish="length", **REQUIRED)),
    (
        "META-003",
        "the plain one refused",
        sampled({"refusal": "No."}, *fragments("{}"), end="tool_calls", **REQUIRED),
    ),
    (
        "META-003",
        "no call, and another finish",
        sampled("Fine.", "It is fine.", end="tool_calls", **REQUIRED),
    ),
    (
        "META-003",
        "no finish when streamed",
        sampled(CALLED, *fragments('{"city":"Paris"}'), end=..., **REQUIRED),
    ),
    (
        "META-015",
        "a flag beside a signature",
        sampled(
            "Hi.",
            {"content": "Hi.", "extra_content": {"google": {"thought": True, **SIGNED["google"]}}},
        ),
    ),
    (
        "META-015",
        "a flag on nothing",
        sampled("Hi.", {"content": "", "extra_content": {"google": {"thought": True}}}, "Hi."),
    ),
]


@pytest.mark.parametrize(
    ("row", "what", "twin"), SILENT, ids=[f"{row}: {what}" for row, what, _ in SILENT]
)
def test_what_is_not_told_twice_or_may_differ(row: str, what: str, twin: Twin) -> None:
    assert row not in found(twin), what


NAMED: Object = TOOL | {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}


def test_a_named_function_leaves_the_model_no_choice() -> None:
    assert "META-003" in found(
        sampled(TWO_CALLS, *fragments('{"city":"Oslo"}'), end="tool_calls", **NAMED)
    )
    assert "META-003" in found(
        sampled(CALLED, *fragments('{"city":"Paris"}'), finish="stop", end="tool_calls", **NAMED)
    )


def test_an_answer_that_failed_or_has_no_choice_is_compared_with_nothing() -> None:
    failed = events([*chunks("Hel", finish=...), '{"error":{"message":"Overloaded."}}'], done=False)
    assert outcomes((completion(), failed))["META-001"] == "not exercised"
    assert outcomes((completion(choices=[]), stream()))["META-001"] == "not exercised"


def test_no_fingerprint_in_the_stream_is_no_other_system() -> None:
    assert "META-002" in found(
        (completion("Hi.", request=GREEDY), stream("Ho.", request=GREEDY, system_fingerprint=None))
    )


def test_thoughts_are_missed_where_there_is_no_text_to_hide_them_or_no_account() -> None:
    thought = {"content": "Hm.", "extra_content": THOUGHT}
    assert "META-015" in found(
        sampled(
            CALLED, thought, *fragments('{"city":"Paris"}'), end="tool_calls", **TOOL, **INCLUDED
        ),
        "vertex-gemini",
    )
    counted_thought = usage(9, 40, completion_tokens_details={"reasoning_tokens": 36})
    assert "META-015" in found(
        (
            completion("1", usage=...),
            streamed({"reasoning": "Hm."}, "1", request={}, usage=counted_thought),
        )
    )


def calling(plain: Object, other: Object, **more: Json) -> Twin:
    pieces = fragments('{"city":"Paris"}')
    request = TOOL | GREEDY
    return completion(CALLED, request=request, usage=plain), streamed(
        *pieces, request=request, finish="tool_calls", usage=other
    )


@pytest.mark.parametrize(
    ("twin", "outcome"),
    [
        (calling(usage(9, 3), usage(9, 4)), "fail"),
        (calling(usage(9, 3), {"prompt_tokens": 9}), "pass"),
        (calling(usage(9, 3), usage(9, 4, completion_tokens_details=...)), "fail"),
        (counted(usage(9, 0), usage(9, 1), "", text="", **GREEDY), "not exercised"),
        (
            (
                completion("Hi.", request=GREEDY, finish="length"),
                streamed("Hi.", request=GREEDY, usage=usage(9, 4)),
            ),
            "not exercised",
        ),
        (
            (
                completion("A.", "B.", request=GREEDY),
                streamed("A.", request=GREEDY, usage=usage(9, 4)),
            ),
            "not exercised",
        ),
    ],
)
def test_what_was_said_word_for_word_costs_the_same(twin: Twin, outcome: str) -> None:
    assert outcomes(twin)["USG-013"] == outcome


def test_each_pair_of_choices_is_compared() -> None:
    request = REQUIRED | {"n": 2}
    deltas = (
        {
            "choices": [{"index": 1, "delta": delta, "finish_reason": None}],
            "object": "chat.completion.chunk",
        }
        for delta in fragments("{}", name="f")
    )
    refused = {"refusal": "No."}
    twin = (
        completion(refused, {"tool_calls": [call("g", "{}")]}, request=request),
        stream(refused, *deltas, request=request, finish="tool_calls"),
    )
    assert found(twin)["META-003"].message.startswith("choice 1: ")


CALLS = fragments('{"city":"Paris"}')
ENDS = (3, "/choices/0/finish_reason")
APART, IN_TAGS = "reasoning text apart from the answer", "reasoning text in tags"


@pytest.mark.parametrize(
    ("row", "twin", "expected", "actual", "place"),
    [
        ("META-001", sampled("x" * 300, ""), "x" * 200, "", (2, ENDS[1])),
        ("META-001", sampled({"refusal": "x" * 300}, ""), "x" * 200, "", (2, ENDS[1])),
        ("META-002", sampled("Hello.", "Jello.", **GREEDY), "Hello.", "Jello.", (None, "")),
        (
            "META-003",
            sampled(
                CALLED,
                *fragments('{"city":"Paris"}', name="f"),
                end="tool_calls",
                **REQUIRED,
                **GREEDY,
            ),
            ["get_weather"],
            ["f"],
            ENDS,
        ),
        ("META-003", sampled(CALLED, *CALLS, **REQUIRED), "tool_calls", "stop", ENDS),
        (
            "META-015",
            sampled({"content": "1", "reasoning": "Hm."}, "1"),
            APART,
            "no reasoning text",
            (None, ""),
        ),
        (
            "META-015",
            sampled("<think>Hm.</think>1", {"reasoning": "Hm."}, "1"),
            IN_TAGS,
            APART,
            (None, ""),
        ),
        (
            "META-016",
            gemini(signed(True), *fragments("{}")),
            "a thought_signature",
            "no thought_signature",
            (None, ""),
        ),
        (
            "USG-013",
            counted(usage(9, 3), usage(9, 4), **GREEDY),
            3,
            4,
            (3, "/usage/completion_tokens"),
        ),
    ],
)
def test_the_evidence_says_what_both_answers_gave(
    row: str, twin: Twin, expected: Json, actual: Json, place: tuple[int | None, str]
) -> None:
    finding = found(twin, "vertex-gemini" if row == "META-016" else "openai")[row]
    assert (finding.expected, finding.actual, (finding.event, finding.pointer)) == (
        expected,
        actual,
        place,
    )
