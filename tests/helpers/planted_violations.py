"""Answers that meet every row of the schemas at once, and mutations of them that each break the
rows meant: for the tests of the schemas and their referee."""

from collections.abc import Collection
from typing import NamedTuple

import orjson

from conformance.protocol.exchange import Json

USAGE: Json = {
    "prompt_tokens": 9,
    "completion_tokens": 3,
    "total_tokens": 12,
    "completion_tokens_details": {"reasoning_tokens": 0},
    "extra_properties": {"google": {"traffic_type": "ON_DEMAND"}},
}
TOKEN: Json = {
    "token": "Hi",
    "logprob": -0.25,
    "bytes": [72, 105],
    "top_logprobs": [{"token": "Hi", "logprob": -0.25, "bytes": [72, 105]}],
}
SIGNED: Json = {"google": {"thought": True, "thought_signature": "c2lnbmVk"}}
AUDIO: Json = {
    "id": "audio_1",
    "data": "UklGRg==",
    "expires_at": 1735693200,
    "transcript": "Hi",
    "extra_content": {"google": {"mime_type": "audio/wav"}},
}

COMPLETION: Json = {
    "id": "chatcmpl-AbCdEf123",
    "object": "chat.completion",
    "created": 1735689600,
    "model": "google/gemini-2.5-flash",
    "system_fingerprint": "fp_1",
    "service_tier": "default",
    "usage": USAGE,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": {"content": [TOKEN], "refusal": None},
            "message": {
                "role": "assistant",
                "content": "Hi",
                "refusal": None,
                "reasoning": None,
                "reasoning_content": "A greeting.",
                "audio": AUDIO,
                "extra_content": SIGNED,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "f", "arguments": "{}"},
                        "extra_content": SIGNED,
                    }
                ],
            },
        }
    ],
}

ENVELOPE: Json = {
    "id": "chatcmpl-AbCdEf123",
    "object": "chat.completion.chunk",
    "created": 1735689600,
    "model": "gpt-4o",
    "system_fingerprint": None,
    "service_tier": "default",
}
FRAGMENT: Json = {
    "index": 0,
    "id": "call_1",
    "type": "function",
    "function": {"name": "f", "arguments": ""},
    "extra_content": SIGNED,
}
CHUNKS: Json = [
    {
        **ENVELOPE,
        "usage": None,
        "choices": [
            {
                "index": 0,
                "finish_reason": None,
                "logprobs": {"content": [TOKEN]},
                "delta": {
                    "role": "assistant",
                    "content": "Hi",
                    "reasoning": None,
                    "reasoning_content": "A greeting.",
                    "extra_content": SIGNED,
                },
            }
        ],
    },
    {
        **ENVELOPE,
        "usage": None,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": None,
                "delta": {"content": None, "tool_calls": [FRAGMENT]},
            }
        ],
    },
    {**ENVELOPE, "usage": USAGE, "choices": []},
]

OPENAI_ERROR: Json = {
    "error": {
        "message": "Something is wrong.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
}
GOOGLE_ERROR: Json = {
    "error": {
        "code": 400,
        "message": "Unknown name.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest"}],
    }
}
TGI_ERROR: Json = {"error": "Input validation error", "error_type": "validation"}


CONFORMING: dict[str, tuple[str, Json, Collection[str]]] = {
    "completion": ("completion", COMPLETION, {"ENV-005"}),
    "google id": ("completion", {**COMPLETION, "id": "nQiNafGyF5rw998PstqooAY"}, {"ENV-007"}),
    "chunks": ("chunk", CHUNKS, ()),
    "no chunk": ("chunk", [], ()),
    "OpenAI error": ("error", OPENAI_ERROR, {"ERR-017"}),
    "Google error": ("error", GOOGLE_ERROR, {"ERR-007", "ERR-017", "ERR-019"}),
    "Google error in an array": (
        "error",
        [GOOGLE_ERROR],
        {"ERR-007", "ERR-017", "ERR-018", "ERR-019"},
    ),
    "TGI error": ("error", TGI_ERROR, {"ERR-003", "ERR-007", "ERR-019"}),
}
"""By name: the schema document, a value that meets it, and the rows that are off, as they ask for
another dialect."""

GONE: Json = object()
"""What a mutation sets to take a key or an item away."""


class Mutation(NamedTuple):
    """One change of a conforming value, and the rows it breaks."""

    of: str
    path: str
    to: Json
    rows: set[str]

    @property
    def name(self) -> str:
        return (
            f"{self.of}: {self.path or 'the whole'}"
            f" {'gone' if self.to is GONE else f'= {self.to!r}'[:40]}"
        )

    def apply(self) -> Json:
        """The mutated value."""
        if not self.path:
            return self.to
        value = orjson.loads(orjson.dumps(CONFORMING[self.of][1]))
        *above, last = [int(step) if step.isdecimal() else step for step in self.path.split("/")]
        node = value
        for step in above:
            node = node[step]
        if self.to is GONE:
            del node[last]
        else:
            node[last] = self.to
        return value


MESSAGE = "choices/0/message"
CALL = f"{MESSAGE}/tool_calls/0"
ENTRY = "choices/0/logprobs/content/0"
REASONS = {"CHO-005", "CHO-006", "CHO-013"}

PLANTED = [
    Mutation("completion", "object", "text_completion", {"ENV-002"}),
    Mutation("completion", "object", GONE, {"ENV-002"}),
    Mutation("completion", "id", 7, {"ENV-003"}),
    Mutation("completion", "id", "", {"ENV-004", "ENV-007"}),
    Mutation("completion", "id", GONE, {"ENV-003", "ENV-004", "ENV-007"}),
    Mutation("completion", "id", "cmpl-1", {"ENV-007"}),
    Mutation("google id", "id", "chatcmpl-1", {"ENV-005"}),
    Mutation("completion", "created", 0, {"ENV-008"}),
    Mutation("completion", "created", 1735689600000, {"ENV-008"}),
    Mutation("completion", "created", "1735689600", {"ENV-008"}),
    Mutation("completion", "model", "", {"ENV-009", "ENV-010"}),
    Mutation("completion", "model", None, {"ENV-009"}),
    Mutation("completion", "model", "gemini-2.5-flash", {"ENV-010"}),
    Mutation("completion", "system_fingerprint", 1, {"ENV-011"}),
    Mutation("completion", "service_tier", [], {"ENV-013"}),
    Mutation("completion", "choices", [], {"CHO-001"}),
    Mutation("completion", "choices", GONE, {"CHO-001"}),
    Mutation("completion", "choices", {"0": {}}, {"CHO-001"}),
    Mutation("completion", "choices/0", None, {"MSG-004"}),
    Mutation("completion", "choices/0/finish_reason", "", {"CHO-004", *REASONS}),
    Mutation("completion", "choices/0/finish_reason", None, {"CHO-004"}),
    Mutation("completion", "choices/0/finish_reason", "STOP", REASONS),
    Mutation(
        "completion", "choices/0/finish_reason", "content_filter: SAFETY", {"CHO-005", "CHO-013"}
    ),
    Mutation("completion", "choices/0/finish_reason", "stop_sequence", {"CHO-005", "CHO-006"}),
    Mutation("completion", "choices/0/logprobs", GONE, {"CHO-007"}),
    Mutation("completion", MESSAGE, GONE, {"MSG-004"}),
    Mutation("completion", f"{MESSAGE}/role", "user", {"MSG-001"}),
    Mutation("completion", f"{MESSAGE}/role", GONE, {"MSG-001"}),
    Mutation("completion", MESSAGE, {}, {"MSG-009"}),
    Mutation("completion", f"{MESSAGE}/content", GONE, {"MSG-009"}),
    Mutation("completion", f"{MESSAGE}/content", [{"type": "text", "text": "Hi"}], {"MSG-008"}),
    Mutation("completion", f"{MESSAGE}/reasoning", {"text": "A greeting."}, {"MSG-006"}),
    Mutation("completion", f"{MESSAGE}/reasoning_content", ["A greeting."], {"MSG-006"}),
    Mutation("completion", f"{MESSAGE}/audio/transcript", GONE, {"MSG-007"}),
    Mutation("completion", f"{MESSAGE}/audio", "UklGRg==", {"MSG-007"}),
    Mutation("completion", f"{MESSAGE}/tool_calls", [], {"MSG-014"}),
    Mutation("completion", f"{CALL}/function/arguments", {}, {"TOOL-002"}),
    Mutation("completion", f"{CALL}/function/arguments", GONE, {"TOOL-002"}),
    Mutation("completion", f"{CALL}/id", "", {"TOOL-005"}),
    Mutation("completion", f"{CALL}/extra_content", {"google": "signed"}, {"THK-016"}),
    Mutation("completion", f"{MESSAGE}/extra_content", [], {"THK-016"}),
    Mutation("completion", f"{MESSAGE}/extra_content/google/thought", "true", {"THK-003"}),
    Mutation("completion", f"{MESSAGE}/extra_content/google/thought", 1, {"THK-003"}),
    Mutation("completion", "usage", GONE, {"USG-012"}),
    Mutation("completion", "usage", None, {"USG-012"}),
    Mutation("completion", "usage/total_tokens", 12.5, {"USG-001"}),
    Mutation("completion", "usage/completion_tokens", -1, {"USG-001"}),
    Mutation("completion", "usage/completion_tokens", True, {"USG-001"}),
    Mutation("completion", "usage/prompt_tokens", 0, {"USG-011"}),
    Mutation("completion", "usage/extra_properties/google/traffic_type", "on demand", {"USG-008"}),
    Mutation("completion", f"{ENTRY}/bytes", [256], {"LOG-002"}),
    Mutation("completion", f"{ENTRY}/top_logprobs", GONE, {"LOG-002"}),
    Mutation("completion", f"{ENTRY}/logprob", 0.5, {"LOG-003"}),
    Mutation("completion", f"{ENTRY}/top_logprobs/0/logprob", -10000, {"LOG-003"}),
    Mutation("chunks", "0/object", "chat.completion", {"SEQ-001"}),
    Mutation("chunks", "1/id", "", {"SEQ-003"}),
    Mutation("chunks", "2/created", 0, {"SEQ-022"}),
    Mutation("chunks", "2/model", GONE, {"SEQ-023"}),
    Mutation("chunks", "2/choices", GONE, {"SEQ-024"}),
    Mutation("chunks", "2/choices", None, {"SEQ-024"}),
    Mutation("chunks", "0/system_fingerprint", False, {"ENV-011"}),
    Mutation("chunks", "0/service_tier", 1, {"ENV-013"}),
    Mutation("chunks", "2/usage/prompt_tokens", GONE, {"USG-001"}),
    Mutation("chunks", "2/usage", [], {"USG-001"}),
    Mutation("chunks", "0/choices/0/finish_reason", GONE, {"SEQ-009"}),
    Mutation("chunks", "0/choices/0/finish_reason", "", {"SEQ-030", *REASONS}),
    Mutation("chunks", "1/choices/0/finish_reason", "eos_token", REASONS),
    Mutation("chunks", "0/choices/0/delta", GONE, {"SEQ-025"}),
    Mutation("chunks", "0/choices/0/delta", None, {"SEQ-025"}),
    Mutation("chunks", "0/choices/0/message", {"role": "assistant"}, {"SEQ-027"}),
    Mutation("chunks", "0/choices/0/delta/role", None, {"SEQ-021"}),
    Mutation("chunks", "0/choices/0/delta/content", 1, {"SEQ-018"}),
    Mutation("chunks", "0/choices/0/delta/content", [], {"MSG-008"}),
    Mutation("chunks", "0/choices/0/delta/reasoning_content", 1, {"MSG-006"}),
    Mutation("chunks", "0/choices/0/delta/extra_content/google/thought", False, {"THK-003"}),
    Mutation("chunks", "0/choices/0/logprobs/content/0/token", None, {"LOG-002"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls", [], {"SEQ-028"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls/0/index", GONE, {"TOOL-007"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls/0/index", -1, {"TOOL-007"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls/0/type", None, {"TOOL-024"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls/0/function/name", None, {"TOOL-024"}),
    Mutation("chunks", "1/choices/0/delta/tool_calls/0/function/arguments", None, {"TOOL-002"}),
    Mutation("OpenAI error", "error", GONE, {"ERR-002", "ERR-018"}),
    Mutation("OpenAI error", "", "Something is wrong.", {"ERR-002", "ERR-018"}),
    Mutation("OpenAI error", "error", "Something is wrong.", {"ERR-003"}),
    Mutation("OpenAI error", "error/message", "", {"ERR-003"}),
    Mutation("OpenAI error", "error/message", GONE, {"ERR-003"}),
    Mutation("OpenAI error", "error/param", GONE, {"ERR-007"}),
    Mutation("OpenAI error", "error/code", 400, {"ERR-019"}),
    Mutation("Google error", "error/details", {}, {"ERR-006"}),
    Mutation("Google error", "error/details/0/@type", GONE, {"ERR-006"}),
    Mutation("Google error", "", [GOOGLE_ERROR], {"ERR-018"}),
    Mutation("Google error in an array", "", [GOOGLE_ERROR, GOOGLE_ERROR], {"ERR-002"}),
    Mutation("Google error in an array", "", [], {"ERR-002"}),
    Mutation("Google error in an array", "0/error/message", None, {"ERR-003"}),
    Mutation("TGI error", "error", "", {"ERR-017"}),
    Mutation("TGI error", "error_type", GONE, {"ERR-017"}),
]
"""Each breaks the rows named and no other."""
