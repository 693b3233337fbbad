"""Exchanges to judge: factories whose products conform, as OpenAI answers, until a test says
otherwise.

Wherever a factory takes a JSON value, ``...`` means that the key is left out. They come as
fixtures, and all together as ``make`` for tables of cases.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson
import pytest

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.requirements import requirements
from conformance.judging.rules import rules, session_rules, twin_rules
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.exchange import Exchange, Finding, Json, Request, Response

Object: TypeAlias = dict[str, Json]
Make: TypeAlias = Callable[..., Exchange]
Findings: TypeAlias = Callable[..., dict[str, Finding]]

REQUEST: Object = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello."}]}
ENVELOPE: Object = {
    "id": "chatcmpl-AbCdEf123",
    "object": "chat.completion",
    "created": 1735689600,
    "model": "gpt-4o-2024-08-06",
}
USAGE: Object = {
    "prompt_tokens": 9,
    "completion_tokens": 3,
    "total_tokens": 12,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}


def _merged(*objects: Mapping[str, Json]) -> Object:
    """The objects, the later over the earlier, without the keys whose value is ``...``."""
    merged: Object = {}
    for each in objects:
        merged |= each
    return {key: value for key, value in merged.items() if value is not ...}


def raw(
    body: bytes | str,
    content_type: str = "application/json",
    status: int = 200,
    request: Json = ...,
    headers: Mapping[str, str] | None = None,
    meta: Mapping[str, Json] | None = None,
    **recorded: Any,
) -> Exchange:
    """An exchange whose response has this body.

    ``request`` is laid over an ordinary one; None stands for a body that was not recorded, text for
    one that is no JSON. ``headers`` replace those of the response, {} says that they were not
    recorded. ``recorded`` are further fields of ``Response``, such as ``truncated=True``.
    """
    asked = (
        _merged(REQUEST, {} if request is ... else request)
        if request is ... or isinstance(request, dict)
        else request
    )
    sent = {"content-type": content_type} if headers is None else headers
    answer = body if isinstance(body, bytes) else body.encode()
    response = Response(status, tuple(sent.items()), answer, **({"fidelity": "bytes"} | recorded))
    return Exchange(
        "made",
        Request(url="https://api.openai.com/v1/chat/completions", body=asked),
        response,
        meta or {},
        "conftest.py:1",
    )


def completion(
    *messages: str | Object,
    finish: Json = None,
    usage: Json = USAGE,
    choice: Mapping[str, Json] | None = None,
    **rest: Any,
) -> Exchange:
    """A completion with a choice for each message (one text if none is given).

    A message is its text, or an object laid over one without content. ``finish`` is the finish
    reason, by default the one that fits the message. ``choice`` is laid over every choice. ``rest``
    is for ``raw`` or laid over the envelope.
    """
    recorded, envelope = _recorded(rest)
    choices = [
        _merged(
            {
                "index": number,
                "message": _message(message),
                "logprobs": None,
                "finish_reason": finish or _fitting(message),
            },
            choice or {},
        )
        for number, message in enumerate(messages or ("Hello!",))
    ]
    extra = {
        "choices": choices,
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": "fp_44709d6fcb",
    }
    return raw(orjson.dumps(_merged(ENVELOPE, extra, envelope)), **recorded)


def _recorded(rest: Mapping[str, Any]) -> tuple[Object, Object]:
    """What is for ``raw``, and what is not."""
    names = (
        "request",
        "headers",
        "meta",
        "content_type",
        "status",
        "fidelity",
        "truncated",
        "reads",
    )
    return {key: value for key, value in rest.items() if key in names}, {
        key: value for key, value in rest.items() if key not in names
    }


def _message(message: str | Object) -> Object:
    said: Object = {"content": message} if isinstance(message, str) else message
    return _merged({"role": "assistant", "content": None, "refusal": None, "annotations": []}, said)


def _fitting(message: str | Object) -> str:
    said: Object = {} if isinstance(message, str) else message
    return next((key for key in ("tool_calls", "function_call") if said.get(key)), "stop")


def chunks(
    *deltas: str | Object | tuple[int, str | Object],
    finish: Json = "stop",
    usage: Json = None,
    n: int = 1,
    **envelope: Json,
) -> list[Object]:
    """The chunks of a stream: roles, deltas, finish reasons, then usage where it is given.

    A delta is its text, its object, or a tuple that begins with the index of its choice; a whole
    chunk stands for itself. ``finish`` is the finish reason, ``...`` for none. ``envelope`` is laid
    over every chunk.
    """
    around = _merged(
        ENVELOPE,
        {
            "object": "chat.completion.chunk",
            "service_tier": "default",
            "system_fingerprint": "fp_44709d6fcb",
        },
        envelope,
    )
    if usage is not None:
        around["usage"] = None

    def chunk(index: int, delta: str | Object, reason: Json = None) -> Object:
        if isinstance(delta, dict) and ("choices" in delta or "object" in delta):
            return delta
        said = {"content": delta} if isinstance(delta, str) else delta
        return around | {
            "choices": [{"index": index, "delta": said, "logprobs": None, "finish_reason": reason}]
        }

    made = [
        chunk(index, {"role": "assistant", "content": "", "refusal": None}) for index in range(n)
    ]
    made += [chunk(*delta) if isinstance(delta, tuple) else chunk(0, delta) for delta in deltas]
    made += [chunk(index, {}, finish) for index in range(n) if finish is not ...]
    return made + ([around | {"choices": [], "usage": usage}] if usage is not None else [])


def streamed(
    events: Iterable[Object | str | bytes],
    done: bool = True,
    content_type: str = "text/event-stream; charset=utf-8",
    **rest: Any,
) -> Exchange:
    """A stream of these events: an object is a chunk, text the data of an event, bytes stand in the
    body as they are. ``rest`` is for ``raw``."""
    blocks = [event if isinstance(event, bytes) else _event(event) for event in events] + [
        _event("[DONE]")
    ] * done
    asked = rest.pop("request", ...)
    if asked is ... or isinstance(asked, dict):
        asked = {"stream": True} | ({} if asked is ... else asked)
    return raw(b"".join(blocks), content_type, request=asked, **rest)


def _event(data: Object | str) -> bytes:
    return b"data: " + (data.encode() if isinstance(data, str) else orjson.dumps(data)) + b"\n\n"


def stream(
    *deltas: str | Object | tuple[int, str | Object],
    usage: Json = ...,
    done: bool = True,
    **rest: Any,
) -> Exchange:
    """A stream of these deltas (some text if none is given), as ``chunks`` makes them; with usage
    where it is given, or where the request asks for it.

    ``rest`` is for ``raw`` or for ``chunks``.
    """
    recorded, others = _recorded(rest)
    asked = recorded["request"] if isinstance(recorded.get("request"), dict) else {}
    if usage is ...:
        usage = USAGE if (asked.get("stream_options") or {}).get("include_usage") else None
    made = chunks(*(deltas or ("Hel", "lo!")), usage=usage, **({"n": asked.get("n") or 1} | others))
    return streamed(made, done, **recorded)


def error(
    status: int = 400, body: Json = "Something is wrong.", request: Json = ..., **rest: Any
) -> Exchange:
    """An error: its body, or the message of one in OpenAI's dialect, or bytes as they are. ``rest``
    is for ``raw``."""
    if isinstance(body, str):
        body = {
            "error": {"message": body, "type": "invalid_request_error", "param": None, "code": None}
        }
    return raw(
        body if isinstance(body, bytes) else orjson.dumps(body),
        status=status,
        request=request,
        **rest,
    )


def edited(exchange: Exchange, old: str, new: str | bytes) -> Exchange:
    """The exchange with a text of its body replaced wherever it stands; it has to be there."""
    body = exchange.response.body or b""
    assert old.encode() in body
    return replace(
        exchange,
        response=replace(
            exchange.response,
            body=body.replace(old.encode(), new if isinstance(new, bytes) else new.encode()),
        ),
    )


def call(
    name: str = "get_weather",
    arguments: str = '{"city":"Paris"}',
    identifier: str = "call_1",
    **more: Json,
) -> Object:
    """One tool call of a message, or a whole one of a delta if ``more`` has its index."""
    return _merged(
        {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}},
        more,
    )


TOOLS: tuple[Object, ...] = (
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    },
)
"""What ``call`` calls, as a request declares it."""


@dataclass(frozen=True, slots=True)
class Factories:
    """All factories, for tables of cases: ``lambda make: make.completion("Hello!")``."""

    raw: Make = raw
    completion: Make = completion
    chunks: Callable[..., list[Object]] = chunks
    streamed: Make = streamed
    stream: Make = stream
    error: Make = error
    edited: Make = edited
    call: Callable[..., Object] = call
    tools: Callable[[], list[Object]] = lambda: [*TOOLS]


@pytest.fixture(name="make")
def _make() -> Factories:
    return Factories()


@pytest.fixture(name="findings")
def _findings() -> Findings:
    return _found


def _found(exchange: Exchange, profile: str = "openai") -> dict[str, Finding]:
    """The findings in an exchange, known ones too, by requirement; a rule that crashes fails the
    test."""
    judged = list(judge_for(profile_named(profile), shipped_suite()).findings(exchange))
    crashes = [each for each in judged if isinstance(each, RuleCrash)]
    assert not crashes
    return {
        each.finding.requirement: told(each.finding)
        for each in judged
        if not isinstance(each, RuleCrash)
    }


UNWANTED = ("LOG-006", "MM-009", "SEQ-017")
"""Rules that speak of what nobody asked for: there is nothing to expect."""

MISSING = (
    "AUTH-004",
    "CHO-002",
    "CHO-012",
    "ENV-017",
    "ERR-004",
    "ERR-005",
    "HDR-001",
    "HDR-002",
    "HDR-003",
    "LOG-001",
    "META-012",
    "MM-009",
    "MSG-002",
    "MSG-012",
    "SEQ-007",
    "SEQ-010",
    "SEQ-014",
    "SEQ-015",
    "SEQ-019",
    "SEQ-026",
    "SSE-005",
    "THK-002",
    "TOOL-001",
    "USG-014",
)
"""Rules that speak of what is not there, or must not be shown."""


def told(finding: Finding) -> Finding:
    """The finding, which has to say what is wrong, what was expected and, where a rule made it,
    what is there instead."""
    assert isinstance(finding.message, str)
    assert finding.message
    assert finding.expected is not None or finding.requirement in UNWANTED
    assert (
        finding.actual is not None
        or finding.requirement in MISSING
        or finding.requirement not in {*rules(), *twin_rules(), *session_rules()}
    )
    return finding


@pytest.fixture(name="outcomes")
def _outcomes() -> Callable[..., dict[str, str]]:
    """``outcomes(exchange, profile="openai")``: the outcome of each verdict, by requirement."""

    def outcomes(exchange: Exchange, profile: str = "openai") -> dict[str, str]:
        return {
            verdict.requirement: verdict.outcome
            for verdict in judge_for(profile_named(profile), shipped_suite()).verdicts(exchange)
        }

    return outcomes


@pytest.fixture(name="unproven")
def _unproven() -> Callable[..., set[str]]:
    """``unproven(chapter, conforming, violating)``: the rows of a chapter without a conforming
    exchange that passes them and a violating one.

    Both are pairs of a profile and an exchange. Only rows that one exchange can show count.
    """

    def unproven(
        chapter: str,
        conforming: Iterable[tuple[str, Exchange]],
        violating: Iterable[tuple[str, Exchange]],
    ) -> set[str]:
        rows = {
            row.id
            for row in requirements().values()
            if row.id.startswith(f"{chapter}-") and row.needs == "exchange"
        }
        passed = {
            verdict.requirement
            for profile, exchange in conforming
            for verdict in judge_for(profile_named(profile), shipped_suite()).verdicts(exchange)
            if verdict.outcome in ("pass", "stale")
        }
        broken = {
            requirement
            for profile, exchange in violating
            for requirement in _found(exchange, profile)
        }
        return rows - (passed & broken)

    return unproven


@pytest.fixture(name="completion")
def _completion() -> Make:
    return completion


@pytest.fixture(name="stream")
def _stream() -> Make:
    return stream


@pytest.fixture(name="error")
def _error() -> Make:
    return error


@pytest.fixture(name="raw")
def _raw() -> Make:
    return raw
