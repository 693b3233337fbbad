"""What can be compared in two answers."""

import pytest

from conformance.judging.rules.answer_comparison import (
    calls_of,
    finish_class,
    function_called,
    result_class,
    same_model,
    sees_the_prompt_only,
    thinking_tokens,
    tokens,
)
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json
from tests.judging.conftest import TOOLS, Object, call, completion, error, stream


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("stop", "stop"),
        ("eos_token", "stop"),
        ("stop_sequence", "stop"),
        ("tool_calls", "calls"),
        ("function_call", "calls"),
        ("length", "cut"),
        ("content_filter", "filtered"),
        ("content_filter: SAFETY", "filtered"),
        ("function_call_filter: MALFORMED_FUNCTION_CALL", "filtered"),
        ("halt", "halt"),
        (None, None),
    ],
)
def test_finish_reasons_have_classes(reason: str | None, kind: str | None) -> None:
    assert (
        finish_class(fold(completion("Hi.", choice={"finish_reason": reason})).choices[0]) == kind
    )


@pytest.mark.parametrize(
    ("exchange", "result"),
    [
        (completion(), "answered"),
        (stream(), "answered"),
        (error(400), "refused"),
        (error(499), "refused"),
        (error(500), "failed"),
        (error(501), "failed"),
        (error(503), None),
        (error(429), None),
        (error(401), None),
        (completion(choices=[]), "refused"),
    ],
)
def test_results_have_classes(exchange: Exchange, result: str | None) -> None:
    assert result_class(fold(exchange)) == result


@pytest.mark.parametrize(
    ("message", "calls"),
    [
        ({"tool_calls": [call("b"), call("a", "{}")]}, [("a", "{}"), ("b", '{"city":"Paris"}')]),
        ({"function_call": {"name": "a", "arguments": "{}"}}, [("a", "{}")]),
        ({"tool_calls": [{"function": {}}]}, [("", "")]),
        ({"content": "Hi."}, []),
        ({"function_call": "a"}, []),
    ],
)
def test_calls_are_told_with_their_arguments(message: Object, calls: list[tuple[str, str]]) -> None:
    assert calls_of(fold(completion(message)).choices[0]) == calls


def test_an_older_call_may_lack_its_parts() -> None:
    choice = fold(
        stream(
            {"function_call": {"name": "f"}},
            {"function_call": {"arguments": 3}},
            {"function_call": {"arguments": "{}"}},
        )
    ).choices[0]
    assert function_called(choice) == ("f", "{}")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("m", "m", True),
        ("m", "n", False),
        (None, "n", True),
        ("m", ..., True),
        ("", "n", True),
        (3, "n", True),
    ],
)
def test_a_model_that_is_not_named_is_no_other(a: Json, b: Json, same: bool) -> None:
    plain, other = fold(completion(model=a)), fold(completion(model=b))
    assert same_model(plain, other) is same
    assert same_model(other, plain) is same
    assert same_model(fold(completion(model="m")), fold(stream(model="m")))
    assert not same_model(fold(completion(model="m")), fold(stream(model="n")))


@pytest.mark.parametrize(
    ("request_fields", "alone"),
    [
        ({}, True),
        ({"tools": [*TOOLS]}, True),
        (
            {"tools": [{"type": "custom", "custom": {"name": "c"}}, {"function": {"name": "f"}}]},
            True,
        ),
        ({"tools": [*TOOLS, {"type": "openrouter:web_search"}]}, False),
        ({"web_search_options": {}}, False),
        ({"plugins": [{"id": "web"}]}, False),
        ({"extra_body": {"google": {"tools": [{"google_search": {}}]}}}, False),
        ({"tools": "f", "plugins": []}, True),
    ],
)
def test_a_prompt_into_which_something_is_looked_up_is_not_what_was_asked(
    request_fields: Object, alone: bool
) -> None:
    assert bool(sees_the_prompt_only(fold(completion(request=request_fields)))) is alone


def test_counts_that_are_none_are_not_known() -> None:
    assert tokens(fold(completion(usage=...)), "prompt_tokens") is None
    assert tokens(fold(completion(usage={"prompt_tokens": "9"})), "prompt_tokens") is None
    assert tokens(fold(completion()), "prompt_tokens") == 9
    assert [
        thinking_tokens(fold(completion(usage=usage)))
        for usage in (..., {}, {"completion_tokens_details": {"reasoning_tokens": 7}})
    ] == [0, 0, 7]
