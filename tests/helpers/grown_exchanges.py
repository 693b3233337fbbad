"""Exchanges of any size: each has one list, one text, or two of them as long as asked."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from conformance.protocol.exchange import Exchange, Request, Response

_ASK = {"role": "user", "content": "Hi."}
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
_URL = "https://api.example/v1/chat/completions"


def _exchange(
    request: Mapping[str, Any], body: bytes, *, status: int = 200, **more: Any
) -> Exchange:
    return Exchange(
        "grown",
        Request("POST", _URL, more.get("sent", ()), {"model": "m", "messages": [_ASK], **request}),
        Response(
            status,
            (("content-type", more.get("kind", "application/json")), *more.get("headers", ())),
            body,
            fidelity="bytes",
        ),
        more.get("meta", {}),
    )


def _completion(request: Mapping[str, Any], choices: Iterable[Any], **more: Any) -> Exchange:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": list(choices),
        "usage": _USAGE,
    }
    return _exchange(request, json.dumps(body).encode(), **more)


def _stream(request: Mapping[str, Any], events: Iterable[Any]) -> Exchange:
    data = "".join(
        f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events
    )
    return _exchange(
        {"stream": True, **request}, f"{data}data: [DONE]\n\n".encode(), kind="text/event-stream"
    )


def _choice(index: int, text: str = "Hi.", reason: str = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, **more}
    return {"index": index, "message": message, "finish_reason": reason, "logprobs": None}


def _chunk(*choices: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": list(choices),
        **more,
    }


def _delta(index: int, reason: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": reason}


def _call(number: int, name: str, arguments: str = "{}") -> dict[str, Any]:
    return {
        "id": f"call_{number}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _tool(name: str, **parameters: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "parameters": {"type": "object", **parameters}},
    }


def _format(schema: Any) -> dict[str, Any]:
    return {
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    }


def _fragment(number: int, **function: Any) -> dict[str, Any]:
    return {"index": number, "id": "call_1", "type": "function", "function": function}


def _entry(number: int, alternatives: int = 1) -> dict[str, Any]:
    top = [{"token": f"t{each}", "logprob": -each, "bytes": [97]} for each in range(alternatives)]
    return {"token": "a", "logprob": -0.1 * number, "bytes": [97], "top_logprobs": top}


_THOUGHT = {"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}}
_GEMINI = {"model": "gemini-3-pro"}
_PART = {"type": "image_url"}

GROWN: Mapping[str, Callable[[int], Exchange]] = {
    "choices": lambda n: _completion({"n": n}, map(_choice, range(n))),
    "choices with the same index": lambda n: _completion({}, [_choice(0)] * n),
    "choices without index": lambda n: _completion(
        {},
        [{"message": {"content": "a"}}] * n,
        meta={"elided": [f"/choices/{each}/index" for each in range(n)]},
    ),
    "choices with thoughts and messages": lambda n: _completion(
        {"messages": [{"role": "user", "content": "word " * n}]},
        (_choice(each, "<think>a") for each in range(n)),
    ),
    "choices with markup and messages": lambda n: _completion(
        {"messages": [{"role": "user", "content": "word " * n}], "tools": [_tool("f")]},
        (_choice(each, "<tool_call>") for each in range(n)),
    ),
    "unsigned calls": lambda n: _completion(
        _GEMINI | {"tools": [_tool("f")]},
        (_choice(each, "", "tool_calls", tool_calls=[_call(each, "f")]) for each in range(n)),
    ),
    "messages": lambda n: _completion({"messages": [_ASK] * n}, [_choice(0)]),
    "images": lambda n: _completion(
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        _PART | {"image_url": {"url": f"https://a.example/{each}"}}
                        for each in range(n)
                    ],
                }
            ]
        },
        [_choice(0)],
    ),
    "tool calls": lambda n: _completion(
        {"tools": [_tool("f")]},
        [_choice(0, "", "tool_calls", tool_calls=[_call(each, "f") for each in range(n)])],
    ),
    "tools and undeclared calls": lambda n: _completion(
        {"tools": [_tool(f"f{each}") for each in range(n)]},
        [_choice(0, "", "tool_calls", tool_calls=[_call(each, "g") for each in range(n)])],
    ),
    "calls and parameters": lambda n: _completion(
        {"tools": [_tool("f", properties={f"p{each}": {} for each in range(n)})]},
        [_choice(0, "", "tool_calls", tool_calls=[_call(each, "f") for each in range(n)])],
    ),
    "arguments": lambda n: _completion(
        {"tools": [_tool("f")]},
        [_choice(0, "", "tool_calls", tool_calls=[_call(0, "f", '{"a": "' + "x" * n + '"}')])],
    ),
    "stop strings and text": lambda n: _completion(
        {"stop": [f"stop{each}" for each in range(n)]}, [_choice(0, "a stop " * n)]
    ),
    "stop strings and choices": lambda n: _completion(
        {"stop": [f"stop{each}" for each in range(n)]}, map(_choice, range(n))
    ),
    "enum members and items": lambda n: _completion(
        _format({"type": "array", "items": {"enum": [f"e{each}" for each in range(n)]}}),
        [_choice(0, json.dumps([f"e{n - 1}"] * n))],
    ),
    "alternatives and items": lambda n: _completion(
        _format({"type": "array", "items": {"anyOf": [{"const": each} for each in range(n)]}}),
        [_choice(0, json.dumps([n - 1] * n))],
    ),
    "spaces in a fence": lambda n: _completion(
        _format({"type": "object"}), [_choice(0, "```json\n{" + " " * n + "!")]
    ),
    "fences": lambda n: _completion(_format({"type": "object"}), [_choice(0, "```json\n{" * n)]),
    "log-probabilities": lambda n: _completion(
        {"logprobs": True},
        [_choice(0, "a" * n) | {"logprobs": {"content": list(map(_entry, range(n)))}}],
    ),
    "alternatives of a token": lambda n: _completion(
        {"logprobs": True, "top_logprobs": 2},
        [_choice(0, "a") | {"logprobs": {"content": [_entry(0, n)]}}],
    ),
    "annotations": lambda n: _completion(
        {}, [_choice(0, annotations=[{"type": "url_citation", "url_citation": 1}] * n)]
    ),
    "headers": lambda n: _completion(
        {},
        [_choice(0)],
        headers=tuple((f"x-{each}", "value") for each in range(n)),
        sent=tuple((f"x-{each}", "value") for each in range(n)),
    ),
    "keywords and an error": lambda n: _exchange(
        _format({f"k{each}word": True for each in range(min(n, 12_000))}),
        json.dumps({"error": {"message": "unsupported: " + "k1 kword " * n, "code": 400}}).encode(),
        status=400,
    ),
    "error": lambda n: _exchange(
        {"stop": 1, "tools": [_tool("f")]},
        json.dumps({"error": {"message": "unknown parameter " * n}}).encode(),
        status=400,
    ),
    "details of an error": lambda n: _exchange(
        {},
        json.dumps({"error": {"code": 400, "details": [{"fieldViolations": [{}]}] * n}}).encode(),
        status=400,
    ),
    "chunks": lambda n: _stream({}, [_chunk(_delta(0, content="a"))] * n),
    "thoughts in chunks": lambda n: _stream(
        _THOUGHT | _GEMINI,
        [_chunk(_delta(0, content="a", extra_content={"google": {"thought": True}}))] * n,
    ),
    "signatures and parts left out": lambda n: replace(
        _stream(
            _GEMINI,
            [_chunk(_delta(0, extra_content={"google": {"thought_signature": "a"}}))] * n,
        ),
        meta={"elided": [f"/choices/{each}/x" for each in range(n)]},
    ),
    "choices of a stream": lambda n: _stream(
        {}, [_chunk(_delta(each, "stop", content="a")) for each in range(n)]
    ),
    "choices and unreadable events": lambda n: _stream(
        {}, [*["no JSON"] * n, *[_chunk(_delta(each, content="a")) for each in range(n)]]
    ),
    "broken characters": lambda n: _stream(
        {"messages": [{"role": "user", "content": "word " * n + "\ufffd"}]},
        [_chunk(_delta(each, content="\ufffda")) for each in range(n)],
    ),
    "ids and usages": lambda n: _stream(
        {}, [_chunk(id=f"i{each}", usage=_USAGE) for each in range(n)]
    ),
    "fragments": lambda n: _stream(
        {"tools": [_tool("f")]},
        [_chunk(_delta(0, tool_calls=[_fragment(0, name="f", arguments="{}")]))]
        + [_chunk(_delta(0, tool_calls=[_fragment(0, arguments=" ")]))] * n,
    ),
    "fragments at other indexes": lambda n: _stream(
        {"tools": [_tool("f")]},
        [
            _chunk(_delta(0, tool_calls=[_fragment(each, name="f", arguments='{"a": ')]))
            for each in range(n)
        ],
    ),
    "errors in a stream": lambda n: _stream({}, [{"error": {"message": "a", "code": 500}}] * n),
    "repeated keys": lambda n: _stream(
        {}, ['{"id": "a", "id": "b", "choices": [], "object": "chat.completion.chunk"}'] * n
    ),
    "lines outside of events": lambda n: _exchange(
        {"stream": True}, b'data: {"choices": []}\n\n' + b'{"error": 1}\n\n' * n
    ),
}
"""The exchanges by what grows in them; each takes the length of its lists, or of its text."""
