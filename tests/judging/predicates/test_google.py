"""Google's models are recognised by their names."""

from typing import Any

import pytest

from conformance.judging.predicates.google import gemini_3
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Json
from tests.judging.conftest import chunks, completion, streamed


def asked(**request: Json) -> Facts:
    """The facts of an answer to a request with these fields."""
    return fold(completion(request=request))


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
