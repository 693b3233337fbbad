"""Two sides are asked in rounds, in an order and with coins that only the seed decides."""

from collections import Counter

from conformance.runs.compare.order import asking_order
from tests.runs.compare.made_pairs import questions


def test_each_question_is_asked_once_in_each_round() -> None:
    pairs = asking_order(questions(20), 3, 7)
    assert [pair.position for pair in pairs] == list(range(60))
    for number in (1, 2, 3):
        names = [pair.question.name for pair in pairs if pair.number == number]
        assert sorted(names) == [question.name for question in questions(20)]
        assert [pair.number for pair in pairs[20 * number - 20 : 20 * number]] == [number] * 20


def test_rounds_have_different_orders_and_about_half_the_coins_are_heads() -> None:
    pairs = asking_order(questions(100), 3, 7)
    orders = {
        tuple(pair.question.name for pair in pairs if pair.number == number) for number in (1, 2, 3)
    }
    assert len(orders) == 3
    assert 110 < Counter(pair.first for pair in pairs)["old"] < 190


def test_the_seed_alone_decides() -> None:
    assert asking_order(questions(9), 2, 1) == asking_order(questions(9), 2, 1)
    assert asking_order(questions(9), 2, 1) != asking_order(questions(9), 2, 2)


def test_fresh_samples_follow_those_before() -> None:
    pairs = asking_order(questions(2), 2, 1, after=3, position=10)
    assert [pair.number for pair in pairs] == [4, 4, 5, 5]
    assert [pair.position for pair in pairs] == [10, 11, 12, 13]
