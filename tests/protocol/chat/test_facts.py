"""Facts: the kind of an answer and its events, also with malformed nodes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile, profile_names
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import Facts, Kind, fold
from conformance.protocol.chat.stream_facts import EventValue
from conformance.protocol.event_stream import parse
from conformance.protocol.exchange import Exchange, Finding, Json
from tests.helpers.planted_violations import CHUNKS, COMPLETION
from tests.judging.conftest import (
    TOOLS,
    USAGE,
    call,
    chunks,
    completion,
    error,
    raw,
    stream,
    streamed,
)

STREAM = {"stream": True}
KINDS: list[tuple[str, str, int, Json, Kind]] = [
    ('{"id":1}', "application/json", 200, {}, "completion"),
    ("  \n[1]", "text/plain", 200, {}, "completion"),
    ("Bad gateway", "text/html", 200, {}, "completion"),
    ("", "application/json", 200, {}, "completion"),
    ("", "", 200, {}, "completion"),
    ("", "", 200, STREAM, "stream"),
    ("", "text/event-stream", 200, {}, "stream"),
    ("data: {}\n\n", "application/json", 200, {}, "stream"),
    (": hello\n\n", "text/plain", 200, {}, "stream"),
    ("\ufeffdata: {}\n\n", "", 200, {}, "stream"),
    ("\n\nevent: x\n\n", "", 200, {}, "stream"),
    ("id: 1\n\n", "", 200, {}, "stream"),
    ("retry: 1\n\n", "", 200, {}, "stream"),
    ("error: {}\n\n", "text/event-stream; charset=utf-8", 200, {}, "stream"),
    ('{"code":429}', "text/event-stream", 200, STREAM, "completion"),
    ("[1]", "text/event-stream", 200, STREAM, "completion"),
    ("data: {}\n\n", "text/event-stream", 400, {}, "error"),
    ("{}", "application/json", 599, {}, "error"),
    ("{}", "application/json", 201, {}, "other"),
    ("", "", 302, {}, "other"),
]


@pytest.mark.parametrize(("body", "content_type", "status", "request_body", "kind"), KINDS)
def test_an_answer_is_taken_for_what_it_looks_like(
    body: str, content_type: str, status: int, request_body: Json, kind: Kind
) -> None:
    exchange = raw(
        body,
        status=status,
        request=request_body,
        headers={"content-type": content_type} if content_type else {},
    )
    assert fold(exchange).kind == kind


def test_a_body_that_was_not_recorded_is_neither() -> None:
    exchange = completion()
    assert fold(replace(exchange, response=replace(exchange.response, body=None))).kind == "other"


@pytest.mark.parametrize(
    ("body", "request_body"), [({"n": 1}, {"n": 1}), (None, {}), ("no JSON", {}), ([], {})]
)
def test_only_an_object_is_a_request(body: Json, request_body: Mapping[str, Json]) -> None:
    exchange = completion()
    assert (
        fold(replace(exchange, request=replace(exchange.request, body=body))).request
        == request_body
    )


def test_the_media_type_is_told_without_its_parameters() -> None:
    assert (
        fold(completion(content_type="Application/JSON ; charset=utf-8")).media_type
        == "application/json"
    )
    assert fold(completion(headers={})).media_type == ""


def test_the_events_of_a_stream_are_told_apart() -> None:
    facts = fold(
        streamed(
            [
                chunks()[0],
                {"error": {"message": "Slow down."}},
                {"object": "error", "message": "Oh."},
                {"detail": "No."},
                b'event: error\ndata: {"x": 1}\n\n',
                {"error": None, "choices": []},
                "ping",
                "[1]",
                "null",
                "",
                '{"choices": [], "x": NaN}',
                "[DONE]",
            ]
        )
    )
    assert facts.chunk_events == (0, 5, 10)
    assert [event for event, _ in facts.failures] == [1, 2, 3, 4]
    assert [event for event, _ in facts.non_chunk_events] == [6, 7, 8, 9]
    assert facts.non_chunk_events[1:3] == (
        EventValue(7, "JSON, but not an object"),
        EventValue(8, "JSON, but not an object"),
    )
    assert facts.defects == (EventValue(10, "NaN"),)
    assert facts.done == (11, 12)
    assert facts.choiceless_chunks == (
        EventValue(5, {"error": None, "choices": []}),
        EventValue(10, {"choices": [], "x": None}),
    )


def test_of_an_answer_that_is_neither_the_body_is_not_read() -> None:
    assert fold(raw("{}", status=201)).text is None


@pytest.mark.parametrize("data", [{"object": "error"}, {"message": "Oh."}, {"detail": "No."}])
def test_what_has_no_choices_and_one_word_of_an_error_is_one(data: Json) -> None:
    assert fold(streamed([data])).failures == (EventValue(0, data),)
    assert fold(streamed([data | {"choices": []}])).chunk_events == (0,)


def test_an_array_that_holds_an_error_is_a_failure_and_no_chunk() -> None:
    arrays = ['[{"error": {"code": 429}}]', "[]", '["error"]', '[{"choices": []}]']
    facts = fold(streamed(arrays))
    assert facts.failures == (EventValue(0, {"error": {"code": 429}}),)
    assert [event for event, _ in facts.non_chunk_events] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "text", ['[{\n  "error": {\n    "code": 429\n  }\n}\n]', '{"error": {"code": 429}}\n\n']
)
def test_an_error_outside_of_the_events_is_a_failure(text: str) -> None:
    facts = fold(streamed([*chunks("a", finish=...), text.encode()], done=False))
    assert facts.failures == (EventValue(None, {"error": {"code": 429}}),)
    assert [(stray.before, stray.text) for stray in facts.stray_errors] == [(2, text.strip())]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"choices": [], "message": "Hi"}', "processing"])
def test_other_json_outside_of_the_events_is_no_failure(text: str) -> None:
    facts = fold(streamed([*chunks("a"), text.encode()]))
    assert (facts.failures, facts.stray_errors) == ((), ())


@pytest.mark.parametrize(
    "deep",
    [
        "[" * 300 + "]" * 300,
        '{"a":' * 300 + "1" + "}" * 300,
        "[" * 130 + '{"a":' * 130 + "1" + "}" * 130 + "]" * 130,
    ],
)
def test_an_event_that_is_nested_too_deeply_is_a_stray(deep: str) -> None:
    facts = fold(streamed([chunks()[0], f'{{"choices":[],"x":{deep}}}']))
    assert facts.non_chunk_events == (EventValue(1, "not JSON: nested too deeply at character 0"),)
    assert facts.chunk_events == (0,)


def test_an_event_that_is_no_json_says_why() -> None:
    assert fold(streamed(["ping"])).non_chunk_events == (
        EventValue(0, "not JSON: Expecting value at character 0"),
    )


def test_the_envelope_of_a_stream_is_told_by_its_changes() -> None:
    made = chunks("a", "b", "c")
    heads: list[dict[str, Json]] = [
        {"id": "", "model": "m", "system_fingerprint": None, "created": 1},
        {"id": "x", "model": "m", "system_fingerprint": "f", "created": 2},
        {"id": "y", "model": 7, "system_fingerprint": "f", "created": 2},
        {"id": "x", "model": "n", "system_fingerprint": "g", "created": "3"},
        {"id": "x", "model": "m", "system_fingerprint": "f", "created": 1},
    ]
    facts = fold(streamed([chunk | head for chunk, head in zip(made, heads, strict=True)]))
    assert list(facts.ids.items()) == [("x", 1), ("y", 2)]
    assert list(facts.models.items()) == [("m", 0), ("n", 3)]
    assert list(facts.fingerprints.items()) == [("f", 1), ("g", 3)]
    assert facts.created == (EventValue(0, 1), EventValue(1, 2), EventValue(4, 1))


def test_the_events_of_the_changes_are_counted_with_those_that_are_no_chunks() -> None:
    first, second, *others = chunks("a")
    facts = fold(
        streamed(["ping", first, "ping", second | {"id": "other", "usage": USAGE}, *others])
    )
    assert list(facts.ids.values()) == [1, 3]
    assert facts.usages == (EventValue(3, USAGE),)


@pytest.mark.parametrize("index", [..., None, "0", 1.0, True])
def test_a_choice_without_an_integer_index_stands_at_its_position(index: Json) -> None:
    second: dict[str, Json] = (
        {"message": {"content": "b"}}
        if index is ...
        else {"message": {"content": "b"}, "index": index}
    )
    facts = fold(completion(choices=[{"index": 0, "message": {"content": "a"}}, second]))
    assert [(choice.index, choice.text) for choice in facts.choices] == [(0, "a"), (1, "b")]
    assert facts.choices_without_index == (EventValue(None, 1),)


def test_the_choices_of_a_stream_come_in_the_order_of_their_indexes() -> None:
    facts = fold(stream((1, "b"), (0, "a"), (1, "d"), request={"n": 2}))
    assert [(choice.index, choice.text) for choice in facts.choices] == [(0, "a"), (1, "bd")]


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [7], [[]], {"0": {}}])
def test_choices_of_a_wrong_shape_are_none(value: Json) -> None:
    assert fold(completion(choices=value)).choices == ()
    assert fold(streamed([chunks()[0] | {"choices": value}])).choices == ()


@settings(max_examples=50)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    data=st.data(),
    name=st.sampled_from(profile_names()),
)
def test_any_splitting_into_deltas_gives_the_same_findings(
    text: str, data: st.DataObject, name: str
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    request = {
        "stop": [text[len(text) // 2 :]],
        "max_tokens": 3,
        **({"n": 2} if data.draw(st.booleans()) else {}),
    }
    whole, split = (
        stream(text, request=request, usage=USAGE),
        stream(*pieces, request=request, usage=USAGE),
    )
    assert fold(split).choices[0].text == fold(whole).choices[0].text == text
    assert {finding.requirement for finding in found(split, name)} == {
        finding.requirement for finding in found(whole, name)
    }


def found(exchange: Exchange, name: str) -> list[Finding]:
    judged = list(judge_for(profile(name), shipped_suite()).findings(exchange))
    assert not [each for each in judged if isinstance(each, RuleCrash)]
    return [each.finding for each in judged if not isinstance(each, RuleCrash)]


ANSWERS = [
    raw(
        orjson.dumps(COMPLETION),
        request={"tools": [*TOOLS], "stop": ["Hi"], "max_tokens": 3, "n": 1},
    ),
    streamed(CHUNKS, request={"tools": [*TOOLS], "stream_options": {"include_usage": True}}),
    completion(
        {"tool_calls": [call(), call()]}, "b", finish="stop", request={"tools": [*TOOLS], "n": 2}
    ),
    stream(
        "a",
        {"tool_calls": [call(index=0)]},
        (1, "b"),
        finish="tool_calls",
        request={"n": 2, "stream_options": {"include_usage": True}},
    ),
]
NODES = st.recursive(
    st.sampled_from(
        [
            None,
            True,
            0,
            1,
            -1,
            2.5,
            2**60,
            "",
            "x",
            "stop",
            "length",
            "tool_calls",
            "assistant",
            "\ufffd",
            "models/x",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["index", "content", "delta", "message", "usage"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


def places(value: Json) -> Iterator[tuple[Any, Any]]:
    """Yield the container and the key of every member and item in a value."""
    for key, inner in (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else ()
    ):
        yield value, key
        yield from places(inner)


def documents(exchange: Exchange) -> list[Json]:
    """Return what JSON pointers point into: the data of each event, or the body."""
    body = exchange.response.body or b""
    if fold(exchange).kind != "stream":
        return [orjson.loads(body)]
    return [
        None if event.data == "[DONE]" else orjson.loads(event.data) for event in parse(body).events
    ]


def mutated(exchange: Exchange, data: st.DataObject) -> Exchange:
    """Return the answer with nodes replaced or removed."""
    values = [each for each in documents(exchange) if each is not None]
    for _ in range(data.draw(st.integers(1, 3))):
        if spots := list(places(values)):
            holder, key = data.draw(st.sampled_from(spots))
            if isinstance(holder, dict) and data.draw(st.booleans()):
                del holder[key]
            else:
                holder[key] = data.draw(NODES)
    if fold(exchange).kind == "stream":
        return streamed(
            [orjson.dumps(each).decode() for each in values], request=exchange.request.body
        )
    return replace(exchange, response=replace(exchange.response, body=orjson.dumps(values[0])))


@settings(max_examples=150)
@given(exchange=st.sampled_from(ANSWERS), data=st.data(), name=st.sampled_from(profile_names()))
def test_mis_shaped_nodes_never_raise_and_pointers_point_at_what_is_there(
    exchange: Exchange, data: st.DataObject, name: str
) -> None:
    answer = mutated(exchange, data)
    for finding in found(answer, name):
        read = documents(answer)
        if fold(answer).kind == "stream" and finding.event is None:
            assert finding.pointer == ""
        else:
            node = read[finding.event or 0]
            for step in finding.pointer.split("/")[1:]:
                node = node[int(step)] if isinstance(node, list) else node[step]


def test_the_fold_holds_nothing_of_an_error() -> None:
    facts: Facts = fold(error())
    assert (facts.choices, facts.usages, facts.chunks, facts.events, facts.chunk_events) == (
        (),
        (),
        (),
        (),
        (),
    )
    assert (
        facts.failures,
        facts.non_chunk_events,
        facts.defects,
        facts.done,
        facts.choiceless_chunks,
        facts.choices_without_index,
        facts.created,
    ) == (
        (),
        (),
        (),
        (),
        (),
        (),
        (),
    )
    assert (facts.ids, facts.models, facts.fingerprints) == ({}, {}, {})
    assert facts.body["error"]["message"] == "Something is wrong."
