"""Vast values are told from others by what they hold, however deep, and their beginnings are small."""

import pytest

from conformance.exchange import Json
from conformance.vast import MOST, beginning_of, is_vast

DEEP: Json = [[]] * (MOST // 2)


@pytest.mark.parametrize(
    ("value", "vast"),
    [
        (None, False),
        ("x" * (MOST + 1), False),
        ([0] * MOST, False),
        ([0] * (MOST + 1), True),
        ({str(number): 0 for number in range(MOST + 1)}, True),
        ([[0] * (MOST - 1)], False),
        ([[0] * MOST], True),
        ({"a": {"b": [0] * (MOST - 2)}, "c": 0}, True),
        ([*DEEP, {"a": DEEP}], True),
        ([*DEEP[1:], [0] * (MOST // 2)], False),
    ],
)
def test_a_value_is_vast_by_what_it_holds(value: Json, vast: bool) -> None:
    assert is_vast(value) is vast


def test_a_beginning_has_the_first_items_of_each_array_and_all_members() -> None:
    value = {"many": list(range(1000)), "few": [{"many": [0] * 1000}], "text": "x" * 1000, **{str(number): None for number in range(1000)}}
    beginning = beginning_of(value)
    assert beginning["many"] == list(range(100))
    assert beginning["few"] == [{"many": [0] * 100}]
    assert beginning.keys() == value.keys()
    assert beginning["text"] == value["text"]
