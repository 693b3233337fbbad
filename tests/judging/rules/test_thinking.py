"""THK: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

SIGNATURE = "CvQBAdHtim9zaWduZWQ="
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
MESSAGE = "/choices/0/message"
DELTA = "/choices/0/delta"
NOWHERE = (None, "")


THOUGHT_TOKENS = {
    "prompt_tokens": 9,
    "completion_tokens": 8,
    "total_tokens": 22,
    "completion_tokens_details": {"reasoning_tokens": 5},
}
"""Usage of an answer with thoughts."""
NO_THOUGHT_TOKENS = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def asking(
    model: str = "google/gemini-2.5-flash", google: Json = None, **more: Json
) -> dict[str, Any]:
    """What makes an answer one of Gemini's, to a request with these options of Google."""
    body = {"google": google} if google is not None else ...
    return {
        "id": "Zm9vYmFyYmF6cXV4MTIzNA",
        "model": model,
        "usage": THOUGHT_TOKENS if google else USAGE,
        "request": {"model": model, "extra_body": body, **more},
    }


THOUGHTS: Json = {"thinking_config": {"include_thoughts": True}}
CAMEL: Json = {"thinkingConfig": {"includeThoughts": True}}
TAGGED: Json = {"thinking_config": {"include_thoughts": True}, "thought_tag_marker": "pondering"}
PLAIN = asking()
THINKING = asking(google=THOUGHTS)
GA_THINKING = THINKING | {"usage": THOUGHT_TOKENS | {"total_tokens": 17}}
MARKED = asking(google=TAGGED)
GEMINI_3 = "google/gemini-3.1-pro-preview"
FAILED = {"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}
STRAY = b'[{\n  "error": {\n    "code": 429\n  }\n}\n]'


def thought(text: str, **google: Json) -> dict[str, Any]:
    """A message or delta that is flagged as thought."""
    return {"content": text, "extra_content": {"google": {"thought": True, **google}}}


def said(make: Any, message: Json, asked: dict[str, Any] = PLAIN, **rest: Any) -> Exchange:
    made: Exchange = make.completion(message, **asked | rest)
    return made


def streamed(make: Any, *deltas: Json, asked: dict[str, Any] = PLAIN, **rest: Any) -> Exchange:
    made: Exchange = make.stream(*deltas, **asked | {"usage": None} | rest)
    return made


def signed(make: Any, signature: Json = SIGNATURE, **more: Json) -> dict[str, Any]:
    """A call with a signature; ``...`` leaves it out."""
    call: dict[str, Any] = make.call(**more)
    return (
        call
        if signature is ...
        else call | {"extra_content": {"google": {"thought_signature": signature}}}
    )


def calling(make: Any, *calls: Json, model: str = GEMINI_3) -> Exchange:
    return said(make, {"content": None, "tool_calls": [*calls]}, asking(model, tools=make.tools()))


def with_effort(
    make: Any, effort: str = "high", reasoning: int | None = None, google: Json = None, **rest: Any
) -> Exchange:
    """An answer to a request with this effort, in whose usage are these reasoning tokens."""
    details = (
        {"completion_tokens_details": {"reasoning_tokens": reasoning}}
        if reasoning is not None
        else {}
    )
    usage = {"prompt_tokens": 9, "completion_tokens": 300, "total_tokens": 309} | details
    body = {"google": google} if google is not None else ...
    made: Exchange = make.completion(
        usage=usage, request={"reasoning_effort": effort, "extra_body": body}, **rest
    )
    return made


def refused(make: Any, message: str, effort: str = "high", **more: Json) -> Exchange:
    made: Exchange = make.error(400, message, request={"reasoning_effort": effort, **more})
    return made


CONFORMING: dict[str, tuple[str, Build]] = {
    "no thoughts, none asked for": ("vertex-gemini", lambda make: said(make, "Hi.")),
    "a flag on a message with a signature": (
        "vertex-gemini",
        lambda make: said(make, thought("Hi.", thought_signature=SIGNATURE)),
    ),
    "thoughts, asked for": (
        "vertex-gemini",
        lambda make: streamed(make, thought("A greeting."), "Hi.", asked=THINKING),
    ),
    "thoughts in two deltas": (
        "vertex-gemini",
        lambda make: streamed(make, thought("A "), thought("greeting."), "Hi.", asked=THINKING),
    ),
    "flagged thoughts in an open tag, then only a call": (
        "vertex-gemini",
        lambda make: make.stream(
            thought("<pondering>\nA greeting."),
            {"tool_calls": [signed(make, index=0)]},
            finish="tool_calls",
            **MARKED | {"usage": None, "request": MARKED["request"] | {"tools": make.tools()}},
        ),
    ),
    "thoughts of the Gemini API": (
        "gemini-api",
        lambda make: streamed(
            make, thought("<thought>A greeting."), "</thought>Hi.", asked=THINKING
        ),
    ),
    "thoughts asked for in camel case": (
        "gemini-api",
        lambda make: streamed(
            make, thought("<thought>A"), "</thought>Hi.", asked=asking(google=CAMEL)
        ),
    ),
    "a thought and the answer in one text": (
        "gemini-api",
        lambda make: said(make, thought("<thought>A greeting.</thought>Hi."), GA_THINKING),
    ),
    "a thought without an end, cut": (
        "gemini-api",
        lambda make: said(make, thought("<thought>A greet"), GA_THINKING, finish="length"),
    ),
    "a thought and a call": (
        "gemini-api",
        lambda make: said(
            make,
            thought("<thought>A greeting.</thought>") | {"tool_calls": [signed(make)]},
            asking(google=THOUGHTS, tools=make.tools()) | {"usage": GA_THINKING["usage"]},
        ),
    ),
    "thoughts in the tag asked for": (
        "vertex-gemini",
        lambda make: said(make, "<pondering>A greeting.</pondering>Hi.", MARKED),
    ),
    "thoughts in the tag asked for, streamed": (
        "vertex-gemini",
        lambda make: streamed(make, thought("A greeting."), "Hi.", asked=MARKED),
    ),
    "a tag that was asked about": (
        "vertex-gemini",
        lambda make: said(
            make,
            "Use <think>.",
            asking(messages=[{"role": "user", "content": "Is it <think> or <thought>?"}]),
        ),
    ),
    "a reasoning tag that was asked about": (
        "openai",
        lambda make: make.completion(
            "Close it by </think>.",
            request={"messages": [{"role": "user", "content": "What ends <think>?"}]},
        ),
    ),
    "a reasoning tag that a tool speaks of": (
        "openai",
        lambda make: make.completion(
            "It is </think>.",
            request={
                "tools": [
                    {
                        "type": "function",
                        "function": {
                            "name": "f",
                            "description": "Takes <think>.",
                            "parameters": {},
                        },
                    }
                ]
            },
        ),
    ),
    "no reasoning tag": (
        "openai",
        lambda make: make.completion("Run bin/think> out.txt, List<thinker>, [think]."),
    ),
    "a signature in a delta of its own": (
        "gemini-api",
        lambda make: streamed(
            make,
            "Hi.",
            {"content": "", "extra_content": {"google": {"thought_signature": SIGNATURE}}},
        ),
    ),
    "an elided signature": (
        "gemini-api",
        lambda make: said(make, thought("Hi.", thought_signature="...")),
    ),
    "a signature that the record says is elided": (
        "gemini-api",
        lambda make: said(
            make,
            thought("Hi.", thought_signature="signature A"),
            meta={"elided": [f"{MESSAGE}/extra_content/google/thought_signature"]},
        ),
    ),
    "signatures in both alphabets": (
        "gemini-api",
        lambda make: said(make, thought("Hi.", thought_signature="-_-_")),
    ),
    "a signed call": ("vertex-gemini", lambda make: calling(make, signed(make))),
    "several calls, of which the first is signed": (
        "vertex-gemini",
        lambda make: calling(make, signed(make), make.call(identifier="call_2")),
    ),
    "an unsigned call of an earlier model": (
        "vertex-gemini",
        lambda make: calling(make, make.call(), model="google/gemini-2.5-pro"),
    ),
    "a signed call, streamed": (
        "vertex-gemini",
        lambda make: streamed(
            make,
            {"tool_calls": [signed(make, index=0)]},
            asked=asking(GEMINI_3, tools=make.tools()),
            finish="tool_calls",
        ),
    ),
    "extra_content of several vendors": (
        "gemini-api",
        lambda make: said(
            make, {"content": "Hi.", "extra_content": {"google": {}, "other": {"a": 1}}}
        ),
    ),
    "thinking switched off": ("openai", lambda make: with_effort(make, "none", 0)),
    "thinking switched off, nothing told": ("openai", lambda make: with_effort(make, "none")),
    "thinking": ("openai", lambda make: with_effort(make, "high", 200)),
    "a budget of none": (
        "openai-compatible",
        lambda make: with_effort(
            make, "low", 0, google={"thinking_config": {"thinking_budget": 0}}
        ),
    ),
    "two controls at once": (
        "vertex-gemini",
        lambda make: make.error(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "Only one of reasoning_effort and thinking_config may be set.",
                    "status": "INVALID_ARGUMENT",
                }
            },
            request={"reasoning_effort": "low", "extra_body": {"google": THOUGHTS}},
        ),
    ),
    "an effort that is not documented": (
        "openai",
        lambda make: refused(make, "Invalid reasoning_effort", "max"),
    ),
    "a broken request": ("openai", lambda make: refused(make, "Invalid request", n=0)),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "thoughts that nobody asked for": (
        "vertex-gemini",
        lambda make: streamed(make, thought("A greeting."), "Hi."),
        "THK-001",
        (1, DELTA),
    ),
    "thoughts although switched off": (
        "vertex-gemini",
        lambda make: streamed(
            make,
            thought("A greeting."),
            "Hi.",
            asked=asking(google={"thinking_config": {"include_thoughts": False}}),
        ),
        "THK-001",
        (1, DELTA),
    ),
    "tags that nobody asked for": (
        "vertex-gemini",
        lambda make: said(make, "<think>A greeting.</think>Hi."),
        "THK-001 THK-005",
        NOWHERE,
    ),
    "no thoughts, though asked for": (
        "vertex-gemini",
        lambda make: streamed(make, "Hi.", asked=THINKING),
        "THK-002",
        NOWHERE,
    ),
    "false as flag": (
        "vertex-gemini",
        lambda make: said(
            make, {"content": "Hi.", "extra_content": {"google": {"thought": False}}}
        ),
        "THK-003",
        (None, f"{MESSAGE}/extra_content/google/thought"),
    ),
    "a text as flag, streamed": (
        "gemini-api",
        lambda make: streamed(
            make, {"content": "Hi.", "extra_content": {"google": {"thought": "true"}}}
        ),
        "THK-003",
        (1, f"{DELTA}/extra_content/google/thought"),
    ),
    "thoughts in no tag": (
        "vertex-gemini",
        lambda make: said(make, "A greeting. Hi.", MARKED),
        "THK-004",
        NOWHERE,
    ),
    "thoughts in a tag without end": (
        "vertex-gemini",
        lambda make: said(make, "<pondering>A greeting. Hi.", MARKED),
        "THK-004 THK-021",
        NOWHERE,
    ),
    "tags, though thoughts were asked for": (
        "vertex-gemini",
        lambda make: said(make, "<thought>A greeting.</thought>Hi.", THINKING),
        "THK-005",
        NOWHERE,
    ),
    "no thought at the start": (
        "gemini-api",
        lambda make: said(make, "Hi.", GA_THINKING),
        "THK-006",
        NOWHERE,
    ),
    "a thought without an answer": (
        "gemini-api",
        lambda make: said(make, "<thought>A greeting.</thought>", GA_THINKING),
        "THK-006",
        NOWHERE,
    ),
    "two thoughts": (
        "gemini-api",
        lambda make: said(make, "<thought>A</thought>Hi.<thought>B</thought>", GA_THINKING),
        "THK-006",
        NOWHERE,
    ),
    "a thought after the answer": (
        "vertex-gemini",
        lambda make: streamed(make, thought("A"), "Hi.", thought("B"), asked=THINKING),
        "THK-007",
        (3, ""),
    ),
    "thinking that goes on": (
        "openai",
        lambda make: with_effort(make, "none", 200),
        "THK-009",
        (None, "/usage/completion_tokens_details/reasoning_tokens"),
    ),
    "thinking of a budget of none": (
        "openai",
        lambda make: with_effort(
            make, "low", 200, google={"thinking_config": {"thinking_budget": 0}}
        ),
        "THK-009",
        (None, "/usage/completion_tokens_details/reasoning_tokens"),
    ),
    "an empty signature": (
        "vertex-gemini",
        lambda make: said(make, thought("Hi.", thought_signature="")),
        "THK-010",
        (None, f"{MESSAGE}/extra_content/google/thought_signature"),
    ),
    "a signature that is no base64": (
        "gemini-api",
        lambda make: streamed(make, thought("Hi.", thought_signature="no signature!")),
        "THK-010",
        (1, f"{DELTA}/extra_content/google/thought_signature"),
    ),
    "a number as signature of a call": (
        "gemini-api",
        lambda make: calling(make, signed(make, 7)),
        "THK-010",
        (None, f"{MESSAGE}/tool_calls/0/extra_content/google/thought_signature"),
    ),
    "an unsigned call": (
        "vertex-gemini",
        lambda make: calling(make, make.call()),
        "THK-011",
        (None, f"{MESSAGE}/tool_calls/0"),
    ),
    "the second call signed, not the first": (
        "gemini-api",
        lambda make: calling(
            make, make.call(), signed(make, identifier="call_2"), model="gemini-3-flash"
        ),
        "THK-011",
        (None, f"{MESSAGE}/tool_calls/0"),
    ),
    "an unsigned call, streamed": (
        "vertex-gemini",
        lambda make: streamed(
            make,
            {"tool_calls": [make.call(index=0)]},
            asked=asking(GEMINI_3, tools=make.tools()),
            finish="tool_calls",
        ),
        "THK-011",
        (1, f"{DELTA}/tool_calls/0"),
    ),
    "extra_content that names no vendor": (
        "gemini-api",
        lambda make: said(make, {"content": "Hi.", "extra_content": {"thought": True}}),
        "THK-016",
        (None, f"{MESSAGE}/extra_content/thought"),
    ),
    "extra_content of a call as text": (
        "gemini-api",
        lambda make: calling(make, make.call(extra_content="c2ln"), model="gemini-2.5-pro"),
        "THK-016",
        (None, f"{MESSAGE}/tool_calls/0/extra_content"),
    ),
    "extra_content as list, streamed": (
        "vertex-gemini",
        lambda make: streamed(make, {"content": "Hi.", "extra_content": []}),
        "THK-016",
        (1, f"{DELTA}/extra_content"),
    ),
    "a tag without its end": (
        "gemini-api",
        lambda make: said(make, "<thought>A greeting. Hi."),
        "THK-021 THK-001",
        NOWHERE,
    ),
    "an end without its tag, streamed": (
        "gemini-api",
        lambda make: streamed(make, "A greeting.</thought>", "Hi."),
        "THK-021 THK-001",
        NOWHERE,
    ),
    "a bare INVALID_ARGUMENT for an effort": (
        "openai",
        lambda make: refused(make, "Request contains an invalid argument."),
        "THK-019",
        NOWHERE,
    ),
}

UNJUDGED: dict[str, tuple[str, str, Build]] = {
    "thoughts, request unknown": (
        "vertex-gemini",
        "THK-001",
        lambda make: make.completion(thought("Hi."), request=None),
    ),
    "tags, request unknown": (
        "vertex-gemini",
        "THK-005",
        lambda make: make.completion("<think>A</think>", request=None),
    ),
    "thoughts of a stream that failed": (
        "vertex-gemini",
        "THK-001",
        lambda make: make.streamed([*make.chunks(thought("Hi."), finish=...), FAILED]),
    ),
    "the signature of a call in a stream that failed": (
        "vertex-gemini",
        "THK-011",
        lambda make: make.streamed(
            [
                *make.chunks(
                    {"tool_calls": [make.call(index=0)]},
                    finish=...,
                    model="google/gemini-3.7-flash",
                ),
                STRAY,
            ]
        ),
    ),
    "tags of a stream that failed": (
        "vertex-gemini",
        "THK-021",
        lambda make: make.streamed([*make.chunks("<think>Hm", finish=...), STRAY], done=False),
    ),
    "thoughts of a stream that was cut": (
        "vertex-gemini",
        "THK-002",
        lambda make: streamed(make, "Hi.", asked=THINKING, truncated=True),
    ),
    "an unsigned call of another family": (
        "vertex-gemini",
        "THK-011",
        lambda make: calling(make, make.call(), model="meta/llama-3"),
    ),
    "tags of a stream that was cut": (
        "gemini-api",
        "THK-021",
        lambda make: streamed(make, "<thought>A", finish=..., truncated=True),
    ),
    "no thoughts by the usage, with a marker": (
        "vertex-gemini",
        "THK-004",
        lambda make: said(make, "Hi.", MARKED, usage=NO_THOUGHT_TOKENS),
    ),
    "no thoughts by the usage": (
        "gemini-api",
        "THK-006",
        lambda make: said(make, "Hi.", GA_THINKING, usage=NO_THOUGHT_TOKENS),
    ),
    "no thoughts by the usage of a stream": (
        "vertex-gemini",
        "THK-002",
        lambda make: streamed(make, "Hi.", asked=THINKING, usage=NO_THOUGHT_TOKENS),
    ),
    "a marker, streamed": (
        "vertex-gemini",
        "THK-004",
        lambda make: streamed(make, thought("A"), "Hi.", asked=MARKED),
    ),
    "no usage": (
        "openai",
        "THK-009",
        lambda make: make.completion(usage=..., request={"reasoning_effort": "none"}),
    ),
    "an effort in doubt": ("openai", "THK-019", lambda make: with_effort(make, "minimal")),
}

LEFT_IN = [
    "<think>\nA greeting.\n</think>\n\nHi.",
    "A greeting.\n</think>\n\nHi.",
    "Hi. /think>",
    "<thought>A</thought>Hi.",
    "<thinking>A</thinking>",
    "[THINK]A[/THINK]Hi.",
    "[THINK]I think that I thought.[/THINK]Hi.",
    "\u25c1think\u25b7A\u25c1/think\u25b7Hi.",
    "<|begin_of_thought|>A<|end_of_thought|>",
]

REFUSALS = [
    "The thinking budget 24576 is invalid. Please choose a value between 1024 and 24576.",
    "The thinking budget (52428) is invalid.",
    (
        "Unable to submit request because thinking_budget is out of range; supported values are"
        " integers from 128 to 32768."
    ),
    "thinking.budget_tokens: Input should be greater than or equal to 1024",
    "`max_tokens` must be greater than `thinking.budget_tokens`.",
    "Invalid value for reasoning_effort: high",
    "Invalid thinking_level: medium",
]

REASONS = [
    "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
    "Unrecognized request argument supplied: reasoning_effort",
    (
        "Unsupported value: 'reasoning_effort' does not support 'low' with this model. Supported"
        " values are: 'medium'."
    ),
    "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.",
    "This model does not support 'thinking_budget'. Use 'reasoning_effort' instead.",
    "'reasoning_effort' and 'thinking_budget' cannot be set simultaneously",
    (
        "Invalid prompt: it was flagged. Please try again:"
        " https://example.invalid/docs/reasoning-effort#advice"
    ),
    "Function call is missing a thought_signature in functionCall parts.",
    "Expected `thinking` or `redacted_thinking`, but found `text`.",
    "Budget has been exceeded! Current cost: 1.2, Max budget: 1.0",
    (
        "[{'type': 'missing', 'loc': ('body', 'x'), 'msg': 'Field required', 'input':"
        " {'reasoning_effort': 'low'}}]"
    ),
    (
        "[{'type': 'extra_forbidden', 'loc': ['body', 'metadata'], 'msg': 'Extra inputs are not"
        " permitted', 'input': {'reasoning_effort': 'low'}}]"
    ),
    "max_tokens is too large: 100000.",
]


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
    profile, row, build = UNJUDGED[case]
    assert outcomes(build(make), profile)[row] == "not exercised"


@pytest.mark.parametrize("text", LEFT_IN)
def test_reasoning_has_no_place_in_a_text(text: str, make: Any, findings: Any) -> None:
    assert set(findings(make.completion(text))) == {"THK-018"}
    assert set(findings(make.stream(text[:3], text[3:]))) == {"THK-018"}


@pytest.mark.parametrize("message", REFUSALS)
def test_an_effort_is_refused(message: str, make: Any, findings: Any) -> None:
    for effort in ("low", "medium", "high"):
        assert set(findings(refused(make, message, effort))) == {"THK-019"}


@pytest.mark.parametrize("message", REASONS)
def test_a_request_with_an_effort_is_refused_for_another_reason(
    message: str, make: Any, findings: Any
) -> None:
    assert findings(refused(make, message)) == {}


@pytest.mark.parametrize("signature", ["YQ", "YWI", "YWJj", "YWJjZA==", "ab-c", "ab_c", "ab+/"])
def test_base64_of_either_alphabet_is_a_signature_with_its_padding_or_without(
    signature: str, make: Any, outcomes: Any
) -> None:
    assert (
        outcomes(said(make, thought("Hi.", thought_signature=signature)), "gemini-api")["THK-010"]
        == "pass"
    )


@pytest.mark.parametrize("content", [None, 7, [{"type": "text", "text": "Hm."}]])
def test_a_thought_that_is_no_text_is_none(content: Json, make: Any, outcomes: Any) -> None:
    message = thought("") | {"content": content}
    assert outcomes(said(make, message), "vertex-gemini")["THK-001"] == "pass"


@pytest.mark.parametrize(
    ("row", "build"),
    [
        ("THK-021", lambda make: said(make, "Hi.")),
        ("THK-005", lambda make: said(make, "<pondering>A</pondering>Hi.", MARKED)),
        ("THK-021", lambda make: said(make, "<7>Hi.", asking(google={"thought_tag_marker": 7}))),
    ],
)
def test_what_has_no_tag_has_none_to_be_balanced_or_unasked(
    row: str, build: Build, make: Any, outcomes: Any
) -> None:
    assert outcomes(build(make), "vertex-gemini")[row] == "not exercised"


def test_a_tag_that_was_asked_for_is_no_thought_that_nobody_asked_for(
    make: Any, outcomes: Any
) -> None:
    assert (
        outcomes(
            said(make, "<think>A</think>Hi.", asking(google={"thought_tag_marker": "think"})),
            "vertex-gemini",
        )["THK-001"]
        == "pass"
    )


@pytest.mark.parametrize("tag", ["thought", "think", "thinking"])
def test_each_tag_is_to_be_balanced(tag: str, make: Any, findings: Any) -> None:
    found = findings(said(make, f"<{tag}>A<{tag}>B</{tag}>"), "gemini-api")["THK-021"]
    assert (found.message, found.expected, found.actual) == (
        f"the text has unequal numbers of <{tag}> and </{tag}>",
        2,
        1,
    )


def test_a_choice_without_a_call_needs_no_signature(make: Any, findings: Any) -> None:
    asked = asking(GEMINI_3, tools=make.tools(), n=2)
    unsigned: dict[str, Any] = {"tool_calls": [make.call()]}
    assert (
        findings(make.completion("Hi.", unsigned, **asked), "vertex-gemini")["THK-011"].pointer
        == "/choices/1/message/tool_calls/0"
    )


LONG = "<think>" + "x" * 300
UNASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "What do you think?"}]}
SIGNED_ASIDE: Json = {
    "content": None,
    "extra_content": {"google": {"thought_signature": SIGNATURE}},
}
FLAG = {"extra_content": {"google": {"thought": True}}}


@pytest.mark.parametrize(
    ("build", "row", "message", "expected", "actual"),
    [
        (
            lambda make: said(make, thought("x" * 300)),
            "THK-001",
            "the answer has thoughts, although",
            "no thought",
            "x" * 200,
        ),
        (
            lambda make: said(make, LONG, asking(**UNASKED)),
            "THK-001",
            "the text has the tag <think>, although the request does not ask",
            "no thought tag",
            LONG[:200],
        ),
        (
            lambda make: said(make, LONG, asking(**UNASKED)),
            "THK-005",
            "the text has the tag <think>, although the request sets no",
            "no thought tag",
            LONG[:200],
        ),
        (
            lambda make: streamed(make, "Hi.", asked=THINKING),
            "THK-002",
            "no delta is marked as thought",
            FLAG,
            None,
        ),
        (
            lambda make: said(make, LONG, MARKED),
            "THK-004",
            "the thoughts are not in the tag",
            "<pondering>…</pondering>…",
            LONG[:200],
        ),
        (
            lambda make: calling(make, make.call()),
            "THK-011",
            "the first call has no thought signature",
            "thought_signature is present in the call",
            "no signature",
        ),
        (
            lambda make: said(
                make,
                SIGNED_ASIDE | {"tool_calls": [make.call()]},
                asking(GEMINI_3, tools=make.tools()),
            ),
            "THK-011",
            "the first call has no thought signature",
            "thought_signature is present in the call",
            "a signature on a delta or message of its own",
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, message: str, expected: Json, actual: Json, make: Any, findings: Any
) -> None:
    found = findings(build(make), "vertex-gemini")[row]
    assert found.message.startswith(message)
    assert (found.expected, found.actual) == (expected, actual)


def test_the_evidence_of_a_thought_that_is_not_at_the_start_is_cut(
    make: Any, findings: Any
) -> None:
    assert findings(said(make, LONG, GA_THINKING), "gemini-api")["THK-006"].actual == LONG[:200]


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("x" * 50 + "</think>" + "y" * 200, "x" * 40 + "</think>" + "y" * 112),
        ("ab</think>cd", "ab</think>cd"),
    ],
)
def test_the_evidence_of_a_tag_left_in_is_what_stands_round_it(
    text: str, actual: str, make: Any, findings: Any
) -> None:
    assert findings(make.completion(text))["THK-018"].actual == actual


def test_the_evidence_of_a_refused_effort_is_cut(make: Any, findings: Any) -> None:
    assert len(findings(refused(make, REFUSALS[0] + "x" * 200))["THK-019"].actual) == 200


def test_the_evidence_of_thinking_that_goes_on_is_its_usage(make: Any, findings: Any) -> None:
    usage = USAGE | {"completion_tokens_details": {"reasoning_tokens": 2}}
    found = findings(
        make.stream(
            "a",
            usage=usage,
            request={"reasoning_effort": "none", "stream_options": {"include_usage": True}},
        )
    )["THK-009"]
    assert (found.event, found.expected, found.actual) == (3, 0, 2)


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()] + [
        ("openai", make.completion(LEFT_IN[0]))
    ]
    assert unproven("THK", conforming, violating) == set()


def test_each_choice_is_to_begin_with_a_thought(make: Any, findings: Any) -> None:
    said_in = [
        {"index": index, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        for index, (text, finish) in enumerate([("<thought>A", "length"), ("Hi.", "stop")])
    ]
    asked = asking(google=THOUGHTS, n=2) | {"usage": THOUGHT_TOKENS | {"total_tokens": 17}}
    found = findings(make.completion(choices=said_in, **asked), "gemini-api")["THK-006"]
    assert (found.expected, found.actual) == ("<thought>…</thought>answer", "Hi.")


def test_the_evidence_of_a_signature_is_the_signature(make: Any, findings: Any) -> None:
    found = findings(said(make, thought("Hi.", thought_signature="no signature!")), "gemini-api")[
        "THK-010"
    ]
    assert (found.expected, found.actual) == ("base64", "no signature!")
