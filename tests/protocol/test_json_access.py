"""Parts of JSON values of all shapes."""

import pytest

from conformance.protocol.exchange import Json
from conformance.protocol.json_access import dict_items, get_path, objects_in, resolved


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([{"a": 1}, 7, None, [{}], {}], [{"a": 1}, {}]),
        ([], []),
        ({"a": {}}, []),
        ("{}", []),
        (None, []),
    ],
)
def test_the_objects_of_a_list_are_found_whatever_stands_beside_them(
    value: Json, found: list[Json]
) -> None:
    assert dict_items(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": {"b": 1}}, 1),
        ({"a": {"b": {}}}, {}),
        ({"a": {}}, None),
        ({"a": [{"b": 1}]}, None),
        ({"a": None}, None),
        ([], None),
        ("ab", None),
        (None, None),
    ],
)
def test_what_stands_inside_is_none_where_the_way_does_not_lead_there(
    value: Json, found: Json
) -> None:
    assert get_path(value, "a", "b") == found


def test_what_stands_at_no_key_is_the_value_itself() -> None:
    assert get_path(7) == 7


def test_all_objects_are_found_the_outer_before_the_inner() -> None:
    inner = {"c": 1}
    outer = {"a": [[inner], "text"], "b": None}
    assert list(objects_in([outer, 1])) == [outer, inner]
    assert list(objects_in("text")) == []


def test_a_json_pointer_leads_through_lists_and_escaped_keys() -> None:
    value = {"a/b": [{"~": 1}, 2]}
    assert resolved(value, "/a~1b/0/~0") == 1
    assert resolved(value, "") == value
    with pytest.raises(LookupError):
        resolved(value, "/a~1b/7")
