"""The message of an error is read on one line, in any of the usual forms."""

import json
from typing import Any

import pytest

from conformance.protocol.chat.error_messages import (
    LONGEST,
    error_text,
    why_incomplete,
    why_stream_failed,
)
from tests.judging.conftest import chunks, completion, error, raw, stream, streamed

EXHAUSTED = {"code": 429, "message": "Resource\n exhausted.", "status": "RESOURCE_EXHAUSTED"}
WHY = "429 RESOURCE_EXHAUSTED: Resource exhausted."


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


@pytest.mark.parametrize(
    "end",
    [
        json.dumps([{"error": EXHAUSTED}], indent=2).encode(),
        json.dumps({"error": EXHAUSTED}).encode() + b"\n\n",
        b"error: " + json.dumps(EXHAUSTED).encode() + b"\n\n",
        {"error": EXHAUSTED},
        json.dumps([{"error": EXHAUSTED}]),
        EXHAUSTED,
    ],
    ids=["array", "object", "field error", "event", "event with an array", "event without error"],
)
def test_an_outage_that_ends_a_stream_is_named_in_any_form(end: Any) -> None:
    begun = chunks("Hel", finish=...)
    assert why_stream_failed(streamed([*begun, end], done=False)) == WHY
    assert why_incomplete(streamed([*begun, end], done=False)) == (
        f"the stream ended with an error: {WHY}"
    )
    assert why_stream_failed(streamed([*begun, end, "[DONE]"])) == WHY
    assert why_stream_failed(streamed([*begun, end, *chunks("lo!")])) == ""


def test_a_stream_that_is_nothing_but_an_error_ended_with_it() -> None:
    body = json.dumps([{"error": EXHAUSTED}], indent=2)
    assert why_stream_failed(raw(body, "text/event-stream", request={"stream": True})) == WHY


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        ({"code": 499, "status": "CANCELLED", "message": "m"}, "499 CANCELLED: m"),
        ({"code": 503, "status": "UNAVAILABLE"}, "503 UNAVAILABLE"),
        ({"status": "UNAVAILABLE"}, "UNAVAILABLE"),
        ({"type": "server_error", "message": "m"}, "server_error: m"),
        ({"code": "rate_limit_exceeded"}, "rate_limit_exceeded"),
        ({"code": "insufficient_quota", "type": "insufficient_quota"}, "insufficient_quota"),
        ({"code": "529", "message": "m"}, "529: m"),
        ({"message": "m", "http_status_code": 500}, "m"),
        ({"code": 500, "message": "n" * 1000}, "500: " + "n" * (LONGEST - 5)),
        ({"code": 400, "status": "INVALID_ARGUMENT"}, ""),
        ({"code": "400"}, ""),
        ({"code": 1234, "message": "server_error"}, ""),
        ({"type": "invalid_request_error"}, ""),
        ({}, ""),
        ("server_error", ""),
    ],
)
def test_only_an_error_that_says_nothing_about_the_request_counts(failure: Any, why: str) -> None:
    assert why_stream_failed(streamed([*chunks("a", finish=...), {"error": failure}])) == why


def test_a_string_as_error_has_its_type_beside_it() -> None:
    overloaded = {"error": "Model is overloaded", "error_type": "overloaded"}
    assert why_stream_failed(streamed([overloaded], done=False)) == "Model is overloaded"


@pytest.mark.parametrize(
    "exchange", [completion(), stream(), error(429), raw(b"error", status=200)]
)
def test_an_answer_without_an_error_in_its_stream_did_not_fail(exchange: Any) -> None:
    assert why_stream_failed(exchange) == ""
