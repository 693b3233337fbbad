"""What a request needs because of a combination of its parts."""

from typing import Any

import pytest

from conformance.cases.features.combined_needs import combined_needs

USER = {"role": "user", "content": "What is the weather in Rome?"}
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SIGNED = CALL | {"extra_content": {"google": {"thought_signature": "abc"}}}
RESULT = {"role": "tool", "tool_call_id": "a", "content": "sunny"}
TOOL = {"type": "function", "function": {"name": "f"}}


def calling(*calls: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


@pytest.mark.parametrize(
    ("body", "needs"),
    [
        ({"messages": [USER]}, set()),
        ({"messages": [USER], "tools": [TOOL]}, set()),
        (
            {"messages": [USER], "tools": [TOOL], "response_format": {"type": "json_object"}},
            {"json-with-tools"},
        ),
        ({"messages": [USER], "tools": [TOOL], "response_format": {"type": "text"}}, set()),
        ({"messages": [USER, {"role": "assistant", "content": "It"}]}, {"prefill"}),
        ({"messages": [USER, calling(CALL), RESULT]}, {"unsigned-calls"}),
        ({"messages": [USER, calling(SIGNED), RESULT]}, set()),
        ({"messages": [USER, calling(SIGNED, CALL), RESULT]}, set()),
        ({"messages": [USER, calling(CALL, SIGNED), RESULT]}, {"unsigned-calls"}),
        ({"messages": [USER, calling(CALL), RESULT, USER]}, set()),
        (
            {"messages": [USER, {"role": "assistant", "function_call": {"name": "f"}}, RESULT]},
            {"unsigned-calls"},
        ),
        ({"messages": [calling(CALL), RESULT]}, set()),
        ({"messages": "x"}, set()),
        ({}, set()),
    ],
)
def test_combined_needs(body: dict[str, Any], needs: set[str]) -> None:
    assert combined_needs(body) == needs
