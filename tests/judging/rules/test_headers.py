"""HDR: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from typing import Any

import pytest

from conformance.protocol.exchange import Json

RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"}
QUOTA = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}


def exhausted(*details: Json) -> dict[str, Any]:
    """The body of a 429 of Google."""
    return {
        "error": {
            "code": 429,
            "message": "Quota exceeded.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [*details],
        }
    }


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"],
)
def test_a_charset_is_legal(kind: str, make: Any, findings: Any) -> None:
    assert findings(make.completion(content_type=kind)) == {}


def test_a_body_has_its_media_type(make: Any, findings: Any) -> None:
    other = {"server": "uvicorn"}
    assert set(findings(make.completion(headers=other))) == {"HDR-001"}
    assert set(findings(make.error(headers=other))) == {"HDR-001"}
    assert "HDR-001" in findings(make.stream(headers=other))
    assert "HDR-001" in findings(make.completion(headers={"content-type": ""}))


def test_no_body_needs_no_media_type(make: Any, outcomes: Any) -> None:
    assert (
        outcomes(make.error(404, b"", headers={"server": "uvicorn"}))["HDR-001"] == "not exercised"
    )


def test_headers_that_were_not_recorded_are_not_judged(make: Any, outcomes: Any) -> None:
    assert outcomes(make.completion(headers={}))["HDR-001"] == "not exercised"
    assert outcomes(make.error(429, headers={}))["HDR-002"] == "not exercised"


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "20"},
        {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"},
        {"retry-after-ms": "400"},
    ],
)
def test_a_rate_limit_says_when(headers: dict[str, str], make: Any, findings: Any) -> None:
    assert (
        findings(
            make.error(429, "Slow down.", headers=headers | {"content-type": "application/json"})
        )
        == {}
    )


def test_a_rate_limit_of_google_says_when_in_its_body(make: Any, findings: Any) -> None:
    assert "HDR-002" not in findings(
        make.error(429, exhausted(QUOTA, RETRY_INFO)), "openai-compatible"
    )


@pytest.mark.parametrize("profile", ["openai", "openai-compatible", "vertex-vllm"])
def test_a_rate_limit_that_does_not_say_when(profile: str, make: Any, findings: Any) -> None:
    body = {
        "error": {
            "message": "Slow down.",
            "type": "requests",
            "param": None,
            "code": 429 if profile == "vertex-vllm" else "rate_limit_exceeded",
        }
    }
    assert set(findings(make.error(429, body), profile)) == {"HDR-002"}


def test_an_empty_429_is_told_too(make: Any, findings: Any) -> None:
    assert set(findings(make.raw("", "text/html", 429))) == {"HDR-002", "ERR-001"}


@pytest.mark.parametrize("profile", ["gemini-api", "vertex-gemini"])
def test_google_need_not_say_when(profile: str, make: Any, findings: Any) -> None:
    assert findings(make.error(429, exhausted(QUOTA)), profile) == {}


def test_another_status_need_not_say_when(make: Any, outcomes: Any) -> None:
    assert outcomes(make.error(503, "Overloaded."))["HDR-002"] == "not exercised"


def test_a_finding_names_the_header_that_is_missing(make: Any, findings: Any) -> None:
    assert (
        findings(make.completion(headers={"server": "uvicorn"}))["HDR-001"].expected
        == "a Content-Type header"
    )
    assert (
        findings(make.error(429, "Slow down."))["HDR-002"].expected
        == "a Retry-After header, or google.rpc.RetryInfo in the body"
    )


def tiered(make: Any, requested: Json, served: str | None) -> Any:
    headers = {"content-type": "application/json"}
    return make.completion(
        id="AAAAAAAAAAAAAAAAAAAAAA",
        request={"service_tier": requested},
        headers=headers | ({"x-gemini-service-tier": served} if served else {}),
    )


@pytest.mark.parametrize(
    ("requested", "served", "outcome"),
    [
        ("priority", "priority", "pass"),
        ("priority", "Standard", "pass"),
        ("flex", "flex", "pass"),
        ("flex", "standard", "fail"),
        ("standard", "priority", "fail"),
        ("standard", "premium", "fail"),
        ("priority", None, "fail"),
        ("auto", None, "not exercised"),
        (None, None, "not exercised"),
        (["flex"], None, "not exercised"),
    ],
)
def test_the_served_tier_is_named_and_not_higher_than_the_requested_one(
    requested: Json, served: str | None, outcome: str, make: Any, outcomes: Any
) -> None:
    assert outcomes(tiered(make, requested, served), "gemini-api")["HDR-003"] == outcome


def test_a_tier_is_not_judged_in_an_error_or_without_headers(make: Any, outcomes: Any) -> None:
    asked = {"request": {"service_tier": "flex"}}
    assert outcomes(make.error(429, **asked), "gemini-api")["HDR-003"] == "not exercised"
    assert (
        outcomes(make.completion(headers={}, **asked), "gemini-api")["HDR-003"] == "not exercised"
    )
