"""Edits of tools: declared functions, tool choice, and the calls and results of the history."""

import json
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.cases.strategies.edits import (
    Edit,
    Edits,
    always,
    first_function,
    last_user_message,
    one_of,
    option,
    set_question,
)
from conformance.protocol.exchange import Json

_LONG_NAME = "get_the_weather_of_a_city_for_today_or_for_any_day_of_the-week-1"
_CITIES = ("Paris", "Oslo")
_QUESTION = "What is the weather in Paris?"
_AFTERWARDS = "What is the weather in Rome?"
_BOTH = "What is the weather in Paris and in Oslo?"


def _weather() -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    return {
        "name": "get_weather",
        "description": "Get the weather of a city.",
        "parameters": parameters,
    }


def _time() -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"zone": {"type": "string"}},
        "required": ["zone"],
        "additionalProperties": False,
    }
    return {"name": "get_time", "description": "Get the current time.", "parameters": parameters}


def _declare(body: Body, functions: list[dict[str, Any]]) -> None:
    set_question(body, _QUESTION)
    body["tools"] = [{"type": "function", "function": declared} for declared in functions]


def _declare_legacy(body: Body) -> None:
    set_question(body, _QUESTION)
    body["functions"] = [_weather()]


def _without_parameters(body: Body) -> None:
    del body["tools"][1]["function"]["parameters"]


def _parameter(name: str, *schemas: Json) -> SearchStrategy[Edit]:
    def add(body: Body, schema: Json) -> None:
        first_function(body)["parameters"]["properties"][name] = schema
        first_function(body)["parameters"]["required"].append(name)

    return one_of(add, *schemas)


def _name(body: Body) -> None:
    body["tool_choice"] = {"type": "function", "function": {"name": first_function(body)["name"]}}


def _call(number: int, body: Body) -> dict[str, Any]:
    arguments = json.dumps({"city": _CITIES[number]})
    return {
        "id": f"call_{number + 1}",
        "type": "function",
        "function": {"name": first_function(body)["name"], "arguments": arguments},
    }


def _replay(body: Body, results: list[int]) -> None:
    """Add an assistant message with one call per result, and the results in the given order.

    A user message follows. Without it, Gemini 3 would require the signatures of these calls,
    because they would belong to the current turn.
    """
    if len(results) > 1:
        message = last_user_message(body)
        message["content"] = message["content"].replace(_QUESTION, _BOTH)
    body["messages"].append(
        {"role": "assistant", "tool_calls": [_call(number, body) for number in range(len(results))]}
    )
    body["messages"] += [
        {
            "role": "tool",
            "tool_call_id": f"call_{number + 1}",
            "content": ("sunny", "rainy")[number],
        }
        for number in results
    ]
    body["messages"].append({"role": "user", "content": _AFTERWARDS})


def _end_with_results(body: Body) -> None:
    del body["messages"][-1]


def _replay_legacy(body: Body) -> None:
    call = {"name": "get_weather", "arguments": json.dumps({"city": "Paris"})}
    body["messages"] += [
        {"role": "assistant", "content": None, "function_call": call},
        {"role": "function", "name": "get_weather", "content": "sunny"},
    ]


def _beside_calls(body: Body, content: Json) -> None:
    for place, message in enumerate(body["messages"]):
        if "tool_calls" in message:
            body["messages"][place] = {
                "role": "assistant",
                "content": content,
                "tool_calls": message["tool_calls"],
            }


def _results(body: Body) -> list[dict[str, Any]]:
    return [message for message in body["messages"] if message["role"] == "tool"]


def _in_json(body: Body) -> None:
    for message in _results(body):
        message["content"] = json.dumps({"weather": message["content"]})


def _in_parts(body: Body) -> None:
    for message in _results(body):
        message["content"] = [{"type": "text", "text": message["content"]}]


def _search(body: Body) -> None:
    set_question(body, "What is in the news today?")
    body["web_search_options"] = {}


_AREA = {
    "type": "object",
    "properties": {"country": {"type": "string"}},
    "required": ["country"],
    "additionalProperties": False,
}

EDITS: Edits = {
    "one-tool": always(lambda body: _declare(body, [_weather()])),
    "several-tools": always(lambda body: _declare(body, [_weather(), _time()])),
    "functions": always(_declare_legacy),
    "no-parameters": always(_without_parameters),
    "nested-parameters": _parameter("area", _AREA),
    "numeric-enum": _parameter(
        "days", {"type": "integer", "enum": [1, 2, 3]}, {"type": "number", "enum": [0.5, 1]}
    ),
    "long-name": always(lambda body: first_function(body).update({"name": _LONG_NAME})),
    "strict-function": always(lambda body: first_function(body).update({"strict": True})),
    "choice-auto": option("tool_choice", "auto"),
    "choice-none": option("tool_choice", "none"),
    "choice-required": option("tool_choice", "required"),
    "choice-named": always(_name),
    "choice-validated": option("tool_choice", "validated"),
    "parallel-off": option("parallel_tool_calls", False),
    "function-call": option("function_call", {"name": "get_weather"}),
    "function-result": always(_replay_legacy),
    "web-search": always(_search),
    "call-result": always(lambda body: _replay(body, [0])),
    "parallel-results": always(lambda body: _replay(body, [0, 1])),
    "reversed-results": always(lambda body: _replay(body, [1, 0])),
    "null-content": always(lambda body: _beside_calls(body, None)),
    "empty-content": always(lambda body: _beside_calls(body, "")),
    "absent-content": always(lambda body: None),
    "results-last": always(_end_with_results),
    "json-result": always(_in_json),
    "parts-result": always(_in_parts),
}
"""Edits that change function names come before the calls that use them."""
