"""Known deviations: each explains what it tells of, and no other violation of the same row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import orjson
import pytest

from conformance.judging.deviations import explains, matches
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import Condition, profile, profile_names
from conformance.judging.profiles.model import ANSWER_WORDS, REQUEST_WORDS
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Finding, Json
from tests.judging.conftest import TOOLS, call, chunks, completion, error, raw, stream, streamed

APRIL_2025, AUGUST_2025, IN_2026 = 1743601854, 1756000000, 1786978672
IN_2023, IN_2024, IN_2027 = 1700000000, 1715000000, 1800000000

TOOLS_ASKED = {"tools": [*TOOLS]}
USAGE_ASKED = {"stream": True, "stream_options": {"include_usage": True}}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
SCHEMA = {
    "type": "object",
    "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "additionalProperties": False,
}
SCHEMA_ASKED = {
    "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": SCHEMA}}
}
IMAGE_ASKED = {
    "messages": [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
        }
    ]
}
FRAGMENTS_ASKED = {
    "extra_body": {"google": {"stream_function_call_arguments": True}},
    **TOOLS_ASKED,
}
LOGPROBS_ASKED = {"logprobs": True}
BARE_USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
GOOGLE = {
    "error": {
        "code": 400,
        "message": "Request contains an invalid argument.",
        "status": "INVALID_ARGUMENT",
    }
}
FLAT = {
    "object": "error",
    "message": "Something is wrong.",
    "type": "BadRequestError",
    "param": None,
    "code": 400,
}
CALL_DELTA = {"tool_calls": [call(index=0)]}
TOKEN = {"token": "Hello!", "logprob": -0.1, "bytes": [72], "top_logprobs": []}


def by(server: str, exchange: Exchange, header: str = "server") -> Exchange:
    """The exchange, answered by a server that says so in a header."""
    return replace(
        exchange,
        response=replace(exchange.response, headers=(*exchange.response.headers, (header, server))),
    )


def litellm(exchange: Exchange) -> Exchange:
    return by("1.106.2", exchange, "x-litellm-version")


def recorded_from(server: str, exchange: Exchange) -> Exchange:
    """The exchange, of whose server only the recording speaks."""
    return replace(exchange, meta={**exchange.meta, "server": server})


def without(key: str, value: Mapping[str, Json]) -> dict[str, Json]:
    return {name: each for name, each in value.items() if name != key}


def every_chunk(
    change: Callable[[dict[str, Json]], None],
    made: list[dict[str, Json]],
    which: slice = slice(None),
) -> list[dict[str, Json]]:
    """The chunks, of which some were changed in place."""
    made = orjson.loads(orjson.dumps(made))
    for chunk in made[which]:
        change(chunk)
    return made


def no_finish_key(chunk: dict[str, Json]) -> None:
    for choice in chunk["choices"]:
        if choice.get("finish_reason") is None:
            choice.pop("finish_reason", None)


def with_role(role: str) -> Callable[[dict[str, Json]], None]:
    def change(chunk: dict[str, Json]) -> None:
        for choice in chunk["choices"]:
            choice["delta"]["role"] = role

    return change


FILTER_CHUNK = {
    "choices": [],
    "created": 0,
    "id": "",
    "model": "",
    "object": "",
    "prompt_filter_results": [{"prompt_index": 0}],
}


def azure(**last: Json) -> Exchange:
    """A stream that begins with Azure's prompt filter results, its last chunk changed."""
    made = chunks("Hi")
    made[-1] = {key: value for key, value in (made[-1] | last).items() if value is not ...}
    return streamed([FILTER_CHUNK, *made])


def filtered_later(**changed: Json) -> Exchange:
    """A stream with a chunk of Azure's asynchronous filter after its second chunk."""
    made = chunks("Hi")
    late: dict[str, Json] = {
        "index": 0,
        "finish_reason": None,
        "content_filter_results": {},
        "content_filter_offsets": {"check_offset": 4, "start_offset": 4, "end_offset": 8},
    }
    late = {key: value for key, value in (late | changed).items() if value is not ...}
    return streamed([FILTER_CHUNK, *made[:2], {**FILTER_CHUNK, "choices": [late]}, *made[2:]])


def gemini(*deltas: Json, **rest: Json) -> Exchange:
    return stream(
        *deltas, model="gemini-3-flash", request={"model": "gemini-3-flash", **TOOLS_ASKED}, **rest
    )


def probing(row: str, exchange: Exchange) -> Exchange:
    """The exchange, whose request was made to show this row."""
    return replace(exchange, meta={**exchange.meta, "probes": [row]})


def named(message: str, status: int = 400, **rest: Json) -> Exchange:
    """An error of the Gemini API that says this."""
    return error(
        status, [{"error": {**GOOGLE["error"], "code": status, "message": message}}], **rest
    )


def signed_apart(signature: str | None) -> Exchange:
    """A Gemini 3 stream whose tool call is not signed; the signature stands on a delta of its own,
    if anywhere."""
    extra = (
        {"extra_content": {"google": {"thought_signature": signature}}}
        if signature
        else {"content": "Hm."}
    )
    return gemini(CALL_DELTA, extra, finish="tool_calls")


def numbered(*fragments: tuple[str, int]) -> Exchange:
    """Calls in fragments, each with the id of its call and an index."""
    deltas = [
        {"tool_calls": [call(identifier=identifier, arguments="", index=index)]}
        for identifier, index in fragments
    ]
    return stream(*deltas, finish="tool_calls", request=FRAGMENTS_ASKED)


def second_is_baseline(**request: Json) -> Exchange:
    """Two calls in fragments, of which the opening ones have each other's index."""
    first = (
        {"tool_calls": [call(identifier="a", arguments="", index=1)]},
        {"tool_calls": [call(identifier="a", arguments="{}", index=0)]},
    )
    second = (
        {"tool_calls": [call(identifier="b", arguments="", index=0)]},
        {"tool_calls": [call(identifier="b", arguments="{}", index=1)]},
    )
    return stream(*first, *second, finish="tool_calls", request={**TOOLS_ASKED, **request})


def usage_each(choices: int) -> Exchange:
    """A stream of two choices in which usage comes so often, each time on a chunk with a choice."""
    made = chunks((0, "Hi"), (1, "Ho"), n=2, usage=BARE_USAGE)[:-1]
    for chunk in made[-choices:]:
        chunk["usage"] = BARE_USAGE
    return streamed(made, request={**USAGE_ASKED, "n": 2})


def one_for_all() -> Exchange:
    """Two choices of a stream, of which the first has the role and the end of both."""
    made = orjson.loads(orjson.dumps(chunks((0, "Hi"), (1, "Ho"), n=2)))
    pieces = [
        (0, {"role": "assistant"}, None),
        (0, {"content": "Hi"}, None),
        (1, {"content": "Ho"}, None),
        (0, {}, "stop"),
        (0, {"content": "!"}, None),
    ]
    choices = [
        {"index": index, "delta": delta, "finish_reason": finish} for index, delta, finish in pieces
    ]
    return streamed([{**made[0], "choices": [choice]} for choice in choices], request={"n": 2})


def later_chunks() -> Exchange:
    """A stream whose first chunk is older than the others."""
    later = every_chunk(lambda chunk: chunk.update(created=IN_2026), chunks("Hi"), slice(1, None))
    return streamed(later)


def two_calls() -> Exchange:
    return completion(
        {"tool_calls": [call(), call(identifier="call_2")]},
        request={**TOOLS_ASKED, "parallel_tool_calls": False},
    )


def spelt(text: str) -> Exchange:
    """The JSON text ``{}``, whose log-probabilities spell another."""
    token = {**TOKEN, "token": text, "bytes": [*text.encode()]}
    return completion(
        "{}", choice={"logprobs": {"content": [token]}}, request={**SCHEMA_ASKED, **LOGPROBS_ASKED}
    )


def alternatives(*likely: float) -> Exchange:
    """A token with alternatives that are so likely, of which three were asked for."""
    others = [
        {"token": str(number), "logprob": logprob, "bytes": [48 + number]}
        for number, logprob in enumerate(likely)
    ]
    token = {**TOKEN, "top_logprobs": others}
    return completion(
        "Hello!",
        choice={"logprobs": {"content": [token]}},
        request={**LOGPROBS_ASKED, "top_logprobs": 3},
    )


class Told(NamedTuple):
    """What a deviation tells of, and other violations of its row, which it must not explain."""

    as_told: Exchange
    otherwise: tuple[Exchange, ...]


def told(as_told: Exchange, *otherwise: Exchange) -> Told:
    return Told(as_told, otherwise)


EMPTY = "an empty answer with finish_reason `stop`"
REQUIRED = {**TOOLS_ASKED, "tool_choice": "required"}
SMALL = {"max_tokens": 1}
LIMIT = {"probes": ("CHO-008",)}
ONLY_THAT = ()
"""For a row that can be broken in one way only, under a condition that nothing recorded can
contradict."""

CUT_WITHOUT_MESSAGE = completion(finish="length", choice={"message": ...})
NO_COMPLETION_TOKENS = without("completion_tokens", BARE_USAGE)
FILTERED = told(
    completion("", finish="content_filter: SAFETY"),
    completion("", finish="content_filter: safety"),
    completion("", finish=...),
    raw(
        orjson.dumps(
            orjson.loads(completion("", "").response.body or b"")
            | {
                "choices": [
                    {"index": 0, "finish_reason": "content_filter: SAFETY", "message": {}},
                    {"index": 1, "finish_reason": "SAFETY", "message": {}},
                ]
            }
        )
    ),
)
NO_CHOICES = told(
    completion(choices=..., usage=NO_COMPLETION_TOKENS),
    completion(choices=..., usage=BARE_USAGE),
    completion(choices=[], usage=NO_COMPLETION_TOKENS),
    completion(choices=None, usage=NO_COMPLETION_TOKENS),
)
NO_PROMPT_TOKENS = without("prompt_tokens", BARE_USAGE)
CUT_SILENT: dict[str, Any] = {"finish": "length", "choice": {"message": {"role": "assistant"}}}


def early_usage(early: Json, last: Json = BARE_USAGE) -> Exchange:
    """A stream with usage in its first chunk and in its last."""
    first, *others = chunks("Hi", usage=last)
    return streamed([{**first, "usage": early}, *others], request=USAGE_ASKED)


EMPTY_STREAM = streamed(chunks({}))
BOTH: dict[tuple[str, str], Told] = {
    ("USG-001", "no completion_tokens in `usage`"): told(
        completion(usage=NO_COMPLETION_TOKENS, **CUT_SILENT),
        completion(usage=NO_COMPLETION_TOKENS),
        completion({"tool_calls": [call()]}, usage=NO_COMPLETION_TOKENS, request=TOOLS_ASKED),
        completion(usage=without("total_tokens", BARE_USAGE), **CUT_SILENT),
        completion(usage={**BARE_USAGE, "completion_tokens": -1}, **CUT_SILENT),
        completion(usage={**BARE_USAGE, "completion_tokens": "3"}, **CUT_SILENT),
    ),
    ("USG-001", "no prompt_tokens in `usage`"): told(
        completion(usage=NO_PROMPT_TOKENS, **CUT_SILENT),
        completion(usage=NO_PROMPT_TOKENS),
        completion(usage={}, **CUT_SILENT),
    ),
    ("USG-001", "no completion_tokens in `usage` of an earlier chunk"): told(
        early_usage(NO_COMPLETION_TOKENS),
        early_usage(BARE_USAGE, NO_COMPLETION_TOKENS),
        stream("Hi", usage=NO_COMPLETION_TOKENS, request=USAGE_ASKED),
    ),
    ("CHO-006", "finish_reason is a native name without a prefix, such as SAFETY"): told(
        completion("", finish="MALFORMED_FUNCTION_CALL"),
        completion("Hi", finish="end_turn"),
        *(completion("Hi", finish=name) for name in ("STOP", "MAX_TOKENS", "LENGTH", "TOOL_CALLS")),
    ),
    ("MSG-002", "a message that has only a role, with finish_reason `stop`"): told(
        completion(choice={"message": {"role": "assistant"}}),
        completion(choice={"message": {"role": "assistant", "content": 7}}),
    ),
    ("MSG-005", "an empty message with finish_reason `stop`"): told(completion(""), *ONLY_THAT),
    ("MSG-009", EMPTY): told(
        completion({"content": ...}), completion({"content": ..., "refusal": "No."})
    ),
    ("MSG-013", "a delta that has only a role, with finish_reason `stop`"): told(
        EMPTY_STREAM, *ONLY_THAT
    ),
    ("TOOL-014", EMPTY): told(
        completion({"content": ...}, request=REQUIRED), completion("Hi", request=REQUIRED)
    ),
    ("CHO-008", EMPTY): told(
        completion({"content": ...}, request=SMALL, meta=LIMIT),
        completion("Hi", request=SMALL, meta=LIMIT),
    ),
}
"""What both of Google's endpoints answer."""

AZURE = {
    ("SEQ-001", '`object` is "" in the first chunk'): told(
        azure(), azure(object="chat.completion"), azure(object=...)
    ),
    ("SEQ-003", '`id` is "" in the first chunk'): told(azure(), azure(id=...), azure(id=None)),
    ("SEQ-004", "`created` is 0 in the first chunk"): told(
        azure(),
        streamed(every_chunk(lambda chunk: chunk.update(created=1), chunks("Hi"), slice(2))),
    ),
    ("SEQ-006", '`model` is "" in the first chunk'): told(
        azure(),
        streamed(every_chunk(lambda chunk: chunk.update(model="other"), chunks("Hi"), slice(2))),
    ),
    ("SEQ-022", "`created` is 0 in the first chunk"): told(
        azure(), azure(created="1735689600"), azure(created=...)
    ),
    ("SEQ-023", '`model` is "" in the first chunk'): told(
        azure(), azure(model=...), azure(model=None)
    ),
}

N_IGNORED = (
    "one choice, although the request sets a higher `n`: the parameter is accepted and ignored"
)
THINKING_STAYS = (
    "total_tokens includes thinking, because reasoning_effort `none` does not switch it off"
)
NOT_OFF = "reasoning_effort `none` does not switch thinking off"
NO_NUMBERS = "status 400 for a numeric enum: only strings are allowed"
NAMES_A_KEYWORD = (
    "status 400 with an error that names `additionalProperties` or another keyword of the schema"
)
UNKNOWN_ADDITIONAL = named(
    'Unknown name "additionalProperties" at response_format: Cannot find field.',
    request=SCHEMA_ASKED,
)
TOOLS_AND_JSON = {**TOOLS_ASKED, "response_format": {"type": "json_object"}}
FORBIDDEN_TOGETHER = "Function calling with a response mime type: 'application/json' is unsupported"


def asking_two(model: str) -> dict[str, Json]:
    return {"model": model, "request": {"model": model, "n": 2}}


def ignored_n(prefix: str) -> Told:
    """One choice of a model of generation 3.6 or later, and of an earlier one."""
    return told(
        completion(**asking_two(f"{prefix}gemini-3.7-flash")),
        completion(**asking_two(f"{prefix}gemini-3.5-flash-lite")),
        completion("a", "b", "c", **asking_two(f"{prefix}gemini-3.7-flash")),
    )


def ignored_n_streamed(prefix: str) -> Told:
    def one_choice(model: str, index: int = 0) -> Exchange:
        made = chunks("Hi", model=model)
        for chunk in made:
            chunk["choices"][0]["index"] = index
        return streamed(made, request={"model": model, "n": 2})

    return told(
        one_choice(f"{prefix}gemini-3.10-flash"),
        one_choice(f"{prefix}gemini-3-pro"),
        one_choice(f"{prefix}gemini-3.10-flash", 1),
    )


def counting(model: str, usage: Json, **request: Json) -> Exchange:
    return completion(model=model, usage=usage, request={"model": model, **request})


def not_off(model: str, usage: Json) -> Exchange:
    return counting(model, usage, reasoning_effort="none")


REASONED = {**BARE_USAGE, "completion_tokens_details": {"reasoning_tokens": 2}}
HIDDEN = {**BARE_USAGE, "total_tokens": 99}
LESS = {**BARE_USAGE, "total_tokens": 14}


def numeric_enum(status: int) -> Exchange:
    return probing("TOOL-034", named("enum: only allowed for STRING type", status))


STRAY_ERROR = b"""[{
  "error": {
    "code": 429,
    "message": "Resource exhausted.",
    "status": "RESOURCE_EXHAUSTED"
  }
}
]"""


def stray_error(before: bytes = b"", after: bytes = b"") -> Exchange:
    """A stream of Gemini on Vertex AI that ends with an error outside of its events."""
    return streamed([*chunks("Hi", finish=...), before + STRAY_ERROR + after], done=False)


STRAY_WITHOUT_DONE = told(
    stray_error(),
    streamed([*chunks("Hi"), "[DONE]", STRAY_ERROR + b"\n"]),
    stream("Hi", done=False),
)
STRAY_WITHOUT_LINE_END = told(
    stray_error(),
    stray_error(after=b'\n\ndata: {"choices": [], "usage": null'),
    streamed([*chunks("Hi", finish=...), b"[\n]"], done=False),
)
STRAY_WITHOUT_DATA = told(
    stray_error(),
    stray_error(before=b"trace: 7\n"),
    streamed([*chunks("Hi", finish=...), b"{\n}\n"]),
)

BLOCKED = "The prompt could not be submitted. The prompt contains sensitive words."


def sent_back(content: Json, status: int = 400) -> Exchange:
    """A refused request whose history has a tool call beside this content."""
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": content, "tool_calls": [call()]},
        {"role": "tool", "tool_call_id": "call_1", "content": "7"},
    ]
    return probing("TOOL-030", error(status, [GOOGLE], request={"messages": history}))


def chunk_text() -> bytes:
    return b"data: " + orjson.dumps(chunks("Hi")[1]) + b"\n\n"


def one_call(created: int, **changed: Json) -> Exchange:
    """A stream with one tool call, changed."""
    return stream({"tool_calls": [call(**changed)]}, finish="tool_calls", created=created)


def with_arguments(arguments: str, **request: Json) -> Exchange:
    return stream(
        {"tool_calls": [call(index=0, arguments=arguments)]},
        finish="tool_calls",
        request={**TOOLS_ASKED, **request},
    )


TOLD: dict[str, dict[tuple[str, str], Told]] = {
    "openai": {
        (row, "a choice has `finish_details` instead of `finish_reason`"): told(
            completion(
                choice={"finish_reason": ..., "finish_details": {"type": "stop"}},
                created=IN_2023,
                model="gpt-4-vision-preview",
                request=None,
            ),
            completion(
                choice={"finish_reason": ...},
                created=IN_2023,
                model="gpt-4-vision-preview",
                request=None,
            ),
            completion(
                choice={"finish_reason": ..., "finish_details": {"type": "stop"}},
                created=IN_2023,
                model="gpt-4",
                request=None,
            ),
        )
        for row in ("CHO-004", "CHO-005")
    },
    "azure-openai": (
        AZURE
        | {
            ("MSG-004", "a choice without `message`"): told(
                completion(finish="content_filter", choice={"message": ...}),
                completion(finish="stop", choice={"message": ...}),
                completion(finish="content_filter", choice={"message": "Hi"}),
            ),
            (
                "SEQ-025",
                "no `delta` in a chunk that carries only the results of the asynchronous content"
                " filter",
            ): told(filtered_later(), filtered_later(content_filter_offsets=...)),
            (
                "SEQ-005",
                "`created` is 0 in a chunk that carries only the results of the asynchronous"
                " content filter",
            ): told(
                filtered_later(),
                streamed(
                    [
                        FILTER_CHUNK,
                        *every_chunk(
                            lambda chunk: chunk.update(created=1), chunks("Hi"), slice(1, 2)
                        ),
                    ]
                ),
            ),
            ("HDR-001", "a response with status 404 without a Content-Type header"): told(
                error(404, headers={"server": "x"}), error(400, headers={"server": "x"})
            ),
            ("ERR-007", "no `param` in `error` of a response with status 404"): told(
                error(
                    404,
                    {
                        "error": {
                            "type": "invalid_request_error",
                            "code": "DeploymentNotFound",
                            "message": "No deployment.",
                        }
                    },
                ),
                error(404, {"error": {"code": "DeploymentNotFound", "message": "No deployment."}}),
                error(
                    400,
                    {
                        "error": {
                            "type": "invalid_request_error",
                            "code": "DeploymentNotFound",
                            "message": "No deployment.",
                        }
                    },
                ),
            ),
        }
    ),
    "openai-compatible": (
        AZURE
        | {
            ("ERR-007", "no `param` in `error`"): told(
                by(
                    "llama.cpp",
                    error(
                        body={
                            "error": {
                                "code": 400,
                                "message": "No.",
                                "type": "invalid_request_error",
                            }
                        }
                    ),
                ),
                by(
                    "llama.cpp",
                    error(body={"error": {"message": "No.", "type": "invalid_request_error"}}),
                ),
                error(
                    body={"error": {"code": 400, "message": "No.", "type": "invalid_request_error"}}
                ),
            ),
            ("ERR-019", "`error.code` is a number"): told(
                by(
                    "llama.cpp",
                    error(
                        body={"error": {"code": 400, "message": "No.", "type": "x", "param": None}}
                    ),
                ),
                by(
                    "llama.cpp",
                    error(
                        body={"error": {"code": {}, "message": "No.", "type": "x", "param": None}}
                    ),
                ),
                error(body={"error": {"code": 400, "message": "No.", "type": "x", "param": None}}),
            ),
            ("MM-013", "status 500 for a request with an image or audio part"): told(
                by("llama.cpp", error(500, request=IMAGE_ASKED)), error(500, request=IMAGE_ASKED)
            ),
            ("TOOL-014", "text instead of the required tool call"): told(
                by(
                    "llama.cpp",
                    completion("Hi", request={**TOOLS_ASKED, "tool_choice": "required"}),
                ),
                by("llama.cpp", completion("", request={**TOOLS_ASKED, "tool_choice": "required"})),
            ),
            ("TOOL-016", "text instead of a call of the named function"): told(
                by("llama.cpp", completion("Hi", request={**TOOLS_ASKED, "tool_choice": NAMED})),
                completion("Hi", request={**TOOLS_ASKED, "tool_choice": NAMED}),
            ),
            ("TOOL-025", "the text contains the markup of a second tool call"): told(
                by(
                    "llama.cpp",
                    completion(
                        {"content": "<tool_call>{}</tool_call>", "tool_calls": [call()]},
                        request=TOOLS_ASKED,
                    ),
                ),
                by("llama.cpp", completion("[TOOL_CALLS] []", request=TOOLS_ASKED)),
                completion(
                    {"content": "<tool_call>{}</tool_call>", "tool_calls": [call()]},
                    request=TOOLS_ASKED,
                ),
            ),
            ("SEQ-007", "the chunk with the role is never sent"): told(
                by("llama.cpp", streamed(chunks("Hi")[1:])),
                by("llama.cpp", streamed(every_chunk(with_role("model"), chunks("Hi"), slice(1)))),
                streamed(chunks("Hi")[1:]),
            ),
            ("ERR-022", "status 500 for a request with a message without `role`"): told(
                by("llama.cpp", error(500, request={"messages": [{"content": "Hi"}]})),
                error(500, request={"messages": [{"content": "Hi"}]}),
            ),
            ("SEQ-004", "`created` of each chunk is the time at which the chunk was made"): told(
                by(
                    "llama.cpp",
                    streamed(
                        every_chunk(
                            lambda chunk: chunk.update(created=IN_2026),
                            chunks("Hi"),
                            slice(1, None),
                        )
                    ),
                ),
                streamed(
                    every_chunk(
                        lambda chunk: chunk.update(created=IN_2026), chunks("Hi"), slice(1, None)
                    )
                ),
            ),
            (
                "SEQ-015",
                "the stream has several `usage` objects, some in chunks that have choices",
            ): told(by("llama.cpp", usage_each(2)), by("llama.cpp", usage_each(1)), usage_each(2)),
            ("SEQ-029", "the stream has several `usage` objects, one for each choice"): told(
                by("llama.cpp", usage_each(2)), usage_each(2)
            ),
            ("TOOL-016", "a function other than the named one is called"): told(
                by(
                    "llama.cpp",
                    completion(
                        {"tool_calls": [call("other")]},
                        request={**TOOLS_ASKED, "tool_choice": NAMED},
                    ),
                ),
                completion(
                    {"tool_calls": [call("other")]}, request={**TOOLS_ASKED, "tool_choice": NAMED}
                ),
            ),
            ("TOOL-025", "the text contains the markup of the tool call"): told(
                by("llama.cpp", completion("<tool_call>{}</tool_call>", request=TOOLS_ASKED)),
                by("llama.cpp", completion("[TOOL_CALLS] []", request=TOOLS_ASKED)),
                completion("<tool_call>{}</tool_call>", request=TOOLS_ASKED),
            ),
            (
                "ERR-002",
                'the body of an error response is `{"object": "error", ...}` without a nested'
                " `error`",
            ): told(
                recorded_from("SGLang 0.5", error(body=FLAT)),
                error(body=FLAT),
                recorded_from("sglang", error(body={"detail": "Not found."})),
            ),
            (
                "ERR-018",
                'the body of an error response is `{"object": "error", ...}` without a nested'
                " `error`",
            ): told(
                recorded_from("SGLang 0.5", error(body=FLAT)),
                error(body=FLAT),
                recorded_from("sglang", error(body=[GOOGLE])),
            ),
            ("CHO-005", "finish_reason `abort`"): told(
                recorded_from("sglang", completion("Hi", finish="abort")),
                completion("Hi", finish="abort"),
                recorded_from("sglang", completion("Hi", finish="end")),
            ),
            ("SEQ-004", "`created` is the time at which each chunk was made"): told(
                recorded_from("sglang", later_chunks()), later_chunks()
            ),
            ("SEQ-021", "deltas have keys with the value null, such as role and tool_calls"): told(
                recorded_from("sglang", stream({"content": "Hi", "tool_calls": None})),
                stream({"content": "Hi", "tool_calls": None}),
            ),
            ("TOOL-026", "several tool calls although parallel_tool_calls is false"): told(
                recorded_from("sglang", two_calls()), two_calls()
            ),
            ("TOOL-026", "two tool calls although parallel_tool_calls is false"): told(
                by("llama.cpp", two_calls()), two_calls()
            ),
            (
                "LOG-005",
                "logprobs has entries for white space or a code fence around the JSON, but these"
                " are not part of the text",
            ): told(
                by("llama.cpp", spelt("```json\n{}\n```\n ")),
                by("llama.cpp", spelt("Here: {}")),
                spelt("{}\n "),
            ),
            (
                "LOG-005",
                "logprobs has entries for leading white space, but it is not part of the text",
            ): told(
                by("llama.cpp", spelt("\n Here: {}")),
                by("llama.cpp", spelt("Here: {}")),
                spelt("\n Here: {}"),
            ),
            ("LOG-001", "logprobs has no entries if top_logprobs of the request is -1"): told(
                by("llama.cpp", completion("Hi", request=LOGPROBS_ASKED)),
                by(
                    "llama.cpp",
                    completion("Hi", choice={"logprobs": {"content": []}}, request=LOGPROBS_ASKED),
                ),
                completion("Hi", request=LOGPROBS_ASKED),
            ),
            (
                "ERR-013",
                "status 200 for a request whose `model`, `response_format` or `stop` has the"
                " wrong type",
            ): told(
                by("llama.cpp", probing("ERR-013", completion("Hi"))),
                by("llama.cpp", probing("ERR-013", error(500))),
                probing("ERR-013", completion("Hi")),
            ),
            ("ERR-013", "status 500 for a request whose `tools` has the wrong type"): told(
                by(
                    "llama.cpp",
                    probing(
                        "ERR-013",
                        error(
                            500,
                            {
                                "error": {
                                    "message": (
                                        "Failed to parse tools: Expected 'tools' to be an array"
                                    )
                                }
                            },
                        ),
                    ),
                ),
                by("llama.cpp", probing("ERR-013", error(500))),
            ),
            ("ERR-008", "status 500 for a request whose body is not JSON"): told(
                recorded_from("llama-cpp-python 0.3.36", probing("ERR-008", error(500))),
                recorded_from("llama-cpp-python 0.3.36", probing("ERR-008", error(422))),
                probing("ERR-008", error(500)),
            ),
            ("ERR-009", "status 200 for a request with an empty `messages` array"): told(
                by("llama.cpp", probing("ERR-009", completion("Hi"))),
                by("llama.cpp", probing("ERR-009", error(500))),
                probing("ERR-009", completion("Hi")),
            ),
            ("ERR-020", "status 200 for a request with an empty `messages` array"): told(
                by("llama.cpp", probing("ERR-020", completion("Hi"))),
                by("llama.cpp", probing("ERR-020", error(500))),
                probing("ERR-020", completion("Hi")),
            ),
            ("ERR-010", "status 200 for a request for an unknown model"): told(
                by("llama.cpp", probing("ERR-010", completion("Hi"))),
                by("llama.cpp", probing("ERR-010", error(500))),
                probing("ERR-010", completion("Hi")),
            ),
            ("ERR-021", "status 200 or 400 for a request for an unknown model"): told(
                litellm(probing("ERR-021", error(400))),
                by("llama.cpp", probing("ERR-021", error(500))),
                probing("ERR-021", error(400)),
            ),
            ("SSE-012", "an error is sent in a line `error: ...` instead of `data: ...`"): told(
                by("llama.cpp", streamed([*chunks("Hi"), b"error: {}\n\n"])),
                by("llama.cpp", streamed([*chunks("Hi"), b"datum: {}\n\n"])),
            ),
            (
                "SEQ-009",
                "no key `finish_reason` in the choices of chunks before the last chunk",
            ): told(
                litellm(streamed(every_chunk(no_finish_key, chunks("Hi")))),
                streamed(every_chunk(no_finish_key, chunks("Hi"))),
            ),
            ("SEQ-015", 'the usage chunk has `choices: [{"delta": {}}]`'): told(
                litellm(
                    streamed(
                        [
                            *chunks("Hi"),
                            {
                                **chunks("Hi")[0],
                                "choices": [{"index": 0, "delta": {}}],
                                "usage": BARE_USAGE,
                            },
                        ],
                        request=USAGE_ASKED,
                    )
                ),
                litellm(
                    streamed(
                        [
                            *chunks("Hi")[:-1],
                            {
                                **chunks("Hi")[-1],
                                "usage": BARE_USAGE,
                                "choices": [{"delta": {"content": "!"}}],
                            },
                        ],
                        request=USAGE_ASKED,
                    )
                ),
                litellm(
                    streamed(
                        chunks("Hi", usage=BARE_USAGE) + chunks("Hi", usage=BARE_USAGE)[-1:],
                        request=USAGE_ASKED,
                    )
                ),
            ),
            ("SEQ-002", "each chunk has a different `id`"): told(
                litellm(
                    streamed(
                        every_chunk(lambda chunk: chunk.update(id="other"), chunks("Hi"), slice(1))
                    )
                ),
                streamed(
                    every_chunk(lambda chunk: chunk.update(id="other"), chunks("Hi"), slice(1))
                ),
            ),
            ("SEQ-026", "every choice in the stream has `index` 0"): told(
                litellm(stream("Hi", n=1, request={"n": 2})),
                litellm(stream((0, "Hi"), (2, "Ho"), n=1, request={"n": 2})),
                stream("Hi", n=1, request={"n": 2}),
            ),
            ("SEQ-007", "only the first choice in the stream has a role"): told(
                litellm(one_for_all()),
                litellm(
                    streamed(
                        every_chunk(with_role("model"), chunks("Hi"), slice(1)), request={"n": 2}
                    )
                ),
                one_for_all(),
            ),
            ("SEQ-010", "the stream has only one finish_reason for all choices together"): told(
                litellm(one_for_all()), litellm(stream("Hi", finish=...)), one_for_all()
            ),
            ("SEQ-011", "the finish_reason of one choice is sent on another choice"): told(
                litellm(one_for_all()),
                litellm(streamed([*chunks("Hi"), *chunks("Hi")[:-1]])),
                one_for_all(),
            ),
            (
                "ERR-002",
                'the body of a response with status 404 is `{"detail": "Not Found"}`',
            ): told(
                litellm(error(404, {"detail": "Not Found"})),
                litellm(error(404, {"detail": "Gone"})),
                error(404, {"detail": "Not Found"}),
            ),
            (
                "ERR-018",
                'the body of a response with status 404 is `{"detail": "Not Found"}`',
            ): told(
                litellm(error(404, {"detail": "Not Found"})),
                litellm(error(404, {"detail": "Gone"})),
                error(404, {"detail": "Not Found"}),
            ),
            (
                "ERR-007",
                "neither `param` nor `code` in `error` of a response with status 500",
            ): told(
                litellm(
                    error(
                        500,
                        {
                            "error": {
                                "message": "Internal server error",
                                "type": "internal_server_error",
                            }
                        },
                    )
                ),
                litellm(error(500, {"error": {"message": "Internal server error", "type": "x"}})),
                error(
                    500,
                    {
                        "error": {
                            "message": "Internal server error",
                            "type": "internal_server_error",
                        }
                    },
                ),
            ),
            (
                "ERR-013",
                "status 200 for a request whose `stream`, `tools` or `stop` has the wrong type",
            ): told(
                litellm(probing("ERR-013", completion("Hi"))),
                litellm(probing("ERR-013", error(500))),
                probing("ERR-013", completion("Hi")),
            ),
            (
                "ERR-013",
                "status 500 for a request whose `response_format` has the wrong type",
            ): told(
                litellm(
                    probing(
                        "ERR-013",
                        error(
                            500, {"error": {"message": "litellm.APIConnectionError: Unsupported"}}
                        ),
                    )
                ),
                litellm(probing("ERR-013", error(500))),
            ),
            (
                "ERR-022",
                "status 500 for a request that the gateway or the server behind it cannot parse",
            ): told(
                litellm(error(500, request={"messages": [{"content": "Hi"}]})),
                error(500, request={"messages": [{"content": "Hi"}]}),
            ),
            ("AUTH-003", "status 200 for a request whose Authorization scheme is Basic"): told(
                litellm(probing("AUTH-003", completion("Hi"))),
                litellm(probing("AUTH-003", error(500))),
                probing("AUTH-003", completion("Hi")),
            ),
            ("AUTH-008", "status 400 for a request with a wrong key"): told(
                litellm(
                    probing("AUTH-008", error(400, {"error": {"message": "No connected db."}}))
                ),
                litellm(probing("AUTH-008", error(400))),
            ),
            ("TOOL-009", "the complete arguments are repeated at the end of the tool call"): told(
                litellm(
                    stream(
                        {
                            "tool_calls": [
                                call(arguments='{"city":"Paris"}{"city":"Paris"}', index=0)
                            ]
                        },
                        finish="tool_calls",
                        request=TOOLS_ASKED,
                    )
                ),
                litellm(
                    stream(
                        {"tool_calls": [call(arguments='{"city":', index=0)]},
                        finish="tool_calls",
                        request=TOOLS_ASKED,
                    )
                ),
            ),
            ("SSE-003", "no `[DONE]` at the end of the stream"): told(
                recorded_from("transformers 5.19", stream("Hi", done=False)),
                recorded_from("transformers 5.19", streamed([*chunks("Hi"), "[DONE]"])),
            ),
            ("CHO-010", "the stop string is left in the text"): told(
                recorded_from(
                    "transformers 5.19", completion("One, two.", request={"stop": ["two"]})
                ),
                completion("One, two.", request={"stop": ["two"]}),
            ),
            (
                "CHO-003",
                "the response has one choice, although the request sets a larger `n`",
            ): told(
                recorded_from("llama-cpp-python 0.3.36", completion("Hi", request={"n": 2})),
                recorded_from(
                    "llama-cpp-python 0.3.36", completion("Hi", "Ho", "Hu", request={"n": 2})
                ),
            ),
            ("SEQ-014", "no usage chunk, although the request sets include_usage"): told(
                recorded_from(
                    "llama-cpp-python 0.3.36", stream("Hi", usage=None, request=USAGE_ASKED)
                ),
                stream("Hi", usage=None, request=USAGE_ASKED),
            ),
        }
    ),
    "gemini-api": {
        **BOTH,
        ("ENV-003", "no `id` in the response body"): told(
            completion(id=..., created=APRIL_2025),
            completion(id=7, created=APRIL_2025),
            completion(id=..., created=IN_2026),
        ),
        ("ENV-004", "no `id` in the response body"): told(
            completion(id=..., created=APRIL_2025), completion(id="", created=APRIL_2025)
        ),
        ("ENV-005", "no `id` in the response body"): told(
            completion(id=..., created=APRIL_2025), completion(id="chatcmpl-1", created=APRIL_2025)
        ),
        ("ENV-014", "`model` of the response begins with `models/`"): told(
            completion(model="models/gemini-2.5-flash", request={"model": "gemini-2.5-flash"}),
            completion(model="gemini-2.0-flash", request={"model": "gemini-2.5-flash"}),
            completion(
                model="models/gemini-2.0-flash", request={"model": "models/gemini-2.5-flash"}
            ),
        ),
        (
            "ENV-014",
            "another model answers: requests for a retired model are routed to its successor",
        ): told(
            completion(
                model="gemini-3.5-flash-lite",
                created=IN_2027,
                request={"model": "models/gemini-2.5-flash"},
            ),
            completion(
                model="gemini-3.5-flash-lite",
                created=IN_2026,
                request={"model": "gemini-2.5-flash"},
            ),
            completion(
                model="gemini-2.0-flash", created=IN_2027, request={"model": "gemini-2.5-flash"}
            ),
            completion(
                model="gemini-3.8-flash", created=IN_2027, request={"model": "gemini-3.5-flash"}
            ),
        ),
        ("ENV-014", "`model` of the response is the model that an alias stands for"): told(
            completion(model="gemini-3.8-flash", request={"model": "gemini-flash-latest"}),
            completion(model="gpt-4o", request={"model": "gemini-flash-latest"}),
            completion(model="gemini-3.8-flash", request={"model": "gemini-latest-flash"}),
        ),
        ("ENV-015", "`model` of the response begins with `models/`"): told(
            completion(model="models/gemini-2.5-flash", request={"model": "gemini-2.5-flash"}),
            completion(model="google/gemini-2.5-flash", request={"model": "gemini-2.5-flash"}),
        ),
        ("CHO-001", "no `choices` in the response body"): NO_CHOICES,
        (
            "CHO-005",
            "finish_reason `content_filter: NAME` or `function_call_filter: NAME`",
        ): FILTERED,
        ("MSG-004", "a choice without `message`"): told(
            CUT_WITHOUT_MESSAGE,
            completion(choice={"message": ...}),
            completion(finish="length", choice={"message": None}),
        ),
        ("MSG-009", "no key `content` in the message"): told(
            completion({"content": ..., "tool_calls": [call()]}, request=TOOLS_ASKED),
            completion({"content": ..., "refusal": "No."}, finish="stop"),
        ),
        ("CHO-003", N_IGNORED): ignored_n(""),
        ("SEQ-026", N_IGNORED): ignored_n_streamed("models/"),
        ("USG-005", THINKING_STAYS): told(
            not_off("gemini-flash-latest", HIDDEN),
            not_off("gemini-2.5-flash", HIDDEN),
            not_off("gemini-3-flash", LESS),
        ),
        ("TOOL-034", NO_NUMBERS): told(numeric_enum(400), numeric_enum(500)),
        (
            "MSG-009",
            "no key `content` in a message that was cut short before any text",
        ): told(
            completion({"content": ...}, finish="length"),
            completion({"content": ..., "refusal": "No."}, finish="stop"),
        ),
        ("USG-003", "thinking tokens are counted in total_tokens only"): told(
            counting("gemini-2.5-flash", HIDDEN),
            counting("gemini-2.5-flash", LESS),
            counting("gemini-2.5-flash-lite", HIDDEN),
            not_off("gemini-2.5-flash", HIDDEN),
        ),
        (
            "USG-003",
            "thinking tokens, which the request asks for, are counted in total_tokens only",
        ): told(
            counting("gemini-2.5-flash-lite", HIDDEN, reasoning_effort="low"),
            counting("gemini-2.0-flash", HIDDEN, reasoning_effort="low"),
            counting(
                "gemini-2.5-flash-lite",
                HIDDEN,
                extra_body={"google": {"thinking_config": {"thinking_budget": 0}}},
            ),
        ),
        ("USG-003", THINKING_STAYS): told(
            not_off("gemini-2.5-pro", HIDDEN), not_off("gemini-2.5-flash", HIDDEN)
        ),
        ("SEQ-003", "no `id` in a chunk"): told(
            stream("Hi", id=...), stream("Hi", id=""), stream("Hi", id=None)
        ),
        ("SEQ-004", "`created` changes from chunk to chunk"): told(
            streamed(
                every_chunk(
                    lambda chunk: chunk.update(created=IN_2026), chunks("Hi"), slice(1, None)
                )
            ),
            *ONLY_THAT,
        ),
        ("SEQ-008", "every delta has a role"): told(
            streamed(every_chunk(with_role("assistant"), chunks("Hi"))),
            streamed(every_chunk(with_role("model"), chunks("Hi"), slice(1, None))),
        ),
        ("SEQ-009", "no key `finish_reason` in the choices of chunks before the last chunk"): told(
            streamed(every_chunk(no_finish_key, chunks("Hi"))),
            streamed(every_chunk(no_finish_key, chunks("Hi")[:1])),
        ),
        ("SEQ-010", "the finish reason is under the key `finishReason` only"): told(
            stream("Hi", finish=..., created=IN_2024),
            stream("Hi", finish=..., created=IN_2026),
            streamed(chunks("Hi", created=IN_2024) + chunks(created=IN_2024)),
        ),
        (
            "SEQ-015",
            "`usage` is sent in chunks that have choices: in the last such chunk, or in every"
            " such chunk",
        ): told(
            streamed(
                every_chunk(
                    lambda chunk: chunk.update(usage=BARE_USAGE), chunks("Hi"), slice(-1, None)
                ),
                request=USAGE_ASKED,
            ),
            streamed(
                [
                    *chunks("Hi", finish=...),
                    {**chunks("Hi")[0], "choices": [], "usage": BARE_USAGE},
                    chunks("Hi")[-1],
                ],
                request=USAGE_ASKED,
            ),
        ),
        ("SEQ-017", "usage is sent although the request does not set include_usage"): told(
            stream("Hi", usage=BARE_USAGE), *ONLY_THAT
        ),
        ("SEQ-016", "every chunk has usage, and a count is smaller than before"): told(
            early_usage({**BARE_USAGE, "prompt_tokens": 20}),
            early_usage({**BARE_USAGE, "prompt_tokens": 20}, without("total_tokens", BARE_USAGE)),
        ),
        (
            "ERR-015",
            "the error that ends a stream is JSON outside of an event, or an array",
        ): told(
            streamed([*chunks("Hi", finish=...), '[{"error":{"code":429}}]'], done=False),
            stray_error(after=b"\n\n" + chunk_text()),
            stream("Hi", {"object": "error", "message": "No."}),
        ),
        ("SSE-003", "no `[DONE]` after an error that ends the stream"): STRAY_WITHOUT_DONE,
        ("SSE-009", "the body ends with an error, without a line end"): STRAY_WITHOUT_LINE_END,
        (
            "SSE-012",
            "the lines of an error that ends the stream do not begin with `data:`",
        ): STRAY_WITHOUT_DATA,
        ("SEQ-029", "every chunk has cumulative usage"): told(
            streamed(every_chunk(lambda chunk: chunk.update(usage=BARE_USAGE), chunks("Hi"))),
            *ONLY_THAT,
        ),
        ("TOOL-005", '`id` of a tool call is ""'): told(
            completion({"tool_calls": [call(identifier="")]}, created=AUGUST_2025),
            completion({"tool_calls": [call(id=...)]}, created=AUGUST_2025),
            completion({"tool_calls": [call(identifier="")]}, created=IN_2026),
        ),
        ("TOOL-007", "no `index` in tool-call deltas"): told(
            stream({"tool_calls": [call()]}, finish="tool_calls"),
            stream({"tool_calls": [call(index=-1)]}, finish="tool_calls"),
        ),
        (
            "TOOL-009",
            "the arguments of a tool call are split over deltas that have no index and no id",
        ): told(
            stream(
                {"tool_calls": [call(arguments='{"city":')]},
                {"tool_calls": [call(arguments='"Paris"}', id=...)]},
                finish="tool_calls",
            ),
            with_arguments('{"city":'),
            stream({"tool_calls": [call(arguments='{"city":')]}, finish="tool_calls"),
        ),
        ("TOOL-010", '`id` in the first delta of a tool call is ""'): told(
            one_call(AUGUST_2025, identifier=""),
            one_call(IN_2026, identifier=""),
            one_call(AUGUST_2025, id=...),
            one_call(AUGUST_2025, identifier="", name=""),
        ),
        ("TOOL-010", "a later delta of a tool call has neither id nor index"): told(
            stream({"tool_calls": [{"function": {"arguments": "{}"}}]}, finish="tool_calls"),
            one_call(IN_2026, name=""),
            one_call(IN_2026, id=...),
        ),
        ("TOOL-012", "finish_reason `stop` after tool calls"): told(
            gemini(CALL_DELTA),
            gemini(CALL_DELTA, finish="function_call"),
            stream(CALL_DELTA, request={"model": "gemini-2.0-pro", **TOOLS_ASKED}),
            stream(CALL_DELTA, request={"model": "gemini-2.5-flash", **TOOLS_ASKED}),
        ),
        (
            "TOOL-030",
            "status 400 for a request that sends back an assistant message with tool calls and"
            " content null",
        ): told(
            probing("TOOL-030", named("Invalid value at messages.")),
            probing("TOOL-030", named("Internal error.", 500)),
        ),
        (
            "TOOL-033",
            "status 400 for a request with an assistant text message followed by an assistant"
            " message with a tool call",
        ): told(
            probing("TOOL-033", named("Invalid value at messages.")),
            probing("TOOL-033", named("Internal error.", 500)),
        ),
        (
            "ERR-021",
            "for an unknown model, a 4xx status other than 404, or the NOT_FOUND message of the"
            " native API",
        ): told(
            probing("ERR-021", named("models/x is not found.", 400)),
            probing("ERR-021", named("Internal error.", 500)),
            probing("ERR-021", completion("Hi")),
        ),
        (
            "ERR-030",
            "status 400 with the message `Unknown name`, for an unknown field at the top",
        ): told(
            probing("ERR-030", named('Unknown name "x": Cannot find field.')),
            probing("ERR-030", named("Request contains an invalid argument.")),
        ),
        ("AUTH-007", "status 400 with the message `Invalid Authorization header`"): told(
            probing("AUTH-007", named("Invalid Authorization header.")),
            probing("AUTH-007", named("Request contains an invalid argument.")),
        ),
        ("AUTH-008", "status 400 with `API_KEY_INVALID` for a wrong key"): told(
            probing("AUTH-008", named("API key not valid. Please pass a valid API key.")),
            probing("AUTH-008", named("Request contains an invalid argument.")),
        ),
        (
            "SO-006",
            "status 400 with an error that names `additionalProperties` or another keyword of"
            " the schema",
        ): told(
            named(
                'Unknown name "additionalProperties" at response_format: Cannot find field.',
                request=SCHEMA_ASKED,
            ),
            named(
                'Unknown name "additionalProperties" at response_format: Cannot find field.',
                422,
                request=SCHEMA_ASKED,
            ),
        ),
        ("SO-009", "status 400 with an error that names a keyword of the schema"): told(
            named(
                'Unknown name "anyOf" at response_format: Cannot find field.', request=SCHEMA_ASKED
            ),
            error(body=[GOOGLE], request=SCHEMA_ASKED),
        ),
        ("SO-010", "status 400 for a request with both tools and response_format"): told(
            named(
                "Function calling with a response mime type: 'application/json' is unsupported",
                request={**TOOLS_ASKED, "response_format": {"type": "json_object"}},
            ),
            named(
                "Function calling with response_format is unsupported",
                422,
                request={**TOOLS_ASKED, "response_format": {"type": "json_object"}},
            ),
        ),
        ("MM-004", "status 400 for a request with an https image_url"): told(
            named("Field image_url must be a data URI.", request=IMAGE_ASKED),
            named("Field image_url must be a data URI.", 422, request=IMAGE_ASKED),
            by(
                "Mon, 05 Jan 2026 10:00:00 GMT",
                named("Field image_url must be a data URI.", request=IMAGE_ASKED),
                "date",
            ),
        ),
        ("THK-001", "thought tags or flags that the request did not ask for"): told(
            completion("<thought>Hm.</thought>Hi"), *ONLY_THAT
        ),
        ("THK-009", "reasoning_effort `none` does not switch thinking off"): told(
            completion(
                model="gemini-2.5-pro",
                usage={**BARE_USAGE, "completion_tokens_details": {"reasoning_tokens": 2}},
                request={"model": "gemini-2.5-pro", "reasoning_effort": "none"},
            ),
            completion(
                usage={**BARE_USAGE, "completion_tokens_details": {"reasoning_tokens": 2}},
                request={"model": "gemini-2.5-flash", "reasoning_effort": "none"},
            ),
        ),
        ("THK-011", "the signature is in a separate delta without the tool call"): told(
            signed_apart("c2lnbmVk"), signed_apart(None)
        ),
        (
            "THK-019",
            "status 400 for reasoning_effort `high`, because the thinking budget 24576 is out of"
            " range",
        ): told(
            named(
                "The thinking budget 24576 is invalid. Please choose a value between 0 and 16384.",
                request={"reasoning_effort": "high"},
            ),
            named("reasoning_effort is invalid.", request={"reasoning_effort": "high"}),
        ),
        ("ERR-018", "the body of an error response is an array with one element"): told(
            error(body=[GOOGLE]),
            error(body={"detail": "Not found."}),
            error(body=[{"detail": "Not found."}]),
        ),
        ("ERR-001", "the body of a response with status 404 is an HTML page"): told(
            error(404, b"<!DOCTYPE html>\n<html lang=en>"),
            error(404, b"Not found"),
            error(502, b"<html><head><title>502 Bad Gateway</title></head></html>"),
        ),
        (
            "ERR-027",
            "status 400 with the message `Unknown name` for a parameter of OpenAI that the Gemini"
            " API does not document",
        ): told(
            named(
                'Invalid JSON payload received. Unknown name "logprobs": Cannot find field.',
                request=LOGPROBS_ASKED,
            ),
            named(
                'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
                request={"seed": 1},
            ),
            named(
                'Unknown name "logprobs": Cannot find field. Unknown name "seed": Cannot find'
                " field.",
                request={"seed": 1, **LOGPROBS_ASKED},
            ),
        ),
    },
    "vertex-gemini": {
        **BOTH,
        (
            "ERR-021",
            "status 400 for an unknown model that is named without a publisher",
        ): told(
            probing("ERR-021", named("Malformed publisher model (`model`: 'x')")),
            probing("ERR-021", named("Request contains an invalid argument.")),
        ),
        (
            "ENV-005",
            "`id` of a response from a model of another publisher has a different form",
        ): told(
            completion(id="2025-06-20|13:11", model="xai/grok-4", request={"model": "xai/grok-4"}),
            completion(id=..., model="xai/grok-4", request={"model": "xai/grok-4"}),
            completion(
                id="2025-06-20|13:11",
                model="google/gemini-2.5-flash",
                request={"model": "google/gemini-2.5-flash"},
            ),
        ),
        ("CHO-001", "no `choices` in the response body"): NO_CHOICES,
        (
            "CHO-005",
            "finish_reason `content_filter: NAME` or `function_call_filter: NAME`",
        ): FILTERED,
        ("CHO-003", N_IGNORED): ignored_n("google/"),
        ("SEQ-026", N_IGNORED): ignored_n_streamed("google/"),
        ("MSG-009", "no key `content` in the message"): told(
            completion({"content": ...}, finish="length"),
            completion({"content": ..., "refusal": "No."}, finish="stop"),
        ),
        ("USG-005", THINKING_STAYS): told(
            not_off("google/gemini-3.1-pro-preview", HIDDEN),
            not_off("google/gemini-2.5-flash", HIDDEN),
            not_off("google/gemini-3.1-pro-preview", LESS),
        ),
        ("THK-009", NOT_OFF): told(
            not_off("google/gemini-2.5-pro", REASONED),
            not_off("google/gemini-2.5-flash-lite", REASONED),
        ),
        ("TOOL-007", "no `index` in tool-call deltas"): told(
            stream({"tool_calls": [call()]}, finish="tool_calls"),
            stream({"tool_calls": [call(index="0")]}, finish="tool_calls"),
        ),
        ("TOOL-009", "raw newlines in the strings of the arguments"): told(
            with_arguments('{"city":"Paris\nFrance"}', **FRAGMENTS_ASKED),
            with_arguments('{"city":"Paris\nFrance"', **FRAGMENTS_ASKED),
            with_arguments('{\n"city": NaN}', **FRAGMENTS_ASKED),
            with_arguments('{"city":"Paris\\nFrance"', **FRAGMENTS_ASKED),
            with_arguments('{"city":"Paris\nFrance"}'),
        ),
        ("TOOL-034", NO_NUMBERS): told(numeric_enum(400), numeric_enum(500)),
        (
            "TOOL-030",
            "status 400 for a request that sends back an assistant message with tool calls and"
            " empty content",
        ): told(sent_back(""), sent_back(None), sent_back("", 500)),
        (
            "MSG-015",
            "a blocked prompt is answered with status 200 and the message about it as content",
        ): told(streamed(chunks(BLOCKED)), *ONLY_THAT),
        ("SO-006", NAMES_A_KEYWORD): told(
            UNKNOWN_ADDITIONAL,
            named('Unknown name "additionalProperties".', 422, request=SCHEMA_ASKED),
        ),
        ("SO-009", "status 400 with an error that names a keyword of the schema"): told(
            named('Unknown name "anyOf": Cannot find field.', request=SCHEMA_ASKED),
            error(body=[GOOGLE], request=SCHEMA_ASKED),
        ),
        ("SO-010", "status 400 for a request with both tools and response_format"): told(
            named(
                FORBIDDEN_TOGETHER, request={**TOOLS_AND_JSON, "model": "google/gemini-2.5-flash"}
            ),
            named(
                FORBIDDEN_TOGETHER, request={**TOOLS_AND_JSON, "model": "google/gemini-3.5-flash"}
            ),
        ),
        (
            "ERR-015",
            "the error that ends a stream is pretty-printed JSON outside of an event, without"
            " `data:`",
        ): told(
            stray_error(),
            stray_error(after=b"\n\n" + chunk_text()),
            stream("Hi", {"object": "error", "message": "No."}),
        ),
        ("SSE-003", "no `[DONE]` after an error that ends the stream"): STRAY_WITHOUT_DONE,
        ("SSE-009", "the body ends with an error, without a line end"): STRAY_WITHOUT_LINE_END,
        (
            "SSE-012",
            "the lines of an error that ends the stream do not begin with `data:`",
        ): STRAY_WITHOUT_DATA,
        (
            "SEQ-010",
            "no finish reason after the refusal of a blocked prompt",
        ): told(
            stream({"refusal": BLOCKED}, finish=...),
            stream("Hi", finish=...),
            streamed([*chunks({"refusal": BLOCKED}), *chunks()]),
        ),
        ("MSG-004", "a choice without `message`"): told(
            CUT_WITHOUT_MESSAGE,
            completion(choice={"message": ...}),
            completion(finish="length", choice={"message": None}),
        ),
        ("TOOL-008", "the indexes of two calls are swapped in their first fragments"): told(
            second_is_baseline(**FRAGMENTS_ASKED),
            second_is_baseline(),
            numbered(("a", 0), ("a", 1), ("b", 2), ("b", 2)),
            numbered(("a", 0), ("a", 2), ("b", 1), ("b", 0)),
        ),
        ("TOOL-028", "the indexes of two calls are swapped in their first fragments"): told(
            second_is_baseline(**FRAGMENTS_ASKED),
            second_is_baseline(),
            numbered(("a", 0), ("b", 0)),
            numbered(("a", 1), ("a", 0), ("b", 0), ("b", 0)),
        ),
        (
            "SEQ-014",
            "no usage chunk, although the request sets include_usage (stream_options is not a"
            " documented parameter)",
        ): told(stream("Hi", usage=None, request=USAGE_ASKED), *ONLY_THAT),
        ("THK-005", "thoughts are in tags in the text"): told(
            completion("<think>Hm.</think>Hi"), completion("Hm.</think>Hi")
        ),
        ("THK-011", "the signature is in a separate delta without the tool call"): told(
            signed_apart("c2lnbmVk"), signed_apart(None)
        ),
        ("ERR-018", "the body of an error response is an array with one element"): told(
            error(body=[GOOGLE]), error(body={"detail": "Not found."})
        ),
        ("ERR-001", "the body of a response with status 404 is an HTML page"): told(
            error(404, b"<!DOCTYPE html>\n<html lang=en>"),
            error(404, b"Not found"),
            error(502, b"<html><head><title>502 Bad Gateway</title></head></html>"),
        ),
    },
    "vertex-vllm": {
        ("ENV-007", "`id` of the response starts with `chat-`"): told(
            completion(id="chat-1"), completion(id="cmpl-1"), completion(id=...)
        ),
        (
            "CHO-009",
            "a message with tool calls has finish_reason `stop`, if tool_choice is `required`",
        ): told(
            completion(
                {"tool_calls": [call()]},
                finish="stop",
                request={**TOOLS_ASKED, "tool_choice": "required"},
            ),
            completion(
                {"tool_calls": [call()]},
                finish="function_call",
                request={**TOOLS_ASKED, "tool_choice": "required"},
            ),
            completion({"tool_calls": [call()]}, finish="stop", request=TOOLS_ASKED),
        ),
        ("CHO-012", "a choice without a tool call has finish_reason `tool_calls`"): told(
            completion("Hi", finish="tool_calls"), *ONLY_THAT
        ),
        ("MSG-011", "all text is in `reasoning`, and `content` is empty"): told(
            completion({"content": "", "reasoning": "Hm."}, usage=BARE_USAGE),
            completion("", usage=BARE_USAGE),
        ),
        ("MSG-013", "all text is in `reasoning`, and `content` is empty"): told(
            streamed(chunks({"reasoning": "Hm."})), streamed(chunks({}))
        ),
        ("MSG-014", "a message without tool calls has `tool_calls: []`"): told(
            completion({"content": "Hi", "tool_calls": []}),
            completion({"content": "Hi", "tool_calls": {}}),
        ),
        ("SEQ-009", "no key `finish_reason` in the choices of chunks before the last chunk"): told(
            streamed(every_chunk(no_finish_key, chunks("Hi"))), *ONLY_THAT
        ),
        ("SEQ-010", "finish_reason is null in every chunk"): told(
            stream("Hi", finish=..., request=TOOLS_ASKED),
            streamed(chunks("Hi") + chunks("Hi"), request=TOOLS_ASKED),
            stream("Hi", finish=...),
        ),
        ("SEQ-017", "usage is sent although the request does not set include_usage"): told(
            stream("Hi", usage=BARE_USAGE), *ONLY_THAT
        ),
        ("SEQ-028", "deltas have `tool_calls: []`"): told(
            stream({"content": "Hi", "tool_calls": []}), *ONLY_THAT
        ),
        ("TOOL-002", "`arguments` of a tool call is null"): told(
            stream(
                {"tool_calls": [call(index=0, function={"name": "f", "arguments": None})]},
                finish="tool_calls",
            ),
            stream(
                {"tool_calls": [call(index=0, function={"name": "f", "arguments": {}})]},
                finish="tool_calls",
            ),
            completion({"tool_calls": [call(function={"name": "f", "arguments": None})]}),
        ),
        ("LOG-001", "logprobs has no entries if the request has no top_logprobs"): told(
            completion("Hi", request=LOGPROBS_ASKED),
            completion("Hi", choice={"logprobs": {}}, request=LOGPROBS_ASKED),
        ),
        ("LOG-001", "logprobs have the structure of the older completions API"): told(
            completion(
                "Hi",
                choice={"logprobs": {"tokens": ["Hi"], "token_logprobs": [-0.1]}},
                request=LOGPROBS_ASKED,
            ),
            completion("Hi", choice={"logprobs": {"tokens": ["Hi"]}}, request=LOGPROBS_ASKED),
        ),
        (
            "ERR-002",
            'the body of an error response is `{"object": "error", ...}` without a nested `error`',
        ): told(error(body=FLAT), error(body={"detail": "Not found."}), error(body=[])),
        (
            "ERR-018",
            'the body of an error response is `{"object": "error", ...}` without a nested `error`',
        ): told(error(body=FLAT), error(body={"detail": "Not found."}), error(body=[GOOGLE])),
        ("ERR-003", 'the body of a response with status 401 is `{"error": "Unauthorized"}`'): told(
            error(401, {"error": "Unauthorized"}),
            error(401, {"error": {"code": 401}}),
            error(400, {"error": "Unauthorized"}),
            error(401, {"error": "Who?"}),
        ),
        ("ERR-002", 'the body of a response with status 404 is `{"detail": "Not Found"}`'): told(
            error(404, {"detail": "Not Found"}),
            error(404, {"detail": "Gone"}),
            error(405, {"detail": "Not Found"}),
        ),
        ("ERR-018", 'the body of a response with status 404 is `{"detail": "Not Found"}`'): told(
            error(404, {"detail": "Not Found"}),
            error(404, {"detail": "Gone"}),
            error(405, {"detail": "Not Found"}),
        ),
        ("TOOL-001", "the tool call names a function that the model made up"): told(
            completion({"tool_calls": [call("Italy")]}, request=TOOLS_ASKED),
            completion({"tool_calls": [call(type=None)]}, request=TOOLS_ASKED),
        ),
        ("TOOL-003", "the arguments of a tool call are JSON but not an object"): told(
            completion({"tool_calls": [call(arguments='["Rome"]')]}, request=TOOLS_ASKED),
            completion({"tool_calls": [call(arguments='{"city": ')]}, request=TOOLS_ASKED),
        ),
        ("TOOL-004", "the arguments of a tool call do not match the declared schema"): told(
            completion({"tool_calls": [call(arguments='{"days": 3}')]}, request=TOOLS_ASKED),
            *ONLY_THAT,
        ),
        (
            "TOOL-025",
            "the text contains the markup of a tool call that the parser cannot read",
        ): told(
            completion("<tool_call>{}</tool_call>", request=TOOLS_ASKED),
            completion("[TOOL_CALLS] []", request=TOOLS_ASKED),
        ),
        (
            "LOG-004",
            "the sampled token comes first in top_logprobs, even if another token is more likely",
        ): told(alternatives(-2.0, -0.5, -1.5), alternatives(-0.5, -1.0, -1.5, -2.0)),
        (
            "LOG-005",
            "logprobs has an entry for the end token, but the end token is not part of the text",
        ): told(spelt("{}<|im_end|>"), spelt("{} ")),
        ("ERR-013", '`stream`: "yes" in the request is treated like `stream`: true'): told(
            probing("ERR-013", stream("Hi")), probing("ERR-013", error(500))
        ),
    },
    "vertex-tgi": {
        ("ENV-002", '`object` of the response is "text_completion"'): told(
            completion(object="text_completion"),
            completion(object=...),
            completion(object="completion"),
        ),
        ("ENV-004", '`id` of the response is ""'): told(completion(id=""), completion(id=...)),
        ("CHO-005", "finish_reason `stop_sequence` or `eos_token`"): told(
            completion("Hi", finish="stop_sequence", request={"stop": ["!"]}),
            completion("Hi", finish="end", request={"stop": ["!"]}),
            completion("Hi", finish="stop_sequence"),
        ),
        ("CHO-013", "finish_reason `eos_token`"): told(
            completion("Hi", finish="eos_token"), completion("Hi", finish="end")
        ),
        ("CHO-017", "finish_reason `stop_sequence` instead of `stop`"): told(
            probing(
                "CHO-017", completion("One", finish="stop_sequence", request={"stop": ["two"]})
            ),
            probing("CHO-017", completion("One", finish="end", request={"stop": ["two"]})),
        ),
        ("CHO-009", "a message with tool calls has finish_reason `stop`"): told(
            completion({"tool_calls": [call()]}, finish="stop", request=TOOLS_ASKED),
            completion({"tool_calls": [call()]}, finish="function_call", request=TOOLS_ASKED),
        ),
        ("CHO-010", "the stop string is left in the text"): told(
            completion("One, two.", request={"stop": ["two"]}), *ONLY_THAT
        ),
        ("MSG-009", "no key `content` in the message"): told(
            completion({"content": ..., "tool_calls": [call()]}),
            completion({"content": ..., "refusal": "No."}, finish="stop"),
        ),
        ("SEQ-003", '`id` of every chunk is ""'): told(stream("Hi", id=""), stream("Hi", id=...)),
        ("SEQ-004", "`created` of each chunk is the time at which the chunk was made"): told(
            streamed(
                every_chunk(
                    lambda chunk: chunk.update(created=IN_2026), chunks("Hi"), slice(1, None)
                )
            ),
            *ONLY_THAT,
        ),
        ("SEQ-014", "no usage chunk, although the request sets include_usage"): told(
            stream("Hi", usage=None, request=USAGE_ASKED), *ONLY_THAT
        ),
        ("TOOL-002", "`arguments` of a tool call is an object"): told(
            completion(
                {
                    "tool_calls": [
                        call(function={"name": "f", "arguments": {"name": "x", "city": "Paris"}})
                    ]
                }
            ),
            completion({"tool_calls": [call(function={"name": "f", "arguments": None})]}),
            completion({"tool_calls": [call(function={"description": None, "name": "f"})]}),
        ),
        ("TOOL-012", "finish_reason `stop` after tool calls"): told(
            stream(CALL_DELTA, request=TOOLS_ASKED),
            stream(CALL_DELTA, finish="function_call", request=TOOLS_ASKED),
        ),
        ("TOOL-022", "every fragment of a tool call has an id"): told(
            stream(
                CALL_DELTA,
                {"tool_calls": [call(arguments="", index=0, function={"arguments": " "})]},
                finish="tool_calls",
            ),
            *ONLY_THAT,
        ),
        ("TOOL-023", "every fragment of a tool call has a function name"): told(
            stream(CALL_DELTA, {"tool_calls": [call(arguments=" ", index=0)]}, finish="tool_calls"),
            *ONLY_THAT,
        ),
        ("LOG-002", "logprobs entries have no key `bytes`"): told(
            completion(
                "Hello!",
                choice={"logprobs": {"content": [without("bytes", TOKEN)]}},
                request=LOGPROBS_ASKED,
            ),
            completion(
                "Hello!",
                choice={"logprobs": {"content": [without("logprob", without("bytes", TOKEN))]}},
                request=LOGPROBS_ASKED,
            ),
            completion(
                "Hello!",
                choice={"logprobs": {"content": [{**TOKEN, "bytes": "Hello!"}]}},
                request=LOGPROBS_ASKED,
            ),
        ),
        (
            "ERR-014",
            "a stream with status 200 ends with an error event whose `error` is a string,"
            " without `[DONE]`",
        ): told(
            streamed(['{"error":"Input validation error","error_type":"validation"}'], done=False),
            streamed(['{"error":{"message":"Input validation error"}}']),
        ),
        ("SSE-003", "no `[DONE]` after an error event"): told(
            streamed([*chunks("Hi", finish=...), '{"error":"Incomplete generation"}'], done=False),
            streamed(['{"error":"Incomplete generation"}', *chunks("Hi")], done=False),
            streamed(['{"error":"Incomplete generation"}', "[DONE]"]),
        ),
    },
}
"""Every deviation that one exchange, or the answer to a probe, can show: by profile, requirement
and what it says is seen."""

CASES = [(name, row, seen) for name, deviations in TOLD.items() for row, seen in deviations]


def judged(name: str, row: str, exchange: Exchange) -> JudgedFinding:
    """The finding of a requirement under a profile."""
    found = next(
        (
            each
            for each in judge_for(profile(name), shipped_suite()).findings(exchange)
            if not isinstance(each, RuleCrash) and each.finding.requirement == row
        ),
        None,
    )
    assert found is not None, f"{row} is not broken"
    return found


def test_every_deviation_that_one_exchange_can_show_is_tried() -> None:
    assert set(TOLD) == set(profile_names())
    for name in profile_names():
        by_exchange = {
            (each.requirement, each.seen)
            for each in profile(name).deviations
            if requirements()[each.requirement].needs in ("exchange", "probe")
        }
        assert set(TOLD[name]) == by_exchange


@pytest.mark.parametrize(("name", "row", "seen"), CASES)
def test_a_violation_as_told_is_known(name: str, row: str, seen: str) -> None:
    found = judged(name, row, TOLD[name][row, seen].as_told)
    assert found.known is not None, found.finding
    assert found.known.seen == seen


@pytest.mark.parametrize(
    ("name", "row", "seen"), [case for case in CASES if TOLD[case[0]][case[1:]].otherwise]
)
def test_another_violation_of_the_row_is_not_known(name: str, row: str, seen: str) -> None:
    for exchange in TOLD[name][row, seen].otherwise:
        found = judged(name, row, exchange)
        assert found.known is None, found.finding


@pytest.mark.parametrize("name", ["vertex-gemini", "gemini-api"])
def test_what_is_known_of_generation_3_is_known_of_later_ones_and_of_the_aliases(name: str) -> None:
    patterns = {each.condition.model for each in profile(name).deviations if each.condition.model}
    of_3 = [each for each in patterns if each.search("gemini-3-flash")]
    assert of_3
    for later in ("gemini-4-pro", "google/gemini-11.5-flash", "gemini-flash-lite-latest"):
        assert [each.pattern for each in of_3 if not each.search(later)] == []


PARTIAL = {"partial": True}
CONDITIONS: list[tuple[dict[str, object], Exchange, Exchange]] = [
    ({"kind": "stream"}, stream("Hi"), completion("Hi")),
    ({"status": 404}, error(404), error(400)),
    (
        {"model": re.compile("gemini-3")},
        completion(request={"model": "gemini-3-flash"}),
        completion(request={"model": "x"}, model="gemini-3-flash"),
    ),
    (
        {"model": re.compile("gemini-3")},
        completion(request=None, model="gemini-3-flash"),
        completion(request=None),
    ),
    (
        {"model": re.compile("gemini-3")},
        stream("Hi", request=None, model="gemini-3-flash"),
        stream("Hi", request=None),
    ),
    (
        {"request": ("tools", "stop")},
        completion(request={**TOOLS_ASKED, "stop": "."}),
        completion(request=TOOLS_ASKED),
    ),
    ({"request": ("n",)}, completion(request={"n": 2}), completion(request={"n": 1})),
    ({"answer": ("filtered", "cut")}, completion(finish="length"), completion(finish="stop")),
    (
        {"answer": ("filtered",)},
        completion(finish="content_filter: SAFETY"),
        completion(finish="length"),
    ),
    (
        {"answer": ("thinking",)},
        completion({"content": "Hi", "reasoning_content": "Hm."}),
        completion("Hi"),
    ),
    (
        {"answer": ("thinking",)},
        completion(usage={**BARE_USAGE, "total_tokens": 99}),
        completion(usage=BARE_USAGE),
    ),
    ({"answer": ("several-chunks",)}, stream("Hi"), streamed(chunks("Hi")[:1])),
    (
        {"answer": ("several-chunks",)},
        streamed(chunks("Hi")[:1], meta=PARTIAL),
        completion("Hi", meta=PARTIAL),
    ),
    ({"answer": ("silent",)}, completion("", finish="length"), completion("Hi", finish="length")),
    ({"answer": ("refused",)}, stream({"refusal": "No."}), stream("No.")),
    (
        {"answer": ("repeated-usage",)},
        early_usage(NO_COMPLETION_TOKENS),
        stream("Hi", usage=BARE_USAGE, request=USAGE_ASKED),
    ),
    ({"answer": ("swapped-indexes",)}, second_is_baseline(), numbered(("a", 0), ("b", 1))),
    (
        {"answer": ("swapped-indexes",)},
        stream(
            {"tool_calls": [call(arguments="", index=1)]},
            {"tool_calls": [call(arguments="{", index=0)]},
            finish=...,
            done=False,
            truncated=True,
        ),
        numbered(("a", 1), ("a", 0)),
    ),
    (
        {"request": ("thinking",)},
        completion(request={"reasoning_effort": "low"}),
        completion(request={"reasoning_effort": "none"}),
    ),
    (
        {"request": ("thinking-off",)},
        completion(request={"reasoning_effort": "none"}),
        completion(request={"reasoning_effort": "low"}),
    ),
    ({"answer": ("failure",)}, streamed(['{"error":{"message":"No."}}']), stream("Hi")),
    ({"answer": ("prompt-filter-results",)}, azure(), stream("Hi")),
    ({"since": date(2025, 1, 1)}, completion(created=APRIL_2025), completion(created=IN_2024)),
    ({"until": date(2024, 12, 31)}, completion(created=IN_2024), completion(created=APRIL_2025)),
    (
        {"since": date(2025, 4, 2), "until": date(2025, 4, 2)},
        stream("Hi", created=APRIL_2025),
        stream("Hi", created=AUGUST_2025),
    ),
    (
        {"until": date(2024, 12, 31)},
        by("Wed, 15 May 2024 10:00:00 GMT", error(), "date"),
        by("Mon, 05 Jan 2026 10:00:00 GMT", error(), "date"),
    ),
    ({"until": date(2024, 12, 31)}, completion(created=10**18), azure()),
    (
        {"server": re.compile("(?i)llama\\.cpp")},
        by("llama.cpp", error()),
        by("cloudflare", error()),
    ),
    (
        {"server": re.compile("(?i)llama\\.cpp")},
        recorded_from("llama.cpp b6000", error()),
        recorded_from("llama-cpp-python 0.3.36", error()),
    ),
    (
        {"server": re.compile("(?i)litellm")},
        by("f0e1", error(), "x-litellm-call-id"),
        by("f0e1", error(), "x-request-id"),
    ),
]


@pytest.mark.parametrize(
    ("condition", "met", "not_met"),
    CONDITIONS,
    ids=[" ".join(condition) for condition, _, _ in CONDITIONS],
)
def test_a_condition_is_met_by_what_it_says_only(
    condition: dict[str, Any], met: Exchange, not_met: Exchange
) -> None:
    assert matches(Condition(**condition), fold(met))
    assert not matches(Condition(**condition), fold(not_met))


@pytest.mark.parametrize(
    "said",
    [
        {"created": None},
        {"created": ...},
        {"created": "yesterday"},
        {"headers": {"date": "yesterday"}},
    ],
)
def test_what_does_not_say_its_day_may_be_of_any(said: dict[str, Any]) -> None:
    facts = fold(completion(**({"created": ...} | said)))
    assert matches(Condition(since=date(2025, 1, 1), until=date(2025, 12, 31)), facts)


def test_what_a_recording_says_of_its_server_does_not_matter_in_another_case() -> None:
    assert matches(
        Condition(server=profile("openai-compatible").deviations[1].condition.server),
        fold(recorded_from("vLLM 0.32", error())),
    )
    assert matches(
        Condition(server=profile("openai-compatible").deviations[1].condition.server),
        fold(recorded_from("vllm-cpu", error())),
    )


def nested(levels: int) -> Json:
    value: Json = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_evidence_that_no_text_can_hold_is_not_known() -> None:
    assert not explains(
        Condition(actual=re.compile("a")), Finding("CHO-001", "", actual=nested(300))
    )


@pytest.mark.parametrize(
    "condition",
    [
        *({"request": (word,)} for word in REQUEST_WORDS),
        *({"answer": (word,)} for word in ANSWER_WORDS),
    ],
    ids=str,
)
def test_every_word_of_a_condition_is_a_question_that_an_ordinary_answer_denies(
    condition: dict[str, Any],
) -> None:
    assert not matches(Condition(**condition), fold(completion()))
