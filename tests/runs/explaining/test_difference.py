"""The smallest difference between two responses."""

from dataclasses import replace

import orjson

from conformance.protocol.exchange import Exchange, Json, Request, Response
from conformance.runs.explaining.difference import (
    LONGEST,
    Change,
    contrasted,
    decisive_first,
    difference,
)

HEADERS = (("content-type", "application/json"),)


def answer(body: Json, status: int = 200) -> Exchange:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Exchange("answer", Request(), Response(status, HEADERS, raw, fidelity="bytes"))


def stream(*data: str) -> Exchange:
    return answer("".join(f"data: {each}\n\n" for each in data).encode())


def changes(before: Json, after: Json) -> list[Change]:
    return list(difference(answer(before), answer(after)))


def test_equal_responses_do_not_differ() -> None:
    assert changes({"a": 1}, {"a": 1}) == []


def test_a_changed_member_is_shown_after_its_neighbour() -> None:
    before = {"id": "x", "choices": [{"index": 0, "finish_reason": "stop"}]}
    after = {"id": "x", "choices": [{"index": 0, "finish_reason": None}]}
    assert changes(before, after) == [
        Change("/choices/0", '"index": 0', ('"finish_reason": "stop"',), ('"finish_reason": null',))
    ]


def test_members_that_come_and_go_are_at_the_place_of_their_object() -> None:
    assert changes({"a": 1, "b": 2}, {"a": 1, "c": 3}) == [
        Change("body", '"a": 1', ('"b": 2',), ('"c": 3',))
    ]


def test_true_and_1_differ() -> None:
    assert changes({"a": 1, "b": 0}, {"a": True, "b": 0}) == [
        Change("body", "", ('"a": 1',), ('"a": true',))
    ]


def test_items_that_an_array_lacks_are_shown_without_a_name() -> None:
    assert changes({"a": [1, 2]}, {"a": [1]}) == [Change("/a", "1", ("2",), ())]


def test_a_body_of_another_kind_is_shown_whole_with_its_status() -> None:
    assert list(difference(answer({"choices": []}), answer({"error": {}}, 400))) == [
        Change("status", "", ("200",), ("400",)),
        Change("body", "", ('{"choices":[]}',), ('{"error":{}}',)),
    ]


def test_text_that_parses_to_the_same_value_is_shown_as_text() -> None:
    assert changes(b'{"a": 1}', b'{"a": 2, "a": 1}') == [
        Change("body", "", ('{"a": 1}',), ('{"a": 2, "a": 1}',))
    ]


def test_a_header_is_named_and_a_length_is_not() -> None:
    plain = answer({})
    other = replace(
        plain, response=replace(plain.response, headers=(("content-length", "2"), ("x-a", "b")))
    )
    assert list(difference(plain, other)) == [
        Change("headers", "", ("content-type: application/json",), ()),
        Change("headers", "", (), ("x-a: b",)),
    ]


def test_a_missing_event_is_shown_after_the_event_before() -> None:
    assert list(difference(stream('{"a":1}', "[DONE]"), stream('{"a":1}'))) == [
        Change("event 1", 'data: {"a":1}', ("data: [DONE]",), ())
    ]


def test_a_changed_event_is_shown_by_its_members() -> None:
    assert list(difference(stream('{"a":1}', '{"b":1,"c":2}'), stream('{"a":1}', '{"b":1}'))) == [
        Change("event 1", '"b": 1', ('"c": 2',), ())
    ]


def test_an_event_of_another_kind_is_shown_as_it_is_sent() -> None:
    assert list(difference(stream('{"a":1}'), stream('{"error":2}'))) == [
        Change("event 0", "", ('data: {"a":1}',), ('data: {"error":2}',))
    ]


def test_a_missing_blank_line_has_a_word() -> None:
    whole = stream('{"a":1}', '{"a":2}')
    cut = answer(b'data: {"a":1}\ndata: {"a":2}\n\n')
    assert list(difference(whole, cut)) == [
        Change("event 0", 'data: {"a":1}', ("(a blank line)",), ())
    ]


def test_times_are_shown_if_nothing_else_differs() -> None:
    early, late = (
        replace(each, response=replace(each.response, reads=reads))
        for each, reads in (
            (stream("1"), ((100.0, 4), (140.0, 5))),
            (stream("1"), ((2000.0, 9),)),
        )
    )
    assert list(difference(early, late)) == [
        Change(
            "arrival",
            "",
            ("2 reads, the first after 100 ms, the last after 140 ms",),
            ("1 read, the first after 2,000 ms, the last after 2,000 ms",),
        )
    ]


def test_long_lines_are_shortened_where_they_are_equal() -> None:
    before, after = contrasted(f'"content": "{"a" * 90}b"', f'"content": "{"a" * 90}c"', 60)
    assert before.startswith('"content": ')
    assert before[:-2] == after[:-2]
    assert (before[-2:], after[-2:]) == ('b"', 'c"')
    assert len(before) <= 60


def test_lines_have_a_limit() -> None:
    found = changes({"a": "x" * 2 * LONGEST, "b": 1}, {"a": "y" * 2 * LONGEST, "b": 1})
    assert [len(line) for change in found for line in (*change.removed, *change.added)] == [
        LONGEST,
        LONGEST,
    ]


def test_the_chunk_that_is_gone_is_shown_and_not_one_that_lost_a_member() -> None:
    kept = '{"id":"x","choices":[1],"usage":null}'
    usage = '{"id":"x","choices":[],"usage":{"total_tokens":3}}'
    before = stream('{"id":"x","choices":[0],"usage":null}', kept, usage, "[DONE]")
    after = stream('{"id":"x","choices":[0]}', kept.replace(',"usage":null', ""), "[DONE]")
    found = difference(before, after)
    assert [(change.place, change.removed, change.added) for change in found] == [
        ("event 0", ('"usage": null',), ()),
        ("event 1", ('"usage": null',), ()),
        ("event 2", ('data: {…, "choices":[],"usage":{"total_tokens":3}}',), ()),
    ]


def test_what_a_finding_is_about_comes_first() -> None:
    places = ["status", "event 0", "event 2 /usage", "event 2 /choices/0", "event 3"]
    made = tuple(Change(place, "", ("a",), ()) for place in places)

    def order(event: int | None, pointer: str) -> list[str]:
        return [change.place for change in decisive_first(made, event, pointer)]

    assert order(2, "/choices/0/delta")[:2] == ["event 2 /choices/0", "event 2 /usage"]
    assert order(3, "")[0] == "event 3"
    assert order(None, "/usage")[0] == "event 2 /usage"
    assert order(None, "") == places
    whole = (Change("event 2", "", ('"a": 1',), ()), Change("event 4", "", ("data: {}",), ()))
    assert decisive_first(whole, 3, "") == whole[::-1]
