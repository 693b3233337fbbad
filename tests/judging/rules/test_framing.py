"""SSE: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]

WAVE = "\U0001f44b"
HALF = "\ufffd"
FAILURE = {"error": {"message": "Overloaded.", "type": "server_error", "param": None, "code": None}}


def framed(make: Any, write: Callable[[bytes], bytes]) -> Exchange:
    """An ordinary stream whose body was written in another way."""
    exchange: Exchange = make.stream("Gr\u00fc\u00dfe ", WAVE)
    return replace(
        exchange, response=replace(exchange.response, body=write(exchange.response.body or b""))
    )


def written(old: bytes, new: bytes) -> Build:
    return lambda make: framed(make, lambda body: body.replace(old, new))


def begun(start: bytes) -> Build:
    return lambda make: framed(make, lambda body: start + body)


def ended(end: bytes, new: bytes) -> Build:
    """An ordinary stream with another end of its body, which has this one."""

    def write(body: bytes) -> bytes:
        assert body.endswith(end)
        return body.removesuffix(end) + new

    return lambda make: framed(make, write)


def of(*events: Any, **rest: Any) -> Build:
    """An ordinary stream with these events after its first."""

    def build(make: Any) -> Exchange:
        first, *others = make.chunks("a")
        exchange: Exchange = make.streamed([first, *events, *others], **rest)
        return exchange

    return build


def broken_call(make: Any) -> Exchange:
    call = make.call(index=0, arguments=f'{{"city":"{HALF}"}}')
    exchange: Exchange = make.stream(
        {"tool_calls": [call]}, finish="tool_calls", request={"tools": make.tools()}
    )
    return exchange


def arriving(exchange: Exchange, *times: float) -> Exchange:
    """The exchange with a body that arrives in as many reads, at these times."""
    size = len(exchange.response.body or b"")
    ends = [size * number // len(times) for number in range(len(times) + 1)]
    reads = tuple(
        (float(at), end - start) for at, start, end in zip(times, ends, ends[1:], strict=False)
    )
    return replace(exchange, response=replace(exchange.response, reads=reads))


CONFORMING: dict[str, tuple[str, Build]] = {
    "ordinary": ("openai", lambda make: make.stream()),
    "no charset": ("openai", lambda make: make.stream(content_type="text/event-stream")),
    "another charset's spelling": (
        "openai",
        lambda make: make.stream(content_type="Text/Event-Stream;charset=UTF-8"),
    ),
    "no headers recorded": ("openai", lambda make: make.stream(headers={})),
    "many deltas as they are made": (
        "openai",
        lambda make: arriving(make.stream(*"abcdefghijkl"), 500, 2000),
    ),
    "many deltas at once, and soon": (
        "openai",
        lambda make: arriving(make.stream(*"abcdefghijkl"), 900),
    ),
    "a silence that is long for a model that thinks": (
        "openai",
        lambda make: arriving(make.stream("a"), 31_000, 32_000),
    ),
    "a silence that is not too long": (
        "openai-compatible",
        lambda make: arriving(make.stream("a"), 30_000, 60_000),
    ),
    "few deltas at once": ("openai", lambda make: arriving(make.stream(*"abcdefghi"), 2000)),
    "CRLF": ("openai", written(b"\n", b"\r\n")),
    "CR": ("openai", written(b"\n", b"\r")),
    "no space after the colon": ("openai", written(b"data: ", b"data:")),
    "comments": ("openai", written(b"data: ", b": keep-alive\n\n:\n\ndata: ")),
    "a comment inside an event": ("openai", written(b"\n\n", b"\n: still here\n\n")),
    "a comment at first": ("openai", begun(b": OPENROUTER PROCESSING\n\n")),
    "a comment at last, never ended": ("openai", ended(b"", b": bye")),
    "many blank lines": ("openai", written(b"\n\n", b"\n\n\n\n")),
    "blank lines at first": ("openai", begun(b"\n\n")),
    "a byte order mark": ("openai", begun(b"\xef\xbb\xbf")),
    "an object over several lines": ("openai", written(b',"choices":', b',\ndata: "choices":')),
    "spaces round an object": ("openai", written(b"data: {", b"data:  {")),
    "all of it in one read a byte": (
        "openai",
        lambda make: make.stream(reads=tuple((1.0, 1) for _ in range(9))),
    ),
    "plain where plain was asked": (
        "openai",
        lambda make: make.completion(request={"stream": False}),
    ),
    "plain where nothing was asked": (
        "openai",
        lambda make: make.completion(request={"stream": None}),
    ),
    "a stream to a request that was not recorded": (
        "openai",
        lambda make: make.stream(request=None),
    ),
    "a replacement character from the request": (
        "openai",
        lambda make: make.stream(
            f"You wrote {HALF}.",
            request={"messages": [{"role": "user", "content": f"What is {HALF}?"}]},
        ),
    ),
    "a character cut by the limit": (
        "openai",
        lambda make: make.stream("Bye ", HALF * 3, finish="length"),
    ),
    "the last character cut by the limit": (
        "openai",
        lambda make: make.stream("Bye " + HALF, finish="length"),
    ),
    "cut inside an event": (
        "openai",
        lambda make: make.streamed(
            [*make.chunks("a", finish=...), b'data: {"id":"chat'], False, truncated=True
        ),
    ),
    "cut inside a character": (
        "openai",
        lambda make: make.streamed(
            [*make.chunks("a", finish=...), b'data: {"\xf0\x9f'], False, truncated=True
        ),
    ),
}

VIOLATING: dict[str, tuple[str, Build, str, int | None]] = {
    "many deltas at once, and late": (
        "openai",
        lambda make: arriving(make.stream(*"abcdefghij"), 1000),
        "SSE-013",
        None,
    ),
    "a silence before the first byte": (
        "openai-compatible",
        lambda make: arriving(make.stream("a"), 30_001, 30_002),
        "SSE-014",
        None,
    ),
    "a silence in the middle": (
        "vertex-vllm",
        lambda make: arriving(make.stream("a"), 10, 20, 30_021, 30_022),
        "SSE-014",
        None,
    ),
    "JSON by its type": (
        "openai",
        lambda make: make.stream(content_type="application/json"),
        "SSE-001",
        None,
    ),
    "JSON lines by their type": (
        "openai",
        lambda make: make.stream(content_type="application/x-ndjson"),
        "SSE-001",
        None,
    ),
    "a keep-alive as data": (
        "openai",
        lambda make: make.streamed([": PROCESSING", *make.chunks("a")]),
        "SSE-002",
        0,
    ),
    "a ping": ("openai", of("ping"), "SSE-002", 1),
    "no data": ("openai", of(""), "SSE-002", 1),
    "an array": ("openai", of("[]"), "SSE-002", 1),
    "an array of something else than an error": ("openai", of('[{"a": 1}]'), "SSE-002", 1),
    "a null": ("openai", of("null"), "SSE-002", 1),
    "a null after a space": ("openai", of(" null"), "SSE-002", 1),
    "half an object": ("openai", of('{"id":'), "SSE-002", 1),
    "the first two events in one": (
        "openai",
        lambda make: framed(make, lambda body: body.replace(b"\n\n", b"\n", 1)),
        "SSE-002",
        0,
    ),
    "the last event joined with [DONE]": (
        "openai",
        ended(b"\n\ndata: [DONE]\n\n", b"\ndata: [DONE]\n\n"),
        "SSE-002",
        3,
    ),
    "[DONE] in small letters": (
        "openai",
        ended(b"[DONE]\n\n", b"[done]\n\n"),
        "SSE-002 SSE-003",
        4,
    ),
    "no [DONE]": ("openai", lambda make: make.stream(done=False), "SSE-003", 3),
    "[DONE] twice": (
        "openai",
        lambda make: make.streamed([*make.chunks("a"), "[DONE]"]),
        "SSE-003",
        4,
    ),
    "[DONE] before the last chunk": (
        "openai",
        lambda make: make.streamed(["[DONE]", *make.chunks("a")], False),
        "SSE-003",
        1,
    ),
    "no [DONE] after a failure": (
        "openai",
        lambda make: make.streamed([*make.chunks("a", finish=...), FAILURE], False),
        "SSE-003",
        2,
    ),
    "a character broken between events": (
        "openai",
        lambda make: make.stream("Bye " + HALF, HALF + "!"),
        "SSE-005",
        1,
    ),
    "a character broken between the last events of a cut answer": (
        "openai",
        lambda make: make.stream("Bye " + HALF, HALF, finish="length"),
        "SSE-005",
        1,
    ),
    "a character broken in reasoning": (
        "openai-compatible",
        lambda make: make.stream({"reasoning": HALF}, "Bye."),
        "SSE-005",
        1,
    ),
    "a character broken in other reasoning": (
        "openai-compatible",
        lambda make: make.stream({"reasoning_content": HALF}, "Bye."),
        "SSE-005",
        1,
    ),
    "a character broken in a refusal": (
        "openai",
        lambda make: make.stream({"refusal": HALF}),
        "SSE-005",
        1,
    ),
    "a character broken in a call": ("openai", broken_call, "SSE-005", 1),
    "bytes that are no UTF-8": ("openai", written(WAVE.encode(), b"\xff"), "SSE-005 ENV-017", None),
    "a stream nobody asked for": (
        "openai",
        lambda make: make.stream(request={"stream": False}),
        "SSE-007",
        None,
    ),
    "a stream where nothing was said of one": (
        "openai",
        lambda make: make.stream(request={"stream": ...}),
        "SSE-007",
        None,
    ),
    "a name of its own": (
        "openai",
        written(b"data: ", b"event: chunk\ndata: "),
        "SSE-008 SSE-010",
        0,
    ),
    "a name of its own, from any server": (
        "openai-compatible",
        written(b"data: {", b"event: chunk\ndata: {"),
        "SSE-008 SSE-010",
        0,
    ),
    "the last event never ended": ("openai", ended(b"\n\n", b"\n"), "SSE-009", None),
    "the last line never ended": ("openai", ended(b"\n\n", b""), "SSE-009", None),
    "the last chunk never ended": (
        "openai",
        ended(b"\n\ndata: [DONE]\n\n", b"\n"),
        "SSE-009 SSE-003 SEQ-010",
        None,
    ),
    "events named message": (
        "openai",
        written(b"data: ", b"event: message\ndata: "),
        "SSE-010",
        None,
    ),
    "events without data": (
        "openai",
        written(b"data: ", b"event: message\n\ndata: "),
        "SSE-010",
        None,
    ),
    "ids": ("openai", written(b"data: ", b"id: 1\ndata: "), "SSE-010", None),
    "a time to wait": ("openai", begun(b"retry: 3000\n\n"), "SSE-010", None),
    "a body where a stream was asked for": (
        "openai",
        lambda make: make.completion(request={"stream": True}),
        "SSE-011",
        None,
    ),
    "an error as the body of a stream": (
        "openai",
        lambda make: make.raw(
            '{"code":429,"message":"Slow down."}', "text/event-stream", request={"stream": True}
        ),
        "SSE-011 ENV-001 ENV-002 ENV-003 ENV-004 ENV-007 ENV-008 ENV-009 CHO-001",
        None,
    ),
    "JSON lines": (
        "openai",
        lambda make: make.raw(
            b"\n".join([make.completion().response.body] * 2), request={"stream": True}
        ),
        "SSE-011 ENV-001",
        None,
    ),
    "an error in a field of its own": (
        "openai",
        of(b'error: {"message":"Overloaded."}\n\n'),
        "SSE-012 ERR-015",
        None,
    ),
    "an error outside of the events": (
        "openai",
        of(b'{\n  "error": {\n    "message": "Overloaded."\n  }\n}\n\n'),
        "SSE-012 ERR-015",
        None,
    ),
    "data in capitals": ("openai", begun(b"Data: {}\n\n"), "SSE-012", None),
    "a line without a field": ("openai", of(b"processing\n\n"), "SSE-012", None),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the end of a cut stream": ("SSE-003", lambda make: make.stream(done=False, truncated=True)),
    "the end of a stream quoted in part": (
        "SSE-003",
        lambda make: make.stream(done=False, meta={"partial": True}),
    ),
    "the framing of a stream that was written anew": (
        "SSE-010",
        lambda make: make.edited(make.stream(fidelity="values"), "data: ", "id: 1\ndata: "),
    ),
    "the field names of a stream that was written anew": (
        "SSE-012",
        lambda make: make.edited(make.stream(fidelity="values"), "data: ", "x: 1\ndata: "),
    ),
    "the last blank line of a stream that was written anew": (
        "SSE-009",
        lambda make: make.edited(make.stream(fidelity="values"), "[DONE]\n\n", "[DONE]"),
    ),
    "the media type without headers": ("SSE-001", lambda make: make.stream(headers={})),
    "the media type that no header gives": (
        "SSE-001",
        lambda make: make.stream(headers={"date": "today"}),
    ),
    "whether a stream was asked for": ("SSE-007", lambda make: make.stream(request=None)),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, event = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    assert found[rows.split()[0]].event == event


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


@pytest.mark.parametrize("name", ["message", "error"])
def test_an_event_may_be_named_as_the_standard_or_as_an_error(
    name: str, make: Any, outcomes: Any
) -> None:
    assert outcomes(of(b"event: " + name.encode() + b"\ndata: {}\n\n")(make))["SSE-008"] == "pass"


def test_a_short_body_that_joins_its_end_has_it(make: Any, outcomes: Any) -> None:
    assert (
        outcomes(make.raw(b"data: x\ndata: [DONE]\n\n", "text/event-stream"))["SSE-003"] == "pass"
    )


def test_what_is_no_text_is_not_looked_through_for_broken_characters(
    make: Any, findings: Any
) -> None:
    call = make.call(index=0, arguments=f'{{"city":"{HALF}"}}')
    parts = {
        "tool_calls": [{"index": 1, "function": {"arguments": {"city": "Paris"}}}],
        "content": [{"type": "text"}],
    }
    assert findings(make.stream({"tool_calls": [call]}, parts, HALF))["SSE-005"].count == 2


@pytest.mark.parametrize(
    ("build", "row", "expected", "actual"),
    [
        (of("x" * 300), "SSE-002", "one JSON object or [DONE]", "x" * 200),
        (
            lambda make: make.streamed([*make.chunks("a", finish=...), "x" * 300], False),
            "SSE-003",
            "[DONE]",
            "x" * 200,
        ),
        (lambda make: make.streamed([*make.chunks("a"), "[DONE]"]), "SSE-003", 1, 2),
        (
            lambda make: make.streamed([*make.chunks("a"), "[DONE]", "x" * 300], False),
            "SSE-003",
            "[DONE] as the last event",
            "x" * 200,
        ),
        (
            lambda make: make.stream("x" * 30 + HALF + "y" * 30),
            "SSE-005",
            "the character itself",
            "x" * 20 + HALF + "y" * 19,
        ),
        (
            lambda make: make.stream("xyz" + HALF + "y"),
            "SSE-005",
            "the character itself",
            "xyz" + HALF + "y",
        ),
        (ended(b"", b"data: \xf0" + b"x" * 300), "SSE-009", "a blank line at the end", "x" * 80),
        (
            ended(b"", b"data: \xf0\x9f"),
            "SSE-009",
            "a blank line at the end",
            "\ndata: [DONE]\n\ndata: \ufffd",
        ),
        (
            lambda make: make.raw("data: x", "text/event-stream"),
            "SSE-009",
            "a blank line at the end",
            "data: x",
        ),
        (
            lambda make: make.raw(b"\xff", request={"stream": True}),
            "SSE-011",
            "text/event-stream",
            "\ufffd",
        ),
        (lambda make: make.raw(b"", request={"stream": True}), "SSE-011", "text/event-stream", ""),
        (
            lambda make: make.streamed([": PROCESSING", *make.chunks("a")]),
            "SSE-002",
            "one JSON object or [DONE]",
            ": PROCESSING",
        ),
        (
            lambda make: make.stream(content_type="application/json"),
            "SSE-001",
            "text/event-stream",
            "application/json",
        ),
        (written(WAVE.encode(), b"\xff"), "SSE-005", "UTF-8", None),
        (
            lambda make: make.stream(request={"stream": False}),
            "SSE-007",
            "application/json",
            "text/event-stream",
        ),
        (
            lambda make: make.stream(request={"stream": False}, headers={}),
            "SSE-007",
            "application/json",
            "an event stream",
        ),
        (written(b"data: ", b"id: 1\ndata: "), "SSE-010", "only fields named data", "id"),
        (
            lambda make: make.completion("x" * 300, request={"stream": True}, id="y" * 100),
            "SSE-011",
            "text/event-stream",
            '{"id":"' + "y" * 73,
        ),
        (
            of(b"x" * 100 + b"\n\n"),
            "SSE-012",
            "a field named data, event, id or retry",
            "x" * 80,
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, expected: Any, actual: Any, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert (found.expected, found.actual) == (expected, actual)


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("SSE", conforming, violating) == set()


def test_the_evidence_of_a_silence_is_how_long_it_was(make: Any, findings: Any) -> None:
    found = findings(arriving(make.stream("a"), 10, 61_510), "openai-compatible")["SSE-014"]
    assert (found.expected, found.actual) == ("at least a comment", "nothing for 62 s")
