"""The conditions of rules, for requests and answers of all forms."""

import pytest

from conformance.judging.predicates import conditions
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Json
from tests.judging.conftest import Object, chunks, completion, streamed


def asked(**request: Json) -> Facts:
    """The facts of an answer to a request with these fields."""
    return fold(completion(request=request))


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


def test_an_error_in_a_field_of_its_own_breaks_a_stream() -> None:
    assert conditions.is_intact(fold(streamed(chunks("a"))))
    assert not conditions.is_intact(
        fold(streamed([*chunks("a"), b'error: {"message":"Overloaded."}\n\n']))
    )
    assert not conditions.is_intact(fold(streamed([*chunks("a"), "ping"])))
    assert not conditions.is_intact(fold(streamed([])))
