"""A spent budget stops the requests, and a rate slows them down."""

import math

from conformance.cases import Case
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.token_estimate import tokens_of
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange
from tests.judging.conftest import completion, error

USAGE = {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100}


def case(**body: object) -> Case:
    return Case(
        "x",
        "x",
        "x",
        frozenset(),
        "/chat/completions",
        {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **body},
    )


class Clock:
    """A clock that advances only when ``sleep`` is called."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def purse(clock: Clock | None = None, **budget: float | None) -> BudgetMeter:
    clock = clock or Clock()
    return BudgetMeter(Budget(**budget), clock, clock.sleep)  # type: ignore[arg-type]


def spent(made: BudgetMeter, answer: Exchange | Unreachable, times: int) -> list[str]:
    """Send a request ``times`` times; return the reasons of those that were not sent."""
    ask = made.asking(lambda _: answer)
    outcomes = [ask(case(max_tokens=100)) for _ in range(times)]
    return [
        outcome.why
        for outcome in outcomes
        if isinstance(outcome, Unreachable) and not outcome.asked
    ]


def test_without_a_budget_all_is_asked() -> None:
    assert spent(purse(), completion(), 9) == []


def test_requests_end() -> None:
    assert spent(purse(requests=3), completion(), 5) == ["the budget of 3 requests is spent"] * 2
    assert spent(purse(requests=0), completion(), 1) == ["the budget of 0 requests is spent"]


def test_tokens_are_counted_as_answers_say() -> None:
    made = purse(tokens=350)
    assert spent(made, completion(usage=USAGE), 4) == [
        "the budget of 350 tokens is spent"
    ]  # after 300 there is no room for one more of 100 and its prompt
    assert (made.requests, made.tokens) == (3, 300)


def test_tokens_are_estimated_where_no_answer_says_them_and_errors_take_none() -> None:
    made = purse(tokens=10_000)
    spent(made, completion(usage=None), 1)
    assert made.tokens == tokens_of(case(max_tokens=100))
    spent(made, error(400), 1)
    spent(made, Unreachable("refused"), 1)
    assert made.tokens == tokens_of(case(max_tokens=100))


def test_minutes_end() -> None:
    clock = Clock()
    made = purse(clock, minutes=2)
    assert made.seconds_left() == 120
    assert purse(clock).seconds_left() == math.inf
    assert spent(made, completion(), 1) == []
    clock.now += 121
    assert spent(made, completion(), 1) == ["the budget of 2 minutes is spent"]


def test_a_rate_spreads_requests_evenly() -> None:
    clock = Clock()
    spent(purse(clock, rate=4), completion(), 4)
    assert clock.waits == [0, 0.25, 0.25, 0.25]


def test_a_budget_of_one_is_said_in_the_singular() -> None:
    assert spent(purse(requests=1), completion(), 2)[-1] == "the budget of 1 request is spent"
