"""Answers that say too little to test much."""

import json
from typing import Any

import pytest

from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.thin_answers import GENEROUS, is_thin

JSON = (("content-type", "application/json"),)
STREAM = (("content-type", "text/event-stream"),)


def answered(
    message: dict[str, Any], finish: str = "stop", status: int = 200, **request: Any
) -> Exchange:
    body = {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    return Exchange(
        "x",
        Request(body={"model": "m", "messages": [], **request}),
        Response(status, JSON, json.dumps(body).encode()),
    )


def streamed(*deltas: dict[str, Any], finish: str = "stop", truncated: bool = False) -> Exchange:
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    request = Request(body={"model": "m", "messages": [], "stream": True})
    return Exchange("x", request, Response(200, STREAM, text.encode(), truncated=truncated))


@pytest.mark.parametrize(
    "exchange",
    [
        answered({"role": "assistant"}, "length", max_tokens=300),
        answered({"role": "assistant", "content": None}),
        answered({"role": "assistant", "content": ""}, max_tokens=8),
        answered({"role": "assistant", "content": "Once"}, "length"),
        answered({"role": "assistant", "content": "Once"}, "length", max_tokens=GENEROUS),
        answered({"role": "assistant", "refusal": "No."}),
        answered({"role": "assistant", "content": "I"}, "content_filter"),
        answered({"role": "assistant", "content": "I"}, "content_filter: SAFETY"),
        answered({"content": "The prompt could not be submitted. It has sensitive words."}),
        streamed({"role": "assistant"}),
        streamed({"content": "Once"}, finish="length"),
    ],
)
def test_an_empty_or_cut_answer_is_thin(exchange: Exchange) -> None:
    assert is_thin(exchange)


@pytest.mark.parametrize(
    "exchange",
    [
        answered({"role": "assistant", "content": "Hi"}),
        answered({"role": "assistant", "content": "Once"}, "length", max_tokens=GENEROUS - 1),
        answered({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]}),
        answered({}, status=400),
        streamed({"content": "Hi"}),
        streamed({"role": "assistant"}, truncated=True),
    ],
)
def test_any_other_answer_is_not(exchange: Exchange) -> None:
    assert not is_thin(exchange)
