"""How answers to probes are classified, and message, evidence and place of their findings."""

from dataclasses import replace
from typing import Any

import pytest

from tests.judging.rules.probing import (
    IMAGE,
    Build,
    Outcomes,
    answer,
    asked,
    heard_by,
    image,
    no_choice,
    other,
    page,
    schema_of_a_tree,
    stream,
    told,
    told_in_a_stream,
    told_under_200,
)


@pytest.mark.parametrize(
    "build",
    [
        other(200),
        lambda make: make.raw(b"", truncated=True),
        lambda make: make.raw(b'{"id": "x"}', meta={"partial": True}),
    ],
)
def test_of_a_body_that_is_not_known_only_the_status_counts(
    make: Any, outcomes: Outcomes, build: Build
) -> None:
    exchange = build(make)
    unknown = replace(
        exchange, response=replace(exchange.response, body=exchange.response.body or None)
    )
    assert outcomes(asked(unknown, "ERR-028"))["ERR-028"] == "pass"
    assert outcomes(asked(unknown, "CHO-011"))["CHO-011"] == "pass"
    assert outcomes(asked(unknown, "ERR-008"))["ERR-008"] == "fail"


@pytest.mark.parametrize(
    ("row", "build", "expected", "actual"),
    [
        ("ERR-009", answer(), "status 400 or 422", "status 200"),
        ("ERR-021", told(400, "invalid model"), "status 404", "status 400: invalid model"),
        (
            "ERR-028",
            told(400, "unknown role"),
            "status 200 and an answer",
            "status 400: unknown role",
        ),
        ("ERR-028", told_under_200, "status 200 and an answer", "status 200: No."),
        (
            "ERR-028",
            told_in_a_stream,
            "status 200 and an answer",
            "status 200: {'error': {'message': 'No.'}}",
        ),
        (
            "ERR-024",
            told(400, "too long"),
            "status 400 with code context_length_exceeded",
            "status 400: too long",
        ),
        ("ERR-028", page(400), "status 200 and an answer", "status 400: <!doctype html>"),
        ("ERR-028", told(400, "x" * 300), "status 200 and an answer", "status 400: " + "x" * 200),
        ("ERR-028", other(302), "status 200 and an answer", "status 302"),
        ("AUTH-003", answer(), "a status of 400 to 499", "status 200"),
        ("CHO-008", answer(), "length", "stop"),
        (
            "SO-005",
            schema_of_a_tree("x" * 500),
            "a status of 400 to 499, or JSON that matches the schema",
            "x" * 400,
        ),
    ],
)
def test_the_evidence_says_what_was_expected_and_what_came(
    make: Any, findings: Any, row: str, build: Build, expected: str, actual: str
) -> None:
    found = findings(asked(build(make), row), heard_by(row))[row]
    assert (found.expected, found.actual) == (expected, actual)


@pytest.mark.parametrize(
    ("row", "build", "message"),
    [
        ("ERR-028", no_choice, "the answer has no choice"),
        ("ERR-028", told_under_200, "the request is rejected"),
        ("ERR-028", told(400), "the request is rejected"),
        ("ERR-028", other(302), "the request is rejected"),
        ("ERR-008", answer(), "the request is not rejected"),
        ("ERR-008", other(302), "the request is not rejected"),
        ("ERR-008", told(404), "the request is rejected with an unexpected status"),
        ("ERR-021", told(400), "the request is rejected with an unexpected status"),
        ("ERR-024", told(400), "the error does not have code context_length_exceeded"),
    ],
)
def test_the_message_says_how_the_answer_is_wrong(
    make: Any, findings: Any, row: str, build: Build, message: str
) -> None:
    assert findings(asked(build(make), row), heard_by(row))[row].message == message


@pytest.mark.parametrize(
    ("build", "expected", "actual", "pointer"),
    [
        (
            image(IMAGE | {"data": "a red square"}),
            "an image in base64",
            "a red square",
            "audio/data",
        ),
        (image(IMAGE | {"data": "#" * 100}), "an image in base64", "#" * 80, "audio/data"),
        (image(IMAGE | {"extra_content": []}), "a mime_type", None, "audio"),
        (image(IMAGE, "x" * 300), None, "x" * 200, "content"),
    ],
)
def test_the_evidence_of_an_image_is_what_stands_in_its_place(
    make: Any, findings: Any, build: Build, expected: Any, actual: Any, pointer: str
) -> None:
    found = findings(asked(build(make), "MM-009"), heard_by("MM-009"))["MM-009"]
    assert (found.expected, found.actual, found.pointer) == (
        expected,
        actual,
        f"/choices/0/message/{pointer}",
    )


def test_a_finding_about_a_finish_stands_where_the_finish_does(make: Any, findings: Any) -> None:
    assert findings(asked(stream()(make), "CHO-008"), heard_by("CHO-008"))["CHO-008"].event == 3
