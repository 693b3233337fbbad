import base64
import gzip
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, Skipped, Unreadable
from conformance.traffic.formats import jsonl

GOOD = {
    "id": "a",
    "request": {
        "method": "POST",
        "url": "https://h/v1/chat/completions",
        "headers": {"A": "b"},
        "body": {"model": "m"},
    },
    "response": {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": '{"id": 1}',
    },
    "meta": {"target": "openai"},
}


def outcomes(*lines: Any) -> list[Outcome]:
    data = b"".join(
        (line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines
    )
    return list(jsonl.read(io.BytesIO(data), "logs/traffic.jsonl"))


def one(record: Any) -> Exchange:
    (outcome,) = outcomes(record)
    assert isinstance(outcome, Exchange), outcome
    return outcome


def response(**members: Any) -> dict[str, Any]:
    return {"response": {"status": 200, **members}}


def why(line: Any) -> str:
    (outcome,) = outcomes(line)
    assert isinstance(outcome, Unreadable), outcome
    return outcome.why


def test_a_record_becomes_an_exchange() -> None:
    exchange = one(GOOD)
    assert (exchange.id, exchange.origin, exchange.meta) == (
        "a",
        "logs/traffic.jsonl:1",
        {"target": "openai"},
    )
    assert (exchange.request.url, exchange.request.headers, exchange.request.body) == (
        "https://h/v1/chat/completions",
        (("a", "b"),),
        {"model": "m"},
    )
    assert (exchange.response.status, exchange.response.headers) == (
        200,
        (("content-type", "application/json"),),
    )
    assert (exchange.response.body, exchange.response.fidelity, exchange.response.truncated) == (
        b'{"id": 1}',
        "text",
        False,
    )


def test_all_but_the_status_may_be_missing() -> None:
    exchange = one(response())
    assert exchange.id == "traffic-1"
    assert (exchange.request.method, exchange.request.body, exchange.request.headers) == (
        "POST",
        None,
        (),
    )
    assert (exchange.response.body, exchange.response.headers, exchange.response.reads) == (
        None,
        (),
        (),
    )


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ({"A": "1", "b": ["2", "3"]}, (("a", "1"), ("b", "2"), ("b", "3"))),
        ([["A", "1"], ["a", "2"]], (("a", "1"), ("a", "2"))),
        ({"Content-Length": 12, "x": None}, (("content-length", "12"), ("x", ""))),
        (None, ()),
    ],
)
def test_headers_are_an_object_or_pairs(headers: Any, read: tuple[tuple[str, str], ...]) -> None:
    assert one(response(headers=headers)).response.headers == read


def test_a_body_in_base64_is_the_bytes_of_the_wire() -> None:
    exchange = one(response(body_base64=base64.b64encode(b"data: \xff\n\n").decode()))
    assert (exchange.response.body, exchange.response.fidelity) == (b"data: \xff\n\n", "bytes")


def test_a_compressed_body_is_decompressed_and_sizes_of_reads_are_dropped() -> None:
    encoded = base64.b64encode(gzip.compress(b"data: 1\n\n")).decode()
    exchange = one(
        response(body_base64=encoded, headers={"content-encoding": "gzip"}, reads=[[1, 29]])
    )
    assert (exchange.response.body, exchange.response.fidelity, exchange.response.reads) == (
        b"data: 1\n\n",
        "bytes",
        (),
    )


def test_a_body_that_is_a_value_is_serialised_anew() -> None:
    exchange = one(response(body={"choices": [1, {"b": None}]}))
    assert (exchange.response.body, exchange.response.fidelity) == (
        b'{"choices":[1,{"b":null}]}',
        "values",
    )


@pytest.mark.parametrize(
    ("said", "fidelity"),
    [
        ("raw", "text"),
        ("raw (signature truncated by the author)", "text"),
        ("text", "text"),
        ("raw (YAML-folded in the source)", "values"),
        ("reserialised-json", "values"),
        ("issue quote", "values"),
    ],
)
def test_what_a_recording_says_of_its_fidelity_counts(said: str, fidelity: str) -> None:
    assert one({**response(body="{}"), "meta": {"fidelity": said}}).response.fidelity == fidelity


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ('{"model": "m"}', {"model": "m"}),
        ("not json", "not json"),
        ("null", "null"),
        ('{"a": NaN}', '{"a": NaN}'),
        (None, None),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_the_request_body_is_parsed_where_it_is_json(body: Any, read: Any) -> None:
    assert one({**response(), "request": {"body": body}}).request.body == read


def test_reads_and_the_cut_are_kept() -> None:
    exchange = one(response(body="data: 1\n\n", reads=[[1.5, 4], [3, 5]], cut=True))
    assert (exchange.response.reads, exchange.response.truncated) == (((1.5, 4), (3.0, 5)), True)


def test_blank_lines_are_skipped_and_counted() -> None:
    found = outcomes(GOOD, b"", b" \r", GOOD)
    assert [outcome.origin for outcome in found if isinstance(outcome, Exchange)] == [
        "logs/traffic.jsonl:1",
        "logs/traffic.jsonl:4",
    ]
    assert len(found) == 2


def test_another_route_is_skipped_without_its_host_and_query() -> None:
    assert outcomes(
        {**GOOD, "request": {"method": "post", "url": "https://key@h/v1/embeddings?key=secret"}}
    ) == [Skipped("logs/traffic.jsonl:1", "not a Chat Completions call: POST /v1/embeddings")]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/chat/completions",
        "https://h/openai/deployments/d/chat/completions?api-version=1",
        "https://h/v1/chat/completions/",
        "https://h/chat/completions#s",
    ],
)
def test_chat_completions_is_known_by_the_end_of_the_path(url: str) -> None:
    assert one({**GOOD, "request": {"url": url}}).request.url == url


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"not json", "not JSON"),
        (b'{"id": "a", "respon', "not JSON"),
        (b'{"response": {"status": 200, "body": "\xff"}}', "not valid UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        ([GOOD], "one exchange record per line"),
        (17, "not an object"),
        ({"id": "a"}, "response is missing"),
        ({"response": "x"}, "response is not an object"),
        ({"response": {}}, "response.status is missing"),
        (response(status="200"), "response.status is not an integer"),
        (response(status=True), "response.status is not an integer"),
        (response(status=0), "response.status is 0"),
        ({**GOOD, "request": []}, "request is not an object"),
        ({**GOOD, "request": {"url": 3}}, "request.url is not a string"),
        ({**GOOD, "meta": []}, "meta is not an object"),
        ({**GOOD, "meta": {"profile": ["openai"]}}, "meta.profile is not a string"),
        ({**GOOD, "meta": {"profile": 0}}, "meta.profile is not a string"),
        (response(headers="x"), "response.headers is neither"),
        (response(headers=[["a"]]), "response.headers is neither"),
        (response(headers={"a": {}}), "response.headers.a is not a string"),
        (response(body_base64="@"), "response.body_base64 is not base64"),
        (response(body_base64=3), "response.body_base64 is not a string"),
        (response(reads=[[1]]), "response.reads is not a list of pairs"),
        (response(reads=[[1, 2.5]]), "response.reads is not a list of pairs"),
        (response(cut=1), "response.cut is not a boolean"),
        (
            b'{"response": {"status": 200, "body": ' + b"[" * 500 + b"NaN" + b"]" * 500 + b"}}",
            "nested too deeply",
        ),
        (
            b'{"response": {"status": 200, "body": [NaN, ' + b"9" * 5000 + b"]}}",
            "response.body contains a number",
        ),
    ],
)
def test_what_is_wrong_with_a_line_is_said_by_field(line: Any, said: str) -> None:
    assert said in why(line)


def test_an_unreadable_line_is_named_and_the_rest_is_read() -> None:
    first, wrong, last = outcomes(GOOD, b"{", GOOD)
    assert isinstance(wrong, Unreadable)
    assert wrong.where == "logs/traffic.jsonl:2"
    assert isinstance(first, Exchange)
    assert isinstance(last, Exchange)


def test_nan_is_no_reason_to_leave_a_record_out_and_stays_in_the_body() -> None:
    exchange = one(
        b'{"request": {"body": {"top_p": NaN}}, "response": {"status": 200, "body": {"logprob":'
        b' NaN, "text": "\\ud83d"}}}'
    )
    assert (exchange.response.body, exchange.response.fidelity) == (
        b'{"logprob":NaN,"text":"\\ud83d"}',
        "values",
    )
    assert exchange.request.body == {"top_p": None}


def test_a_lone_surrogate_in_a_body_becomes_a_replacement_character() -> None:
    assert (
        one(b'{"response": {"status": 200, "body": "a\\ud83d"}}').response.body
        == "a\ufffd".encode()
    )


def test_integers_over_64_bits_are_kept_in_a_body() -> None:
    assert (
        one(b'{"response": {"status": 200, "body": [18446744073709551615]}}').response.body
        == b"[18446744073709551615]"
    )


def test_a_file_of_something_else_is_given_up_with_one_line() -> None:
    (outcome,) = outcomes(*[b"some text"] * 1000)
    assert isinstance(outcome, Unreadable)
    assert outcome.where == "logs/traffic.jsonl:1"
    assert "the first 100 lines" in outcome.why


def test_blank_lines_do_not_keep_a_file_of_something_else_going() -> None:
    (outcome,) = outcomes(*[b"some text", b" "] * 1000)
    assert isinstance(outcome, Unreadable)


@pytest.mark.parametrize("before", [0, 99])
def test_after_a_record_every_line_is_read(before: int) -> None:
    found = outcomes(*[b"x"] * before, GOOD, *[b"x"] * 1000, GOOD)
    assert sum(isinstance(outcome, Unreadable) for outcome in found) == before + 1000
    assert [isinstance(found[place], Unreadable) for place in (before, -1)] == [False, False]


def test_a_skipped_call_is_a_record_too() -> None:
    other = {**GOOD, "request": {"url": "https://h/v1/embeddings"}}
    assert len(outcomes(other, *[b"x"] * 200, GOOD)) == 202


def test_unreadable_lines_that_are_not_in_a_row_are_each_named() -> None:
    found = outcomes(*[b"x", GOOD] * 150)
    assert sum(isinstance(outcome, Unreadable) for outcome in found) == 150
    assert [getattr(outcome, "where", "") for outcome in found[-2:]] == [
        "logs/traffic.jsonl:299",
        "",
    ]


class Generated(io.RawIOBase):
    """A file that is as long as its pieces together and is never in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self.messages = pieces
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.rest or next(self.messages, b"")
        size = min(len(buffer), len(piece))
        buffer[:size] = piece[:size]
        self.rest = piece[size:]
        return size


def peak_of(pieces: Iterator[bytes]) -> tuple[int, int]:
    """How many outcomes the generated file gives, and the peak of memory in MB."""
    tracemalloc.start()
    try:
        count = sum(1 for _ in jsonl.read(io.BufferedReader(Generated(pieces)), "x.jsonl"))
        return count, tracemalloc.get_traced_memory()[1] >> 20
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_over_a_large_file() -> None:
    line = orjson.dumps({**GOOD, "response": {"status": 200, "body": "x" * 20_000}}) + b"\n"
    count, peak = peak_of(line * 50 for _ in range(200))
    assert count == 10_000
    assert peak < 8


def test_a_line_of_50_mb_is_unreadable_without_being_held() -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"response": {"status": 200, "body": "'
        yield from (b"x" * (1 << 20) for _ in range(50))
        yield b'"}}\n'
        yield orjson.dumps(GOOD)

    assert [
        type(outcome) for outcome in jsonl.read(io.BufferedReader(Generated(pieces())), "x.jsonl")
    ] == [Unreadable, Exchange]
    count, peak = peak_of(pieces())
    assert count == 2
    assert peak < 40


def test_a_line_of_just_16_mb_is_read() -> None:
    line = b'{"response":{"status":200,"body":"' + b"x" * (jsonl.MAX_LINE - 37) + b'"}}'
    assert len(line) == jsonl.MAX_LINE
    (outcome,) = outcomes(line)
    assert isinstance(outcome, Exchange)
    assert why(line + b" ") == "the line is longer than 16 MB"


class Endless:
    """A file with one record and then the same bytes for ever."""

    def __init__(self, again: bytes) -> None:
        self.lines = iter([orjson.dumps({"response": {"status": 200}}) + b"\n"])
        self.again = again

    def readline(self, size: int = -1, /) -> bytes:
        return next(self.lines, self.again)


@pytest.mark.parametrize(
    ("again", "why"),
    [
        (b"\n", "blank lines take more than 1 MB, so the rest is not read"),
        (b" " * (jsonl.MAX_LINE + 1), "the line takes more than 1 MB, so the rest is not read"),
    ],
)
def test_reading_stops_in_a_file_of_endless_blank_lines(
    again: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "MAX_SKIPPED", 1 << 20)
    first, last = jsonl.read(Endless(again), "a.jsonl.gz")  # type: ignore[arg-type]
    assert isinstance(first, Exchange)
    assert isinstance(last, Unreadable)
    assert last.why == why
