"""MSG: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]

VERTEX = {
    "id": "Zm9vYmFyYmF6cXV4MTIzNA",
    "model": "google/gemini-2.5-flash",
    "request": {"model": "google/gemini-2.5-flash"},
}
PAINTING = VERTEX | {
    "request": {"model": "google/gemini-2.5-flash", "modalities": ["text", "image"]}
}
WITH_USAGE = {"stream_options": {"include_usage": True}}
CLIP = {"id": "audio_1", "data": "UklGRg==", "expires_at": 1735693200, "transcript": "Hi."}
SPOKEN = ({"audio": {"id": "audio_1", "transcript": "Hi."}}, {"audio": {"expires_at": 1735693200}})
PICTURE = {"data": "iVBORw0KGgo=", "extra_content": {"google": {"mime_type": "image/png"}}}
PARTS = [{"type": "text", "text": "Hello!"}]
EMPTY = {"role": ..., "content": ..., "refusal": ..., "annotations": ...}


def usage(completion: int, reasoning: int = 0) -> dict[str, Any]:
    details = {"completion_tokens_details": {"reasoning_tokens": reasoning}}
    return {
        "prompt_tokens": 9,
        "completion_tokens": completion,
        "total_tokens": 9 + completion,
    } | details


BLOCKED = "The prompt could not be submitted. The prompt contains sensitive words."

CONFORMING: dict[str, tuple[str, Build]] = {
    "a blocked prompt": (
        "openai-compatible",
        lambda make: make.completion({"content": None, "refusal": BLOCKED}),
    ),
    "ordinary": ("openai", lambda make: make.completion()),
    "ordinary, streamed": ("openai", lambda make: make.stream(request=WITH_USAGE)),
    "neither refusal nor annotations": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "refusal": ..., "annotations": ...}),
    ),
    "keys that nobody knows": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "provider_specific_fields": {}}),
    ),
    "optional keys null": (
        "openai",
        lambda make: make.completion(
            {"content": "Hi.", "tool_calls": None, "function_call": None, "audio": None}
        ),
    ),
    "a refusal": ("openai", lambda make: make.completion({"refusal": "I cannot help with that."})),
    "a refusal, streamed": (
        "openai",
        lambda make: make.stream({"refusal": "I can"}, {"refusal": "not."}, request=WITH_USAGE),
    ),
    "a call": (
        "openai",
        lambda make: make.completion(
            {"tool_calls": [make.call()]}, request={"tools": make.tools()}
        ),
    ),
    "a call and an empty text": (
        "openai",
        lambda make: make.completion(
            {"content": "", "tool_calls": [make.call()]}, request={"tools": make.tools()}
        ),
    ),
    "a call, streamed": (
        "openai",
        lambda make: make.stream(
            {"tool_calls": [make.call(index=0)]},
            finish="tool_calls",
            request={"tools": make.tools()} | WITH_USAGE,
        ),
    ),
    "a call of a server that leaves content out": (
        "vertex-gemini",
        lambda make: make.completion(
            {"tool_calls": [make.call()]},
            **VERTEX | {"request": {"model": VERTEX["model"], "tools": make.tools()}},
        ),
    ),
    "a legacy call": (
        "openai",
        lambda make: make.completion({"function_call": {"name": "f", "arguments": "{}"}}),
    ),
    "a legacy call that stops": (
        "openai",
        lambda make: make.completion(
            {"function_call": {"name": "f", "arguments": "{}"}}, finish="stop"
        ),
    ),
    "a spoken answer": ("openai", lambda make: make.completion({"audio": CLIP})),
    "a spoken answer, streamed": ("openai", lambda make: make.stream(*SPOKEN, request=WITH_USAGE)),
    "reasoning": (
        "openai-compatible",
        lambda make: make.completion(
            {"content": "Hi.", "reasoning_content": "A greeting.", "reasoning": None}
        ),
    ),
    "reasoning, streamed": (
        "openai-compatible",
        lambda make: make.stream(
            {"reasoning": "A gree", "content": None}, {"reasoning": "ting."}, "Hi."
        ),
    ),
    "cut before the text": (
        "openai",
        lambda make: make.completion("", finish="length", usage=usage(16, 16)),
    ),
    "cut before the text, streamed": (
        "openai",
        lambda make: make.stream({}, finish="length", request=WITH_USAGE),
    ),
    "filtered": (
        "openai",
        lambda make: make.completion({"content": None}, finish="content_filter"),
    ),
    "stopped at once by a stop string": (
        "openai",
        lambda make: make.completion("", usage=usage(3), request={"stop": "\n\n"}),
    ),
    "stopped at once by one token": (
        "openai",
        lambda make: make.completion("", usage=usage(1), request={"stop": "\n\n"}),
    ),
    "stopped at once, usage unknown": (
        "openai",
        lambda make: make.stream({}, request={"stop": "\n\n"}),
    ),
    "a picture": ("vertex-gemini", lambda make: make.completion({"audio": PICTURE}, **PAINTING)),
    "a picture beside no text": (
        "openai-compatible",
        lambda make: make.completion({"content": "", "images": [{}]}, usage=usage(1290)),
    ),
    "two messages, of which one is silent": (
        "openai",
        lambda make: make.completion("Hi.", {"refusal": "No."}, usage=usage(9), request={"n": 2}),
    ),
}

MESSAGE = "/choices/0/message"
REASON = (None, "/choices/0/finish_reason")
SPENT = (None, "/usage/completion_tokens")
THOUGHT = (None, "/usage/completion_tokens_details/reasoning_tokens")
VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "a blocked prompt as text": (
        "openai-compatible",
        lambda make: make.completion(BLOCKED),
        "MSG-015",
        REASON,
    ),
    "no role": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "role": ...}),
        "MSG-001",
        (None, MESSAGE),
    ),
    "an empty role": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "role": ""}),
        "MSG-001",
        (None, f"{MESSAGE}/role"),
    ),
    "another role": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "role": "model"}),
        "MSG-001",
        (None, f"{MESSAGE}/role"),
    ),
    "a number as content": (
        "openai",
        lambda make: make.completion({"content": 42}),
        "MSG-002",
        (None, f"{MESSAGE}/content"),
    ),
    "an object as content": (
        "openai",
        lambda make: make.completion({"content": {"text": "Hi."}}),
        "MSG-002",
        (None, f"{MESSAGE}/content"),
    ),
    "no content": (
        "openai",
        lambda make: make.completion({"content": ...}, usage=usage(0)),
        "MSG-002 MSG-005 MSG-009",
        (None, MESSAGE),
    ),
    "no message": (
        "openai",
        lambda make: make.completion(choice={"message": ...}),
        "MSG-004",
        (None, "/choices/0"),
    ),
    "a null as message": (
        "openai",
        lambda make: make.completion(choice={"message": None}),
        "MSG-004",
        (None, MESSAGE),
    ),
    "a text as message": (
        "openai",
        lambda make: make.completion(choice={"message": "Hi."}),
        "MSG-004",
        (None, MESSAGE),
    ),
    "a null as choice": (
        "openai",
        lambda make: make.completion(choices=[None]),
        "MSG-004",
        (None, "/choices/0"),
    ),
    "silence": (
        "openai",
        lambda make: make.completion({"content": None}, usage=usage(0)),
        "MSG-005",
        REASON,
    ),
    "silence of one token, its end": (
        "openai",
        lambda make: make.completion("", usage=usage(1)),
        "MSG-005",
        REASON,
    ),
    "silence after thoughts": (
        "openai",
        lambda make: make.completion("", usage=usage(64, 64)),
        "MSG-005",
        REASON,
    ),
    "silence before a stop string": (
        "openai",
        lambda make: make.completion("", usage=usage(0), request={"stop": "\n"}),
        "MSG-005",
        REASON,
    ),
    "a number as reasoning": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "reasoning": 1}),
        "MSG-006",
        (None, f"{MESSAGE}/reasoning"),
    ),
    "listed reasoning": (
        "openai",
        lambda make: make.completion({"content": "a", "reasoning_content": []}),
        "MSG-006",
        (None, f"{MESSAGE}/reasoning_content"),
    ),
    "an object as reasoning, streamed": (
        "openai",
        lambda make: make.stream("a", {"reasoning": {}}),
        "MSG-006",
        (2, "/choices/0/delta/reasoning"),
    ),
    "a clip without transcript": (
        "openai",
        lambda make: make.completion(
            {"audio": {key: CLIP[key] for key in ("id", "data", "expires_at")}}
        ),
        "MSG-007",
        (None, f"{MESSAGE}/audio"),
    ),
    "a text as clip": (
        "openai",
        lambda make: make.completion({"audio": "UklGRg=="}),
        "MSG-007",
        (None, f"{MESSAGE}/audio"),
    ),
    "parts": (
        "openai",
        lambda make: make.completion({"content": PARTS}),
        "MSG-008",
        (None, f"{MESSAGE}/content"),
    ),
    "no parts": (
        "openai",
        lambda make: make.completion({"content": []}, usage=usage(0)),
        "MSG-008 MSG-005",
        (None, f"{MESSAGE}/content"),
    ),
    "parts, streamed": (
        "openai",
        lambda make: make.stream({"content": PARTS}, request=WITH_USAGE),
        "MSG-008",
        (1, "/choices/0/delta/content"),
    ),
    "no key content beside a call": (
        "openai",
        lambda make: make.completion(
            {"content": ..., "tool_calls": [make.call()]}, request={"tools": make.tools()}
        ),
        "MSG-009",
        (None, MESSAGE),
    ),
    "no key content in a cut answer": (
        "openai",
        lambda make: make.completion({"content": ...}, finish="length"),
        "MSG-009",
        (None, MESSAGE),
    ),
    "no message of Gemini": (
        "gemini-api",
        lambda make: make.completion(choice={"message": ...}, **VERTEX),
        "MSG-010 MSG-004",
        (None, "/choices/0"),
    ),
    "an empty message of Gemini": (
        "gemini-api",
        lambda make: make.completion(EMPTY, usage=usage(0), **VERTEX),
        "MSG-010 MSG-002 MSG-005 MSG-009",
        (None, "/choices/0"),
    ),
    "no message of Gemini, after a choice that is none": (
        "gemini-api",
        lambda make: make.completion(
            choices=[None, {"index": 0, "finish_reason": "stop"}], **VERTEX
        ),
        "MSG-010 MSG-004",
        (None, "/choices/1"),
    ),
    "tokens without text": (
        "openai",
        lambda make: make.completion("", usage=usage(40, 16)),
        "MSG-011 MSG-005",
        SPENT,
    ),
    "a token more than the end": (
        "openai",
        lambda make: make.completion("", usage=usage(2)),
        "MSG-011 MSG-005",
        SPENT,
    ),
    "a token more than a stop string has": (
        "openai",
        lambda make: make.completion("", usage=usage(4), request={"stop": "\n\n"}),
        "MSG-011 MSG-005",
        SPENT,
    ),
    "more tokens than a stop string has": (
        "openai",
        lambda make: make.completion("", usage=usage(40), request={"stop": "\n"}),
        "MSG-011 MSG-005",
        SPENT,
    ),
    "tokens without text, streamed": (
        "openai",
        lambda make: make.stream("", "", request=WITH_USAGE),
        "MSG-011 MSG-013",
        (4, SPENT[1]),
    ),
    "the answer told as reasoning": (
        "openai-compatible",
        lambda make: make.stream({"reasoning": "Hello!"}, request=WITH_USAGE),
        "MSG-011 MSG-013",
        (3, SPENT[1]),
    ),
    "silence, and counts that contradict each other": (
        "openai",
        lambda make: make.completion("", usage=usage(2, 7), request={"stop": "\n\n"}),
        "USG-006",
        THOUGHT,
    ),
    "a picture that never came": (
        "vertex-gemini",
        lambda make: make.completion("", usage=usage(3072), **PAINTING),
        "MSG-011 MSG-005",
        SPENT,
    ),
    "a picture without its type": (
        "vertex-gemini",
        lambda make: make.completion({"audio": {"data": "iVBORw0KGgo="}}, **PAINTING),
        "MSG-012",
        (None, f"{MESSAGE}/audio"),
    ),
    "a picture without data": (
        "vertex-gemini",
        lambda make: make.completion({"audio": PICTURE | {"data": ""}}, **PAINTING),
        "MSG-012",
        (None, f"{MESSAGE}/audio"),
    ),
    "silence, streamed": (
        "openai",
        lambda make: make.stream("", usage=None),
        "MSG-013",
        (2, "/choices/0/finish_reason"),
    ),
    "no call in a list of calls": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "tool_calls": []}),
        "MSG-014",
        (None, f"{MESSAGE}/tool_calls"),
    ),
    "an object of calls": (
        "openai",
        lambda make: make.completion({"content": "Hi.", "tool_calls": {}}),
        "MSG-014",
        (None, f"{MESSAGE}/tool_calls"),
    ),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the text of a cut stream": ("MSG-013", lambda make: make.stream("", truncated=True)),
    "the text of a stream quoted in part": (
        "MSG-011",
        lambda make: make.stream("", request=WITH_USAGE, meta={"partial": True}),
    ),
    "the text of a stream with an unreadable event": (
        "MSG-011",
        lambda make: make.edited(make.stream("Hi.", request=WITH_USAGE), '"Hi."', '"Hi."}'),
    ),
    "the text of an answer that does not stop": (
        "MSG-005",
        lambda make: make.completion("", finish="length"),
    ),
    "the tokens of an answer without usage": (
        "MSG-011",
        lambda make: make.completion("", usage=...),
    ),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, place = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == place


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def test_the_evidence_of_content_of_a_wrong_shape_is_the_content(make: Any, findings: Any) -> None:
    assert findings(make.completion({"content": 42}))["MSG-002"].actual == 42


def test_a_refusal_explains_why_there_is_no_content(make: Any, findings: Any) -> None:
    assert "MSG-002" not in findings(make.completion({"content": ..., "refusal": "No."}))
    assert "MSG-002" in findings(make.completion({"content": ..., "refusal": ""}))


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("MSG", conforming, violating) == set()


def test_the_evidence_of_silence_is_that_text_was_expected(make: Any, findings: Any) -> None:
    found = findings(make.completion("", usage=usage(40)))
    assert (found["MSG-005"].expected, found["MSG-005"].actual) == ("text", "")
    assert (found["MSG-011"].expected, found["MSG-011"].actual) == ("an answer", "")


def test_a_picture_that_is_no_object_says_no_type(make: Any, findings: Any) -> None:
    assert "MSG-012" in findings(
        make.completion({"audio": "iVBORw0KGgo="}, **PAINTING), "vertex-gemini"
    )


@pytest.mark.parametrize(("tokens", "broken"), [(0, True), (1, False), (32, False), (33, True)])
def test_silence_may_be_the_work_of_a_stop_string_of_a_request_that_is_not_known(
    tokens: int, broken: bool, make: Any, findings: Any
) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens}
    found = findings(make.completion("", finish="stop", usage=usage, request=None))
    assert ("MSG-005" in found) is broken
    assert ("MSG-011" in found) is (broken and tokens > 0)
    assert "MSG-005" in findings(make.completion("", finish="stop", usage=..., request=None))


@pytest.mark.parametrize(
    ("build", "outcome"),
    [
        (lambda make: make.completion(BLOCKED), "fail"),
        (lambda make: make.completion(" " + BLOCKED, finish="length"), "fail"),
        (lambda make: make.stream("The prompt could not", " be submitted. It is bad."), "fail"),
        (lambda make: make.completion(BLOCKED, finish="content_filter: PROHIBITED"), "pass"),
        (lambda make: make.completion({"content": None, "refusal": BLOCKED}), "pass"),
        (lambda make: make.stream({"refusal": BLOCKED}), "pass"),
        (lambda make: make.completion(f"It says: {BLOCKED}"), "not exercised"),
        (lambda make: make.completion("The prompt could not be submittedly."), "not exercised"),
    ],
)
def test_the_message_of_a_filter_is_not_the_text_of_an_answer(
    build: Build, outcome: str, make: Any, outcomes: Any
) -> None:
    assert outcomes(build(make), "openai-compatible")["MSG-015"] == outcome
