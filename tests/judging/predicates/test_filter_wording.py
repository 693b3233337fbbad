"""CHO-018: messages of servers about filtered or empty output, and messages about other things."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    "message",
    [
        "The response was filtered due to the prompt triggering content management policy.",
        "Response was blocked by safety settings",
        "block_reason: SAFETY",
        "finish_reason: RECITATION",
        "Candidate was blocked due to SPII",
        "empty_response: the model returned no text",
        "The model did not return any content",
        "Response is empty",
        "No candidates were returned",
        "Your request violates our usage policies",
        "Malformed function call: MALFORMED_FUNCTION_CALL",
    ],
)
def test_filtered_output_told_as_a_server_error(make: Any, findings: Any, message: str) -> None:
    assert "CHO-018" in findings(
        make.error(
            500,
            {"error": {"message": message, "type": "server_error", "param": None, "code": None}},
        )
    )


@pytest.mark.parametrize(
    "message",
    [
        "Internal server error",
        "thread blocked on lock",
        "database safety check failed",
        "The server is overloaded",
        "upstream connect error",
        "blocked by WAF",
        "Missing content-type",
        "out of memory",
    ],
)
def test_another_server_error(make: Any, findings: Any, message: str) -> None:
    assert "CHO-018" not in findings(
        make.error(
            500,
            {"error": {"message": message, "type": "server_error", "param": None, "code": None}},
        )
    )
