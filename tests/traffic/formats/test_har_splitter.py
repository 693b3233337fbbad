import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.traffic.formats.har_splitter import MAX_ENTRY, entries
from conformance.traffic.formats.record_fields import ShapeError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(['"', "\\", '\\"', "]", "}", '"entries":[', ","]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.just("entries"), inner, max_size=4)
    ),
    max_leaves=12,
)


class Pieces(io.BytesIO):
    """A file that hands out a few bytes at a time and counts each piece as a whole chunk would."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__(data)
        self.sizes = sizes

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.read(self.sizes.pop()) if self.sizes else super().read1(size)


def cut(data: bytes) -> list[bytes | None]:
    return list(entries(io.BytesIO(data)))


@given(
    st.lists(JSON, max_size=5),
    JSON,
    st.booleans(),
    st.lists(st.integers(1, 9), max_size=40),
    st.sampled_from([None, 2]),
)
def test_elements_are_those_that_json_finds_however_the_bytes_arrive(
    values: list[Any], other: Any, ascii_only: bool, sizes: list[int], indent: int
) -> None:
    document = {"log": {"version": "1.2", "creator": other, "entries": values, "comment": "x"}}
    data = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode(
        "utf-8", "surrogatepass"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("conformance.traffic.formats.har_splitter._CHUNK", 1)
        found = list(entries(Pieces(data, sizes)))
    assert [
        json.loads((element or b"").decode("utf-8", "surrogatepass")) for element in found
    ] == values


@given(JSON.filter(lambda value: not isinstance(value, dict)))
def test_a_document_without_entries_is_no_har(value: Any) -> None:
    with pytest.raises(ShapeError, match=r"no log\.entries"):
        cut(json.dumps({"log": value, "entries": [1]}).encode())


def test_a_string_before_an_array_is_not_its_key() -> None:
    with pytest.raises(ShapeError, match=r"no log\.entries"):
        cut(b'{"log": ["entries", [1]]}')


def test_entries_of_something_else_are_not_those_of_the_log() -> None:
    assert cut(
        b'{"log": {"pages": [{"entries": [1]}], "x": "entries", "y": [2], "entries": [3]}}'
    ) == [b"3"]


def test_what_is_wrong_in_an_element_hides_no_other() -> None:
    assert cut(b'{"log": {"entries": [{"a": NaN}, \xff, 1e999, , {"b": "\\ud800"}]}}') == [
        b'{"a": NaN}',
        b"\xff",
        b"1e999",
        b'{"b": "\\ud800"}',
    ]


def test_elements_before_a_broken_end_are_given() -> None:
    found = entries(io.BytesIO(b'{"log": {"entries": [1, 2, {"a": "b'))
    assert [next(found), next(found)] == [b"1", b"2"]
    with pytest.raises(ShapeError, match="ends before the end of log"):
        next(found)


def test_an_element_that_is_too_large_is_passed_over_in_flat_memory() -> None:
    text = b'\\"]},' * (MAX_ENTRY // 4)
    data = b'{"log": {"entries": [1, {"x": "' + text + b'"}, {"x": {"y": ["' + text + b'"]}}, 2]}}'
    tracemalloc.start()
    try:
        assert cut(data) == [b"1", None, None, b"2"]
        assert tracemalloc.get_traced_memory()[1] < 3.5 * MAX_ENTRY
    finally:
        tracemalloc.stop()
