"""Values, names and texts that broke readers before; the mutations put them into inputs."""

from functools import cache

from tests.fuzz.json_values import Members, Node, Raw

TEXTS = (
    "",
    " ",
    "\n",
    "\r\n\r\n",
    "\0",
    "\x1b[2J",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\ufffd",
    "\ud800",
    "\udc00\ud800",
    "😀",
    "é",
    "0",
    "-1",
    "null",
    "NaN",
    "1e999",
    "9" * 5000,
    "a" * 5000,
    "\\" * 999,
    '"' * 999,
    "\\u0041" * 300,
    "[" * 3000,
    '{"a":' * 2000,
    "%" * 50,
    "&#x41;" * 100,
    "{}",
    "[]",
    '{"a": NaN}',
    '"',
    "'",
    "```json\n{}\n```",
    "```" * 200,
    "[DONE]",
    "data: {}\n\n",
    "stop",
    "length",
    "STOP",
    "tool_calls",
    "content_filter",
    "assistant",
    "chat.completion",
    "chat.completion.chunk",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----" + "\\n" * 40 + "!",
    "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
    "AIza" + "a" * 35,
    "sk-" + "a" * 40,
    "ya29." + "a" * 60,
    "Bearer ",
    "(a+)+$",
    "^(a|a)*$",
    "#/$defs/a",
    "#",
    "/choices/0/message",
    "~2",
    "2026-13-45T99:99:99Z",
    "data:image/png;base64,AAAA",
    "http://[",
    "https://user:secret-password@host/v1/projects/some-project/chat/completions?key=abcdefgh",
    "!!python/object/apply:os.abort",
    "!!binary ",
    "&a [*a, *a]",
    "<<: ",
    "- ",
    "---",
    "...",
    ": ",
    "|2-\n",
    "= ",
    "[[a]]",
    "[a.b.c]",
    '"""',
    "0x_",
    ".inf",
    "12:30:45",
)
"""Texts, some of them in the languages of the inputs."""

BYTES = (
    *(text.encode("utf-8", "surrogatepass") for text in TEXTS),
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b",
    b"\x80" * 40,
)

EVENTS = (
    "data: [DONE]",
    "data:",
    "data",
    ": comment",
    "event: error",
    "id: 1\nretry: 10",
    "data: {}",
    "data: []",
    "data: null",
    "data: {",
    'data: {"error": {"message": "no", "code": 429}}',
    'data: [{"error": {"code": 503, "status": "UNAVAILABLE"}}]',
    '{"error": {"message": "outside of the fields"}}',
    '[{"error": {"code": 500}}]',
    'data: {"choices": []}',
    'data: {"choices": [{"index": 99999999999999999999, "delta": {"content": "x"}}]}',
    'data: {"choices": [{"index": -1, "delta": {"tool_calls": [{"index": -1}]}}]}',
    'data: {"choices": [], "usage": {"prompt_tokens": 1, "total_tokens": 1}}',
    "data: \ud800",
    "\0",
    "data: 1\ndata: 2\n: x",
)
"""Blocks of an event stream."""

_WORDS = (
    "id object created model system_fingerprint service_tier choices index message "
    "delta content refusal role annotations audio function_call tool_calls function "
    "name arguments type finish_reason logprobs token bytes top_logprobs usage "
    "prompt_tokens completion_tokens total_tokens prompt_tokens_details "
    "completion_tokens_details reasoning_tokens cached_tokens extra_properties "
    "traffic_type extra_content google thought thought_signature reasoning "
    "reasoning_content error code status details param messages stream stream_options "
    "include_usage n stop max_tokens max_completion_tokens tools tool_choice "
    "parallel_tool_calls response_format json_schema schema strict $ref $defs $schema "
    "properties required additionalProperties items anyOf oneOf allOf not enum const "
    "pattern patternProperties format minimum maximum minLength maxItems uniqueItems "
    "propertyNames if then dependentSchemas unevaluatedProperties extra_body "
    "cached_content thinking_config thinking_budget reasoning_effort modalities "
    "image_url input_audio url data request response headers body body_base64 reads "
    "cut meta profile partial elided fidelity case provenance server version "
    "interactions conformance uri method log entries postData text encoding"
)

NAMES = (
    *_WORDS.split(),
    "",
    "\0",
    "\ud800",
    "a" * 3000,
    "__proto__",
    "{}",
    "{0.__class__}",
    "~1",
    "0",
    "-1",
)
"""Names of members."""


@cache
def values() -> tuple[Node, ...]:
    """Return values of every type; callers must not change the lists in them."""
    numbers = (0, -1, 1, 2, 200, 404, 429, 500, 99, 2**31, 2**53 + 1, 2**63, 2**64, -(2**70))
    raw = ("NaN", "Infinity", "-Infinity", "-0", "1e999", "-1e-999", "1E+2", "0.1e-7", "01")
    deep = ("[" * 400 + "]" * 400, '{"a":' * 900 + "1" + "}" * 900, "[" * 5000)
    return (
        None,
        True,
        False,
        *numbers,
        0.5,
        1e308,
        10**400,
        *map(Raw, raw),
        *map(Raw, deep),
        Raw("9" * 5000),
        Raw('"\\ud800"'),
        Raw(""),
        Raw("[" + "0," * 3000 + "0]"),
        Raw('{"index": 0, "index": 1}'),
        *TEXTS,
        [],
        [None],
        [[]],
        [0],
        [""],
        Members(),
        Members([["", ""]]),
        Members([["content", None]]),
    )
