"""CHO: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.judging.rules.choices import place
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]

VERTEX = {
    "id": "Zm9vYmFyYmF6cXV4MTIzNA",
    "model": "google/gemini-2.5-flash",
    "request": {"model": "google/gemini-2.5-flash"},
}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NAMED]}}
WITH_USAGE = {"stream_options": {"include_usage": True}}
MIDWAY = "Once upon a time there"


def usage(completion: int) -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": completion, "total_tokens": 9 + completion}


def choice(index: Any, **rest: Any) -> dict[str, Any]:
    made = {
        "index": index,
        "message": {"role": "assistant", "content": f"choice {index}"},
        "finish_reason": "stop",
    } | rest
    return {key: value for key, value in made.items() if value is not ...}


def calling(make: Any, finish: Any = None, **request: Any) -> Exchange:
    exchange: Exchange = make.completion(
        {"tool_calls": [make.call()]}, finish=finish, request={"tools": make.tools()} | request
    )
    return exchange


def streamed_call(make: Any, finish: Any, **request: Any) -> Exchange:
    exchange: Exchange = make.stream(
        {"tool_calls": [make.call(index=0)]},
        finish=finish,
        request={"tools": make.tools()} | request,
    )
    return exchange


CONFORMING: dict[str, tuple[str, Build]] = {
    "a call of a deprecated function": (
        "openai-compatible",
        lambda make: make.completion(
            {"function_call": {"name": "f", "arguments": "{}"}},
            finish="tool_calls",
            request={"functions": [{"name": "f"}]},
        ),
    ),
    "ordinary": ("openai", lambda make: make.completion()),
    "two choices": ("openai", lambda make: make.completion("a", "b", request={"n": 2})),
    "two choices, the second first": (
        "openai",
        lambda make: make.completion(choices=[choice(1), choice(0)], request={"n": 2}),
    ),
    "two choices, streamed in turns": (
        "openai",
        lambda make: make.stream((1, "a"), (0, "b"), (1, "c"), request={"n": 2}),
    ),
    "n is null": ("openai", lambda make: make.completion(request={"n": None})),
    "no key logprobs": ("openai", lambda make: make.completion(choice={"logprobs": ...})),
    "logprobs null on Vertex": ("vertex-gemini", lambda make: make.completion(**VERTEX)),
    "TGI": ("vertex-tgi", lambda make: make.completion(request={"model": "tgi"})),
    "cut by the limit": (
        "openai",
        lambda make: make.completion(
            "Once upon", finish="length", usage=usage(2), request={"max_tokens": 2}
        ),
    ),
    "cut by the limit, streamed": (
        "openai",
        lambda make: make.stream(
            "Once",
            finish="length",
            usage=usage(2),
            request={"max_completion_tokens": 2} | WITH_USAGE,
        ),
    ),
    "cut by a filter": (
        "openai",
        lambda make: make.completion({"content": None}, finish="content_filter"),
    ),
    "the limit not reached": (
        "openai",
        lambda make: make.completion(usage=usage(15), request={"max_tokens": 16}),
    ),
    "the limit reached with a call": ("openai", lambda make: calling(make, max_tokens=3)),
    "the limit reached at a stop string": (
        "openai",
        lambda make: make.completion(
            MIDWAY, usage=usage(16), request={"max_tokens": 16, "stop": ["was"]}
        ),
    ),
    "the limit reached by two choices": (
        "openai",
        lambda make: make.completion("a", "b", usage=usage(16), request={"n": 2, "max_tokens": 16}),
    ),
    "calls": ("openai", lambda make: calling(make)),
    "calls, streamed": ("openai", lambda make: streamed_call(make, "tool_calls")),
    "calls that were cut": ("openai", lambda make: calling(make, "length")),
    "a legacy call": (
        "openai",
        lambda make: make.completion({"function_call": {"name": "f", "arguments": "{}"}}),
    ),
    "a required call": ("openai", lambda make: calling(make, tool_choice="required")),
    "a named call stops": ("openai", lambda make: calling(make, "stop", tool_choice=NAMED)),
    "a named call stops, streamed": (
        "openai",
        lambda make: streamed_call(make, "stop", tool_choice=NAMED),
    ),
    "a named call finishes tool_calls": ("openai", lambda make: calling(make, tool_choice=NAMED)),
    "an allowed call stops": ("openai", lambda make: calling(make, "stop", tool_choice=ALLOWED)),
    "a call that may have been named": (
        "openai",
        lambda make: make.completion({"tool_calls": [make.call()]}, finish="stop", request=None),
    ),
    "a stop string": (
        "openai",
        lambda make: make.completion("The capital is ", request={"stop": ["Paris"]}),
    ),
    "a stop string at once": (
        "openai",
        lambda make: make.completion("", usage=usage(2), request={"stop": "\n\n"}),
    ),
    "a stop string at once, streamed": (
        "openai",
        lambda make: make.stream("", request={"stop": "\n\n"}),
    ),
    "no stop string": (
        "openai",
        lambda make: make.completion("a###", request={"stop": ["", None]}),
    ),
    "a short stop string begun": (
        "openai",
        lambda make: make.completion("One, two", request={"stop": ["oOO"]}),
    ),
    "less than half a stop string": (
        "openai",
        lambda make: make.completion("a ##", request={"stop": "######"}),
    ),
    "half a stop string in a cut answer": (
        "openai",
        lambda make: make.completion("a ###", finish="length", request={"stop": "###END"}),
    ),
    "a stop string that was to be kept": (
        "vertex-vllm",
        lambda make: make.completion(
            "a END", request={"stop": "END", "include_stop_str_in_output": True}
        ),
    ),
    "an overloaded server": (
        "openai",
        lambda make: make.error(503, "The server is overloaded. Please try again."),
    ),
    "a proxy's mistake": (
        "openai",
        lambda make: make.error(502, "The upstream sent no content-type."),
    ),
    "a filtered prompt refused": (
        "openai",
        lambda make: make.error(400, "The prompt was blocked by the content filter."),
    ),
}

REASON = "/choices/0/finish_reason"
VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "no choices": ("openai", lambda make: make.completion(choices=...), "CHO-001", (None, "")),
    "choices null": (
        "openai",
        lambda make: make.completion(choices=None),
        "CHO-001",
        (None, "/choices"),
    ),
    "an object of choices": (
        "openai",
        lambda make: make.completion(choices={"0": choice(0)}),
        "CHO-001",
        (None, "/choices"),
    ),
    "no choice": (
        "openai",
        lambda make: make.completion(choices=[], request={"n": 1}),
        "CHO-001",
        (None, "/choices"),
    ),
    "no index": (
        "openai",
        lambda make: make.completion(choice={"index": ...}),
        "CHO-002",
        (None, "/choices/0"),
    ),
    "an index in quotes": (
        "openai",
        lambda make: make.completion("a", choices=[choice(0), choice("1")]),
        "CHO-002",
        (None, "/choices/1"),
    ),
    "one index twice": (
        "openai",
        lambda make: make.completion(choices=[choice(0), choice(0)], request={"n": 2}),
        "CHO-002",
        (None, "/choices"),
    ),
    "indexes from 1": (
        "openai",
        lambda make: make.completion(choices=[choice(1)]),
        "CHO-002",
        (None, "/choices"),
    ),
    "one choice of two": (
        "openai",
        lambda make: make.completion("a", request={"n": 2}),
        "CHO-003",
        (None, "/choices"),
    ),
    "two choices for one": (
        "openai",
        lambda make: make.completion("a", "b", request={"n": 1}),
        "CHO-003 CHO-019",
        (None, "/choices"),
    ),
    "three choices, and n is absent": (
        "openai-compatible",
        lambda make: make.completion("a", "b", "c"),
        "CHO-019",
        (None, "/choices"),
    ),
    "one choice of two, streamed": (
        "openai",
        lambda make: make.streamed(make.chunks("a"), request={"n": 2}),
        "CHO-003 SEQ-026",
        (None, ""),
    ),
    "an empty reason": (
        "openai",
        lambda make: make.completion(choice={"finish_reason": ""}),
        "CHO-004 CHO-005",
        (None, REASON),
    ),
    "a null reason": (
        "openai",
        lambda make: make.completion(choice={"finish_reason": None}),
        "CHO-004",
        (None, REASON),
    ),
    "no reason": (
        "openai",
        lambda make: make.completion(choice={"finish_reason": ...}),
        "CHO-004 CHO-005",
        (None, "/choices/0"),
    ),
    "a number as reason": (
        "openai",
        lambda make: make.completion(choice={"finish_reason": 1}),
        "CHO-004 CHO-005",
        (None, REASON),
    ),
    "a native reason": (
        "openai",
        lambda make: make.completion(finish="STOP"),
        "CHO-005",
        (None, REASON),
    ),
    "a native reason beside calls": (
        "openai",
        lambda make: calling(make, "tool_use"),
        "CHO-005",
        (None, REASON),
    ),
    "a native reason, streamed": (
        "openai",
        lambda make: make.stream("a", finish="MAX_TOKENS"),
        "CHO-005",
        (2, REASON),
    ),
    "a failure as reason": (
        "openai-compatible",
        lambda make: make.completion(finish="error"),
        "CHO-005",
        (None, REASON),
    ),
    "a filter's name, as Google has it": (
        "vertex-gemini",
        lambda make: make.completion(finish="content_filter: SAFETY", **VERTEX),
        "CHO-005",
        (None, REASON),
    ),
    "the name of a filter of calls": (
        "vertex-gemini",
        lambda make: make.stream(finish="function_call_filter: MALFORMED_FUNCTION_CALL", **VERTEX),
        "CHO-005",
        (3, REASON),
    ),
    "a bare name of Google": (
        "vertex-gemini",
        lambda make: make.completion(finish="SAFETY", **VERTEX),
        "CHO-006 CHO-005",
        (None, REASON),
    ),
    "a filter's name in small letters": (
        "vertex-gemini",
        lambda make: make.completion(finish="content_filter: safety", **VERTEX),
        "CHO-006 CHO-005",
        (None, REASON),
    ),
    "no key logprobs on Vertex": (
        "vertex-gemini",
        lambda make: make.completion(choice={"logprobs": ...}, **VERTEX),
        "CHO-007",
        (None, "/choices/0"),
    ),
    "calls that stop": ("openai", lambda make: calling(make, "stop"), "CHO-009", (None, REASON)),
    "required calls that stop": (
        "openai",
        lambda make: calling(make, "stop", tool_choice="required"),
        "CHO-009",
        (None, REASON),
    ),
    "calls that finish as a legacy one": (
        "openai",
        lambda make: calling(make, "function_call"),
        "CHO-009",
        (None, REASON),
    ),
    "a stop string kept": (
        "openai",
        lambda make: make.completion("a END", request={"stop": ["###", "END"]}),
        "CHO-010",
        (None, ""),
    ),
    "a stop string passed": (
        "openai",
        lambda make: make.completion("a END b", finish="length", request={"stop": "END"}),
        "CHO-010",
        (None, ""),
    ),
    "a stop string split over deltas": (
        "openai",
        lambda make: make.stream("a E", "ND b", request={"stop": "END"}),
        "CHO-010",
        (None, ""),
    ),
    "a promised call": (
        "openai",
        lambda make: make.completion("Well", finish="tool_calls"),
        "CHO-012",
        (None, REASON),
    ),
    "a promised call, required": (
        "openai",
        lambda make: make.completion(
            {}, finish="tool_calls", request={"tools": make.tools(), "tool_choice": "required"}
        ),
        "CHO-012",
        (None, REASON),
    ),
    "a promised call, streamed": (
        "openai",
        lambda make: make.stream({}, finish="tool_calls", request={"tools": make.tools()}),
        "CHO-012",
        (2, REASON),
    ),
    "another end than TGI's": (
        "vertex-tgi",
        lambda make: make.completion(finish="eos_token", request={"model": "tgi"}),
        "CHO-013 CHO-005",
        (None, REASON),
    ),
    "TGI's own end": (
        "vertex-tgi",
        lambda make: make.completion(finish="stop_sequence", request={"model": "tgi"}),
        "CHO-005",
        (None, REASON),
    ),
    "the limit reached without length": (
        "openai",
        lambda make: make.completion(MIDWAY, usage=usage(16), request={"max_tokens": 16}),
        "CHO-014",
        (None, "/usage/completion_tokens"),
    ),
    "the limit reached without length, streamed": (
        "openai",
        lambda make: make.stream(MIDWAY, usage=usage(9), request={"max_tokens": 9} | WITH_USAGE),
        "CHO-014",
        (3, "/usage/completion_tokens"),
    ),
    "cut before a token": (
        "openai",
        lambda make: make.completion("", finish="length", usage=usage(0)),
        "CHO-015",
        (None, "/usage/completion_tokens"),
    ),
    "half a stop string": (
        "openai",
        lambda make: make.completion("a ###", request={"stop": "###END"}),
        "CHO-016",
        (None, ""),
    ),
    "most of a stop string, streamed": (
        "openai",
        lambda make: make.stream("a ###", "EN", request={"stop": "###END"}),
        "CHO-016",
        (None, ""),
    ),
    "a filter told as 500": (
        "openai",
        lambda make: make.error(500, "The response was blocked by the safety filter."),
        "CHO-018",
        (None, ""),
    ),
    "a filter told as 500 by its code": (
        "openai",
        lambda make: make.error(
            500,
            {"error": {"message": "Oops", "type": "x", "param": None, "code": "content_filter"}},
        ),
        "CHO-018",
        (None, ""),
    ),
    "a filter told as 500 by its type": (
        "openai",
        lambda make: make.error(
            500,
            {"error": {"message": "Oops", "type": "content_filter", "param": None, "code": None}},
        ),
        "CHO-018",
        (None, ""),
    ),
    "a stop string kept whole": (
        "openai",
        lambda make: make.completion("a ###END", request={"stop": "###END"}),
        "CHO-010",
        (None, ""),
    ),
    "silence told as 502": (
        "openai-compatible",
        lambda make: make.error(502, "The model returned no candidates."),
        "CHO-018",
        (None, ""),
    ),
    "a filter told as 500 in plain text": (
        "openai",
        lambda make: make.error(500, b"blocked by policy"),
        "CHO-018 ERR-001",
        (None, ""),
    ),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the choices of a cut stream": (
        "CHO-003",
        lambda make: make.streamed(
            make.chunks("a", finish=...), False, request={"n": 2}, truncated=True
        ),
    ),
    "the choices of a stream that fails": (
        "CHO-003",
        lambda make: make.streamed(
            [*make.chunks("a"), {"error": {"message": "x"}}], request={"n": 2}
        ),
    ),
    "a call in an event that cannot be read": (
        "CHO-012",
        lambda make: make.edited(
            streamed_call(make, "tool_calls"), '"tool_calls":[', '"tool_calls":'
        ),
    ),
    "a call that was not quoted": (
        "CHO-012",
        lambda make: make.stream("Well", finish="tool_calls", meta={"partial": True}),
    ),
    "the stop strings of a request that was not recorded": (
        "CHO-010",
        lambda make: make.completion("a END", request=None),
    ),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, spot = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == spot


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("CHO", conforming, violating) == set()


def test_the_evidence_says_what_was_met(make: Any, findings: Any) -> None:
    found = findings(make.completion("a END b", "END", request={"n": 2, "stop": "END"}))["CHO-010"]
    assert found.count == 2
    assert found.actual == "a END b"


def test_the_evidence_of_indexes_has_them_all(make: Any, findings: Any) -> None:
    found = findings(make.completion("a", "b", choice={"index": 0}))["CHO-002"]
    assert (found.expected, found.actual) == ([0, 1], [0, 0])


def test_the_evidence_of_a_spent_limit_is_the_usage(make: Any, findings: Any) -> None:
    found = findings(make.stream("a", finish="length", usage=usage(0), request=WITH_USAGE))[
        "CHO-015"
    ]
    assert (found.event, found.pointer, found.actual) == (3, "/usage/completion_tokens", 0)


@pytest.mark.parametrize(
    ("stop", "outcome"),
    [
        ("ABC", "not exercised"),
        ("ABCD", "fail"),
        ("AB" * 500, "fail"),
        ("AB" * 500 + "C", "not exercised"),
    ],
)
def test_a_stop_string_is_halved_that_is_neither_short_nor_vast(
    stop: str, outcome: str, make: Any, outcomes: Any
) -> None:
    assert (
        outcomes(make.completion(f"a {stop[: len(stop) // 2]}", request={"stop": stop}))["CHO-016"]
        == outcome
    )


def test_the_evidence_is_cut(make: Any, findings: Any) -> None:
    assert (
        findings(make.completion("x" * 300 + "END", request={"stop": "END"}))["CHO-010"].actual
        == "x" * 197 + "END"
    )
    halved = findings(make.completion("x" * 300 + "###", request={"stop": "###END"}))["CHO-016"]
    assert (halved.expected, halved.actual) == ("x" * 80, "x" * 77 + "###")


@pytest.mark.parametrize(
    ("deltas", "finish", "expected"),
    [
        (("a", "b"), "stop", (3, REASON)),
        (("a", "b"), ..., (2, "/choices/0")),
        ((), ..., (0, "/choices/0")),
    ],
)
def test_the_place_of_a_choice_is_its_finish_or_its_last_piece(
    deltas: Any, finish: Any, expected: Any, make: Any
) -> None:
    (choice,) = fold(make.streamed(make.chunks(*deltas, finish=finish))).choices
    assert place(choice) == expected


def test_the_place_of_a_choice_that_says_nothing_is_that_of_all(make: Any) -> None:
    (choice,) = fold(make.completion(choices=[{"index": 0}])).choices
    assert place(choice) == (None, "/choices")


def test_each_choice_with_calls_is_to_finish_so(make: Any, findings: Any) -> None:
    calls = {"tool_calls": [make.call()]}
    made = [
        {
            "index": index,
            "message": {"role": "assistant", "content": None, **calls},
            "finish_reason": finish,
        }
        for index, finish in enumerate(("length", "stop"))
    ]
    found = findings(make.completion(choices=made, request={"n": 2, "tools": make.tools()}))[
        "CHO-009"
    ]
    assert (found.pointer, found.expected, found.actual) == (
        "/choices/1/finish_reason",
        "tool_calls",
        "stop",
    )


def test_a_cut_choice_may_end_in_half_a_stop_string(make: Any, findings: Any) -> None:
    made = [
        choice(0, message={"role": "assistant", "content": "a ###"}, finish_reason="length"),
        choice(1),
    ]
    assert "CHO-016" not in findings(
        make.completion(choices=made, request={"n": 2, "stop": "###END"})
    )


@pytest.mark.parametrize("end", [".", "!", "?", "…", '."', ".)", "}", "```", "。", "👋", ".\n"])
def test_a_text_that_ends_by_itself_may_spend_the_limit(end: str, make: Any, findings: Any) -> None:
    assert (
        findings(make.completion(MIDWAY + end, usage=usage(16), request={"max_tokens": 16})) == {}
    )


@pytest.mark.parametrize(
    "text",
    ["Paris", "It is Paris", "42", "Three fruits:\n- apple\n- banana\n- cherry", "A title\n\n"],
)
def test_a_few_words_may_spend_the_limit(text: str, make: Any, findings: Any) -> None:
    assert findings(make.completion(text, usage=usage(16), request={"max_tokens": 16})) == {}


@pytest.mark.parametrize("end", ["", " ", "\n", ",", ";", ":", " -", " (", " “", " 7"])
def test_a_text_that_ends_midway_may_not_spend_the_limit(
    end: str, make: Any, findings: Any
) -> None:
    assert set(
        findings(make.completion(MIDWAY + end, usage=usage(16), request={"max_tokens": 16}))
    ) == {"CHO-014"}


def test_four_words_are_enough_to_tell(make: Any, findings: Any) -> None:
    assert "CHO-014" in findings(
        make.completion("Once upon a time", usage=usage(16), request={"max_tokens": 16})
    )


def test_reasoning_that_ends_midway_is_as_telling(make: Any, findings: Any) -> None:
    thinking = {"content": "", "reasoning_content": MIDWAY}
    assert "CHO-014" in findings(
        make.completion(thinking, usage=usage(16), request={"max_tokens": 16})
    )


def test_the_evidence_of_a_limit_and_of_a_filter_is_what_was_told(make: Any, findings: Any) -> None:
    found = findings(make.completion(MIDWAY, usage=usage(16), request={"max_tokens": 16}))[
        "CHO-014"
    ]
    assert (found.expected, found.actual) == ("length", "stop")
    assert (
        findings(make.error(500, "content_filter " + "x" * 300))["CHO-018"].actual
        == "content_filter " + "x" * 185
    )
