"""Both requests of a pair are asked one after the other; a side that is gone ends the run."""

from collections.abc import Iterator

import pytest

from conformance.cases import Case
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.exchange import Exchange
from conformance.runs.compare.asking import MOST_FAILURES, AskedPair, SideGone, ask_pairs
from conformance.runs.compare.order import asking_order
from tests.runs.compare.made_pairs import exchange, questions


def answering(name: str, log: list[tuple[str, str]]) -> Endpoint:
    def ask(case: Case) -> Exchange | Unreachable:
        log.append((name, case.id))
        return exchange(case.body)

    return ask


def fails(*_: object) -> Unreachable:
    return Unreachable("the connection was refused")


def drained(asked: Iterator[AskedPair]) -> tuple[list[AskedPair], str]:
    """All pairs, and why a side is gone, "" if none is."""
    got: list[AskedPair] = []
    try:
        got.extend(asked)
    except SideGone as error:
        return got, str(error)
    return got, ""


def test_a_pair_is_asked_at_once_and_the_coin_decides_who_is_first() -> None:
    log: list[tuple[str, str]] = []
    pairs = asking_order(questions(30), 1, 1)
    endpoints = {"old": answering("old", log), "new": answering("new", log)}
    got = list(ask_pairs(endpoints, pairs, 1))  # type: ignore[arg-type]
    assert log == [
        (side, pair.question.case.id)
        for pair in pairs
        for side in (("old", "new") if pair.first == "old" else ("new", "old"))
    ]
    assert [sample.side for sample in got[0].samples] == [log[0][0], log[1][0]]
    assert {sample.position for sample in got[7].samples} == {7}


def test_a_spent_budget_ends_it_without_a_sample() -> None:
    def spent(_: Case) -> Unreachable:
        return Unreachable("the budget of 2 requests is spent", asked=False)

    got, _ = drained(ask_pairs({"old": spent, "new": spent}, asking_order(questions(9), 1, 1), 1))
    assert [(asked.samples, asked.why_missing) for asked in got] == [
        ((), "the budget of 2 requests is spent")
    ]


def test_a_side_that_is_gone_is_named() -> None:
    log: list[tuple[str, str]] = []
    got, why = drained(
        ask_pairs(
            {"old": answering("old", log), "new": fails}, asking_order(questions(30), 1, 1), 1
        )
    )
    assert len(got) == MOST_FAILURES
    assert why == ("NEW stopped answering: the connection was refused, also to a small request")


def test_a_side_that_refuses_some_questions_is_asked_on() -> None:
    def refuses_questions(case: Case) -> Exchange | Unreachable:
        return exchange(case.body, status=503 if case.id.startswith("q") else 200)

    pairs = asking_order(questions(30), 1, 1)
    got, why = drained(ask_pairs({"old": answering("old", []), "new": refuses_questions}, pairs, 1))
    assert (len(got), why) == (30, "")


@pytest.mark.parametrize("at_once", [1, 4])
def test_every_pair_comes_back_however_many_are_asked_at_once(at_once: int) -> None:
    pairs = asking_order(questions(10), 2, 1)
    endpoints = {"old": answering("old", []), "new": answering("new", [])}
    got = list(ask_pairs(endpoints, pairs, at_once))  # type: ignore[arg-type]
    assert sorted(asked.pair.position for asked in got) == list(range(20))
