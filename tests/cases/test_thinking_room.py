"""A model that thinks gets room for its thoughts."""

from typing import Any

import pytest

from conformance.cases import Case, cases
from conformance.cases.thinking_room import ROOM, with_room
from conformance.protocol.exchange import CHAT_COMPLETIONS


def case(body: Any, **changes: Any) -> Case:
    return Case("c", "f", "s", frozenset(), CHAT_COMPLETIONS, body, **changes)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"max_tokens": 24}, {"max_tokens": 24 + ROOM}),
        ({"max_completion_tokens": 2}, {"max_completion_tokens": 2 + ROOM}),
        (
            {"max_tokens": 8, "max_completion_tokens": 9, "n": 2},
            {"max_tokens": 8 + ROOM, "max_completion_tokens": 9 + ROOM, "n": 2},
        ),
    ],
)
def test_limits_are_raised(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = with_room(case(before))
    assert (changed.body, changed.room) == (after, ROOM)


@pytest.mark.parametrize(
    "unchanged",
    [
        case({"messages": []}),
        case({"max_tokens": 1}),
        case({"max_tokens": 0}),
        case({"max_tokens": True}),
        case({"max_tokens": "24"}),
        case({"max_tokens": 24.0}),
        case({"max_tokens": 24}, tests_limit=True),
        case({"max_tokens": 24}, wants_refusal=True),
        case("not JSON"),
        case([]),
    ],
)
def test_a_case_without_a_limit_or_about_its_limit_is_unchanged(unchanged: Case) -> None:
    assert with_room(unchanged) is unchanged


def test_cases_about_the_limit_are_marked() -> None:
    for each in cases():
        if "CHO-008" in each.probes:
            assert each.tests_limit, each.id
