"""Tool calls: when they occur, their content, their streaming, and the messages after them."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.generators.signatures import is_genuine
from conformance.judging.rules.errors import error_message
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Exchange, Finding, Json

Ask = Callable[..., Facts]
Unexpected = Callable[[Exchange, str], dict[str, Finding]]

GEMINI_3 = {
    "vertex-gemini": "google/gemini-3.1-pro-preview",
    "gemini-api": "gemini-3-flash-preview",
}
OLDER = {
    "vertex-gemini": {"model": "google/gemini-2.5-flash"},
    "gemini-api": {"model": "gemini-2.5-flash"},
}
"""Models that take a call without a signature."""
BOTH = pytest.mark.parametrize("profile", GEMINI_3)


def tool(name: str, **properties: Json) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {"type": "object", "properties": properties, "required": [*properties]},
        },
    }


TOOLS = [
    tool("get_weather", city={"type": "string"}),
    tool("sendMail", to={"type": "string", "format": "email"}),
    {"type": "function", "function": {"name": "ping"}},
]
ROME = {"role": "user", "content": "What is the weather in Rome?"}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city":"Rome"}'},
}


def called(facts: Facts) -> list[tuple[str | None, Json]]:
    return [(call.name, orjson.loads(call.arguments or "")) for call in facts.choices[0].calls]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_tool_that_the_question_speaks_of_is_called_with_its_words(
    profile: str, ask: Ask
) -> None:
    facts = ask(profile, "What is the weather in Rome?", tools=TOOLS)
    assert called(facts) == [("get_weather", {"city": "Rome"})]
    assert facts.choices[0].finish_reason == "tool_calls"
    message = facts.body["choices"][0]["message"]
    assert message.get("content") is None
    assert ("content" in message) is (profile not in GEMINI_3)


@pytest.mark.parametrize(
    ("content", "fields", "names"),
    [
        ("Say hello.", {}, []),
        ("What is the weather?", {"tool_choice": "none"}, []),
        ("Send a mail.", {}, ["sendMail"]),
        ("Ping!", {}, ["ping"]),
        ("The weather, then a mail.", {}, ["get_weather", "sendMail"]),
        ("The weather in Rome and Oslo.", {}, ["get_weather", "get_weather"]),
        ("The weather in Rome and Oslo.", {"parallel_tool_calls": False}, ["get_weather"]),
        ("Say hello.", {"tool_choice": "required"}, ["get_weather"]),
        ("Ping!", {"tool_choice": "required"}, ["ping"]),
        (
            "Ping!",
            {"tool_choice": {"type": "function", "function": {"name": "sendMail"}}},
            ["sendMail"],
        ),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_which_tools_are_called(
    profile: str, content: str, fields: Json, names: Sequence[str], ask: Ask
) -> None:
    assert [name for name, _ in called(ask(profile, content, tools=TOOLS, **fields))] == names


def test_parallel_calls_ask_for_different_things_under_different_ids(ask: Ask) -> None:
    facts = ask("openai", "What is the weather in Rome and in Oslo?", tools=TOOLS)
    assert called(facts) == [("get_weather", {"city": "Rome"}), ("get_weather", {"city": "Oslo"})]
    assert len({call.id for call in facts.choices[0].calls}) == 2


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("openai", "stop"),
        ("vertex-vllm", "stop"),
        ("vertex-gemini", "tool_calls"),
        ("gemini-api", "tool_calls"),
    ],
)
def test_a_named_call_finishes_as_the_vendor_has_it(profile: str, reason: str, ask: Ask) -> None:
    assert (
        ask(profile, tools=TOOLS, tool_choice={"type": "function", "function": {"name": "ping"}})
        .choices[0]
        .finish_reason
        == reason
    )


def test_only_some_tools_may_be_allowed(ask: Ask) -> None:
    allowed = {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "ping"}}],
        },
    }
    assert called(ask(content="The weather?", tools=TOOLS, tool_choice=allowed)) == [("ping", {})]


@pytest.mark.parametrize(
    ("profile", "status"),
    [("openai", 400), ("vertex-vllm", 400), ("vertex-gemini", 200), ("gemini-api", 200)],
)
def test_validated_is_googles_word(profile: str, status: int, ask: Ask) -> None:
    assert ask(profile, tools=TOOLS, tool_choice="validated").status == status


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "no_such_tool"}}},
        {"tools": TOOLS, "tool_choice": {"type": "function"}},
        {"tools": [{"type": "custom", "custom": {"name": "run"}}]},
        {
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "f", "parameters": {"type": "no such type"}},
                }
            ]
        },
        {
            "tools": [
                {"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}
            ],
            "tool_choice": "required",
        },
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_tools_that_cannot_be_called_are_refused(profile: str, fields: Json, ask: Ask) -> None:
    assert ask(profile, **fields).status == 400


@BOTH
def test_googles_types_in_capitals_are_understood(profile: str, ask: Ask) -> None:
    upper = {
        "type": "OBJECT",
        "properties": {
            "days": {"type": "ARRAY", "items": {"type": "INTEGER", "minimum": 1, "maximum": 9}}
        },
        "required": ["days"],
    }
    (call,) = called(
        ask(
            profile,
            tools=[{"type": "function", "function": {"name": "plan", "parameters": upper}}],
            tool_choice="required",
        )
    )
    assert all(1 <= day <= 9 for day in call[1]["days"])


def test_openai_streams_arguments_in_fragments_after_an_opening(ask: Ask) -> None:
    opening, *rest = (
        ask("openai", "The weather?", tools=TOOLS, stream=True).choices[0].calls[0].fragments
    )
    assert opening.value.keys() == {"index", "id", "type", "function"}
    assert opening.value["function"] == {"name": "get_weather", "arguments": ""}
    assert len(rest) > 2
    assert all(
        fragment.value.keys() == {"index", "function"}
        and fragment.value["function"].keys() == {"arguments"}
        for fragment in rest
    )


TWO = "The weather in Rome and in Oslo?"


@BOTH
def test_google_streams_calls_whole_and_without_an_index(profile: str, ask: Ask) -> None:
    calls = ask(profile, TWO, tools=TOOLS, stream=True).choices[0].calls
    assert [(len(call.fragments), call.index) for call in calls] == [(1, None), (1, None)]
    assert len({call.id for call in calls}) == 2


@pytest.mark.parametrize(
    ("profile", "model", "chunks", "reason"),
    [
        ("gemini-api", "gemini-2.5-flash", [2], "tool_calls"),
        ("gemini-api", "gemini-3.5-flash", [1, 1, 0], "stop"),
        ("vertex-gemini", "google/gemini-2.5-flash", [2], "tool_calls"),
        ("vertex-gemini", "google/gemini-3.5-flash", [1, 1], "tool_calls"),
    ],
)
def test_gemini_3_streams_each_call_in_a_chunk(
    profile: str, model: str, chunks: Sequence[int], reason: str, ask: Ask
) -> None:
    facts = ask(profile, TWO, tools=TOOLS, stream=True, model=model)
    deltas = [chunk["choices"][0]["delta"] for chunk in facts.chunks]
    assert [len(delta.get("tool_calls", ())) for delta in deltas] == chunks
    assert facts.choices[0].finish_reason == reason


def test_vertex_streams_arguments_in_fragments_that_repeat_their_call(ask: Ask) -> None:
    option = {"google": {"stream_function_call_arguments": True}}
    facts = ask(
        "vertex-gemini",
        "The weather?",
        tools=TOOLS,
        stream=True,
        extra_body=option,
        model=GEMINI_3["vertex-gemini"],
    )
    (call,) = facts.choices[0].calls
    assert len(call.fragments) > 2
    assert all(
        (fragment.value["id"], fragment.value["function"]["name"], fragment.value["index"])
        == (call.id, call.name, 0)
        for fragment in call.fragments
    )
    assert ["extra_content" in fragment.value for fragment in call.fragments] == [True] + [
        False
    ] * (len(call.fragments) - 1)
    assert facts.usages[0].event == facts.chunk_events[-1]


@pytest.mark.parametrize(("named", "reason"), [(False, "function_call"), (True, "stop")])
def test_functions_are_called_the_old_way(named: bool, reason: str, ask: Ask) -> None:
    facts = ask(
        "openai",
        "The weather in Rome?",
        functions=[TOOLS[0]["function"]],
        **({"function_call": {"name": "get_weather"}} if named else {}),
    )
    assert facts.body["choices"][0]["message"]["function_call"] == {
        "name": "get_weather",
        "arguments": '{"city":"Rome"}',
    }
    assert facts.choices[0].finish_reason == reason


def answered(
    call: Json, *, name: str = "openai", results: Sequence[Json] = (), ask: Ask, **fields: Json
) -> Facts:
    history = [
        ROME,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": call if isinstance(call, list) else [call],
        },
        *results,
    ]
    return ask(name, messages=history, tools=TOOLS, **OLDER.get(name, {}) | fields)


def result(identifier: str = "call_1") -> Json:
    return {"role": "tool", "tool_call_id": identifier, "content": "sunny"}


@pytest.mark.parametrize("profile", PROFILES)
def test_results_get_a_text(profile: str, ask: Ask) -> None:
    facts = answered(CALL, name=profile, results=[result()], ask=ask)
    assert facts.choices[0].finish_reason == "stop"
    assert facts.choices[0].text
    assert not facts.choices[0].calls


@pytest.mark.parametrize(
    "results",
    [[], [result("call_9")], [result(), result()], [result(), result("call_9")], [ROME, result()]],
    ids=["none", "other", "twice", "more", "late"],
)
@pytest.mark.parametrize(
    ("profile", "status"),
    [("openai", 400), ("gemini-api", 400), ("vertex-gemini", 400), ("vertex-vllm", 200)],
)
def test_results_have_to_be_those_of_the_calls(
    profile: str, status: int, results: Sequence[Json], ask: Ask
) -> None:
    assert answered(CALL, name=profile, results=results, ask=ask).status == status


@pytest.mark.parametrize("profile", PROFILES)
def test_results_come_in_any_order(profile: str, ask: Ask) -> None:
    calls = [CALL, CALL | {"id": "call_2"}]
    assert (
        answered(calls, name=profile, results=[result("call_2"), result("call_1")], ask=ask).status
        == 200
    )


def test_a_result_without_a_call_is_refused(ask: Ask) -> None:
    assert ask("openai", messages=[result(), ROME, result()]).status == 400
    assert ask("openai", messages=[result()]).status == 400


@BOTH
@pytest.mark.parametrize("stream", [False, True])
def test_gemini_3_signs_its_first_call_and_demands_the_signature_back(
    profile: str, stream: bool, ask: Ask, unexpected: Unexpected
) -> None:
    facts = ask(
        profile,
        "The weather in Rome and in Oslo?",
        tools=TOOLS,
        model=GEMINI_3[profile],
        stream=stream,
    )
    first, second = facts.choices[0].calls
    signature = first.first.value["extra_content"]["google"]["thought_signature"]
    assert is_genuine(signature)
    assert "extra_content" not in second.first.value
    assert unexpected(facts.exchange, profile) == {}

    replayed = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in (first, second)
    ]
    results = [result(first.id or ""), result(second.id or "")]
    model = GEMINI_3[profile]
    unsigned = answered(replayed, name=profile, results=results, ask=ask, model=model)
    assert unsigned.status == 400
    assert "thought_signature" in error_message(unsigned)
    signed = [
        replayed[0] | {"extra_content": {"google": {"thought_signature": signature}}},
        replayed[1],
    ]
    assert answered(signed, name=profile, results=results, ask=ask, model=model).status == 200


@BOTH
@pytest.mark.parametrize(
    ("signature", "status"),
    [
        ("skip_thought_signature_validator", 200),
        ("context_engineering_is_the_way_to_go", 200),
        ("bm90IG91cnM=", 400),
        ("not base64", 400),
        ("", 400),
    ],
)
def test_only_genuine_signatures_and_the_documented_stand_ins_are_taken(
    profile: str, signature: str, status: int, ask: Ask
) -> None:
    call = CALL | {"extra_content": {"google": {"thought_signature": signature}}}
    assert (
        answered(call, name=profile, results=[result()], ask=ask, model=GEMINI_3[profile]).status
        == status
    )


@BOTH
def test_a_turn_that_is_over_needs_no_signature(profile: str, ask: Ask) -> None:
    assert (
        answered(
            CALL, name=profile, results=[result(), ROME], ask=ask, model=GEMINI_3[profile]
        ).status
        == 200
    )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("content", ["Say hello.", "What is the weather in Rome?"])
def test_a_message_replayed_as_it_came_is_accepted(
    profile: str, stream: bool, content: str, ask: Ask
) -> None:
    model = {"model": GEMINI_3[profile]} if profile in GEMINI_3 else {}
    first = ask(profile, content, tools=TOOLS, **model)
    message = first.body["choices"][0]["message"]
    results = [result(call["id"]) for call in message.get("tool_calls", ())] or [ROME]
    again = ask(
        profile,
        messages=[{"role": "user", "content": content}, message, *results],
        tools=TOOLS,
        stream=stream,
        **model,
    )
    assert again.status == 200
    assert {call.id for call in again.choices[0].calls}.isdisjoint(
        call.id for call in first.choices[0].calls
    )
