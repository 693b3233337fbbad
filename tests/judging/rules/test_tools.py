"""TOOL, whole calls: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

STREAMED = {
    f"TOOL-0{number}"
    for number in ("07", "08", "09", "10", "11", "12", "20", "21", "22", "23", "24", "27", "28")
}
"""The rows of streams alone, which test_tools_streamed.py proves."""

GEMINI: dict[str, Any] = {"id": "Zm9vYmFyYmF6cXV4MTIzNA", "model": "google/gemini-2.5-flash"}
WITH_USAGE = {"stream_options": {"include_usage": True}}
NOW = {"type": "function", "function": {"name": "now"}}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
RUN = {"type": "custom", "custom": {"name": "run"}}
RAN = {"id": "call_9", "type": "custom", "custom": {"name": "run", "input": "ls"}}
OF_OPENAPI = {
    "type": "function",
    "function": {
        "name": "f",
        "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
    },
}
NULLABLE = {
    "type": "function",
    "function": {
        "name": "f",
        "parameters": {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}},
    },
}
SEARCH = {"type": "builtin_function", "function": {"name": "$web_search"}}
NATIVE: Json = {"extra_body": {"google": {"tools": [{"function_declarations": []}]}}}
NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
REQUIRED = {"tool_choice": "required"}
FAILURE = {"object": "error", "error": {"message": "Failed."}}
FRAGMENT = "/choices/0/delta/tool_calls/0"
FIRST = "/choices/0/message/tool_calls/0"
SECOND = "/choices/0/message/tool_calls/1"
REASON = "/choices/0/finish_reason"


def calling(
    make: Any,
    *calls: Json,
    finish: Json = "tool_calls",
    tools: tuple[Json, ...] = (),
    asked: Json = None,
    content: Json = None,
    **rest: Any,
) -> Exchange:
    """A completion that calls a declared function, or makes these calls."""
    message = {"content": content, "tool_calls": [*calls] or [make.call()]}
    request = (
        {"tools": [*make.tools(), *tools]}
        | (asked or {})
        | ({"model": rest["model"]} if "model" in rest else {})
    )
    made: Exchange = make.completion(message, finish=finish, request=request, **rest)
    return made


def streaming(
    make: Any,
    *fragments: Json,
    finish: Json = "tool_calls",
    tools: tuple[Json, ...] = (),
    asked: Json = None,
    **rest: Any,
) -> Exchange:
    """A stream of these fragments of calls, by default one whole call."""
    deltas = [{"tool_calls": [fragment]} for fragment in fragments or [make.call(index=0)]]
    made: Exchange = make.stream(
        *deltas,
        finish=finish,
        request={"tools": [*make.tools(), *tools]} | WITH_USAGE | (asked or {}),
        **rest,
    )
    return made


def texting(
    make: Any,
    text: str,
    finish: Json = "stop",
    asked: Json = None,
    tools: tuple[Json, ...] = (),
    **rest: Any,
) -> Exchange:
    made: Exchange = make.completion(
        text, finish=finish, request={"tools": [*make.tools(), *tools]} | (asked or {}), **rest
    )
    return made


BLOCKED = "The prompt could not be submitted. The prompt contains sensitive words."

CONFORMING: dict[str, tuple[str, Build]] = {
    "a blocked prompt, though required": (
        "openai",
        lambda make: texting(make, BLOCKED, asked=REQUIRED),
    ),
    "a blocked prompt, though named": ("openai", lambda make: texting(make, BLOCKED, asked=NAMED)),
    "a call": ("openai", calling),
    "a call, streamed": ("openai", streaming),
    "a text beside tools": ("openai", lambda make: texting(make, "I need no tool.")),
    "a call of Gemini": ("vertex-gemini", lambda make: calling(make, **GEMINI)),
    "a call and a text": ("openai", lambda make: calling(make, content="Let me look.")),
    "two calls of one function": (
        "openai",
        lambda make: calling(make, make.call(), make.call(identifier="call_2")),
    ),
    "a call of a custom tool": ("openai", lambda make: calling(make, RAN, tools=(RUN,))),
    "a call of a custom tool, streamed": (
        "openai",
        lambda make: streaming(make, RAN | {"index": 0}, tools=(RUN,)),
    ),
    "a call of a tool of the server": (
        "openai-compatible",
        lambda make: calling(
            make, make.call("$web_search", '{"q":"x"}', type="builtin_function"), tools=(SEARCH,)
        ),
    ),
    "a call of a tool nobody can know": (
        "openai",
        lambda make: calling(make, make.call("brave_search", "{}"), tools=({"type": "mcp"},)),
    ),
    "a call of a native tool": (
        "vertex-gemini",
        lambda make: calling(make, make.call("native", "{}"), asked=NATIVE, **GEMINI),
    ),
    "a call, request unknown": (
        "openai",
        lambda make: make.completion({"tool_calls": [make.call("anything")]}, request=None),
    ),
    "a call by tools of a function declared in the older way": (
        "openai",
        lambda make: make.completion(
            {"tool_calls": [make.call()]}, request={"functions": [make.tools()[0]["function"]]}
        ),
    ),
    "a choice of a function without a name": (
        "openai",
        lambda make: calling(make, asked={"tool_choice": {"type": "function", "function": {}}}),
    ),
    "a function without parameters": (
        "openai",
        lambda make: calling(make, make.call("now", "{}"), tools=(NOW,)),
    ),
    "pretty arguments": (
        "openai",
        lambda make: calling(make, make.call(arguments='{\n  "city": "Par\\ud83dis"\n}\n')),
    ),
    "arguments in Gemini's dialect of schemas": (
        "vertex-gemini",
        lambda make: calling(make, make.call("f", '{"a":1}'), tools=(OF_OPENAPI,), **GEMINI),
    ),
    "nullable arguments": (
        "vertex-gemini",
        lambda make: calling(make, make.call("f", '{"a":null}'), tools=(NULLABLE,), **GEMINI),
    ),
    "a cut call": (
        "openai",
        lambda make: calling(make, make.call(arguments='{"city":"Pa'), finish="length"),
    ),
    "a cut call, streamed": (
        "openai",
        lambda make: streaming(make, make.call(arguments='{"city":"Pa', index=0), finish="length"),
    ),
    "a filtered call": (
        "openai",
        lambda make: calling(make, make.call(arguments="{"), finish="content_filter"),
    ),
    "a cut call of a function without parameters": (
        "openai",
        lambda make: calling(make, make.call("now", ""), tools=(NOW,), finish="length"),
    ),
    "none": ("openai", lambda make: texting(make, "No.", asked={"tool_choice": "none"})),
    "required": ("openai", lambda make: calling(make, asked=REQUIRED)),
    "required, streamed": ("openai", lambda make: streaming(make, asked=REQUIRED)),
    "required, custom": ("openai", lambda make: calling(make, RAN, tools=(RUN,), asked=REQUIRED)),
    "required and refused": (
        "openai",
        lambda make: make.completion(
            {"refusal": "I cannot."}, request={"tools": make.tools()} | REQUIRED
        ),
    ),
    "required and cut": (
        "openai",
        lambda make: texting(make, "Let me", finish="length", asked=REQUIRED),
    ),
    "required and filtered": (
        "openai",
        lambda make: texting(make, "", finish="content_filter", asked=REQUIRED),
    ),
    "named": ("openai", lambda make: calling(make, finish="stop", asked=NAMED)),
    "named, streamed": ("openai", lambda make: streaming(make, finish="stop", asked=NAMED)),
    "named and finished tool_calls": ("openai", lambda make: calling(make, asked=NAMED)),
    "named, twice": (
        "openai",
        lambda make: calling(
            make, make.call(), make.call(identifier="call_2"), finish="stop", asked=NAMED
        ),
    ),
    "named and refused": (
        "openai",
        lambda make: make.completion(
            {"refusal": "I cannot."}, request={"tools": make.tools()} | NAMED
        ),
    ),
    "named and cut": ("openai", lambda make: texting(make, "", finish="length", asked=NAMED)),
    "a named custom tool": (
        "openai",
        lambda make: calling(
            make,
            RAN,
            finish="stop",
            tools=(RUN,),
            asked={"tool_choice": {"type": "custom", "custom": {"name": "run"}}},
        ),
    ),
    "one call at a time": (
        "openai",
        lambda make: calling(make, asked={"parallel_tool_calls": False}),
    ),
    "markup that was asked about": (
        "openai",
        lambda make: texting(
            make,
            "It begins <tool_call>.",
            asked={"messages": [{"role": "user", "content": "What is <tool_call>?"}]},
        ),
    ),
    "markup where no tools are": (
        "openai",
        lambda make: make.completion("Hermes models write <tool_call>."),
    ),
    "code in a text": (
        "openai",
        lambda make: texting(make, "Use `List<function>` and call the tools: <call/>."),
    ),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "no type": (
        "openai",
        lambda make: calling(make, make.call(type=...)),
        "TOOL-001",
        (None, FIRST),
    ),
    "another type": (
        "openai",
        lambda make: calling(make, make.call(type="tool")),
        "TOOL-001",
        (None, FIRST),
    ),
    "no type, streamed": (
        "openai",
        lambda make: streaming(make, make.call(index=0, type=...)),
        "TOOL-001",
        (1, FRAGMENT),
    ),
    "a function that is not declared": (
        "openai",
        lambda make: calling(make, make.call("get_wether")),
        "TOOL-001",
        (None, FIRST),
    ),
    "a function that is not declared, streamed": (
        "openai",
        lambda make: streaming(make, make.call("get_wether", index=0)),
        "TOOL-001",
        (1, FRAGMENT),
    ),
    "no name": (
        "openai",
        lambda make: calling(make, make.call(function={"arguments": "{}"})),
        "TOOL-001",
        (None, FIRST),
    ),
    "a call where nothing is declared": (
        "openai",
        lambda make: make.completion({"tool_calls": [make.call()]}),
        "TOOL-001",
        (None, FIRST),
    ),
    "an object as arguments": (
        "openai",
        lambda make: calling(make, make.call(arguments={"city": "Paris"})),
        "TOOL-002",
        (None, f"{FIRST}/function/arguments"),
    ),
    "null as arguments": (
        "openai",
        lambda make: calling(make, make.call("now", None), tools=(NOW,)),
        "TOOL-002",
        (None, f"{FIRST}/function/arguments"),
    ),
    "no arguments": (
        "openai",
        lambda make: calling(make, make.call(function={"name": "get_weather"})),
        "TOOL-002",
        (None, f"{FIRST}/function"),
    ),
    "an object as arguments, streamed": (
        "openai",
        lambda make: streaming(make, make.call(arguments={"city": "Paris"}, index=0)),
        "TOOL-002",
        (1, f"{FRAGMENT}/function/arguments"),
    ),
    "arguments without their end": (
        "openai",
        lambda make: calling(make, make.call(arguments='{"city":"Par')),
        "TOOL-003",
        (None, FIRST),
    ),
    "no JSON in arguments": (
        "openai",
        lambda make: calling(make, make.call(arguments="Paris")),
        "TOOL-003",
        (None, FIRST),
    ),
    "NaN in arguments": (
        "openai",
        lambda make: calling(make, make.call(arguments='{"city":"a","t":NaN}')),
        "TOOL-003",
        (None, FIRST),
    ),
    "nothing as arguments": (
        "openai",
        lambda make: calling(make, make.call(arguments="")),
        "TOOL-003",
        (None, FIRST),
    ),
    "arguments encoded twice": (
        "openai",
        lambda make: calling(make, make.call(arguments=json.dumps('{"city":"Paris"}'))),
        "TOOL-003",
        (None, FIRST),
    ),
    "a list as arguments, of the second call": (
        "openai",
        lambda make: calling(make, make.call(), make.call(arguments="[]", identifier="call_2")),
        "TOOL-003",
        (None, SECOND),
    ),
    "an argument of another type": (
        "openai",
        lambda make: calling(make, make.call(arguments='{"city":7}')),
        "TOOL-004",
        (None, FIRST),
    ),
    "an argument left out": (
        "openai",
        lambda make: calling(make, make.call(arguments="{}")),
        "TOOL-004",
        (None, FIRST),
    ),
    "an argument left out, streamed": (
        "openai",
        lambda make: streaming(make, make.call(arguments="{}", index=0)),
        "TOOL-004",
        (1, FRAGMENT),
    ),
    "arguments encoded twice, streamed": (
        "openai",
        lambda make: streaming(make, make.call(arguments='"{}"', index=0)),
        "TOOL-004",
        (1, FRAGMENT),
    ),
    "an empty id": (
        "openai",
        lambda make: calling(make, make.call(identifier="")),
        "TOOL-005",
        (None, f"{FIRST}/id"),
    ),
    "no id": ("openai", lambda make: calling(make, make.call(id=...)), "TOOL-005", (None, FIRST)),
    "a number as id": (
        "openai",
        lambda make: calling(make, make.call(identifier=1)),
        "TOOL-005",
        (None, f"{FIRST}/id"),
    ),
    "one id for two calls": (
        "openai",
        lambda make: calling(make, make.call(), make.call()),
        "TOOL-006",
        (None, SECOND),
    ),
    "one id for two calls of one delta": (
        "openai",
        lambda make: make.stream(
            {"tool_calls": [make.call(index=0), make.call(index=1)]},
            finish="tool_calls",
            request={"tools": make.tools()} | WITH_USAGE,
        ),
        "TOOL-006",
        (1, "/choices/0/delta/tool_calls/1"),
    ),
    "a call against none": (
        "openai",
        lambda make: calling(make, asked={"tool_choice": "none"}),
        "TOOL-013",
        (None, FIRST),
    ),
    "a call against none, streamed": (
        "openai",
        lambda make: streaming(make, asked={"tool_choice": "none"}),
        "TOOL-013",
        (1, FRAGMENT),
    ),
    "no call, though required": (
        "openai",
        lambda make: texting(make, "It is sunny.", asked=REQUIRED),
        "TOOL-014",
        (None, REASON),
    ),
    "no call, though required, streamed": (
        "openai",
        lambda make: make.stream(
            "It is sunny.", request={"tools": make.tools()} | REQUIRED | WITH_USAGE
        ),
        "TOOL-014",
        (2, REASON),
    ),
    "silence, though required": (
        "openai",
        lambda make: texting(
            make,
            "",
            asked=REQUIRED,
            usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9},
        ),
        "TOOL-014 MSG-005",
        (None, REASON),
    ),
    "a text, though named": (
        "openai",
        lambda make: texting(make, "It is sunny.", asked=NAMED),
        "TOOL-016",
        (None, REASON),
    ),
    "another function than the named": (
        "openai",
        lambda make: calling(
            make, make.call("get_time"), tools=(TIME,), finish="stop", asked=NAMED
        ),
        "TOOL-016",
        (None, REASON),
    ),
    "another function beside the named": (
        "openai",
        lambda make: calling(
            make,
            make.call(),
            make.call("get_time", identifier="b"),
            tools=(TIME,),
            finish="stop",
            asked=NAMED,
        ),
        "TOOL-016",
        (None, REASON),
    ),
    "another function than the named, streamed": (
        "openai",
        lambda make: streaming(
            make, make.call("get_time", index=0), tools=(TIME,), finish="stop", asked=NAMED
        ),
        "TOOL-016",
        (2, REASON),
    ),
    "two calls at a time": (
        "openai",
        lambda make: calling(
            make, make.call(), make.call(identifier="call_2"), asked={"parallel_tool_calls": False}
        ),
        "TOOL-026",
        (None, SECOND),
    ),
    "two calls at a time, streamed": (
        "openai",
        lambda make: streaming(
            make,
            make.call(index=0),
            make.call(identifier="call_2", index=1),
            asked={"parallel_tool_calls": False},
        ),
        "TOOL-026",
        (2, FRAGMENT),
    ),
    "nothing as arguments of a function without parameters": (
        "openai",
        lambda make: calling(make, make.call("now", ""), tools=(NOW,)),
        "TOOL-035",
        (None, FIRST),
    ),
    "nothing as arguments of a function without parameters, streamed": (
        "openai",
        lambda make: streaming(make, make.call("now", "", index=0), tools=(NOW,)),
        "TOOL-035",
        (1, FRAGMENT),
    ),
    "null as arguments of a function without parameters, streamed": (
        "openai",
        lambda make: streaming(make, make.call("now", None, index=0), tools=(NOW,)),
        "TOOL-002",
        (1, f"{FRAGMENT}/function/arguments"),
    ),
}

MARKUP = [
    '<tool_call>{"name": "get_weather"}</tool_call>',
    "</tool_call>",
    "<tool_calls>[]</tool_calls>",
    '<TOOLCALL>[{"name": "f"}]</TOOLCALL>',
    '[TOOL_CALLS] [{"name": "f"}]',
    "[TOOL_CALLS]f{}",
    '<function_call>{"name": "f"}',
    '<function_calls><invoke name="f">',
    "<function=f>{}</function>",
    '<invoke name="f">',
    '<minimax:tool_call>\n<invoke name="f">',
    "<|tool_call|>",
    "<|tool_call>call:f{}",
    "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>",
    "<|python_tag|>f.call()",
    "<|START_ACTION|>",
    "<\uff5ctool\u2581calls\u2581begin\uff5c>",
    "<\uff5cDSML\uff5cfunction_calls>",
    "<start_function_call>call:f",
    'functools[{"name": "f"}]',
    "```tool_code\nprint(default_api.f())\n```",
    "print(default_api.get_weather(city='Paris'))",
    "to=functions.get_weather json",
]

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the ids of one call": ("TOOL-006", calling),
    "arguments that were left out of the record": (
        "TOOL-003",
        lambda make: calling(make, make.call(arguments='{"city":...'), meta={"partial": True}),
    ),
    "no call, in a stream that was cut": (
        "TOOL-014",
        lambda make: make.stream(
            "It is",
            finish=...,
            done=False,
            truncated=True,
            request={"tools": make.tools()} | REQUIRED,
        ),
    ),
    "no call, in a stream that failed": (
        "TOOL-014",
        lambda make: make.stream(
            "It", FAILURE, finish=..., request={"tools": make.tools()} | REQUIRED
        ),
    ),
    "the named call, in a stream that was cut": (
        "TOOL-016",
        lambda make: streaming(make, make.call(index=0), asked=NAMED, truncated=True),
    ),
    "markup where nothing is known of tools": (
        "TOOL-025",
        lambda make: make.completion("<tool_call>", request=None),
    ),
    "parallel calls, request unknown": (
        "TOOL-026",
        lambda make: make.completion(
            {"tool_calls": [make.call(), make.call(identifier="b")]}, request=None
        ),
    ),
    "the arguments of a function nobody knows": (
        "TOOL-035",
        lambda make: make.completion({"tool_calls": [make.call("now", "")]}, request=None),
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


@pytest.mark.parametrize("text", MARKUP)
def test_the_markup_of_a_call_has_no_place_in_a_text(text: str, make: Any, findings: Any) -> None:
    assert set(findings(texting(make, f"Let me look. {text}"))) == {"TOOL-025"}
    assert set(
        findings(
            make.stream(
                "Let me look. ", text[:7], text[7:], request={"tools": make.tools()} | WITH_USAGE
            )
        )
    ) == {"TOOL-025"}


def test_the_markup_of_all_calls_has_no_place_in_one_text(make: Any, findings: Any) -> None:
    assert set(findings(texting(make, " ".join(MARKUP)))) == {"TOOL-025"}


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def test_calls_that_are_mis_shaped_or_lost_are_told_once(make: Any, findings: Any) -> None:
    request = {"tools": make.tools()} | REQUIRED
    assert "TOOL-014" not in findings(
        make.completion(
            {"content": "", "tool_calls": {"id": "call_1"}}, finish="stop", request=request
        )
    )
    assert set(findings(make.completion("", finish="tool_calls", request=request))) == {"CHO-012"}


def test_each_call_is_held_to_its_schema_whatever_the_one_before_it(
    make: Any, findings: Any
) -> None:
    wrong = make.call(arguments='{"city":7}', identifier="call_2")
    for first in (make.call("f", "{}"), make.call(arguments="{"), make.call(arguments="")):
        assert (
            findings(
                calling(
                    make, first, wrong, tools=({"type": "function", "function": {"name": "f"}},)
                )
            )["TOOL-004"].pointer
            == SECOND
        )


def test_the_arguments_of_a_cut_answer_are_held_to_no_schema(make: Any, findings: Any) -> None:
    assert "TOOL-004" not in findings(
        calling(make, make.call(arguments='{"city":7}'), finish="length")
    )


@pytest.mark.parametrize(
    ("parameters", "row"),
    [
        ({"type": "object"}, {"TOOL-035"}),
        ({"type": "object", "properties": {}}, {"TOOL-035"}),
        ({"type": "object", "properties": {"a": {}}}, {"TOOL-003"}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}}, {"TOOL-003"}),
    ],
)
def test_a_function_takes_parameters_where_its_schema_speaks_of_any(
    parameters: Json, row: set[str], make: Any, findings: Any
) -> None:
    function = {"type": "function", "function": {"name": "f", "parameters": parameters}}
    assert {"TOOL-003", "TOOL-035"} & set(
        findings(calling(make, make.call("f", ""), tools=(function,)))
    ) == row


@pytest.mark.parametrize(
    ("build", "row", "message", "expected", "actual"),
    [
        (
            lambda make: calling(make, make.call(type="x")),
            "TOOL-001",
            "the type of the call is not",
            {"type": "function"},
            "x",
        ),
        (
            lambda make: calling(make, make.call("f")),
            "TOOL-001",
            "the called function is not declared",
            ["get_weather"],
            "f",
        ),
        (
            lambda make: calling(make, make.call(arguments="{")),
            "TOOL-003",
            "the arguments are not JSON: Expecting",
            "a JSON object",
            "{",
        ),
        (
            lambda make: calling(make, make.call(arguments="[]")),
            "TOOL-003",
            "the arguments are JSON, but not an object",
            "a JSON object",
            "[]",
        ),
        (
            lambda make: calling(make, make.call(arguments='{"city":7}')),
            "TOOL-004",
            "the arguments violate the declared schema at /city: ",
            "arguments that match the declared schema",
            '{"city":7}',
        ),
        (
            lambda make: calling(make, make.call(arguments="{}")),
            "TOOL-004",
            "the arguments violate the declared schema: ",
            "arguments that match the declared schema",
            "{}",
        ),
        (
            lambda make: calling(make, make.call(), make.call()),
            "TOOL-006",
            "two calls have the same id",
            "different ids",
            "call_1",
        ),
        (
            lambda make: calling(make, asked={"tool_choice": "none"}),
            "TOOL-013",
            "a tool is called, although tool_choice is none",
            "no tool call",
            "get_weather",
        ),
        (
            lambda make: texting(make, "x" * 300, asked=REQUIRED),
            "TOOL-014",
            "no tool is called",
            "a tool call",
            "x" * 200,
        ),
        (
            lambda make: texting(make, "abc<tool_call>" + "x" * 300),
            "TOOL-025",
            "the text contains the markup of a tool call",
            "a call in tool_calls",
            "<tool_call>" + "x" * 189,
        ),
        (
            lambda make: calling(
                make, make.call(), make.call(identifier="b"), asked={"parallel_tool_calls": False}
            ),
            "TOOL-026",
            "the choice has several calls, although parallel_tool_calls is false",
            1,
            2,
        ),
        (
            lambda make: calling(make, make.call("now", ""), tools=(NOW,)),
            "TOOL-035",
            "the arguments are an empty string",
            "{}",
            "",
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, message: str, expected: Json, actual: Json, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert found.message.startswith(message)
    assert (found.expected, found.actual) == (expected, actual)


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()] + [
        ("openai", texting(make, MARKUP[0]))
    ]
    assert unproven("TOOL", conforming, violating) == STREAMED
