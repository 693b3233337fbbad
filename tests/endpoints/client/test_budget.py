"""A spent budget stops the requests, and a rate slows them down."""

import pytest

from conformance.cases import Case, Turn
from conformance.endpoints.client.budget import UNLIMITED_ANSWER, Budget, BudgetMeter, tokens_of
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
    assert spent(made, completion(), 1) == []
    clock.now += 121
    assert spent(made, completion(), 1) == ["the budget of 2 minutes is spent"]


def test_a_rate_spreads_requests_evenly() -> None:
    clock = Clock()
    spent(purse(clock, rate=4), completion(), 4)
    assert clock.waits == [0, 0.25, 0.25, 0.25]


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ({}, UNLIMITED_ANSWER),
        ({"max_tokens": 10}, 10),
        ({"max_completion_tokens": 10, "max_tokens": 5}, 10),
        ({"n": 3, "max_tokens": 10}, 30),
        ({"max_tokens": True, "n": "x"}, UNLIMITED_ANSWER),
    ],
)
def test_an_estimate_is_the_prompt_and_the_longest_answers(
    body: dict[str, object], answers: int
) -> None:
    prompt = tokens_of(case(max_tokens=1)) - 1
    assert prompt > 0
    assert tokens_of(case(**body)) == prompt + answers


def test_each_turn_is_estimated_and_text_that_is_no_body_too() -> None:
    whole = Case(
        "x",
        "x",
        "x",
        frozenset(),
        "/x",
        {"messages": [], "max_tokens": 10},
        then=(Turn(user="a"), Turn(user="b")),
    )
    assert tokens_of(whole) > 30
    assert tokens_of(Case("x", "x", "x", frozenset(), "/x", "{")) >= UNLIMITED_ANSWER
