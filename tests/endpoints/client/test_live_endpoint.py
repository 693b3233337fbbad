"""The endpoint of a live target keeps to the rate of its service."""

from functools import partial

import pytest

from conformance.cases import Case
from conformance.endpoints.client import http_client
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_endpoint import (
    daily_limit,
    default_rate,
    live_endpoint,
)
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.retries import with_retries
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange
from tests.endpoints.client.test_budget import case
from tests.judging.conftest import completion, error

GEMINI_API = LiveTarget(
    "t",
    "https://generativelanguage.googleapis.com/v1beta/openai",
    "gemini-3.5-flash",
    "gemini-api",
    "KEY",
)
VERTEX = LiveTarget(
    "t",
    "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
    "google/gemini-3.5-flash",
    "vertex-gemini",
    auth="google",
)
STAND_IN = LiveTarget("t", "http://127.0.0.1:8081/v1", "gemini-3.5-flash", "gemini-api")


def test_the_rate_of_the_free_tier_is_the_default_of_the_gemini_api_alone() -> None:
    rates = {target.base_url: default_rate(target) for target in (GEMINI_API, VERTEX, STAND_IN)}
    assert list(rates.values()) == [0.15, None, None]
    assert [daily_limit(target) for target in (GEMINI_API, VERTEX, STAND_IN)] == [20, None, None]


@pytest.mark.parametrize(("rate", "wait"), [(None, 1 / 0.15), (4, 0.25)])
def test_a_rate_that_is_given_replaces_the_default(
    monkeypatch: pytest.MonkeyPatch, rate: float | None, wait: float
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(http_client, "send", lambda *_: completion())
    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    monkeypatch.setattr(
        "conformance.endpoints.client.live_endpoint.BudgetMeter",
        lambda budget, thinks: _meter(budget, waits, thinks=thinks),
    )
    endpoint = live_endpoint(GEMINI_API, Budget(rate=rate))
    assert endpoint(case()) == endpoint(case()) == completion()
    assert waits == [0, pytest.approx(wait)]


def _meter(budget: Budget, waits: list[float], *, thinks: bool) -> object:
    from conformance.endpoints.client.budget import BudgetMeter

    return BudgetMeter(budget, lambda: 100.0, waits.append, thinks=thinks)


def test_there_is_no_wait_beyond_the_budget_of_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = error(429, [{"error": {"code": 429, "message": "Please retry in 40.5s."}}])
    waits: list[float] = []
    monkeypatch.setattr(http_client, "send", lambda *_: limited)
    retries = partial(with_retries, sleep=waits.append)
    monkeypatch.setattr("conformance.endpoints.client.live_endpoint.with_retries", retries)
    assert live_endpoint(STAND_IN, Budget(minutes=0.5))(case()) == limited
    assert waits == []
    live_endpoint(STAND_IN, Budget(minutes=5))(case())
    assert waits[:2] == [40.5, 40.5]


def test_the_budget_counts_thoughts_of_a_model_that_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Case] = []

    def send(case: Case, *_: object) -> Unreachable:
        sent.append(case)
        return Unreachable("x", asked=False)

    monkeypatch.setattr(http_client, "send", send)
    for target, asked in ((STAND_IN, 0), (LiveTarget("t", STAND_IN.base_url, "m", "openai"), 1)):
        live_endpoint(target, Budget(tokens=1000))(case())
        assert len(sent) == asked


@pytest.mark.parametrize(("minutes", "seconds"), [(0.5, 30.0), (0.001, 1.0), (60.0, 600.0)])
def test_no_request_outlasts_the_budget_of_minutes(
    minutes: float, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Limits] = []

    def send(_: Case, __: LiveTarget, limits: Limits) -> Exchange:
        given.append(limits)
        return completion()

    monkeypatch.setattr(http_client, "send", send)
    monkeypatch.setattr("conformance.endpoints.client.budget.time.monotonic", lambda: 100.0)
    live_endpoint(STAND_IN, Budget(minutes=minutes))(case())
    assert given[0].whole == pytest.approx(seconds, abs=0.2)
    assert given[0].read <= given[0].whole
