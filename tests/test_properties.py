"""What the judge itself must do (the reserved ids of the ledger), as properties over real answers
and over answers made by hand."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile, profile_names
from conformance.judging.requirements import reserved
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import fold
from conformance.protocol.event_stream import EventStream, parse
from conformance.protocol.exchange import Event, Exchange, Json
from tests.helpers import shipped_cassettes
from tests.helpers.planted_violations import (
    CHUNKS,
    COMPLETION,
    GOOGLE_ERROR,
    OPENAI_ERROR,
    TGI_ERROR,
)
from tests.judging.conftest import TOOLS, call, chunks, completion, error, raw, stream, streamed

Place = tuple[str | int, ...]

MADE = (
    raw(orjson.dumps(COMPLETION)),
    streamed(CHUNKS),
    error(body=OPENAI_ERROR),
    error(body=[GOOGLE_ERROR]),
    error(422, TGI_ERROR),
    completion("Hi", "Ho", request={"n": 2}),
    completion({"tool_calls": [call()]}, request={"tools": [*TOOLS]}),
    completion(id="", finish="STOP"),
    stream("Hi", "ho", request={"stream_options": {"include_usage": True}}),
    stream({"tool_calls": [call(index=0)]}, finish="tool_calls", request={"tools": [*TOOLS]}),
    streamed([*chunks("Hi", finish=...), '{"error":{"message":"No."}}'], done=False),
    streamed([*chunks("Hi"), *chunks("Ho"), b"event: ping\ndata: {\n\n"]),
)


@cache
def real() -> tuple[Exchange, ...]:
    """The answers of a real server, as shipped, that have a body."""
    return tuple(each for each in shipped_cassettes.exchanges() if each.response.body)


@cache
def streams() -> tuple[Exchange, ...]:
    return tuple(each for each in (*MADE, *real()) if fold(each).kind == "stream")


answers = st.sampled_from((*MADE, *real()))
profiles = st.sampled_from(profile_names())
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["content", "google", "function", "x"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


def found(exchange: Exchange, name: str) -> dict[str, int]:
    """How often each requirement is broken; fails where a rule crashed."""
    judged = list(judge_for(profile(name), shipped_suite()).findings(exchange))
    assert not [each for each in judged if isinstance(each, RuleCrash)]
    return {
        each.finding.requirement: each.finding.count
        for each in judged
        if not isinstance(each, RuleCrash)
    }


def answered(exchange: Exchange, body: bytes) -> Exchange:
    return replace(exchange, response=replace(exchange.response, body=body))


def read_body(exchange: Exchange) -> list[Json]:
    """The JSON values of an answer: its body, or the data of its events; text where that is no
    JSON."""
    body = exchange.response.body or b""
    texts = (
        [event.data for event in parse(body).events] if fold(exchange).kind == "stream" else [body]
    )
    values: list[Json] = []
    for text in texts:
        try:
            values.append(orjson.loads(text))
        except orjson.JSONDecodeError:
            values.append(text)
    return values


def with_values(exchange: Exchange, values: list[Json]) -> Exchange:
    """The answer, with these values in place of its own."""
    texts = [value.encode() if isinstance(value, str) else orjson.dumps(value) for value in values]
    if fold(exchange).kind == "stream":
        return answered(exchange, b"".join(b"data: " + text + b"\n\n" for text in texts))
    return answered(exchange, texts[0])


def rewritten(exchange: Exchange) -> Exchange:
    """The answer as ``with_values`` writes it, with nothing changed."""
    return with_values(exchange, read_body(exchange))


def places(value: Json, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Every value within a value, and where it stands."""
    yield place, value
    for key, inner in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield from places(inner, (*place, key))


def at(value: Json, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def objects(values: list[Json]) -> list[Place]:
    return [place for place, value in places(values) if isinstance(value, dict)]


def test_every_reserved_id_that_concerns_judging_has_its_property() -> None:
    told = {
        row
        for name, each in globals().items()
        if name.startswith("test_")
        for row in reserved()
        if row in (each.__doc__ or "")
    }
    assert reserved().keys() - told == {"META-009"}  # which concerns sending


@settings(max_examples=30)
@given(
    identifier=st.from_regex(r"[A-Za-z0-9_-]{22,23}", fullmatch=True),
    name=st.sampled_from(["vertex-gemini", "gemini-api"]),
)
def test_the_time_in_an_id_is_not_judged(identifier: str, name: str) -> None:
    """ENV-006."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    assert (
        found(
            completion(
                "Hi",
                id=identifier,
                model="google/gemini",
                usage=usage,
                request={"model": "google/gemini"},
            ),
            name,
        )
        == {}
    )


@settings(max_examples=80)
@given(exchange=answers, name=profiles, value=json, data=st.data())
def test_an_unknown_key_at_any_level_is_no_finding(
    exchange: Exchange, name: str, value: Json, data: st.DataObject
) -> None:
    """ENV-012. A key in extra_content is the name of a vendor (THK-016), and one that is null in a
    delta has a row of its own (SEQ-021)."""
    values = read_body(exchange)
    known = [place for place in objects(values) if not place or place[-1] != "extra_content"]
    assume(known)
    place = data.draw(st.sampled_from(known))
    assume(at(values, place) and (value is not None or not place or place[-1] != "delta"))
    before = found(rewritten(exchange), name)
    at(values, place)["x_unknown"] = value
    after = found(with_values(exchange, values), name)
    assert after.keys() <= before.keys()


OPTIONAL = {
    "system_fingerprint",
    "service_tier",
    "usage",
    "error",
    "logprobs",
    "refusal",
    "annotations",
    "audio",
    "function_call",
    "tool_calls",
    "reasoning",
    "reasoning_content",
    "extra_content",
    "prompt_tokens_details",
    "completion_tokens_details",
    "extra_properties",
    "role",
    "details",
}
"""Fields that may be absent."""

OF_CHUNKS = {"content", "finish_reason", "id", "type", "name"}
"""Fields that may be absent in a delta, in a choice of a chunk, and in the later fragments of a
call."""

OF_THE_KEY = {"CHO-007", "MSG-009", "SEQ-009", "SEQ-021", "TOOL-024"}
"""The rows that speak of the key itself or of null."""


def optional(place: Place, key: str, *, of_stream: bool) -> bool:
    """Whether a field is one that may be absent where it stands."""
    within = place[-1] if place else ""
    if within in ("error", "extra_content"):
        return False
    if key == "role":
        return within == "delta"
    if key in OF_CHUNKS:
        return of_stream and (
            within == "delta"
            or (key == "finish_reason" and len(place) == 3)
            or (key != "content" and "tool_calls" in place)
        )
    return key in OPTIONAL


def absent_and_null(exchange: Exchange, every: int = 1) -> Iterator[tuple[Exchange, Exchange]]:
    """The answer without each optional field that holds nothing, or without every so-many-th of
    them, and with null there."""
    values, of_stream = read_body(exchange), fold(exchange).kind == "stream"
    fields = [
        (place, key)
        for place in objects(values)
        for key in sorted(OPTIONAL | OF_CHUNKS)
        if optional(place, key, of_stream=of_stream)
    ]
    for place, key in [(place, key) for place, key in fields if at(values, place).get(key) is None][
        ::every
    ]:
        node = at(values, place)
        was = node.pop(key, ...)
        absent = with_values(exchange, values)
        node[key] = None
        yield absent, with_values(exchange, values)
        if was is ...:
            del node[key]


@pytest.mark.parametrize("exchange", MADE)
def test_null_and_absent_are_alike_for_an_optional_field(exchange: Exchange) -> None:
    """SEQ-020."""
    for absent, null in absent_and_null(exchange):
        for name in ("openai", "vertex-gemini"):
            assert without(found(absent, name), OF_THE_KEY) == without(
                found(null, name), OF_THE_KEY
            ), null.response.body


@pytest.mark.parametrize("number", range(0, 140, 10))
def test_null_and_absent_are_alike_in_a_real_answer(number: int) -> None:
    """SEQ-020."""
    for absent, null in absent_and_null(real()[number], every=7):
        assert without(found(absent, "openai"), OF_THE_KEY) == without(
            found(null, "openai"), OF_THE_KEY
        ), null.response.body


def without(rows: dict[str, int], left_out: set[str]) -> dict[str, int]:
    return {row: count for row, count in rows.items() if row not in left_out}


@pytest.mark.parametrize("exchange", [*MADE, completion("Hi"), stream("Hi")])
def test_a_missing_refusal_is_never_missed(exchange: Exchange) -> None:
    """MSG-003."""
    values = read_body(exchange)
    for place in objects(values):
        if at(values, place).get("refusal", ...) is None:
            del at(values, place)["refusal"]
    for name in profile_names():
        assert found(with_values(exchange, values), name) == found(rewritten(exchange), name)


@settings(max_examples=40)
@given(
    data=st.data(),
    name=profiles,
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
    mark=st.booleans(),
    space=st.booleans(),
)
def test_comments_line_ends_and_a_byte_order_mark_change_no_finding(
    data: st.DataObject, name: str, end: bytes, mark: bool, space: bool
) -> None:
    """SSE-004."""
    exchange = data.draw(st.sampled_from(streams()))
    lines = (exchange.response.body or b"").split(b"\n")
    assume(b"\r" not in (exchange.response.body or b""))
    comments = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, len(lines) - 1),
                st.sampled_from([b":", b": keep-alive", b":data: {}"]),
            ),
            max_size=4,
        )
    )
    for number, comment in sorted(comments, reverse=True):
        lines.insert(number, comment)
    if not space:
        lines = [
            line.replace(b"data: ", b"data:", 1) if line.startswith(b"data: ") else line
            for line in lines
        ]
    body = b"\xef\xbb\xbf" * mark + end.join(lines)
    assert found(answered(exchange, body), name) == found(exchange, name)


@settings(max_examples=40)
@given(data=st.data(), name=profiles)
def test_how_the_bytes_were_split_changes_no_finding(data: st.DataObject, name: str) -> None:
    """SSE-006."""
    exchange = data.draw(st.sampled_from(streams()))
    body = exchange.response.body or b""
    reads = tuple((float(number), size) for number, size in enumerate(map(len, split(body, data))))
    assert found(
        replace(exchange, response=replace(exchange.response, reads=reads)), name
    ) == found(exchange, name)


@settings(max_examples=40)
@given(data=st.data())
def test_any_splitting_of_a_recorded_stream_gives_the_same_events(data: st.DataObject) -> None:
    """META-010."""
    exchange = data.draw(st.sampled_from(streams()))
    body = exchange.response.body or b""
    reader = EventStream()
    events: list[Event] = []
    for piece in split(body, data):
        events += reader.feed(piece)
    assert tuple(events) == parse(body).events


def split(body: bytes, data: st.DataObject) -> list[bytes]:
    """The body in pieces, of which some may be empty."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=12)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("last", [{"content": "!"}, {"tool_calls": [call(index=0)]}])
def test_the_chunk_that_finishes_may_carry_content_or_a_call(
    name: str, last: dict[str, Json]
) -> None:
    """SEQ-012."""
    finish = "tool_calls" if "tool_calls" in last else "stop"
    apart = chunks("Hi", last, finish=finish)
    together = [
        *apart[:-2],
        apart[-2] | {"choices": [apart[-2]["choices"][0] | {"finish_reason": finish}]},
    ]
    assert found(streamed(together, request={"tools": [*TOOLS]}), name) == found(
        streamed(apart, request={"tools": [*TOOLS]}), name
    )


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
QUOTA = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaMetric": "requests", "quotaId": "PerMinute"}],
}
HELP = {"@type": "type.googleapis.com/google.rpc.Help", "links": []}


@pytest.mark.parametrize("name", ["gemini-api", "vertex-gemini"])
@pytest.mark.parametrize("details", [[], [RETRY], [QUOTA], [HELP, QUOTA, RETRY], ...])
@pytest.mark.parametrize("header", ["retry-after", "x-other"])
def test_a_rate_limit_may_say_when_to_come_back_or_not(
    name: str, details: Any, header: str
) -> None:
    """ERR-016."""
    told = {
        "code": 429,
        "message": "Resource exhausted.",
        "status": "RESOURCE_EXHAUSTED",
        "details": details,
    }
    body = {"error": {key: value for key, value in told.items() if value is not ...}}
    answer = error(429, body, headers={"content-type": "application/json", header: "17"})
    assert found(answer, name) == {}
    openai = found(error(429, headers={"content-type": "application/json", header: "17"}), "openai")
    assert openai == ({} if header == "retry-after" else {"HDR-002": 1})


@settings(max_examples=150)
@given(exchange=answers, name=profiles, value=json, data=st.data())
def test_no_answer_whatever_stands_in_it_ends_the_judging(
    exchange: Exchange, name: str, value: Json, data: st.DataObject
) -> None:
    """A rule that crashes would be an error, and the exchange not judged."""
    values = read_body(exchange)
    place = data.draw(st.sampled_from([place for place, _ in places(values) if place]))
    at(values, place[:-1])[place[-1]] = value
    mutated = with_values(exchange, values)
    told = {
        each.requirement
        for each in judge_for(profile(name), shipped_suite()).verdicts(mutated)
        if each.outcome in ("fail", "known")
    }
    assert told == found(mutated, name).keys()


@settings(max_examples=50)
@given(exchange=answers, name=profiles, data=st.data())
def test_no_request_whatever_stands_in_it_ends_the_judging(
    exchange: Exchange, name: str, data: st.DataObject
) -> None:
    """A rule that crashes would be an error, and the exchange not judged."""
    request = [orjson.loads(orjson.dumps(exchange.request.body))]
    place = data.draw(st.sampled_from([place for place, _ in places(request) if place]))
    at(request, place[:-1])[place[-1]] = data.draw(json)
    found(replace(exchange, request=replace(exchange.request, body=request[0])), name)


@settings(max_examples=50)
@given(exchange=answers, name=profiles, data=st.data())
def test_no_bytes_end_the_judging(exchange: Exchange, name: str, data: st.DataObject) -> None:
    """A rule that crashes would be an error, and the exchange not judged."""
    body = exchange.response.body or b""
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    found(answered(exchange, body[:start] + data.draw(st.binary(max_size=4)) + body[end:]), name)
