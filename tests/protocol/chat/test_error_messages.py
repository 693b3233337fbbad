"""The message of an error is read on one line, in any of the usual forms."""

import json
from typing import Any

import pytest

from conformance.protocol.chat.error_messages import LONGEST, error_text
from tests.judging.conftest import error


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": {"message": "No such\n model.", "code": 404}}, "No such model."),
        (
            [{"error": {"message": "No.", "details": [{"reason": "API_KEY_INVALID"}]}}],
            "No. API_KEY_INVALID",
        ),
        ({"error": "No."}, "No."),
        ({"message": "No."}, "No."),
        ({"detail": "No."}, "No."),
        ({"detail": [{"loc": ["body"]}]}, ""),
        ({"error": {"message": 7}}, ""),
        ({"error": None}, ""),
        ([], ""),
        (b'"no"', ""),
        ({"error": {"message": "n" * 1000}}, "n" * LONGEST),
    ],
)
def test_the_message_of_an_error(body: Any, text: str) -> None:
    assert error_text(error(400, body)) == text


@pytest.mark.parametrize(
    "body", [b"<html>No.</html>", b"", b"\xff", json.dumps("x").encode() * 2, b"[" * 100_000]
)
def test_what_is_no_json_says_nothing(body: bytes) -> None:
    assert error_text(error(502, body)) == ""
