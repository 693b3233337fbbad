"""Retries: which outcomes are retried, how long the wait is, and that each retry is reported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conformance.cases import Case
from conformance.endpoints.client.retries import (
    ATTEMPTS,
    LONGEST,
    Attempt,
    asked_to_wait,
    with_retries,
)
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange
from tests.judging.conftest import completion, error

CASE = Case("x", "x", "x", frozenset(), "/chat/completions", {})


def put_off(status: int, after: str = "", delay: str = "") -> Exchange:
    details = (
        [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
        if delay
        else []
    )
    made = error(
        status,
        [
            {
                "error": {
                    "code": status,
                    "message": "Busy.",
                    "status": "RESOURCE_EXHAUSTED",
                    "details": details,
                }
            }
        ],
    )
    return replace(
        made,
        response=replace(
            made.response,
            headers=(*made.response.headers, *((("retry-after", after),) if after else ())),
        ),
    )


def asked(*outcomes: Any) -> tuple[Any, list[Attempt], list[float]]:
    attempts: list[Attempt] = []
    waits: list[float] = []
    coming = iter(outcomes)
    return (
        with_retries(lambda _: next(coming), attempts.append, waits.append)(CASE),
        attempts,
        waits,
    )


@pytest.mark.parametrize(
    "first", [put_off(429), put_off(503), Unreachable("ConnectError: refused")]
)
def test_what_was_put_off_is_asked_again(first: Any) -> None:
    outcome, attempts, waits = asked(first, completion())
    assert outcome == completion()
    assert waits == [1.0]
    assert attempts == [
        Attempt(
            "x",
            1,
            first.why if isinstance(first, Unreachable) else f"status {first.response.status}",
            1.0,
        )
    ]


@pytest.mark.parametrize(
    "only",
    [
        completion(),
        *(error(status) for status in (400, 401, 404, 500, 502)),
        Unreachable("the budget is spent", asked=False),
        Unreachable("ReadTimeout", stalled=True),
    ],
)
def test_nothing_else_is_asked_again(only: Any) -> None:
    assert asked(only) == (only, [], [])


def test_the_last_attempt_is_what_counts() -> None:
    outcome, attempts, waits = asked(*[put_off(429)] * ATTEMPTS)
    assert outcome == put_off(429)
    assert [attempt.number for attempt in attempts] == [1, 2]
    assert waits == [1.0, 2.0]


def test_the_wait_is_as_long_as_told() -> None:
    assert asked(put_off(429, after="7"), completion())[2] == [7.0]
    assert asked(put_off(429, delay="2.5s"), completion())[2] == [2.5]
    assert asked(put_off(429, after="0"), completion())[2] == [0.0]


def test_who_is_told_to_wait_for_long_does_not_ask_again() -> None:
    long = put_off(429, after=str(LONGEST + 1).partition(".")[0])
    assert asked(long) == (long, [], [])


@pytest.mark.parametrize(
    ("exchange", "seconds"),
    [
        (put_off(429), None),
        (put_off(429, after="soon"), None),
        (put_off(429, after="Wed, 21 Oct 2015 07:28:00 GMT"), 0.0),
        (put_off(429, after="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"), None),
        (put_off(429, delay="soon"), None),
        (error(429, b"[" * 100_000), None),
        (error(429, {"error": "busy"}), None),
        (error(429, []), None),
        (error(429, {"error": {"details": "x"}}), None),
        (error(429, {"error": {"details": ["x"]}}), None),
    ],
)
def test_what_is_no_time_to_wait_is_none(exchange: Exchange, seconds: float | None) -> None:
    assert asked_to_wait(exchange) == seconds


def test_a_date_is_a_time_to_wait() -> None:
    found = asked_to_wait(
        put_off(429, after=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    )
    assert found is not None
    assert 25 < found <= 30
