"""The conditions of rules, each asked of requests and answers of all shapes."""

import pytest

from conformance.judging.predicates import conditions
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Json
from tests.judging.conftest import Object, chunks, completion, streamed


def asked(**request: Json) -> Facts:
    """The facts of an answer to a request with these fields."""
    return fold(completion(request=request))


@pytest.mark.parametrize(
    ("n", "choices"),
    [(..., 1), (1, 1), (3, 3), (0, 1), (-1, 1), ("2", 1), (True, 1), (2.0, 1), (None, 1)],
)
def test_the_choices_asked_are_one_where_n_is_none_that_is_legal(n: Json, choices: int) -> None:
    assert conditions.choices_asked(asked(n=n)) == choices


@pytest.mark.parametrize(
    ("request_fields", "asks"),
    [
        ({"tools": [{}]}, True),
        ({"functions": [{}]}, True),
        ({"tools": [], "functions": []}, False),
        ({"tools": None}, False),
        ({}, False),
    ],
)
def test_tools_are_asked_for_in_two_ways(request_fields: Object, asks: bool) -> None:
    assert conditions.asks_tools(asked(**request_fields)) is asks


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
def test_a_tool_choice_is_told_in_a_word(choice: Json, word: str | None) -> None:
    assert conditions.tool_choice(asked(tool_choice=choice)) == word


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
    assert conditions.tool_results(asked(messages=messages)) is there


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"type": "json_object"}, "json_object"),
        ({"type": 7}, None),
        ({"type": ["json_schema"]}, None),
        ("json_object", None),
        (..., None),
    ],
)
def test_the_type_of_a_format_is_a_text(value: Json, kind: str | None) -> None:
    assert conditions.response_format(asked(response_format=value)) == kind


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
def test_a_limit_is_a_whole_number_above_zero(limits: Object, limit: int | None) -> None:
    assert conditions.token_limit(asked(**limits)) == limit


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
def test_the_images_of_a_request_are_found_in_any_shape_of_it(
    messages: Json, urls: list[str]
) -> None:
    assert conditions.image_urls(asked(messages=messages)) == urls


def test_an_error_in_a_field_of_its_own_breaks_a_stream() -> None:
    assert conditions.is_intact(fold(streamed(chunks("a"))))
    assert not conditions.is_intact(
        fold(streamed([*chunks("a"), b'error: {"message":"Overloaded."}\n\n']))
    )
    assert not conditions.is_intact(fold(streamed([*chunks("a"), "ping"])))
    assert not conditions.is_intact(fold(streamed([])))
