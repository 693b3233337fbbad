"""Changes of shape are found, and one server compared with itself shows none."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from conformance.comparison.result import ShapeChange
from conformance.comparison.sample import Sample, Side
from conformance.comparison.shape import shape_changes
from conformance.protocol.exchange import Exchange, Request, Response
from tests.helpers import shipped_cassettes

PLAIN: dict[str, Any] = {
    "id": "1",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"content": "Yes"}, "finish_reason": "stop"}],
}


def samples(side: Side, *bodies: dict[str, Any], headers: tuple[str, ...] = ()) -> list[Sample]:
    fields = tuple((name, "x") for name in headers)
    return [
        Sample(
            f"q{number}",
            f"q{number}",
            side,
            1,
            None,
            Exchange("", Request(), Response(200, fields, json.dumps(body).encode())),
        )
        for number, body in enumerate(bodies)
    ]


def changes(old: Iterable[Sample], new: Iterable[Sample]) -> list[str]:
    return [told(change) for change in shape_changes([*old, *new])]


def told(change: ShapeChange) -> str:
    counts = f"{change.old}/{change.old_of} {change.new}/{change.new_of}"
    return f"{change.kind} {change.name} {change.value}: {counts}".replace(" :", ":")


def test_a_new_member_is_told_with_its_counts_and_not_what_is_in_it() -> None:
    new = PLAIN | {"service_tier": {"name": "default"}}
    assert changes(samples("old", *[PLAIN] * 5), samples("new", *[new] * 5)) == [
        "member /service_tier: 0/5 5/5"
    ]


def test_a_type_a_value_and_a_finish_reason_are_told() -> None:
    old = PLAIN | {"created": 1, "tier": "low"}
    choice = PLAIN["choices"][0] | {"finish_reason": "end_turn"}
    new = PLAIN | {"created": "1", "tier": "high", "choices": [choice]}
    assert sorted(changes(samples("old", *[old] * 5), samples("new", *[new] * 5))) == [
        "finish reason /choices/*/finish_reason end_turn: 0/5 5/5",
        "finish reason /choices/*/finish_reason stop: 5/5 0/5",
        "type /created integer: 5/5 0/5",
        "type /created string: 0/5 5/5",
        "value /tier high: 0/5 5/5",
        "value /tier low: 5/5 0/5",
    ]


def test_a_header_is_told() -> None:
    old = samples("old", *[PLAIN] * 4, headers=("date",))
    new = samples("new", *[PLAIN] * 4, headers=("date", "x-new"))
    assert changes(old, new) == ["header x-new: 0/4 4/4"]


def test_a_recording_without_headers_shows_no_new_header() -> None:
    new = samples("new", *[PLAIN] * 4, headers=("x-new",))
    assert changes(samples("old", *[PLAIN] * 4), new) == []


def test_what_comes_and_goes_is_not_told() -> None:
    some = [PLAIN | ({"extra": 1} if n % 2 else {}) for n in range(10)]
    assert changes(samples("old", *some), samples("new", *some[1:])) == []
    rare = [PLAIN | ({"extra": 1} if n == 0 else {}) for n in range(10)]
    assert changes(samples("old", *[PLAIN] * 10), samples("new", *rare)) == []


def test_what_was_in_most_answers_and_is_in_none_is_told() -> None:
    most = [PLAIN | ({"extra": 1} if n % 3 else {}) for n in range(30)]
    assert changes(samples("old", *most), samples("new", *[PLAIN] * 30)) == [
        "member /extra: 20/30 0/30"
    ]


def test_two_answers_prove_nothing() -> None:
    new = PLAIN | {"extra": 1}
    assert changes(samples("old", *[PLAIN] * 2), samples("new", *[new] * 2)) == []


def test_free_text_and_ids_are_no_values() -> None:
    old = [PLAIN | {"id": f"a{n}", "note": f"word{n}"} for n in range(8)]
    new = [PLAIN | {"id": f"b{n}", "note": f"other{n}"} for n in range(8)]
    assert changes(samples("old", *old), samples("new", *new)) == []


def test_a_hostile_answer_is_read_within_bounds() -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"x": deep}
    wide = {f"k{n}" * 50: [1, {"y": n}] for n in range(20_000)}
    found = shape_changes(
        [*samples("old", *[PLAIN] * 4), *samples("new", *[PLAIN | {"deep": deep} | wide] * 4)]
    )
    assert len(found) <= 5_000
    assert max(len(change.name) for change in found) < 13 * 61


def by_target(name: str) -> list[Exchange]:
    return [
        exchange
        for exchange in shipped_cassettes.exchanges()
        if f"/{name}/" in exchange.origin.replace("\\", "/")
    ]


def recorded(side: Side, exchanges: Iterable[Exchange]) -> list[Sample]:
    return [
        Sample(f"{side}{number}", "c", side, 1, None, exchange)
        for number, exchange in enumerate(exchanges)
    ]


@pytest.mark.parametrize("name", ["llama.cpp", "litellm", "vllm"])
def test_a_recorded_server_compared_with_itself_shows_nothing(name: str) -> None:
    own = by_target(name)
    assert len(own) > 100
    assert changes(recorded("old", own[::2]), recorded("new", own[1::2])) == []


def test_two_recorded_servers_show_their_own_members() -> None:
    told_of = changes(recorded("old", by_target("llama.cpp")), recorded("new", by_target("vllm")))
    assert any(line.startswith("member /timings: ") for line in told_of)
    assert any(line.startswith("member /service_tier: 0/") for line in told_of)
