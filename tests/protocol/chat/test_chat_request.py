"""The one view of a request: what each property reads; malformed values count as absent."""

import pytest

from conformance.protocol.chat.chat_request import ChatRequest, image_of
from conformance.protocol.exchange import Json

Object = dict[str, Json]
THINKING: Object = {"include_thoughts": True, "thinking_budget": 0, "thinking_level": "low"}
PROPERTIES = sorted(
    name for name in vars(ChatRequest) if not name.startswith("_") and name != "body"
)


def asked(**fields: Json) -> ChatRequest:
    return ChatRequest(fields)


@pytest.mark.parametrize(
    ("n", "choices"),
    [(1, 1), (3, 3), (0, 1), (-1, 1), ("2", 1), (True, 1), (2.0, 1), (None, 1)],
)
def test_one_choice_is_asked_if_n_is_not_a_positive_integer(n: Json, choices: int) -> None:
    assert asked(n=n).choices_asked == choices


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        ("none", "none"),
        ("required", "required"),
        ({"function": {"name": "f"}}, "named"),
        ({"function": "f"}, None),
        ({}, None),
        (7, None),
        (None, None),
    ],
)
def test_tool_choice_is_one_word(choice: Json, word: str | None) -> None:
    assert asked(tool_choice=choice).tool_choice == word


@pytest.mark.parametrize(
    ("messages", "there"),
    [
        ([{"role": "tool"}], True),
        ([{"role": "user"}, 7], False),
        ([7, {"role": "tool"}], True),
        ({"role": "tool"}, False),
        (None, False),
    ],
)
def test_tool_results_are_messages_of_tools(messages: Json, there: bool) -> None:
    assert bool(asked(messages=messages).tool_results) is there


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"type": "json_object"}, "json_object"),
        ({"type": 7}, None),
        ({"type": ["json_schema"]}, None),
        ("json_object", None),
        (None, None),
    ],
)
def test_the_type_of_a_response_format_is_a_string(value: Json, kind: str | None) -> None:
    assert asked(response_format=value).response_format == kind


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"max_tokens": 1}, 1),
        ({"max_tokens": 2, "max_completion_tokens": 3}, 3),
        ({"max_tokens": 0}, None),
        ({"max_tokens": -1}, None),
        ({"max_tokens": "5"}, None),
        ({"max_tokens": True}, None),
        ({}, None),
    ],
)
def test_a_token_limit_is_a_positive_integer(limits: Object, limit: int | None) -> None:
    assert asked(**limits).token_limit == limit


@pytest.mark.parametrize(
    ("messages", "urls"),
    [
        (
            [
                {
                    "content": [
                        {"image_url": {"url": "a"}},
                        {"image_url": "b"},
                        {"image_url": 7},
                        "c",
                        {"text": "d"},
                    ]
                },
                {"content": "e"},
                "f",
            ],
            ["a", "b"],
        ),
        ("g", []),
        ([{"content": {"image_url": "h"}}], []),
    ],
)
def test_image_urls_are_read_from_objects_and_strings(messages: Json, urls: list[str]) -> None:
    assert asked(messages=messages).image_urls == urls


@pytest.mark.parametrize(
    ("options", "config"),
    [
        ({"thinking_config": THINKING}, THINKING),
        ({"thinkingConfig": THINKING}, THINKING),
        (
            {
                "thinking_config": {
                    "includeThoughts": True,
                    "thinkingBudget": 0,
                    "thinkingLevel": "low",
                }
            },
            THINKING,
        ),
        ({"thinking_config": {"other": 1}, "thinkingConfig": THINKING}, {"other": 1}),
        ({"thinking_config": [THINKING]}, {}),
        ([], {}),
        ("x", {}),
    ],
)
def test_thinking_config_is_read_in_both_spellings(options: Json, config: Object) -> None:
    assert asked(extra_body={"google": options}).thinking_config == config


SCHEMA: Object = {"type": "object"}
FULL = ChatRequest(
    {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "n": 2,
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": "u"}]},
            {"role": "tool", "content": "r"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
        "functions": [{"name": "g"}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}},
        "stop": ["a", ""],
        "max_tokens": 9,
        "top_logprobs": 3,
        "modalities": ["text", "image"],
        "reasoning_effort": "low",
        "extra_body": {"google": {"thinkingConfig": {"thinkingBudget": 1}}},
    }
)


def test_each_property_reads_its_part_of_a_request() -> None:
    function = {"name": "f", "parameters": SCHEMA}
    part = {"type": "image_url", "image_url": "u"}
    expected: Object = {
        "asked_schema": SCHEMA,
        "asks_image_output": True,
        "asks_usage": True,
        "choices_asked": 2,
        "declares_only_functions": True,
        "declares_tools": True,
        "function_to_call": "f",
        "functions_by_name": {"f": function, "g": {"name": "g"}},
        "google_options": {"thinkingConfig": {"thinkingBudget": 1}},
        "image_parts": [part],
        "image_urls": ["u"],
        "messages": FULL.body["messages"],
        "messages_text": str(FULL.body["messages"]),
        "model": "m",
        "n": 2,
        "parts": [part],
        "reasoning_effort": "low",
        "response_format": "json_schema",
        "schemas": [SCHEMA, SCHEMA],
        "stop_strings": ["a"],
        "stream_options": {"include_usage": True},
        "streams": True,
        "thinking_config": {"thinking_budget": 1},
        "token_limit": 9,
        "tool_choice": "named",
        "tool_functions": [function],
        "tool_results": [{"role": "tool", "content": "r"}],
        "tools": [{"type": "function", "function": function}],
        "top_logprobs": 3,
    }
    assert {name: getattr(FULL, name) for name in PROPERTIES} == expected


@pytest.mark.parametrize(
    "junk", [None, 0, -1.5, "", "x", [], [None, 7, "x", []], [{}], {}, {"a": 1}]
)
def test_no_property_raises_for_malformed_values(junk: Json) -> None:
    malformed = ChatRequest(dict.fromkeys(FULL.body, junk))
    for name in PROPERTIES:
        getattr(malformed, name)


@pytest.mark.parametrize(
    ("part", "image"),
    [
        ({"image_url": "u"}, {"url": "u"}),
        ({"image_url": {"url": "u", "detail": "low"}}, {"url": "u", "detail": "low"}),
        ({"image_url": {"url": 7}}, {}),
        ({"image_url": None}, {}),
        ({"type": "image_url"}, {}),
    ],
)
def test_an_image_is_an_object_with_a_url(part: Object, image: Object) -> None:
    assert image_of(part) == image
