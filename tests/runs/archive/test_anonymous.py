"""What identifies the account is gone, and what shows the protocol is kept."""

import json
from dataclasses import replace

import pytest

from conformance.protocol.exchange import Exchange, Headers
from conformance.runs.archive.anonymous import anonymous
from conformance.runs.archive.secrets import Secret
from tests.helpers.made_archives import answer


def with_response(body: bytes, headers: Headers = (), status: int = 200) -> Exchange:
    made = answer()
    half = len(body) // 2
    response = replace(
        made.response,
        status=status,
        headers=(("content-type", "application/json"), *headers),
        body=body,
        reads=((1.0, half), (2.0, len(body) - half)),
    )
    return replace(made, response=response)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("content-type", "application/json", True),
        ("server", "scaffolding on HTTPServer2", True),
        ("server-timing", "gfet4t7; dur=12", True),
        ("retry-after-ms", "12", True),
        ("x-ratelimit-limit-requests", "12", True),
        ("x-vertex-ai-llm-request-type", "shared", True),
        ("via", "1.1 proxy.of-my-employer.example", False),
        ("x-request-id", "req_123", False),
        ("x-goog-request-params", "project=1", False),
        ("x-cloud-trace-context", "abc/1", False),
        ("x-served-by", "host-7", False),
        ("openai-organization", "my-company", False),
    ],
)
def test_a_header_value_is_kept_only_if_it_is_known_to_be_harmless(
    name: str, value: str, kept: bool
) -> None:
    clean = anonymous(with_response(b"{}", ((name, value),)), ())
    assert dict(clean.response.headers)[name] == (value if kept else "REDACTED")
    assert anonymous(clean, ()) == clean


def test_the_id_of_a_request_in_an_error_is_removed() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "abc-123"}]
    body = json.dumps([{"error": {"code": 400, "message": "No.", "details": details}}]).encode()
    clean = anonymous(with_response(body, status=400), ())
    error = json.loads(clean.response.body or b"")[0]["error"]
    assert error["details"][0]["requestId"] == "REDACTED"
    assert (error["code"], error["message"]) == (400, "No.")
    assert sum(size for _, size in clean.response.reads) == len(clean.response.body or b"")


def test_the_secrets_of_the_run_are_removed_wherever_they_are() -> None:
    body = b'{"id": "a", "m": "of my-project and my\\u002dproject", "n": [1, 2, 3]}'
    clean = anonymous(with_response(body), [Secret("project", "my-project").rule])
    assert clean.response.body == b'{"id": "a", "m": "of PROJECT and PROJECT", "n": [1, 2, 3]}'
    assert sum(size for _, size in clean.response.reads) == len(clean.response.body)


def test_an_ordinary_answer_is_unchanged() -> None:
    made = answer()
    assert anonymous(made, [Secret("project", "my-project").rule]) == made
