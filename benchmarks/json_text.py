"""Measure what strict reading, which finds duplicate keys, costs compared with ``orjson.loads``."""

import json
from collections.abc import Callable
from functools import partial

import orjson
from timing import interleaved

from conformance.protocol.json_text import duplicate_keys, parse

CHUNK = {
    "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
    "object": "chat.completion.chunk",
    "created": 1760000000,
    "model": "google/gemini-2.5-flash",
    "system_fingerprint": "fp_0123456789",
    "choices": [
        {
            "index": 0,
            "delta": {"role": "assistant", "content": " word"},
            "logprobs": None,
            "finish_reason": None,
        }
    ],
    "usage": None,
}
CONTENT = 'Some words: a list,\n- "one",\n- two, and so on. ' * 8
TOKEN = {"token": "one", "logprob": -0.000312, "bytes": [111, 110, 101], "top_logprobs": []}
COMPLETION = {
    **CHUNK,
    "object": "chat.completion",
    "choices": [
        {
            "index": index,
            "message": {"role": "assistant", "content": CONTENT, "refusal": None},
            "logprobs": {"content": [TOKEN] * 4, "refusal": None},
            "finish_reason": "stop",
        }
        for index in range(2)
    ],
    "usage": {
        "prompt_tokens": 20,
        "completion_tokens": 80,
        "total_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 0},
    },
}


def loads_with_pairs(text: str) -> object:
    """Parse with the json module and a hook that fails on duplicate keys."""

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        value = dict(pairs)
        assert len(value) == len(pairs)
        return value

    return json.loads(text, object_pairs_hook=members)


def report(title: str, candidates: dict[str, Callable[[], object]]) -> None:
    """Print the time of each candidate as a ratio to ``orjson.loads`` alone."""
    seconds = interleaved(candidates, times=5000)
    print(title)
    for name, taken in seconds.items():
        print(
            f"  {name:32} {taken / seconds['orjson.loads']:6.2f} x orjson.loads "
            f" {taken * 1e6:8.2f} us"
        )


def text_readers(text: str) -> dict[str, Callable[[], object]]:
    """Return the ways to read one text, by name."""
    return {
        "orjson.loads": partial(orjson.loads, text),
        "parse": partial(parse, text),
        "json.loads with a pairs hook": partial(loads_with_pairs, text),
    }


def stream_readers(texts: list[str]) -> dict[str, Callable[[], object]]:
    """Return the ways to read the texts of a stream, by name."""
    return {
        "orjson.loads": lambda: [orjson.loads(text) for text in texts],
        "orjson.loads and duplicate_keys": lambda: duplicate_keys(
            texts, [orjson.loads(text) for text in texts]
        ),
        "parse": lambda: [parse(text) for text in texts],
    }


def main() -> None:
    """Measure one text in each of three layouts, then the texts of a stream."""
    for name, value in (("chunk", CHUNK), ("completion", COMPLETION)):
        layouts = {
            "compact, as most servers write it": orjson.dumps(value).decode(),
            "indented by two, as OpenAI writes it": (
                orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
            ),
            "a space after each comma and colon": json.dumps(value),
        }
        for layout, text in layouts.items():
            report(f"{name}, {layout}, {len(text)} characters", text_readers(text))
    report("stream of 20 chunks, compact", stream_readers([orjson.dumps(CHUNK).decode()] * 20))


if __name__ == "__main__":
    main()
