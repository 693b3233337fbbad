"""ERR: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from conformance.judging.rules.errors import (
    error_message,
    error_object,
    failure_inside_is_the_last_word,
)
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

STREAMING = {"stream": True}
BROKEN = {"tools": [{"type": "function"}]}
VIOLATED = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    "fieldViolations": [{"field": "n", "description": "n must be 1"}],
}
FAILURE = {
    "error": {"message": "The server failed.", "type": "server_error", "param": None, "code": None}
}
STRAY = b'[{\n  "error": {\n    "code": 429,\n    "status": "RESOURCE_EXHAUSTED"\n  }\n}\n]'
OF_TGI = {"error": {"message": "x", "http_status_code": 422}, "object": ""}
NOWHERE = (None, "")


def openai(message: Json = "Something is wrong.", **fields: Json) -> dict[str, Any]:
    """A body in OpenAI's dialect; ``...`` leaves a field out."""
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    } | fields
    return {"error": {key: value for key, value in error.items() if value is not ...}}


def google(
    status: int = 400, code: Json = ..., name: Json = "INVALID_ARGUMENT", **fields: Json
) -> dict[str, Any]:
    """A body in Google's dialect; ``...`` as code is the status."""
    return {
        "error": {
            "code": status if code is ... else code,
            "message": "Something is wrong.",
            "status": name,
            **fields,
        }
    }


def vllm(status: int = 400) -> dict[str, Any]:
    return openai(type="BadRequestError", code=status)


def tgi(**fields: Json) -> dict[str, Any]:
    return {
        "error": "Input validation error: `top_p` must be above 0",
        "error_type": "validation",
    } | fields


def answered(make: Any, body: Json, status: int = 400, **rest: Any) -> Exchange:
    made: Exchange = make.error(status, body, **rest)
    return made


def unknown(make: Any, message: str, status: int = 400, **asked: Json) -> Exchange:
    made: Exchange = make.error(status, message, request=asked)
    return made


CONFORMING: dict[str, tuple[str, Build]] = {
    "a bad request": ("openai", lambda make: answered(make, openai())),
    "a code in words": (
        "openai",
        lambda make: answered(make, openai(code="context_length_exceeded", param="messages")),
    ),
    "no such model": (
        "openai",
        lambda make: answered(
            make, openai("The model `gpt-6` does not exist.", code="model_not_found"), 404
        ),
    ),
    "a parameter for other models": (
        "openai",
        lambda make: unknown(
            make,
            "Unsupported parameter: 'max_tokens' is not supported with this model.",
            max_tokens=1,
        ),
    ),
    "an effort for other models": (
        "openai",
        lambda make: unknown(
            make, "Unrecognized request argument supplied: reasoning_effort", reasoning_effort="low"
        ),
    ),
    "an unknown parameter": (
        "openai",
        lambda make: unknown(make, "Unknown parameter: 'colour'.", colour="red", user="ada"),
    ),
    "an illegal value": ("openai", lambda make: unknown(make, "Unknown parameter: 'n'.", n=0)),
    "a strict schema": (
        "openai",
        lambda make: answered(
            make,
            openai(
                "Invalid schema for function 'f': In context=(), 'additionalProperties' is required"
                " to be supplied."
            ),
            request={
                "tools": [
                    {
                        "type": "function",
                        "function": {"name": "f", "parameters": {"type": "object"}, "strict": True},
                    }
                ]
            },
        ),
    ),
    "overload": (
        "openai",
        lambda make: answered(
            make, openai("The model is overloaded.", type="server_error"), 503, request=BROKEN
        ),
    ),
    "a failure of the server": ("openai", lambda make: answered(make, FAILURE, 500)),
    "keys that nobody knows": (
        "openai",
        lambda make: answered(make, openai(innererror={}) | {"request_id": "r"}),
    ),
    "a broken request": (
        "openai",
        lambda make: answered(
            make, openai("Missing required parameter: 'tools[0].function'."), request=BROKEN
        ),
    ),
    "a bad request, streamed": ("openai", lambda make: answered(make, openai(), request=STREAMING)),
    "an answer": ("openai", lambda make: make.completion()),
    "an answer whose error is null": ("openai", lambda make: make.completion(error=None)),
    "a stream": ("openai", lambda make: make.stream()),
    "a failure inside": (
        "openai",
        lambda make: make.stream("Hel", FAILURE | {"object": "error"}, finish=...),
    ),
    "Google's dialect": ("vertex-gemini", lambda make: answered(make, google())),
    "Google's dialect with details": (
        "gemini-api",
        lambda make: answered(make, google(details=[VIOLATED])),
    ),
    "a code of Google in doubt": ("gemini-api", lambda make: answered(make, google(405), 405)),
    **{
        f"{name} of Google": (
            "gemini-api",
            lambda make, name=name, status=status: answered(  # type: ignore[misc]
                make, google(status, name=name), status, headers={}
            ),
        )
        for name, status in [
            ("FAILED_PRECONDITION", 400),
            ("UNAUTHENTICATED", 401),
            ("PERMISSION_DENIED", 403),
            ("NOT_FOUND", 404),
            ("RESOURCE_EXHAUSTED", 429),
            ("INTERNAL", 500),
            ("UNAVAILABLE", 503),
            ("DEADLINE_EXCEEDED", 504),
        ]
    },
    "vLLM's dialect": ("vertex-vllm", lambda make: answered(make, vllm())),
    "TGI's dialect": ("vertex-tgi", lambda make: answered(make, tgi(), 422)),
    "a stream of TGI that failed": (
        "vertex-tgi",
        lambda make: make.stream("Hel", OF_TGI, finish=...),
    ),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "a page": (
        "openai",
        lambda make: make.raw("<html>502 Bad Gateway</html>", "text/html", 502),
        "ERR-001",
        NOWHERE,
    ),
    "a text": (
        "openai",
        lambda make: make.raw("processing failed: missing field `messages`", "text/plain", 400),
        "ERR-001",
        NOWHERE,
    ),
    "nothing": ("openai", lambda make: answered(make, b"", 404, headers={}), "ERR-001", NOWHERE),
    "the envelope of a gateway": (
        "openai",
        lambda make: answered(
            make, {"success": False, "errors": [{"code": 7000, "message": "x"}], "result": None}
        ),
        "ERR-018 ERR-002",
        NOWHERE,
    ),
    "the detail of a framework": (
        "openai",
        lambda make: answered(make, {"detail": [{"loc": ["body"], "msg": "x"}]}, 422),
        "ERR-002 ERR-018",
        NOWHERE,
    ),
    "a message alone": (
        "openai",
        lambda make: answered(make, {"message": "Slow down."}, 400),
        "ERR-002 ERR-018",
        NOWHERE,
    ),
    "two errors": (
        "gemini-api",
        lambda make: answered(make, [google(), google()]),
        "ERR-002 ERR-018",
        NOWHERE,
    ),
    "no error in the list": (
        "gemini-api",
        lambda make: answered(make, []),
        "ERR-002 ERR-018",
        NOWHERE,
    ),
    "a text as error": (
        "openai",
        lambda make: answered(make, {"error": "Something is wrong."}),
        "ERR-003",
        (None, "/error"),
    ),
    "no message": ("openai", lambda make: answered(make, openai(...)), "ERR-003", (None, "/error")),
    "an empty message": (
        "openai",
        lambda make: answered(make, openai("")),
        "ERR-003",
        (None, "/error/message"),
    ),
    "an object as message": (
        "openai",
        lambda make: answered(make, openai({"detail": "x"})),
        "ERR-003",
        (None, "/error/message"),
    ),
    "no message of Google": (
        "vertex-gemini",
        lambda make: answered(make, google(message="")),
        "ERR-003",
        (None, "/error/message"),
    ),
    "another code than the status": (
        "gemini-api",
        lambda make: answered(make, google(code=404)),
        "ERR-004",
        (None, "/error/code"),
    ),
    "a text as code": (
        "vertex-gemini",
        lambda make: answered(make, google(code="400")),
        "ERR-004",
        (None, "/error/code"),
    ),
    "another code in a list": (
        "vertex-gemini",
        lambda make: answered(make, [google(code=500)]),
        "ERR-004 ERR-018",
        (None, "/0/error/code"),
    ),
    "a status that does not fit": (
        "gemini-api",
        lambda make: answered(make, google(name="NOT_FOUND")),
        "ERR-005",
        (None, "/error/status"),
    ),
    "a status that nobody knows": (
        "vertex-gemini",
        lambda make: answered(make, google(405, name="Oops"), 405),
        "ERR-005",
        (None, "/error/status"),
    ),
    "no status": (
        "vertex-gemini",
        lambda make: answered(make, google(name=None)),
        "ERR-005",
        (None, "/error/status"),
    ),
    "details as object": (
        "gemini-api",
        lambda make: answered(make, google(details={})),
        "ERR-006",
        (None, "/error/details"),
    ),
    "a detail without its type": (
        "gemini-api",
        lambda make: answered(make, google(details=[{"reason": "x"}])),
        "ERR-006",
        (None, "/error/details/0"),
    ),
    "no type": (
        "openai",
        lambda make: answered(make, openai(type=...)),
        "ERR-007",
        (None, "/error"),
    ),
    "no param": (
        "openai",
        lambda make: answered(make, openai(param=...)),
        "ERR-007",
        (None, "/error"),
    ),
    "no code": (
        "openai",
        lambda make: answered(make, openai("Job requires 1027 pages", code=...)),
        "ERR-007",
        (None, "/error"),
    ),
    "Google's dialect": (
        "openai",
        lambda make: answered(make, google()),
        "ERR-007 ERR-019",
        (None, "/error"),
    ),
    "Google's list": (
        "openai",
        lambda make: answered(make, [google()]),
        "ERR-018 ERR-007 ERR-019",
        NOWHERE,
    ),
    "a stream that begins with an error": (
        "openai",
        lambda make: make.streamed([FAILURE]),
        "ERR-014",
        (0, ""),
    ),
    "an error outside of the events, as Vertex AI sends it": (
        "openai",
        lambda make: make.streamed([*make.chunks("Hel", finish=...), STRAY], done=False),
        "ERR-015 SSE-003 SSE-009 SSE-012",
        NOWHERE,
    ),
    "an error outside of the events before the first chunk": (
        "openai",
        lambda make: make.streamed([b": hello\n\n", STRAY], done=False),
        "ERR-014 ERR-015 SSE-003 SSE-009 SSE-012",
        NOWHERE,
    ),
    "TGI's error in a stream": (
        "openai",
        lambda make: make.streamed([tgi()], done=False),
        "ERR-014 SSE-003",
        (0, ""),
    ),
    "a stream that begins with a list": (
        "openai",
        lambda make: make.streamed(['[{"error": {"code": 400}}]']),
        "ERR-014 ERR-015",
        (0, ""),
    ),
    "chunks after a failure": (
        "openai",
        lambda make: make.stream("Hel", FAILURE | {"object": "error"}, "lo!"),
        "ERR-015",
        (3, ""),
    ),
    "a failure without error": (
        "openai",
        lambda make: make.stream(
            "Hel", {"object": "error", "message": "Failed.", "code": 500}, finish=...
        ),
        "ERR-015",
        (2, ""),
    ),
    "a failure as list": (
        "openai",
        lambda make: make.streamed([*make.chunks("Hel", finish=...), '[{"error": {"code": 500}}]']),
        "ERR-015",
        (2, ""),
    ),
    "TGI without error_type": (
        "vertex-tgi",
        lambda make: answered(make, {"error": "x"}, 422),
        "ERR-017",
        NOWHERE,
    ),
    "TGI with an empty error": (
        "vertex-tgi",
        lambda make: answered(make, tgi(error=""), 422),
        "ERR-017",
        (None, "/error"),
    ),
    "a number as code": (
        "openai",
        lambda make: answered(make, openai(code=500, type=None), 500),
        "ERR-019",
        (None, "/error/code"),
    ),
    "a broken request told as a failure of the server": (
        "openai",
        lambda make: answered(
            make, openai("tools[0].function is missing", type="server_error"), 502, request=BROKEN
        ),
        "ERR-022",
        NOWHERE,
    ),
    "a request that is no JSON, told so": (
        "openai",
        lambda make: answered(make, openai("Expecting value"), 500, request='{"model":'),
        "ERR-022",
        NOWHERE,
    ),
    "a broken request and a text": (
        "openai",
        lambda make: make.raw(
            "processing failed: missing field `function`", "text/plain", 503, request=BROKEN
        ),
        "ERR-001 ERR-022",
        NOWHERE,
    ),
    "an error under status 200": (
        "openai",
        lambda make: make.raw('{"error": {"message": "x"}}'),
        "ERR-023",
        (None, "/error"),
    ),
    "an error beside choices": (
        "openai",
        lambda make: make.completion(error={"message": "x", "code": 400}, id=None, choices=None),
        "ERR-023 CHO-001 ENV-003",
        (None, "/error"),
    ),
    "Google's error under status 200": (
        "gemini-api",
        lambda make: make.raw('[{"error": {"code": 400}}]'),
        "ERR-023 ENV-001",
        (None, "/0/error"),
    ),
    "frequency_penalty refused": (
        "gemini-api",
        lambda make: answered(
            make,
            google(
                message=(
                    'Invalid JSON payload received. Unknown name "frequency_penalty": Cannot find'
                    " field."
                ),
                details=[VIOLATED],
            ),
            request={"frequency_penalty": 0.5},
        ),
        "ERR-027",
        NOWHERE,
    ),
    "seed refused by 415": (
        "openai",
        lambda make: unknown(make, "Unknown parameter: 'seed'.", 415, seed=1),
        "ERR-027",
        NOWHERE,
    ),
    "seed refused": (
        "openai",
        lambda make: unknown(make, "Unknown parameter: 'seed'.", seed=1),
        "ERR-027",
        NOWHERE,
    ),
    "parallel_tool_calls refused": (
        "openai-compatible",
        lambda make: answered(
            make,
            {
                "error": {
                    "message": (
                        "[{'type': 'extra_forbidden', 'loc': ('body', 'parallel_tool_calls'),"
                        " 'msg': 'Extra inputs are not permitted'}]"
                    ),
                    "type": "BadRequestError",
                    "param": None,
                    "code": None,
                }
            },
            request={"parallel_tool_calls": True},
        ),
        "ERR-027",
        NOWHERE,
    ),
    "logprobs refused by 422": (
        "openai",
        lambda make: unknown(
            make, "Unrecognized request argument supplied: logprobs", 422, logprobs=True
        ),
        "ERR-027",
        NOWHERE,
    ),
}

UNJUDGED: dict[str, tuple[str, str, Build]] = {
    "an error quoted in part": (
        "openai",
        "ERR-001",
        lambda make: make.raw('{"error": {"message": "The', status=400, meta={"partial": True}),
    ),
    "an error that was cut": (
        "openai",
        "ERR-001",
        lambda make: make.raw('{"error": {"message": "The', status=400, truncated=True),
    ),
    "a broken request, unknown": ("openai", "ERR-022", lambda make: make.error(500, request=None)),
    "an error of a plain request": ("openai", "ERR-014", lambda make: make.error(400)),
    "an error where an event stream was announced": (
        "openai",
        "ERR-023",
        lambda make: make.raw('{"error": {"message": "x"}}', "text/event-stream"),
    ),
    "an event stream": ("openai", "ERR-023", lambda make: make.streamed([FAILURE])),
    "a parameter refused, request unknown": (
        "openai",
        "ERR-027",
        lambda make: make.error(400, "Unknown parameter: 'seed'.", request=None),
    ),
    "a parameter in another error": (
        "openai",
        "ERR-027",
        lambda make: make.error(500, "Unknown parameter: 'seed'.", request={"seed": 1}),
    ),
    "a list that tells of no error": (
        "openai",
        "ERR-015",
        lambda make: make.streamed(['["failed"]', *make.chunks("a")]),
    ),
    "an error in a text": (
        "openai",
        "ERR-015",
        lambda make: make.streamed(['failed: "error"', *make.chunks("a")]),
    ),
    "a stream in which nothing fails": ("openai", "ERR-014", lambda make: make.stream()),
    "the status of an empty error": (
        "gemini-api",
        "ERR-005",
        lambda make: make.error(400, {"error": {}}),
    ),
    "the code of an empty error": (
        "gemini-api",
        "ERR-004",
        lambda make: make.error(400, {"error": {}}),
    ),
    "the code of a body without error": (
        "gemini-api",
        "ERR-004",
        lambda make: make.error(400, {"message": "x"}),
    ),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, place = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == place


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    profile, row, build = UNJUDGED[case]
    assert outcomes(build(make), profile)[row] == "not exercised"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (openai("a"), "a"),
        ([google(message="a")], "a"),
        ({"error": "a", "error_type": "validation"}, "a"),
        ({"object": "error", "message": "a"}, "a"),
        ({"detail": "a"}, "a"),
        ({"detail": [{"msg": "a"}]}, "[{'msg': 'a'}]"),
        ({"errors": [{"message": "a"}]}, "[{'message': 'a'}]"),
        ({"error": {"message": "Bad Request", "metadata": {"raw": "a"}}}, "Bad Request a"),
        (google(message="", details=[VIOLATED]), "n must be 1"),
        (google(message="a", details=[VIOLATED]), "a"),
        (google(message="", details=["x", {"fieldViolations": 7}, VIOLATED]), "n must be 1"),
        ([{"message": "a"}], "a"),
        ({"error": None}, ""),
        ([], ""),
        (7, "7"),
        (b"", ""),
        (b"\xff" + b"x" * 3000, "\ufffd" + "x" * 1999),
    ],
)
def test_the_message_is_read_in_every_dialect(body: Json, message: str, make: Any) -> None:
    assert error_message(fold(make.error(400, body))) == message


def test_a_body_that_was_not_recorded_says_nothing(make: Any) -> None:
    assert (
        error_message(fold(make.raw(b"", status=400)))
        == error_message(fold(unrecorded(make)))
        == ""
    )


def unrecorded(make: Any) -> Exchange:
    made: Exchange = make.error(400)
    return replace(made, response=replace(made.response, body=None))


@pytest.mark.parametrize("body", [{}, [], {"error": "x"}, [google(), google()], 7])
def test_there_is_no_object_where_the_error_is_none(body: Json, make: Any) -> None:
    assert error_object(fold(make.error(400, body))) == ({}, "")


def test_an_error_before_a_stream_conforms(make: Any, outcomes: Any) -> None:
    assert outcomes(answered(make, openai(), request=STREAMING))["ERR-014"] == "pass"


@pytest.mark.parametrize(
    ("body", "message", "actual"),
    [
        (b"", "the error has no body", ""),
        (b"\xff" + b"x" * 100, "the body of the error is not JSON", "\ufffd" + "x" * 79),
    ],
)
def test_the_evidence_of_what_is_no_json_is_its_start(
    body: bytes, message: str, actual: str, make: Any, findings: Any
) -> None:
    found = findings(make.error(400, body))["ERR-001"]
    assert (found.message, found.expected, found.actual) == (message, "JSON", actual)


def test_the_evidence_of_the_code_and_of_the_status_is_what_was_met(
    make: Any, findings: Any
) -> None:
    found = findings(answered(make, google(code=404, name="NOT_FOUND")), "gemini-api")
    assert (found["ERR-004"].expected, found["ERR-004"].actual) == (400, 404)
    assert (found["ERR-005"].expected, found["ERR-005"].actual) == (
        "INVALID_ARGUMENT or FAILED_PRECONDITION or OUT_OF_RANGE",
        "NOT_FOUND",
    )


@pytest.mark.parametrize(
    ("build", "row", "actual"),
    [
        (
            lambda make: make.streamed([' [{"error": "' + "x" * 300 + '"}]'], False),
            "ERR-014",
            ' [{"error": "' + "x" * 187,
        ),
        (
            lambda make: make.streamed([' [{"error": "' + "x" * 300 + '"}]'], False),
            "ERR-015",
            ' [{"error": "' + "x" * 187,
        ),
        (
            lambda make: make.streamed([FAILURE, {"object": "x" * 300, "choices": []}]),
            "ERR-015",
            '{"object":"' + "x" * 189,
        ),
        (
            lambda make: unknown(make, "Unknown parameter: 'seed'. " + "x" * 300, seed=1),
            "ERR-027",
            "Unknown parameter: 'seed'. " + "x" * 173,
        ),
    ],
)
def test_the_evidence_is_cut(build: Build, row: str, actual: str, make: Any, findings: Any) -> None:
    assert findings(build(make))[row].actual == actual


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("ERR", conforming, violating) == set()


@pytest.mark.parametrize(
    ("build", "messages"),
    [
        (
            lambda make: make.streamed([*make.chunks("a", finish=...), STRAY + b"\n"]),
            ["the error is outside of an event: its lines do not begin with data:"],
        ),
        (
            lambda make: make.streamed([b":\n", STRAY + b"\n", *make.chunks("a")]),
            [
                "the error is outside of an event: its lines do not begin with data:",
                "chunks follow the error in the stream",
            ],
        ),
        (
            lambda make: make.streamed(['[{"error": {"code": 500}}]', *make.chunks("a")]),
            ["the error in the stream is an array", "chunks follow the error in the stream"],
        ),
    ],
)
def test_the_form_of_the_error_and_what_follows_it_are_reported(
    build: Build, messages: list[str], make: Any
) -> None:
    found = failure_inside_is_the_last_word.check(fold(build(make)))
    assert [each.message for each in found] == messages
