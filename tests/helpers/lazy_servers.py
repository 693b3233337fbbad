"""Servers that only pretend to work: lazy ones, and good ones with one fault.

A server is a pure function of the request. It knows neither the cases nor the requirements;
``good`` answers as the documentation says.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from zlib import crc32

import httpx
import pytest

from conformance.endpoints.reference import PROFILES, answer
from conformance.protocol.exchange import Json, Request, Response

Good: TypeAlias = Callable[[Request], Response]
"""A function that answers a request as the documentation says."""
Answer: TypeAlias = Callable[[Request, Good], Response | None]
"""A function that answers a request; None closes the connection."""

_JSON, _STREAM = "application/json", "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class LazyServer:
    """A server, and a regular expression for the reason in the first line of its report.

    ``code`` is the exit code of a run against it: 1 if it claims to answer, 3 if it refuses.
    """

    name: str
    answer: Answer
    cause: str
    code: int = 1


@contextmanager
def served(server: LazyServer, profile: str, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a server answer the requests that httpx sends, without a socket.

    ``good`` is the reference endpoint of the profile, or that of openai if the profile has none.
    """
    dialect = profile if profile in PROFILES else "openai"

    def good(request: Request) -> Response:
        response = answer(request, dialect)
        return replace(response, headers=(("content-type", response.headers[0][1]),))

    def handle(_: httpx.HTTPTransport, sent: httpx.Request) -> httpx.Response:
        response = server.answer(_request(sent), good)
        if response is None:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(
            response.status,
            headers=list(response.headers),
            stream=_Body(response.body or b"", response.truncated),
        )

    with patch.context() as within:
        within.setattr(httpx.HTTPTransport, "handle_request", handle)
        yield


class _Body(httpx.SyncByteStream):
    """A body that arrives in one piece; a truncated one ends with an error."""

    def __init__(self, body: bytes, truncated: bool) -> None:
        self._body, self._truncated = body, truncated

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        if self._truncated:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete body")


def _request(sent: httpx.Request) -> Request:
    data = sent.read()
    try:
        body = json.loads(data or b"null")
    except ValueError:
        body = data.decode(errors="replace")
    return Request(sent.method, str(sent.url), tuple(sent.headers.items()), body)


# --- what a request asks for, and what an answer is made of -------------------------------------


def _asked(request: Request) -> Mapping[str, Any]:
    return request.body if isinstance(request.body, dict) else {}


def _streams(request: Request) -> bool:
    return _asked(request).get("stream") is True


def _as_json(value: Json, status: int = 200) -> Response:
    return _of(json.dumps(value).encode(), _JSON, status)


def _of(body: bytes, kind: str = _JSON, status: int = 200) -> Response:
    return Response(status, (("content-type", kind),), body)


def _events(*chunks: Json) -> Response:
    lines = [*(json.dumps(chunk) for chunk in chunks), "[DONE]"]
    return _of("".join(f"data: {line}\n\n" for line in lines).encode(), _STREAM)


def _said(request: Request, message: dict[str, Any], reason: str = "stop") -> Response:
    """Return an answer with one message and correct usage, streamed if the request asks for it."""
    model = _asked(request).get("model")
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    head: dict[str, Any] = {"id": "chatcmpl-1", "created": 1_790_000_000, "model": model or "m"}
    if not _streams(request):
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return _as_json({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    head["object"] = "chat.completion.chunk"
    calls = [{"index": place, **call} for place, call in enumerate(message.get("tool_calls", ()))]
    delta = {**message, "tool_calls": calls} if calls else message
    chunks: list[Json] = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
    ]
    if (_asked(request).get("stream_options") or {}).get("include_usage"):
        chunks.append({**head, "choices": [], "usage": usage})
    return _events(*chunks)


def _text(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text, "refusal": None}


def _last_text(request: Request) -> str:
    messages = _asked(request).get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    content = last.get("content") if isinstance(last, dict) else None
    return content if isinstance(content, str) else json.dumps(content)


# --- servers that give everyone the same --------------------------------------------------------


def _always(response: Response | None) -> Answer:
    return lambda request, good: response


def _always_says(message: dict[str, Any], reason: str = "stop") -> Answer:
    return lambda request, good: _said(request, message, reason)


def _error(status: int, message: str) -> Response:
    return _as_json({"error": {"message": message, "type": "error", "code": None}}, status)


_EMPTY_TEXT = {**_text(""), "content": None}
_REDIRECT = Response(302, (("location", "/login"),), b"")
_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
}
_CALLS = {**_EMPTY_TEXT, "tool_calls": [_CALL]}
_HTML = b"<!DOCTYPE html><html><head><title>It works</title></head><body>It works!</body></html>"
_OTHER_APIS: Mapping[str, Json] = {
    "completions": {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1_790_000_000,
        "model": "m",
        "choices": [{"text": "Hello.", "index": 0, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    },
    "responses": {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": "completed",
        "model": "m",
        "output": [
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello.", "annotations": []}],
            }
        ],
        "usage": {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11},
    },
    "messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Hello."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 9, "output_tokens": 2},
    },
    "generate-content": {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": "Hello."}]},
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 11},
    },
}


# --- servers that do a part of the work ---------------------------------------------------------


def _never_streams(request: Request, good: Good) -> Response:
    return good(_without(request, "stream", "stream_options"))


def _always_streams(request: Request, good: Good) -> Response:
    return good(_with(request, stream=True))


def _only_the_plainest(request: Request, good: Good) -> Response:
    plain = {"model", "messages", "max_tokens", "max_completion_tokens"}
    if set(_asked(request)) <= plain:
        return good(request)
    return _error(400, "This request is not supported.")


def _echoes(request: Request, good: Good) -> Response:
    return _as_json(request.body)


def _parrots(request: Request, good: Good) -> Response:
    return _said(request, _text(f"You said: {_last_text(request)}"))


def _counts(request: Request, good: Good) -> Response:
    number = crc32(json.dumps(request.body).encode())
    return _said(request, _text(f"This is answer {number}."))


def _only_models(request: Request, good: Good) -> Response:
    if request.method == "GET":
        return _as_json({"object": "list", "data": [{"id": "m", "object": "model"}]})
    return _as_json({"detail": "Method Not Allowed"}, 405)


def _accepts_everything(request: Request, good: Good) -> Response:
    response = good(request)
    if response.status == 200:
        return response
    return _said(request, _text(f"Of course: {crc32(str(request.body).encode())}."))


def _half(request: Request, good: Good) -> Response:
    response = good(request)
    body = response.body or b""
    return replace(response, body=body[: len(body) // 2], truncated=True)


def _half_of_streams(request: Request, good: Good) -> Response:
    return _half(request, good) if _streams(request) else good(request)


_DECK: tuple[dict[str, Any], ...] = (
    {"messages": [{"role": "user", "content": "Tell me a story."}]},
    {"messages": [{"role": "user", "content": "Name two rivers."}], "n": 2},
    {"messages": [{"role": "user", "content": "One word."}], "max_tokens": 1},
    {
        "messages": [{"role": "user", "content": "What is the weather in Rome?"}],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "weather",
                    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
                },
            }
        ],
        "tool_choice": "required",
    },
    {
        "messages": [{"role": "user", "content": "A JSON object, please."}],
        "response_format": {"type": "json_object"},
    },
)


def _answers_another(request: Request, good: Good) -> Response:
    """Return a valid answer to another request, streamed if this request asks for it."""
    other = _DECK[crc32(json.dumps(request.body).encode()) % len(_DECK)]
    kept = {key: _asked(request)[key] for key in ("model", "stream") if key in _asked(request)}
    return good(replace(request, body={**other, **kept}))


def _without(request: Request, *names: str) -> Request:
    if not isinstance(request.body, dict):
        return request
    body = {name: value for name, value in request.body.items() if name not in names}
    return replace(request, body=body)


def _with(request: Request, **members: Json) -> Request:
    return (
        replace(request, body={**request.body, **members})
        if isinstance(request.body, dict)
        else request
    )


def _ignores(*names: str) -> Answer:
    return lambda request, good: good(_without(request, *names))


def _as_text(request: Request, good: Good) -> Response:
    return replace(good(request), headers=(("content-type", "text/plain"),))


# --- good servers but for one thing in each answer ----------------------------------------------

Edit: TypeAlias = Callable[[dict[str, Any]], object]
"""A function that changes a completion or chunk in place."""


def _but(edit: Edit) -> Answer:
    """Change each completion and each chunk of a good server."""

    def spoilt(request: Request, good: Good) -> Response:
        response = good(request)
        return replace(response, body=_edited(response.body or b"", edit))

    return spoilt


def _edited(body: bytes, edit: Edit) -> bytes:
    if not body.startswith(b"data: "):
        return _edited_object(body, edit)
    events = body.split(b"\n\n")
    return b"\n\n".join(
        b"data: " + _edited_object(event[6:], edit) if event.startswith(b"data: {") else event
        for event in events
    )


def _edited_object(data: bytes, edit: Edit) -> bytes:
    try:
        value = json.loads(data)
    except ValueError:
        return data
    if isinstance(value, dict) and "choices" in value:
        edit(value)
        return json.dumps(value).encode()
    return data


def _each_choice(edit: Edit) -> Edit:
    return lambda value: [edit(choice) for choice in value["choices"]]


def _each_message(edit: Edit) -> Edit:
    return _each_choice(lambda choice: edit(choice.get("message") or choice.get("delta") or {}))


def _each_call(edit: Edit) -> Edit:
    return _each_message(lambda message: [edit(call) for call in message.get("tool_calls") or ()])


def _sets(**members: Json) -> Edit:
    return lambda value: value.update(members)


def _drops(*names: str) -> Edit:
    return lambda value: [value.pop(name, None) for name in names]


def _replaces(old: bytes, new: bytes) -> Answer:
    """Change the bytes of each answer of a good server."""

    def spoilt(request: Request, good: Good) -> Response:
        response = good(request)
        return replace(response, body=(response.body or b"").replace(old, new))

    return spoilt


def _three_choices(request: Request, good: Good) -> Response | None:
    def triple(value: dict[str, Any]) -> None:
        value["choices"] = [{**choice, "index": i} for i in range(3) for choice in value["choices"]]

    return good(request) if "n" in _asked(request) else _but(triple)(request, good)


def _runs_past_stops(request: Request, good: Good) -> Response | None:
    """End each text with the stop string that should have kept it back."""
    stop = _asked(request).get("stop")
    first = stop[0] if isinstance(stop, list) and stop else stop

    def run_on(choice: dict[str, Any]) -> None:
        if choice.get("finish_reason") is not None:
            message = choice.setdefault("message" if "message" in choice else "delta", {})
            message["content"] = f"{message.get('content') or ''}{first} and so on"

    return _but(_each_choice(run_on))(request, good) if first else good(request)


def _as_object(call: dict[str, Any]) -> None:
    function = call.get("function") or {}
    if "arguments" in function:
        function["arguments"] = {"text": function["arguments"]}


def _same_id(call: dict[str, Any]) -> None:
    if "id" in call:
        call["id"] = "call_1"


def _errors_as_text(request: Request, good: Good) -> Response:
    response = good(request)
    return response if response.status == 200 else _of(b"Error.", "text/plain", response.status)


_SAME = "the same answer to [0-9]+ different questions"
_NOTHING = "no plain request is answered"
_EMPTY = "answers are empty, cut, filtered or declined"
_CUT = "the connection ends inside the (body|stream), also when asked again"

LAZY = (
    LazyServer("same-bytes", _always(_said(Request(), _text("Hello! How can I help?"))), _SAME),
    LazyServer("ok", _always_says(_text("OK")), _SAME),
    LazyServer("same-call", _always_says(_CALLS, "tool_calls"), _SAME),
    LazyServer("numbered", _counts, "not rejected|wrong requests is refused|no tool is called"),
    LazyServer("parrot", _parrots, "not rejected|wrong requests is refused|no tool is called"),
    LazyServer("answers-another", _answers_another, "different answers|not declared"),
    LazyServer("empty-object", _always(_as_json({})), _NOTHING),
    LazyServer("empty-list", _always(_as_json([])), _NOTHING),
    LazyServer("null", _always(_as_json(None)), _NOTHING),
    LazyServer("empty-body", _always(_of(b"")), _NOTHING),
    LazyServer("html", _always(_of(_HTML, "text/html")), _NOTHING),
    LazyServer("html-404", _always(_of(_HTML, "text/html", 404)), "status 404", 3),
    LazyServer("always-cut", _always_says(_text(""), "length"), _EMPTY),
    LazyServer("content-filter", _always_says(_text(""), "content_filter"), _EMPTY),
    LazyServer("always-empty", _always_says(_text("")), _NOTHING),
    LazyServer("refusal", _always_says({**_EMPTY_TEXT, "refusal": "I cannot."}), _NOTHING),
    LazyServer("reasoning", _always_says({**_EMPTY_TEXT, "reasoning_content": "Hmm."}), _NOTHING),
    LazyServer("only-done", _always(_events()), _NOTHING),
    LazyServer("error-under-200", _always(_error(200, "Something went wrong.")), _NOTHING),
    LazyServer("echo", _echoes, _NOTHING),
    LazyServer("never-streams", _never_streams, "although the request asks for a stream"),
    LazyServer("always-streams", _always_streams, "stream, which the request does not ask for"),
    LazyServer("only-the-plainest", _only_the_plainest, "refused: status 400, This request is not"),
    LazyServer("accepts-everything", _accepts_everything, "is refused|is not rejected"),
    LazyServer("half", _half, _CUT),
    LazyServer("half-of-streams", _half_of_streams, _CUT),
    LazyServer("closes", _always(None), "disconnected without sending a response", 3),
    LazyServer("only-models", _only_models, "no plain request is answered .*status 405"),
    LazyServer("redirect", _always(_REDIRECT), "a redirect to /login", 3),
    LazyServer("bad-request", _always(_error(400, "No.")), "no plain request is .*status 400"),
    LazyServer("status-500", _always(_error(500, "No.")), "no plain request is .*status 500"),
    *(
        LazyServer(f"status-{status}", _always(_error(status, "No.")), cause, 3)
        for status, cause in (
            (401, "the key was refused"),
            (403, "access is not allowed"),
            (404, "the model or the URL does not exist"),
            (429, "rate limit reached"),
            (503, "the endpoint is not available"),
        )
    ),
    *(LazyServer(name, _always(_as_json(value)), _NOTHING) for name, value in _OTHER_APIS.items()),
)
"""Lazy servers: a run against one of them fails, or is inconclusive if it refuses requests."""

ONE_FAULT = (
    LazyServer(
        "no-tool-calls",
        _ignores("tools", "tool_choice", "functions"),
        "no tool is called",
    ),
    LazyServer("ignores-tool-choice", _ignores("tool_choice"), "tool"),
    LazyServer("runs-past-stops", _runs_past_stops, "stop string"),
    LazyServer(
        "ignores-limits",
        _ignores("max_tokens", "max_completion_tokens"),
        "than the request allows|with another reason",
    ),
    LazyServer("three-choices", _three_choices, "more choices than requested"),
    LazyServer("no-done", _replaces(b"data: [DONE]\n\n", b""), r"does not end with \[DONE\]"),
    LazyServer("as-text", _as_text, "the content type is not"),
    LazyServer("errors-as-text", _errors_as_text, "the body of the error is not JSON"),
    LazyServer("no-usage", _but(_drops("usage")), "usage|no choices and nothing else"),
    LazyServer("no-finish-reason", _but(_each_choice(_drops("finish_reason"))), "finish_reason"),
    LazyServer("no-reason", _but(_each_choice(_sets(finish_reason=None))), "finish|null"),
    LazyServer("no-object", _but(_drops("object")), "`object` is missing"),
    LazyServer("no-model", _but(_drops("model")), "`model` is missing"),
    LazyServer("no-role", _but(_each_message(_drops("role"))), "`role` is missing|first delta"),
    LazyServer("no-index", _but(_each_choice(_drops("index"))), "no integer index"),
    LazyServer("created-as-text", _but(_sets(created="2026-11-30")), "is a string, not an integer"),
    LazyServer("call-without-id", _but(_each_call(_drops("id"))), "no id|`id` is missing"),
    LazyServer("arguments-as-object", _but(_each_call(_as_object)), "is an object, not a string"),
    LazyServer("content-as-parts", _but(_each_message(_sets(content=[]))), "an array is not"),
    LazyServer("one-id-for-all-calls", _but(_each_call(_same_id)), "call|arguments"),
)
"""Servers with one fault, in something that every profile requires."""

IGNORED = (
    LazyServer("ignores-response-format", _ignores("response_format"), "JSON"),
    LazyServer("ignores-n", _ignores("n"), "the (number|indexes) of the choices|choices is not n"),
    LazyServer("ignores-stream-options", _ignores("stream_options"), "the stream has no usage"),
    LazyServer("ignores-logprobs", _ignores("logprobs", "top_logprobs"), "no log-probabilities"),
)
"""Servers that ignore one parameter, which only some profiles require."""
