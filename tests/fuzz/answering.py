"""Check the code that explains errors, and the reference endpoint."""

import zlib

import orjson

from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.client.diagnosis import diagnosed, diagnosed_stream
from conformance.endpoints.client.google_errors import explained
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.model_names import why_wrong_model
from conformance.endpoints.client.readiness import why_starting
from conformance.endpoints.reference import PROFILES, TOKEN
from conformance.endpoints.reference import answer as answer_of_reference
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.protocol import json_text
from conformance.protocol.exchange import Request
from conformance.runs.live.asking import answer_of
from tests.fuzz.reading import exchanges
from tests.fuzz.target import Wrong, ensure

_TARGETS = (
    LiveTarget("t", "https://host.example/v1", "m", "openai", "KEY"),
    LiveTarget(
        "t",
        "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
        "google/m",
        "vertex-gemini",
        auth="google",
    ),
)


def error_answer(data: bytes) -> None:
    """Check that every error is explained in short texts."""
    target = _TARGETS[len(data) % 2]
    case = shipped_corpus().cases["chat-plain"]
    for exchange in exchanges(data)[:1]:
        texts = [str(diagnosed(exchange, target)), why_starting(exchange)]
        texts.append(str(explained(exchange) or ""))
        if exchange.response.reads:
            texts.append(str(diagnosed_stream(exchange)))
        body = exchange.request.body
        if isinstance(body, dict):
            texts += [
                why_wrong_model(str(body.get("model"))[:200], each.profile) for each in _TARGETS
            ]
        answer_of("t", case, 1, exchange)
        ensure(all(len(text) < 3000 for text in texts), "short texts")


def reference_answer(data: bytes) -> None:
    """Check that the reference endpoint answers every request; 500 is only for its own faults."""
    profile = PROFILES[zlib.crc32(data) % len(PROFILES)]
    body = json_text.parse(data.replace(b"{model}", dialect_of(profile).listed[0].encode()))
    sent = body.value if body.failure is None else data.decode("utf-8", "replace")
    headers = (("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json"))
    url = f"{dialect_of(profile).example}/chat/completions"
    response = answer_of_reference(Request("POST", url, headers, sent), profile)
    if response.status >= 500:
        raise Wrong(f"status {response.status}")
    ensure(response.body, "a body")
    if response.status == 200 and not (response.body or b"").startswith(b"data:"):
        orjson.loads(response.body or b"")
