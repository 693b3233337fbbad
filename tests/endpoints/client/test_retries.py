"""Retries: which outcomes are retried, how long the wait is, and that each retry is reported."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from conformance.cases import Case
from conformance.endpoints.client.retries import (
    ATTEMPTS,
    EXTRA_WAITS,
    LONGEST,
    Attempt,
    asked_to_wait,
    until_spent,
    why_spent,
    with_retries,
    with_second_try,
)
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import CONNECTION_ENDED, CUT_AGAIN, Exchange
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


EXHAUSTED = (
    "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded"
    " for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 10"
)


def quota(period: str, *, message: str = EXHAUSTED, delay: str = "47s", status: int = 429) -> Any:
    """An error of Google whose quota is per minute or per day; both ask to wait for seconds."""
    exhausted = put_off(status, delay=delay)
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": f"GenerateRequests{period}PerProjectPerModel-FreeTier",
    }
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]
    body = [{"error": {"code": status, "message": message, "details": details}}]
    return replace(exhausted, response=replace(exhausted.response, body=json.dumps(body).encode()))


SPENT = (
    "the daily quota of gemini-3.5-flash is spent - fix: continue tomorrow with --resume, or turn"
    " on billing for a higher quota"
)


def test_a_quota_per_minute_is_waited_for() -> None:
    outcome, attempts, waits = asked(quota("PerMinute"), completion())
    assert (outcome, waits, [each.why for each in attempts]) == (completion(), [47], ["status 429"])
    assert why_spent(quota("PerMinute"), "gemini-3.5-flash") == ""


def test_a_rate_limit_that_names_its_wait_gets_more_attempts_within_one_run() -> None:
    waits: list[float] = []
    answers = [*[put_off(429, delay="59s")] * ATTEMPTS, put_off(429, after="0"), completion()]
    endpoint = with_retries(lambda _: answers.pop(0), lambda _: None, waits.append)
    assert endpoint(CASE) == completion()
    assert waits == [59.0, 59.0, 59.0, 1.0]
    waits.clear()
    answers += [put_off(429, delay="59s")] * 100
    assert [endpoint(CASE) for _ in range(3)] == [put_off(429, delay="59s")] * 3
    assert len(waits) == 3 * (ATTEMPTS - 1) + EXTRA_WAITS - 2


@pytest.mark.parametrize("outcome", [put_off(503, after="2"), put_off(429)])
def test_other_outcomes_get_no_more_attempts(outcome: Exchange) -> None:
    assert len(asked(*[outcome] * ATTEMPTS)[2]) == ATTEMPTS - 1


def test_there_is_no_longer_wait_than_the_run_has_left() -> None:
    waits: list[float] = []
    limited = put_off(429, delay="59s")
    endpoint = with_retries(
        lambda _: limited, lambda _: None, waits.append, left=lambda: 100 - sum(waits)
    )
    assert endpoint(CASE) == limited
    assert waits == [59.0]


def test_the_larger_of_two_waits_counts() -> None:
    made = quota("PerMinute", message=f"{EXHAUSTED}. Please retry in 59.9s.", delay="59s")
    assert asked_to_wait(made) == pytest.approx(59.9)
    assert asked_to_wait(quota("PerMinute", message="retry in 1s", delay="3s")) == 3.0


@pytest.mark.parametrize("status", [429, 403])
def test_after_a_spent_daily_quota_nothing_more_is_sent(status: int) -> None:
    sent: list[Case] = []
    waits: list[float] = []

    def spent(case: Case) -> Exchange:
        sent.append(case)
        return completion() if len(sent) == 1 else quota("PerDay", status=status)

    endpoint = with_retries(until_spent(spent, "gemini-3.5-flash"), lambda _: None, waits.append)
    outcomes = [endpoint(CASE) for _ in range(4)]
    assert outcomes == [
        completion(),
        Unreachable(SPENT, ends_run=True),
        Unreachable(SPENT, asked=False, ends_run=True),
        Unreachable(SPENT, asked=False, ends_run=True),
    ]
    assert (len(sent), waits) == (2, [])


def test_a_spent_cap_ends_the_run_as_well() -> None:
    cap = put_off(429)
    body = b'{"error": {"message": "Your project has exceeded its monthly spending cap."}}'
    cap = replace(cap, response=replace(cap.response, body=body))
    assert why_spent(cap, "m") == (
        "the spending cap of the project is reached - fix: raise the cap in AI Studio"
        " (https://ai.studio/spend), then continue with --resume"
    )


@pytest.mark.parametrize(("after", "spent"), [("7", False), ("3600", True), ("", True)])
def test_a_daily_limit_of_others_is_spent_unless_it_asks_to_wait_a_moment(
    after: str, spent: bool
) -> None:
    limited = put_off(429, after=after)
    body = b'{"error": {"message": "Rate limit reached on requests per day (RPD): Limit 200."}}'
    limited = replace(limited, response=replace(limited.response, body=body))
    assert bool(why_spent(limited, "m")) is spent


def test_a_wait_is_also_read_from_the_message() -> None:
    made = put_off(429)
    body = b'[{"error": {"code": 429, "message": "Please retry in 41.710991998s."}}]'
    assert asked_to_wait(
        replace(made, response=replace(made.response, body=body))
    ) == pytest.approx(41.71, abs=0.01)


def cut(why: str = "", **meta: Any) -> Exchange:
    made = completion(meta={"why_cut": why, **meta})
    return replace(made, response=replace(made.response, truncated=True))


BROKEN = cut("ReadError: first", **{CONNECTION_ENDED: True})


@pytest.mark.parametrize(
    ("second", "given"),
    [
        (completion(), completion()),
        (BROKEN, replace(BROKEN, meta={**BROKEN.meta, CUT_AGAIN: "ReadError: first"})),
        (cut("the body is too long"), cut("the body is too long")),
        (put_off(429), put_off(429)),
        (Unreachable("no connection"), BROKEN),
        (Unreachable("spent", ends_run=True), Unreachable("spent", ends_run=True)),
    ],
)
def test_an_answer_in_which_the_connection_ends_is_asked_for_once_more(
    second: Any, given: Any
) -> None:
    told: list[Attempt] = []
    coming = iter([BROKEN, second])
    assert with_second_try(lambda _: next(coming), told.append)(CASE) == given
    assert [(each.number, each.why) for each in told] == [
        (1, "the answer was truncated: ReadError: first")
    ]


def test_an_answer_that_a_limit_of_the_client_cut_is_not() -> None:
    first = cut("the answer did not end within 600 s")
    told: list[Attempt] = []
    assert with_second_try(lambda _: first, told.append)(CASE) is first
    assert told == []
