from tests.helpers.every import fails


def is_even(number: int) -> None:
    assert 1 // number >= 0
    assert number % 2 == 0, "it is odd"


def test_each_thing_that_fails_is_told_by_its_name_with_the_reason() -> None:
    told = fails(is_even, range(4), lambda number: f"number {number}")
    assert [line.splitlines()[0] for line in told] == [
        "number 0: ZeroDivisionError: integer division or modulo by zero",
        "number 1: AssertionError: it is odd",
        "number 3: AssertionError: it is odd",
    ]


def test_what_holds_of_all_is_silent() -> None:
    assert fails(is_even, (2, 4), str) == []


def test_nothing_to_look_at_is_a_failure() -> None:
    assert fails(is_even, (), str) == ["there is nothing to look at"]
