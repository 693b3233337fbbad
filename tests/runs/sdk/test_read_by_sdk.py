"""Each SDK call reads an answer as fine, lost or raised; our own failures are errors."""

from typing import Any

import pytest

openai = pytest.importorskip("openai")

from conformance.faults import faults  # noqa: E402
from conformance.protocol.exchange import Exchange, Request, Response  # noqa: E402
from conformance.runs.sdk import calls  # noqa: E402
from conformance.runs.sdk.read_by_sdk import read_by_sdk  # noqa: E402
from conformance.runs.sdk.reading import Break  # noqa: E402
from tests.helpers import shipped_cassettes  # noqa: E402
from tests.judging.conftest import chunks, completion, error, raw, stream, streamed  # noqa: E402

ASKED = {
    "type": "json_schema",
    "json_schema": {
        "name": "a",
        "schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
    },
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get", "arguments": '{"a":1}'}}
OPENING = {
    "tool_calls": [
        {
            "index": 0,
            "id": "call_1",
            "type": "function",
            "function": {"name": "get", "arguments": ""},
        }
    ]
}
REST = {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":1}'}}]}


def broken(exchange: Exchange) -> list[tuple[str, str, str]]:
    """Return call, outcome and the start of the description of each break."""
    reading = read_by_sdk(exchange)
    assert not reading.error
    assert not reading.not_read
    return [(each.call, each.outcome, each.what.partition(":")[0]) for each in reading.breaks]


@pytest.mark.parametrize(
    "exchange",
    [
        completion(),
        completion("a", "b"),
        completion({"tool_calls": [CALL, CALL]}),
        completion({"refusal": "No."}),
        completion('{"n": 1}', request={"response_format": ASKED}),
        completion('{"n": ', request={"response_format": ASKED}, finish="length"),
        completion(finish="content_filter", request={"response_format": ASKED}),
        stream(),
        stream(request={"stream_options": {"include_usage": True}}),
        stream((0, "a"), (1, "b"), n=2),
        stream(OPENING, REST, finish="tool_calls"),
        stream('{"n"', ": 1}", request={"response_format": ASKED}),
        stream('{"n"', request={"response_format": ASKED}, finish="length"),
        stream(headers={}),
        stream(request=None),
        completion(request=None),
        error(400),
        error(503),
        error(418),
        error(400, request={"stream": True}),
        error(400, request="{no JSON"),
    ],
)
def test_conforming_answers_are_read_completely(exchange: Exchange) -> None:
    assert read_by_sdk(exchange).breaks == ()
    assert read_by_sdk(exchange).outcome == "fine"


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (raw("{"), [("create()", "raised", "JSONDecodeError")]),
        (raw("<html>", "text/html"), [("create()", "lost", "the completion")]),
        (stream(request={"stream": False}), [("create()", "lost", "the completion")]),
        (
            completion("no JSON", request={"response_format": ASKED}),
            [("parse()", "raised", "ValidationError")],
        ),
        (
            completion('{"m": 1}', request={"response_format": ASKED}),
            [("parse()", "raised", "ValidationError")],
        ),
        (
            stream("no JSON", request={"response_format": ASKED}),
            [("stream()", "raised", "ValueError")],
        ),
        (
            streamed([b"data: {\n\n"]),
            [
                ("create(stream=True)", "raised", "JSONDecodeError"),
                ("stream()", "raised", "JSONDecodeError"),
            ],
        ),
        (streamed([]), [("stream()", "raised", "AssertionError")]),
        (
            stream(
                object="chat.completion",
                usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            ),
            [("stream()", "raised", "AssertionError")],
        ),
        (
            streamed(
                [
                    *chunks(usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
                    *chunks("!", finish=...),
                ]
            ),
            [
                ("stream()", "lost", name)
                for name in ("prompt_tokens", "completion_tokens", "total_tokens")
            ],
        ),
    ],
)
def test_a_break_names_the_call_that_fails(
    exchange: Exchange, expected: list[tuple[str, str, str]]
) -> None:
    assert broken(exchange) == expected


def test_a_loss_is_described_with_the_value_read_instead() -> None:
    opening = {
        "tool_calls": [
            {
                "index": 0,
                "id": "c",
                "function": {"name": "get", "arguments": ""},
                "type": "function",
            }
        ]
    }
    again = {"tool_calls": [{"index": 0, "function": {"name": "get", "arguments": "{}"}}]}
    assert read_by_sdk(stream(opening, again, finish="tool_calls")).breaks == (
        Break("stream()", "lost", "tool call 0 of choice 0: 'get({})' became 'getget({})'"),
    )


def test_a_call_goes_back_with_what_the_server_needs_of_it() -> None:
    signed = {**CALL, "extra_content": {"google": {"thought_signature": "c2ln"}}}
    assert broken(completion({"tool_calls": [signed]})) == []
    twice = [
        {"index": 0, "id": "c", "type": "function", "function": {"name": "get", "arguments": "{"}},
        {"index": 0, "id": "c", "function": {"arguments": "}"}},
    ]
    assert broken(stream(*({"tool_calls": [call]} for call in twice), finish="tool_calls")) == [
        ("tools round trip", "lost", "id of tool call 0")
    ]


MESSAGE = "the message of the error"
LOSES_MESSAGES = tuple(map(int, openai.__version__.split(".")[:2])) >= (3, 38)
"""Since then the SDK leaves out the message of an error that is no object, or stands in a list."""


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (
            400,
            [{"error": {"message": "No.", "code": 400}}],
            [MESSAGE, "the code of the error, 400"],
        ),
        (400, {"error": "No."}, [MESSAGE]),
        (400, {"error": {"message": "No.", "param": "n"}}, []),
        (404, {"detail": "Not Found"}, []),
        (500, "<html>", []),
    ],
)
def test_an_error_must_be_raised_with_all_its_details(
    status: int, body: Any, expected: list[str]
) -> None:
    made = raw(body, "text/html", status) if isinstance(body, str) else error(status, body)
    lost = [each for each in expected if LOSES_MESSAGES or each != MESSAGE]
    assert [what for _, _, what in broken(made)] == lost


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"error": {"message": "Overloaded.", "code": 503}}, []),
        (
            {"object": "error", "message": "Overloaded.", "code": 503},
            [("create(stream=True)", "lost", "the error in event 3 of the stream")],
        ),
    ],
)
def test_an_error_in_a_stream_has_to_be_raised(
    event: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert [
        each
        for each in broken(streamed([*chunks("a", "b", finish=...), event], done=False))
        if each[0] == "create(stream=True)"
    ] == expected


def test_a_truncation_has_to_be_raised() -> None:
    assert broken(stream(done=False, truncated=True)) == []
    assert broken(completion(truncated=True)) == []
    assert broken(stream(truncated=True)) == []  # all of it had come


def test_breaks_of_the_asynchronous_client_alone_are_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "in_a_loop", lambda *_: RuntimeError("late"))
    assert read_by_sdk(completion()).breaks == (
        Break("async create()", "raised", "RuntimeError: late"),
    )


def test_a_failure_of_our_own_code_is_an_error_and_no_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("of our own")

    monkeypatch.setattr(calls, "blocking", break_down)
    reading = read_by_sdk(completion())
    assert (reading.outcome, reading.error, reading.breaks) == (
        "error",
        "ZeroDivisionError: of our own",
        (),
    )


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange("", Request(), Response(200)),
        completion(meta={"partial": True}),
        completion(meta={"elided": ["/id"]}),
    ],
)
def test_incomplete_recordings_are_not_read(exchange: Exchange) -> None:
    assert read_by_sdk(exchange).outcome == "not read"


def test_strict_validation_finds_what_the_sdk_accepts() -> None:
    assert read_by_sdk(completion()).strict == ""
    assert (
        read_by_sdk(completion(created="now", model=7)).strict
        == "2 errors, the first at created: Input should be a valid integer"
    )
    assert read_by_sdk(completion(created="now")).outcome == "fine"
    assert (
        read_by_sdk(stream(created="now")).strict
        == "4 errors, the first at created: Input should be a valid integer"
    )


def test_a_secret_in_an_answer_is_in_no_reading() -> None:
    key = "sk-proj-" + "a1B2" * 10
    said = {"error": f"the key {key} is none"}
    assert bool(read_by_sdk(error(401, said)).breaks) is LOSES_MESSAGES
    twice = {
        "tool_calls": [
            {
                "index": 0,
                "id": "c",
                "type": "function",
                "function": {"name": key, "arguments": "{}"},
            }
        ]
    }
    readings = [
        read_by_sdk(error(401, said)),
        read_by_sdk(stream(twice, twice)),
        read_by_sdk(raw(f'{{"{key}')),
    ]
    assert [bool(reading.breaks) for reading in readings] == [LOSES_MESSAGES, True, True]
    assert "a1B2a1B2" not in repr(readings)


def of_llama_cpp() -> list[Exchange]:
    return [each for each in shipped_cassettes.exchanges() if each.meta["target"] == "llama.cpp"]


@pytest.mark.parametrize(
    "name", ["no-index", "events-glued-together", "index-0-for-all-calls", "stream-unasked"]
)
def test_faults_that_break_it(name: str) -> None:
    fault = faults()[name]
    faulty = [made for each in of_llama_cpp() if (made := fault(each))]
    assert faulty
    assert {read_by_sdk(made).broken for made in faulty[:3]} == {True}


def test_it_reads_all_that_a_real_server_answered() -> None:
    readings = {exchange.id: read_by_sdk(exchange) for exchange in of_llama_cpp()[::5]}
    assert {
        name: reading.breaks for name, reading in readings.items() if reading.outcome != "fine"
    } == {}
