"""Questions and samples for the tests of comparisons."""

import json
from typing import Any

from conformance.cases import MODEL, Case
from conformance.comparison.sample import Sample, Side
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange, Request, Response
from conformance.runs.compare.questions import Question


def case(name: str, text: str = "", **more: Any) -> Case:
    """A case that asks for this text, or for its own name."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": text or name}], **more}
    return Case(name, "a question", "SEED", frozenset(), CHAT_COMPLETIONS, body)


def questions(count: int) -> list[Question]:
    return [Question(f"q{number:02}", case(f"q{number:02}")) for number in range(count)]


def exchange(body: Any, answer: Any = None, status: int = 200, **meta: Any) -> Exchange:
    """An answer with this content to a request with this body."""
    return Exchange(
        "1",
        Request("POST", f"http://h.test/v1{CHAT_COMPLETIONS}", (), body),
        Response(
            status,
            (("content-type", "application/json"),),
            json.dumps(answer or completion("ok")).encode(),
            ((12.5, 10),),
            fidelity="bytes",
        ),
        meta,
    )


def completion(text: str | None, *calls: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{name}",
                "type": "function",
                "function": {"name": name, "arguments": "{}"},
            }
            for name in calls
        ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": "tool_calls" if calls else "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    }


def sample(name: str, side: Side, number: int = 1, answer: Any = None, status: int = 200) -> Sample:
    asked = case(name)
    return Sample(name, name, side, number, 0, exchange(asked.body, answer, status), asked=asked)
