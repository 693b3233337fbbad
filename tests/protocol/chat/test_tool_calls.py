"""Tool calls: which fragments belong to one call, and the content of the call."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.protocol.chat.tool_calls import Call, Fragment, assemble, function_of, whole


def fragment(event: int = 0, **value: Any) -> Fragment:
    """Return a fragment; ``name`` and ``arguments`` go into its function."""
    function = {key: value.pop(key) for key in ("name", "arguments") if key in value}
    return Fragment(
        event,
        f"/choices/0/delta/tool_calls/{event}",
        value | ({"function": function} if function else {}),
    )


def told(calls: tuple[Call, ...]) -> list[tuple[str | None, str | None, str | None]]:
    return [(call.id, call.name, call.arguments) for call in calls]


GROUPED: dict[str, tuple[list[Fragment], list[tuple[str | None, str | None, str | None]]]] = {
    "none": ([], []),
    "the id only at first": (
        [
            fragment(0, index=0, id="a", name="f", arguments=""),
            fragment(1, index=0, arguments="{"),
            fragment(2, index=0, arguments="}"),
        ],
        [("a", "f", "{}")],
    ),
    "id and name in every fragment": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{"),
            fragment(1, index=0, id="a", name="f", arguments="}"),
        ],
        [("a", "f", "{}")],
    ),
    "two calls in turns": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{"),
            fragment(1, index=1, id="b", name="g", arguments="["),
            fragment(2, index=0, arguments="}"),
            fragment(3, index=1, arguments="]"),
        ],
        [("a", "f", "{}"), ("b", "g", "[]")],
    ),
    "two calls that share an id": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{"),
            fragment(1, index=0, arguments="}"),
            fragment(2, index=1, id="a", name="f", arguments="{}"),
        ],
        [("a", "f", "{}"), ("a", "f", "{}")],
    ),
    "one call whose index is wrong at first": (
        [
            fragment(0, index=1, id="a", name="f", arguments=""),
            fragment(1, index=0, id="a", name="f", arguments="{}"),
        ],
        [("a", "f", "{}")],
    ),
    "whole calls without index": (
        [
            fragment(0, id="a", name="f", arguments="{}"),
            fragment(0, id="b", name="f", arguments="{}"),
        ],
        [("a", "f", "{}"), ("b", "f", "{}")],
    ),
    "whole calls at one index": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{}"),
            fragment(1, index=0, id="b", name="g", arguments="{}"),
        ],
        [("a", "f", "{}"), ("b", "g", "{}")],
    ),
    "neither id nor index after the first": (
        [fragment(0, id="a", name="f", arguments="{"), fragment(1, arguments="}")],
        [("a", "f", "{}")],
    ),
    "neither id nor index, but a name": (
        [fragment(0, name="f", arguments="{}"), fragment(1, name="g", arguments="{}")],
        [(None, "f", "{}"), (None, "g", "{}")],
    ),
    "no id anywhere": (
        [fragment(0, index=0, name="f", arguments="{"), fragment(1, index=0, arguments="}")],
        [(None, "f", "{}")],
    ),
    "empty ids": (
        [
            fragment(0, index=0, id="", name="f", arguments="{"),
            fragment(1, index=0, id="", arguments="}"),
        ],
        [(None, "f", "{}")],
    ),
    "a continuation before its call": (
        [fragment(0, index=0, arguments="}"), fragment(1, index=0, id="a", name="f")],
        [(None, None, "}"), ("a", "f", None)],
    ),
    "the id only later": (
        [
            fragment(0, index=0, name="f", arguments="{"),
            fragment(1, index=0, id="a", arguments="}"),
        ],
        [("a", "f", "{}")],
    ),
    "one id for two calls of a delta": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{}"),
            fragment(0, index=1, id="a", name="f", arguments="{}"),
        ],
        [("a", "f", "{}"), ("a", "f", "{}")],
    ),
    "an index that changes": (
        [
            fragment(0, index=1, id="a", name="f", arguments="{"),
            fragment(1, index=0, id="a", arguments="}"),
        ],
        [("a", "f", "{}")],
    ),
    "a new id for a continuation": (
        [
            fragment(0, index=0, id="a", name="f", arguments="{"),
            fragment(1, index=0, id="b", arguments="}"),
        ],
        [("a", "f", "{}")],
    ),
    "an index that is none": (
        [fragment(0, index=True, name="f", arguments="{"), fragment(1, index="0", arguments="}")],
        [(None, "f", "{}")],
    ),
    "arguments that are no text": (
        [fragment(0, index=0, id="a", name="f", arguments={}), fragment(1, index=0, arguments="}")],
        [("a", "f", None)],
    ),
    "no arguments": ([fragment(0, index=0, id="a", name="f")], [("a", "f", None)]),
    "ids and names that are no text": (
        [Fragment(0, "", {"index": 0, "id": 7, "type": [], "function": {"name": {}}})],
        [(None, None, None)],
    ),
    "a function that is none": (
        [Fragment(0, "", {"index": 0, "id": "a", "function": "f"})],
        [("a", None, None)],
    ),
}


@pytest.mark.parametrize("case", GROUPED)
def test_fragments_are_grouped_into_calls(case: str) -> None:
    fragments, calls = GROUPED[case]
    assert told(assemble(fragments)) == calls


def test_no_fragment_is_lost() -> None:
    for fragments, _ in GROUPED.values():
        assert sorted(
            (each for call in assemble(fragments) for each in call.fragments), key=id
        ) == sorted(fragments, key=id)


@given(arguments=st.text(max_size=30), data=st.data(), with_ids=st.booleans())
def test_any_splitting_of_the_arguments_gives_the_same_call(
    arguments: str, data: st.DataObject, with_ids: bool
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(arguments)), max_size=5)))
    pieces = [
        arguments[start:end] for start, end in zip([0, *cuts], [*cuts, len(arguments)], strict=True)
    ]
    first = fragment(0, index=0, id="a", type="function", name="f", arguments=pieces[0])
    later = [
        fragment(event, index=0, arguments=piece, **({"id": "a"} if with_ids else {}))
        for event, piece in enumerate(pieces[1:], 1)
    ]
    (call,) = assemble([first, *later])
    assert (call.id, call.type, call.name, call.index, call.arguments) == (
        "a",
        "function",
        "f",
        0,
        arguments,
    )
    assert call.first == first


def test_a_call_of_a_message_stands_in_one_entry() -> None:
    call = whole(
        Fragment(
            None,
            "/choices/0/message/tool_calls/0",
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        )
    )
    assert (call.id, call.type, call.name, call.index, call.arguments, len(call.fragments)) == (
        "a",
        "function",
        "f",
        None,
        "{}",
        1,
    )


@pytest.mark.parametrize("value", [{"type": "custom"}, {"custom": {"name": "f", "input": "x"}}])
def test_a_call_of_a_custom_tool_is_known(value: dict[str, Any]) -> None:
    assert whole(Fragment(None, "", value)).custom
    assert not whole(fragment(type="function", name="f")).custom


def test_the_function_of_a_fragment_without_one_is_empty() -> None:
    assert function_of(Fragment(0, "", {"function": None})) == {}


def test_arguments_that_are_never_complete_open_no_endless_calls() -> None:
    unfinished = [
        fragment(number, index=number, id="a", name="f", arguments="[") for number in range(40)
    ]
    (call,) = assemble(unfinished)
    assert call.arguments == "[" * 40


def test_a_repeated_id_opens_a_call_also_after_a_few_unfinished_fragments() -> None:
    pieces = ["[", "1", "]", "[2]"]
    calls = assemble(
        fragment(number, index=number, id="a", name="f", arguments=piece)
        for number, piece in enumerate(pieces)
    )
    assert [call.arguments for call in calls] == ["[1]", "[2]"]
