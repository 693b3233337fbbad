"""What Google adds to a request, in all shapes of it, and its models by their names."""

from typing import Any

import pytest

from conformance.judging.predicates.google import gemini_3, thinking_config
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Json
from tests.judging.conftest import Object, chunks, completion, streamed

THINKING: Object = {"include_thoughts": True, "thinking_budget": 0, "thinking_level": "low"}


def asked(**request: Json) -> Facts:
    """The facts of an answer to a request with these fields."""
    return fold(completion(request=request))


def google(options: Json) -> Facts:
    return asked(extra_body={"google": options})


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
def test_the_control_of_thinking_is_read_in_both_spellings(options: Json, config: Object) -> None:
    assert thinking_config(google(options)) == config


@pytest.mark.parametrize(
    "name",
    [
        "google/gemini-3.1-pro-preview",
        "gemini-3",
        "gemini-3-flash",
        "models/gemini-12-pro-preview-06",
    ],
)
def test_a_gemini_of_generation_3_or_later_is_known_by_its_name(name: str) -> None:
    assert gemini_3(asked(model=name))
    assert gemini_3(fold(completion(model=name)))
    assert gemini_3(fold(streamed(chunks("a", model=name))))


@pytest.mark.parametrize(
    "name",
    [
        "gemini-2.5-flash",
        "gemini-2025-01",
        "gemini-300",
        "gemini-exp-1206",
        "gemini-x",
        "gemini",
        "gpt-4o",
        "4-mini",
        "",
        3,
        None,
    ],
)
def test_another_model_is_none(name: Any) -> None:
    assert not gemini_3(asked(model=name))
