import base64
import gzip
import io
import tracemalloc
from typing import Any

import pytest
import yaml
from vcr.request import Request  # type: ignore[import-untyped]
from vcr.serialize import deserialize, serialize  # type: ignore[import-untyped]
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, Skipped, Unreadable
from conformance.traffic.formats import cassette

CHAT = "https://h/v1/chat/completions"
ASKED = {"method": "POST", "uri": CHAT, "headers": {"Accept": ["*/*"]}, "body": '{"model": "m"}'}
BLOCK = {
    "version": 1,
    "provenance": "recorded",
    "case": "chat-plain",
    "target": "llama.cpp",
    "profile": "openai-compatible",
    "server": "llama.cpp",
    "server_version": None,
    "recorded": "2026-11-22T15:00:00Z",
    "reads": [[[12.1, 4], [13, 5]]],
    "cut": [True],
}


def interaction(
    string: Any = None, headers: dict[str, Any] | None = None, **response: Any
) -> dict[str, Any]:
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": headers or {},
        "body": {"string": string},
        **response,
    }
    return {
        "request": dict(ASKED),
        "response": {name: value for name, value in answer.items() if value != "left out"},
    }


def read(data: str | bytes | dict[str, Any], name: str = "kept/chat.yaml") -> list[Outcome]:
    text = yaml.safe_dump(data) if isinstance(data, dict) else data
    return list(cassette.read(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def exchange(one: dict[str, Any], **members: Any) -> Exchange:
    (outcome,) = read({"interactions": [one], "version": 1, **members})
    assert isinstance(outcome, Exchange), outcome
    return outcome


def test_an_interaction_becomes_an_exchange() -> None:
    found = exchange(
        interaction("data: 1\r\n\n", {"Content-Type": ["text/event-stream"], "X": "y"})
    )
    assert (found.id, found.origin, found.meta) == ("chat-1", "kept/chat.yaml#1", {})
    assert (found.request.method, found.request.url, found.request.headers, found.request.body) == (
        "POST",
        CHAT,
        (("accept", "*/*"),),
        {"model": "m"},
    )
    assert found.response.headers == (("content-type", "text/event-stream"), ("x", "y"))
    assert (found.response.status, found.response.body, found.response.fidelity) == (
        200,
        b"data: 1\r\n\n",
        "text",
    )


def test_what_vcrpy_writes_is_read_as_vcrpy_reads_it() -> None:
    bodies = [
        b"data: \xf0\x9f\x98\x80 \xe2\x80\xa8 \x07\n\n",
        b"\xff\x00",
        gzip.compress(b"{}"),
        b"",
    ]
    requests = [
        Request("POST", CHAT, b'{"n": %d}' % number, {"Accept": "*/*"})
        for number in range(len(bodies))
    ]
    shared = {"X": ["y"]}
    responses = [
        {"status": {"code": 200, "message": "OK"}, "headers": shared, "body": {"string": body}}
        for body in bodies
    ]
    text = serialize({"requests": requests, "responses": responses}, yamlserializer)
    assert "*id" in text
    played = deserialize(text, yamlserializer)[1]
    found = [outcome for outcome in read(text) if isinstance(outcome, Exchange)]
    assert (
        [one.response.body for one in found] == [one["body"]["string"] for one in played] == bodies
    )
    assert [one.request.body for one in found] == [{"n": number} for number in range(len(bodies))]
    assert {one.response.headers for one in found} == {(("x", "y"),)}


@pytest.mark.parametrize(
    ("members", "body", "fidelity"),
    [
        ({"body": {"string": b"\xff{}"}}, b"\xff{}", "bytes"),
        (
            {
                "body": {"string": gzip.compress(b"data: 1\n\n")},
                "headers": {"Content-Encoding": ["gzip"]},
            },
            b"data: 1\n\n",
            "bytes",
        ),
        ({"body": {"string": "{}"}, "headers": {"Content-Encoding": ["gzip"]}}, b"{}", "text"),
        ({"body": {"base64_string": base64.b64encode(b"{}" * 60).decode()}}, b"{}" * 60, "bytes"),
        ({"body": {"base64_string": "e30\n  ="}}, b"{}", "bytes"),
        ({"body": "{}"}, b"{}", "text"),
        ({"body": None}, None, "text"),
        (
            {"body": "left out", "parsed_body": {"b": [1.5, None], "a": "x"}},
            b'{"a":"x","b":[1.5,null]}',
            "values",
        ),
        ({"body": {"string": ""}, "parsed_body": {}}, b"{}", "values"),
        ({"body": {"string": "{}"}, "parsed_body": {"a": 1}}, b"{}", "text"),
        (
            {"body": "left out", "status": "left out", "content": "{}", "status_code": 200},
            b"{}",
            "text",
        ),
    ],
)
def test_bodies_are_read_as_recorders_write_them(
    members: dict[str, Any], body: bytes | None, fidelity: str
) -> None:
    found = exchange(interaction(**members))
    assert (found.response.status, found.response.body, found.response.fidelity) == (
        200,
        body,
        fidelity,
    )


@pytest.mark.parametrize(
    ("members", "body"),
    [
        ({"body": b'{"n": 1}'}, {"n": 1}),
        ({"body": gzip.compress(b'{"n": 1}'), "headers": {"content-encoding": ["gzip"]}}, {"n": 1}),
        ({"body": None, "parsed_body": {"n": 1}}, {"n": 1}),
        ({"body": None}, None),
        ({"body": "n=1"}, "n=1"),
    ],
)
def test_request_bodies_are_parsed(members: dict[str, Any], body: Any) -> None:
    assert exchange({**interaction(), "request": {**ASKED, **members}}).request.body == body


@pytest.mark.parametrize("in_order", [True, False], ids=["block first", "block last"])
def test_our_block_is_given_to_the_exchanges_wherever_it_stands(in_order: bool) -> None:
    members = [
        ("conformance", BLOCK),
        ("interactions", [interaction("data: 1\n\n")]),
        ("version", 1),
    ]
    (found,) = read(yaml.safe_dump(dict(members if in_order else members[::-1]), sort_keys=False))
    assert isinstance(found, Exchange)
    assert found.meta == {
        key: value for key, value in BLOCK.items() if key not in ("version", "reads", "cut")
    }
    assert (found.response.reads, found.response.truncated, found.response.fidelity) == (
        ((12.1, 4), (13.0, 5)),
        True,
        "bytes",
    )


def test_the_date_of_our_block_may_stand_without_quotes() -> None:
    text = "conformance: {version: 1, recorded: 2026-11-22T15:00:00Z}\n" + yaml.safe_dump(
        {"interactions": [interaction()]}
    )
    (found,) = read(text)
    assert isinstance(found, Exchange)
    assert found.meta == {"recorded": "2026-11-22T15:00:00Z"}


def test_sizes_of_reads_are_dropped_where_the_body_was_compressed() -> None:
    wire = gzip.compress(b"data: 1\n\n")
    found = exchange(
        interaction(wire, {"content-encoding": "gzip"}),
        conformance={"version": 1, "reads": [[[1, len(wire)]]]},
    )
    assert (found.response.body, found.response.reads, found.response.fidelity) == (
        b"data: 1\n\n",
        (),
        "bytes",
    )


def test_reads_and_cuts_are_those_of_the_interaction() -> None:
    block = {"version": 1, "reads": [[[1, 2]], [[3, 4]]], "cut": [False]}
    found = [
        one
        for one in read(
            {"conformance": block, "interactions": [interaction("a"), interaction("b")]}
        )
        if isinstance(one, Exchange)
    ]
    assert [one.response.reads for one in found] == [((1.0, 2),), ((3.0, 4),)]
    assert [one.response.truncated for one in found] == [False, False]


def test_other_calls_are_skipped() -> None:
    other = interaction()
    other["request"]["uri"] = "https://oauth2.googleapis.com/token"
    first, second = read({"interactions": [other, interaction()]})
    assert first == Skipped("kept/chat.yaml#1", "not a Chat Completions call: POST /token")
    assert isinstance(second, Exchange)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (17, "the interaction is not an object"),
        ({"response": {}}, "request is missing"),
        ({"request": ASKED}, "response is missing"),
        (interaction(status="left out"), "response.status.code is missing"),
        (interaction(status={"code": "200"}), "response.status.code is not an integer"),
        (interaction(["a"]), "response.body is neither text nor binary"),
        (interaction(body={"base64_string": "@"}), "response.body.base64_string is not base64"),
        (
            interaction(b"\x1f\x8bxxxxxxxxxxxx", {"content-encoding": "gzip"}),
            "response.body does not match its content-encoding",
        ),
        (
            interaction(b"\x1b\xff\x00", {"content-encoding": "br"}),
            "response.body is compressed with br",
        ),
        (
            interaction(body="left out", parsed_body={"a": b"\xff"}),
            "response.parsed_body contains a value that JSON cannot represent",
        ),
    ],
)
def test_what_is_wrong_with_an_interaction_is_said_by_field_and_the_rest_is_read(
    wrong: Any, said: str
) -> None:
    first, outcome, last = read(
        {"interactions": [interaction(), wrong, interaction()], "version": 1}
    )
    assert isinstance(outcome, Unreadable)
    assert outcome.where == "kept/chat.yaml#2"
    assert said in outcome.why
    assert isinstance(first, Exchange)
    assert isinstance(last, Exchange)


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        (
            "version: 2\ninteractions: []",
            "chat.yaml",
            "unsupported vcr cassette version 2, expected 1",
        ),
        ("interactions: [{}]\nversion: 0", "chat.yaml", "unsupported vcr cassette version 0"),
        ("interactions: [{}]\nversion: true", "chat.yaml", "unsupported vcr cassette version True"),
        (
            "interactions: [{}]\nconformance: {version: 2}",
            "chat.yaml",
            "unsupported conformance block version 2, expected 1",
        ),
        (
            "interactions: [{}]\nconformance: {target: a}",
            "chat.yaml",
            "unsupported conformance block version None",
        ),
        ("interactions: [{}]\nconformance: a", "chat.yaml", "conformance is not an object"),
        (
            "interactions: [{}]\nconformance: {version: 1, case: 5}",
            "chat.yaml",
            "conformance.case is not a string",
        ),
        (
            "conformance: {version: !!python/name:os.system ''}",
            "chat.yaml",
            "'tag:yaml.org,2002:python/name:os.system' is not allowed",
        ),
        ("conformance: *a\ninteractions: [{}]", "chat.yaml", "not valid YAML on their own"),
        (
            "{conformance: {version: 1}, interactions: [{}]}",
            "chat.yaml",
            "must begin on its own line",
        ),
        ("version: 1", "chat.yaml", "no interactions"),
        ("interactions: 5", "chat.yaml", "interactions is not a list"),
        ("- request: {}", "chat.yaml", "not a YAML mapping"),
        ("version: 1\ninteractions:\n- a: [\n", "chat.yaml:4", "not YAML"),
        ("interactions:\n- \x07", "chat.yaml", "control characters"),
        ("interactions: [" + "[" * 100_000, "chat.yaml", "nested too deeply"),
    ],
)
def test_what_is_wrong_with_the_file_is_one_line(text: str, where: str, said: str) -> None:
    (outcome,) = read(text, "chat.yaml")
    assert isinstance(outcome, Unreadable)
    assert outcome.where == where
    assert said in outcome.why
    assert "\n" not in outcome.why


def test_a_version_in_braces_is_refused_when_it_is_met() -> None:
    first, second = read(
        yaml.safe_dump({"interactions": [interaction()], "version": 2}, default_flow_style=True)
    )
    assert isinstance(first, Exchange)
    assert isinstance(second, Unreadable)


def test_an_interaction_before_a_syntax_error_is_read() -> None:
    first, second = read(yaml.safe_dump({"interactions": [interaction()]}) + "- }\n")
    assert isinstance(first, Exchange)
    assert isinstance(second, Unreadable)


def test_bytes_that_are_not_utf8_are_one_line() -> None:
    (outcome,) = read(b"interactions:\n- a: \xff\n")
    assert isinstance(outcome, Unreadable)
    assert "UTF-8" in outcome.why


class Repeated(io.BytesIO):
    """A cassette of many interactions that is never in memory."""

    def __init__(self, count: int) -> None:
        super().__init__(b"")
        body = yaml.safe_dump(
            [interaction("data: 1\n\n" * 400, {"content-type": ["text/event-stream"]})]
        ).encode()
        self.parts = [
            b"interactions:\n",
            *[body] * count,
            yaml.safe_dump({"version": 1, "conformance": BLOCK}).encode(),
        ]
        self.number = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.number = 0
        return super().seek(0)

    def read1(self, size: int | None = -1, /) -> bytes:
        if data := super().read1(size):
            return data
        if self.number == len(self.parts):
            return b""
        self.number += 1
        super().__init__(self.parts[self.number - 1])
        return super().read1(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        if line := super().readline(size):
            return line
        first = self.read1(1)
        return first + super().readline(size)


def test_memory_stays_flat_over_many_interactions() -> None:
    file = Repeated(400)
    tracemalloc.start()
    try:
        found = [
            outcome.response.fidelity
            for outcome in cassette.read(file, "x.yaml")
            if isinstance(outcome, Exchange)
        ]
        assert tracemalloc.get_traced_memory()[1] < 1 << 19
    finally:
        tracemalloc.stop()
    assert found == ["bytes"] * 400


def test_reading_stops_at_endless_blank_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            return b"\n"

    monkeypatch.setattr(cassette, "MAX_ITEM", 1 << 20)
    assert list(cassette.read(Endless(), "a.yaml")) == [
        Unreadable("a.yaml", "blank lines take more than 1 MB")
    ]
