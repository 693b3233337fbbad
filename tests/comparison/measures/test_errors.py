"""Errors are told apart, whatever form they have."""

import json

import pytest

from conformance.comparison.measures.errors import error_class, is_filtered, is_recorded
from conformance.comparison.sample import Sample
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json, Request, Response

CHUNK: dict[str, Json] = {
    "object": "chat.completion.chunk",
    "choices": [{"index": 0, "delta": {"content": "Y"}, "finish_reason": None}],
}


def exchange(body: bytes, status: int = 200, **meta: Json) -> Exchange:
    return Exchange("", Request(), Response(status, body=body), meta)


def stream(*chunks: Json) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks)


def error(**members: Json) -> dict[str, Json]:
    return {"error": {"message": "m", **members}}


def classed(body: bytes, status: int = 200) -> str | None:
    return error_class(Sample("q", "q", "new", 1, 0, exchange(body, status)))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "error-4xx"),
        (404, "error-4xx"),
        (408, "no-response"),
        (429, "error-429"),
        (499, "no-response"),
        (500, "error-5xx"),
        (529, "error-5xx"),
        (302, "no-response"),
    ],
)
def test_the_status_says_which_error_it_is(status: int, expected: str) -> None:
    assert classed(b'{"error": {"message": "m"}}', status) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (stream(CHUNK, error(code=429)), "error-429"),
        (stream(CHUNK, error(status="RESOURCE_EXHAUSTED")), "error-429"),
        (stream(CHUNK, error(code=503)), "error-5xx"),
        (stream(CHUNK, error(type="server_error")), "error-5xx"),
        (stream(CHUNK, error(type="invalid_request_error")), "error-4xx"),
        (json.dumps(error(type="invalid_request_error")).encode(), "error-4xx"),
        (json.dumps(error(code=500)).encode(), "error-5xx"),
        (stream(CHUNK), None),
        (b'{"choices": []}', None),
        (b"<html>", None),
    ],
)
def test_an_error_under_status_200_is_told_from_an_answer(
    body: bytes, expected: str | None
) -> None:
    assert classed(body) == expected


def test_a_filter_is_named_by_the_code_of_the_error_and_not_by_its_words() -> None:
    def filtered(**members: Json) -> bool:
        return is_filtered(fold(exchange(json.dumps(error(**members)).encode(), 400)))

    assert filtered(code="content_filter")
    assert filtered(innererror={"code": "ResponsibleAIPolicyViolation"})
    assert not filtered(message="turn the content filter off", code="invalid")


def test_a_quoted_answer_and_one_without_a_body_are_not_measured() -> None:
    assert is_recorded(exchange(b"{}"))
    assert not is_recorded(exchange(b"{}", partial=True))
    assert not is_recorded(Exchange("", Request(), Response(200)))
