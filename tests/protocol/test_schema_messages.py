"""The violation of a schema keyword is described in plain words."""

from typing import Any

import jsonschema_rs
import pytest

from conformance.protocol.schema_messages import describe_violation

CASES: list[tuple[dict[str, Any], Any, str, Any]] = [
    ({"required": ["id"]}, {"model": "m"}, "`id` is missing", "`id` is present"),
    ({"type": "string"}, None, "the value is null, not a string", "a string"),
    (
        {"type": ["string", "null"]},
        3,
        "the value is an integer, not a string or null",
        "a string or null",
    ),
    ({"type": "integer"}, True, "the value is a boolean, not an integer", "an integer"),
    ({"const": "assistant"}, "user", "the value is not the one expected", "assistant"),
    (
        {"enum": ["stop", "length"]},
        "eos",
        "the value is not one of those expected",
        ["stop", "length"],
    ),
    ({"pattern": "^a"}, "b", "the text does not have the expected form", "a text that matches ^a"),
    ({"minLength": 1}, "", "the value is empty", "1 character or more"),
    ({"minItems": 2}, [1], "the value is too short", "2 items or more"),
    ({"minimum": 1}, 0, "the number is too small", "1 or more"),
    ({"maximum": 0}, 2.5, "the number is too large", "0 or less"),
    ({"not": {"type": "null"}}, None, "null is not allowed here", "not null"),
    (
        {"not": {"required": ["message"]}},
        {"message": {}},
        "`message` is not allowed here",
        "no `message`",
    ),
    ({"multipleOf": 2}, 3, "3 is not a multiple of 2", {"multipleOf": 2}),
]


@pytest.mark.parametrize(("schema", "value", "message", "expected"), CASES)
def test_a_keyword_in_words(
    schema: dict[str, Any], value: Any, message: str, expected: Any
) -> None:
    (error,) = jsonschema_rs.Draft202012Validator(schema).iter_errors(value)
    ((keyword, wanted),) = schema.items()
    assert describe_violation(keyword, wanted, error) == (message, expected, value)
