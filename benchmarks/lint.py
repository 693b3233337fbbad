"""Measure the time of a lint as a ratio to the least that any linter must do.

python benchmarks/lint.py [--exchanges 20000] [--runs 5] [--keep traffic.jsonl]

That floor parses each line with orjson, parses each response (each chunk of a stream) with orjson
again, and validates it with jsonschema-rs. The lint also folds the response into facts and runs
every rule of the profile openai.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.traffic import read

SENTENCE = (
    "the capital of France is Paris and it lies on the river Seine which flows through the north to"
    " the sea"
)
WORDS = SENTENCE.split()
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
            "required": ["city"],
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "age": {"type": "integer"},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}


def request(kind: str, stream: bool) -> dict[str, object]:
    """Return the request body of an exchange of this kind."""
    body: dict[str, object] = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": " ".join(WORDS)},
        ],
    }
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if kind == "tools":
        body |= {"tools": [TOOL], "tool_choice": "auto"}
    if kind == "logprobs":
        body |= {"logprobs": True, "top_logprobs": 2}
    if kind == "json_schema":
        body |= {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "person", "schema": SCHEMA, "strict": True},
            }
        }
    return body


def pieces(kind: str, choose: random.Random) -> list[str]:
    """Return the text of a response, or the arguments of its tool call, in about 18 fragments."""
    if kind == "tools":
        text = json.dumps({"city": "Paris, the capital of France on the river Seine", "unit": "C"})
    elif kind == "json_schema":
        text = json.dumps(
            {
                "name": "Ada Lovelace",
                "tags": ["mathematics", "poetry", "engines"],
                "age": choose.randint(20, 60),
            }
        )
    else:
        return [choose.choice(WORDS) + " " for _ in range(18)]
    size = -(-len(text) // 18)
    return [text[start : start + size] for start in range(0, len(text), size)]


def token(text: str) -> dict[str, object]:
    """Return an entry of ``logprobs.content``."""
    entry = {"token": text, "logprob": -0.25, "bytes": list(text.encode())}
    return entry | {
        "top_logprobs": [
            entry,
            {"token": text + "s", "logprob": -2.5, "bytes": list((text + "s").encode())},
        ]
    }


def usage(kind: str, count: int) -> dict[str, object]:
    """Return the usage of a response; ``count`` is the number of completion tokens."""
    details = {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    return {
        "prompt_tokens": 31,
        "completion_tokens": count,
        "total_tokens": 31 + count,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": details,
    }


def completion(kind: str, envelope: dict[str, object], parts: list[str]) -> str:
    """Return a completion as JSON text."""
    message: dict[str, object] = {
        "role": "assistant",
        "content": "".join(parts),
        "refusal": None,
        "annotations": [],
    }
    if kind == "tools":
        call = {
            "id": "call_a1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": "".join(parts)},
        }
        message |= {"content": None, "tool_calls": [call]}
    logprobs = (
        {"content": [token(part) for part in parts], "refusal": None}
        if kind == "logprobs"
        else None
    )
    choice = {
        "index": 0,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": "tool_calls" if kind == "tools" else "stop",
    }
    return json.dumps(
        envelope
        | {
            "object": "chat.completion",
            "choices": [choice],
            "usage": usage(kind, len(parts)),
        },
        indent=2,
    )


def stream(kind: str, envelope: dict[str, object], parts: list[str]) -> str:
    """Return an event stream of about 20 chunks as text."""
    envelope = envelope | {"object": "chat.completion.chunk"}
    first: dict[str, object] = {"role": "assistant", "content": "", "refusal": None}
    if kind == "tools":
        first |= {
            "content": None,
            "tool_calls": [
                {
                    "index": 0,
                    "id": "call_a1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": ""},
                }
            ],
        }
    deltas = [
        first,
        *(
            (
                {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}
                if kind == "tools"
                else {"content": part}
            )
            for part in parts
        ),
        {},
    ]
    chunks: list[dict[str, object]] = []
    for number, delta in enumerate(deltas):
        last = number == len(deltas) - 1
        logprobs = (
            {"content": [token(str(delta["content"]))], "refusal": None}
            if kind == "logprobs" and number and not last
            else None
        )
        reason = None if not last else "tool_calls" if kind == "tools" else "stop"
        chunks.append(
            envelope
            | {
                "choices": [
                    {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
                ],
                "usage": None,
            }
        )
    chunks.append(envelope | {"choices": [], "usage": usage(kind, len(parts))})
    return (
        "".join(f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n" for chunk in chunks)
        + "data: [DONE]\n\n"
    )


def records(count: int) -> Iterator[bytes]:
    """Yield the lines of a log with ``count`` exchange records.

    Half of them are streams; a tenth each has tools, log-probabilities and a JSON schema.
    """
    choose = random.Random(20261122)
    kinds = ["tools", "logprobs", "json_schema"] + ["chat"] * 7
    for number in range(count):
        kind, streamed = kinds[number // 2 % 10], number % 2 == 1
        envelope: dict[str, object] = {
            "id": f"chatcmpl-{number:024x}",
            "created": 1770000000 + number,
            "model": "gpt-4o-2024-08-06",
            "system_fingerprint": "fp_44709d6fcb",
            "service_tier": "default",
        }
        parts = pieces(kind, choose)
        body = stream(kind, envelope, parts) if streamed else completion(kind, envelope, parts)
        headers = {
            "content-type": "text/event-stream; charset=utf-8" if streamed else "application/json",
            "x-request-id": f"req_{number:032x}",
        }
        asked = {
            "method": "POST",
            "url": "https://api.openai.com/v1/chat/completions",
            "headers": {"content-type": "application/json"},
            "body": request(kind, streamed),
        }
        yield (
            orjson.dumps(
                {
                    "id": str(number),
                    "request": asked,
                    "response": {"status": 200, "headers": headers, "body": body},
                }
            )
            + b"\n"
        )


def floor(path: Path) -> int:
    """Parse and validate every response; return how many are valid."""
    shapes = judge_for(profile("openai"), shipped_suite()).shapes
    completions, chunks = shapes["completion"].is_valid, shapes["stream"].is_valid
    valid = 0
    with path.open("rb") as lines:
        for line in lines:
            body = orjson.loads(line)["response"]["body"]
            if body.startswith("data: "):
                valid += chunks(
                    [
                        orjson.loads(block[6:])
                        for block in body.split("\n\n")
                        if block and block != "data: [DONE]"
                    ]
                )
            else:
                valid += completions(orjson.loads(body))
    return valid


def lint(path: Path) -> int:
    """Judge every exchange; return the number of findings."""
    judge = judge_for(profile("openai"), shipped_suite())
    return sum(
        1
        for exchange in read([path])
        if isinstance(exchange, Exchange)
        for _ in judge.findings(exchange)
    )


def seconds(task: Callable[[Path], int], path: Path) -> tuple[float, int]:
    """Run a task on a file; return its processor time in seconds and its result."""
    start = time.process_time()
    result = task(path)
    return time.process_time() - start, result


def main() -> None:
    """Measure floor and lint in turn and print the ratio of their times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--exchanges", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    path = options.keep or Path(tempfile.mkdtemp()) / "traffic.jsonl"
    with path.open("wb") as file:
        file.writelines(records(options.exchanges))
    ratios = []
    for _ in range(options.runs):
        low, _valid = seconds(floor, path)
        high, findings = seconds(lint, path)
        ratios.append(high / low)
        each = options.exchanges / 1e6
        print(
            f"floor {low / each:6.1f} us an exchange, lint {high / each:6.1f} us, ratio"
            f" {high / low:.2f}, findings {findings}",
            flush=True,
        )
    size = path.stat().st_size / 1e6
    print(
        f"{options.exchanges} exchanges, {size:.0f} MB: lint takes {statistics.median(ratios):.2f}"
        f" times the floor (median of {options.runs})",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
