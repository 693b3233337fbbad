"""Changes of shape are found, and one server compared with itself shows none."""

import json
from collections.abc import Iterable
from dataclasses import replace
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


def test_a_share_that_rises_by_chance_is_not_told_and_one_that_cannot_is() -> None:
    def with_extra(number: int, of: int = 40) -> list[dict[str, Any]]:
        return [PLAIN | ({"extra": 1} if n < number else {}) for n in range(of)]

    none = samples("old", *[PLAIN] * 40)
    assert changes(none, samples("new", *with_extra(4))) == []
    assert changes(none, samples("new", *with_extra(12))) == ["member /extra: 0/40 12/40"]
    always = samples("old", *with_extra(40))
    assert changes(always, samples("new", *with_extra(37))) == []
    assert changes(always, samples("new", *with_extra(28))) == ["member /extra: 40/40 28/40"]


def test_answers_to_one_question_are_not_more_proof_than_one() -> None:
    def of_one_question(side: Side, body: dict[str, Any]) -> list[Sample]:
        return [replace(each, question="q") for each in samples(side, *[body] * 50)]

    old, new = of_one_question("old", PLAIN), of_one_question("new", PLAIN | {"extra": 1})
    assert changes(old, new) == []


def test_bodies_and_streams_are_told_in_one_line() -> None:
    def chunked(side: Side, **members: Any) -> list[Sample]:
        body = {"object": "chat.completion.chunk", "choices": [], **members}
        text = b"data: %s\n\n" % json.dumps(body).encode() * 3
        return [
            Sample(
                f"s{n}", f"s{n}", side, 1, None, Exchange("", Request(), Response(200, (), text))
            )
            for n in range(4)
        ]

    old = [*samples("old", *[PLAIN] * 5), *chunked("old")]
    new = [*samples("new", *[PLAIN | {"tier": 1}] * 5), *chunked("new", tier=1)]
    assert changes(old, new) == ["member /tier: 0/9 9/9"]


def test_only_pairs_are_compared_if_there_are_pairs() -> None:
    old = samples("old", *[PLAIN] * 5)
    new = samples("new", *[PLAIN] * 5, *[PLAIN | {"extra": 1}] * 20)
    assert changes(old, new) == []


def test_what_concerns_most_answers_comes_first() -> None:
    new = [PLAIN | {"all": 1} | ({"half": 1} if n % 2 else {}) for n in range(40)]
    assert changes(samples("old", *[PLAIN] * 40), samples("new", *new)) == [
        "member /all: 0/40 40/40",
        "member /half: 0/40 20/40",
    ]


def test_the_names_in_a_table_are_no_members() -> None:
    def table(letter: str) -> dict[str, Any]:
        return PLAIN | {"scores": {f"{letter}{n}": 1 for n in range(200)}}

    assert changes(samples("old", *[table("a")] * 5), samples("new", *[table("b")] * 5)) == []


def test_names_with_a_slash_are_pointers_and_numbered_words_no_values() -> None:
    old = [PLAIN | {"fingerprint": "fp_12ab", "a/b": 1}] * 5
    new = [PLAIN | {"fingerprint": "fp_34cd"}] * 5
    assert changes(samples("old", *old), samples("new", *new)) == ["member /a~1b: 5/5 0/5"]


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
