"""What a tool cannot be called with is found in the check of its arguments, at any depth."""

from typing import Any

import pytest

from conformance.cases.behaviour_arguments import impossible_arguments

DECLARED = {
    "type": "object",
    "properties": {
        "unit": {"type": "string", "enum": ["kg", "g"]},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"pieces": {"type": "integer"}}},
        },
    },
}


@pytest.mark.parametrize(
    ("checked", "problems"),
    [
        ({"unit": {"const": "kg"}}, []),
        ({"unit": {"enum": ["kg", "lb"]}}, ["the tool does not take the value 'lb'"]),
        ({"units": {}}, ["the tool has no parameter units"]),
        ({"lines": {"contains": {"properties": {"pieces": {"const": 2}}}}}, []),
        (
            {"lines": {"allOf": [{"contains": {"properties": {"pieces": {"const": "2"}}}}]}},
            ["the tool does not take the value '2'"],
        ),
        (
            {"lines": {"prefixItems": [{"properties": {"count": {}}}]}},
            ["the tool has no parameter count"],
        ),
    ],
)
def test_what_is_checked_must_be_declared(checked: dict[str, Any], problems: list[str]) -> None:
    assert list(impossible_arguments({"properties": checked}, DECLARED)) == problems


def test_a_required_parameter_must_be_declared() -> None:
    problems = impossible_arguments({"required": ["weight"]}, DECLARED)
    assert list(problems) == ["the tool has no parameter weight"]
