import tracemalloc
from typing import Any

import pytest

from conformance.protocol import schema
from conformance.protocol.value_pieces import is_within, pieces

TOKEN = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
COMPLETION = {"id": "a", "object": "chat.completion", "created": 1, "model": "m"}


def test_a_small_value_is_one_piece() -> None:
    value = {"a": [1, {"b": 2}]}
    assert list(pieces(value, 4)) == [value]


def test_the_pieces_have_all_items_and_keep_the_structure() -> None:
    value: Any = {"x": 1, "a": [[1, 2, 3], [4]], "b": [{"c": [5, 6, 7]}]}
    split = list(pieces(value, 2))
    assert {number for piece in split for row in piece["a"] for number in row} == {1, 2, 3, 4}
    assert {n for piece in split for item in piece["b"] for n in item["c"]} == {5, 6, 7}
    assert all(list(piece) == ["x", "a", "b"] and piece["a"] and piece["b"] for piece in split)
    assert max(len(row) for piece in split for row in piece["a"]) == 2


@pytest.mark.parametrize("value", [[0] * 999, [[[0] * 50] * 20] * 3, {"a": [{"b": [0] * 90}] * 9}])
def test_the_pieces_are_small(value: Any) -> None:
    split = list(pieces(value, 30))
    assert len(split) > 1
    assert all(is_within(piece, 40) for piece in split)


def test_what_only_the_last_item_shows_is_exercised() -> None:
    shape = schema.compiled("completion", ())
    with_tokens = CHOICE | {"logprobs": {"content": [TOKEN]}}
    once = shape.exercised(COMPLETION | {"choices": [with_tokens]})
    late = [*[CHOICE] * 3000, CHOICE | {"logprobs": {"content": [TOKEN] * 3000}}]
    assert shape.exercised(COMPLETION | {"choices": late}) == once
    assert once > shape.exercised(COMPLETION | {"choices": [CHOICE]})


def test_exercised_has_a_window() -> None:
    shape = schema.compiled("chunk", ())
    chunk = COMPLETION | {"choices": [{"index": 0, "delta": {"content": "a"}}]}
    assert peak(shape, [chunk] * 4000) < 2 * peak(shape, [chunk] * 500)


def peak(shape: schema.Shape, value: Any) -> int:
    tracemalloc.start()
    try:
        shape.exercised(value)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
