"""The fix for a 404 depends on what the target has: a location, a publisher, a profile."""

import pytest

from conformance.endpoints.client.diagnosis import diagnosed
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.exchange import Exchange, Request, Response

HERE = "http://127.0.0.1:8000/v1"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/openai"
VERTEX = "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/openapi"
NO_MODEL, NO_ROUTE = b'{"error": {"message": "The model m does not exist."}}', b"<html>"


@pytest.mark.parametrize(
    ("url", "profile", "model", "body", "fix"),
    [
        (
            HERE,
            "vertex-gemini",
            "google/m",
            NO_MODEL,
            "correct --model; on most servers GET /models lists the models",
        ),
        (
            VERTEX,
            "vertex-gemini",
            "google/m",
            NO_MODEL,
            "correct --model, or choose a location that has it",
        ),
        (
            GEMINI,
            "gemini-api",
            "m",
            NO_MODEL,
            "correct --model; on most servers GET /models lists the models",
        ),
        (
            VERTEX,
            "vertex-gemini",
            "google/m",
            NO_ROUTE,
            (
                "correct --location, --endpoint or --api-version, and check that --profile is that"
                " of the endpoint"
            ),
        ),
        (
            GEMINI,
            "gemini-api",
            "m",
            NO_ROUTE,
            "correct the base URL; /chat/completions is appended to it",
        ),
    ],
)
def test_the_fix_of_a_404_is_one_that_the_target_can_take(
    url: str, profile: str, model: str, body: bytes, fix: str
) -> None:
    answer = Exchange("1", Request(), Response(404, (("content-type", "application/json"),), body))
    assert diagnosed(answer, LiveTarget("t", url, model, profile)).fix == fix


def test_a_spent_daily_quota_has_a_fix_without_a_run_to_resume() -> None:
    body = b'[{"error": {"code": 429, "message": "Quota: GenerateRequestsPerDay-FreeTier"}}]'
    answer = Exchange("1", Request(), Response(429, (), body))
    check = diagnosed(answer, LiveTarget("t", GEMINI, "m", "gemini-api"))
    assert check.said.startswith("the daily quota of m is spent (status 429)")
    assert check.fix == "try again tomorrow, or turn on billing for a higher quota"
