"""Messages of real servers that reject a schema, and messages that do not."""

import pytest

from conformance.judging.predicates.schema_refusal import (
    has_another_reason,
    refused_keyword,
    refuses_tools_beside_format,
)
from tests.helpers.hang_guard import hang_guard

USED = {
    "type",
    "properties",
    "required",
    "items",
    "description",
    "anyOf",
    "const",
    "$schema",
    "$ref",
    "$defs",
    "additionalProperties",
    "enum",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "title",
    "default",
    "maxItems",
    "exclusiveMinimum",
    "propertyNames",
    "multipleOf",
}

REFUSED = [
    (
        "$schema",
        (
            'Invalid JSON payload received. Unknown name "$schema" at'
            " 'tools[0].function_declarations[0].parameters': Cannot find field."
        ),
    ),
    (
        "const",
        (
            'Invalid JSON payload received. Unknown name "const" at'
            " 'tools[0].function_declarations[1].parameters.properties[1].value': Cannot find"
            " field."
        ),
    ),
    (
        "type",
        (
            'Invalid JSON payload received. Unknown name "type" at'
            " 'tools[0].function_declarations[0]': Proto field is not repeating, cannot start list."
        ),
    ),
    (
        "maximum",
        (
            'Invalid JSON payload received. Unknown name "maximum" at'
            " 'generation_config.response_schema': Cannot find field."
        ),
    ),
    (
        "enum",
        (
            "json: cannot unmarshal number into Go struct field"
            " .tools.function.parameters.properties.enum of type string"
        ),
    ),
    ("format", "Grammar error: Unknown format: uri"),
    ("format", 'Unimplemented keys: ["format"]'),
    ("anyOf", "`anyOf` is not supported in response_format"),
    ("multipleOf", "Unsupported JSON schema keyword: multipleOf"),
    ("additionalProperties", "additionalProperties is not supported in the Gemini API."),
    ("const", "'const' is not supported"),
    ("anyOf", "Cannot compile a schema with anyOf"),
    ("enum", "Invalid schema: unknown keyword 'enum'"),
    ("", "The provided JSON schema contains features not supported by xgrammar."),
]

OTHER_REASONS = [
    (
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens. The"
        " maximum is 4096."
    ),
    "This model's maximum context length is 2048 tokens. However, you requested 3000 tokens.",
    (
        "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', 'input':"
        " {'tools': [{'function': {'parameters': {'anyOf': []}}}]}}]"
    ),
    (
        "Invalid schema for function 'f': In context=('properties', 'title'), array schema missing"
        " items."
    ),
    "Invalid schema for function 'format': array schema missing items.",
    (
        "Invalid schema for function 'f': schema must have type 'object' and not have"
        " 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
    ),
    (
        "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got"
        " 'type: \"None\"'."
    ),
    (
        "Tool call validation failed: parameters for tool f did not match schema: errors: [missing"
        " properties: 'title', additionalProperties 'foo' not allowed]"
    ),
    (
        "Generated JSON does not match the expected schema. Error: '/x' does not validate with"
        " /anyOf/0/const"
    ),
    (
        "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that"
        " matches the pattern '^[a-zA-Z0-9_-]+$'."
    ),
    (
        "Invalid 'tools[0].function.description': string too long. Expected a string with maximum"
        " length 1024"
    ),
    "The specified schema produces a constraint that has too many states for serving.",
    "Invalid schema for function 'X': '^[\\p{L}]+$' is not a 'regex'.",
    (
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type"
        " 'json_object'."
    ),
    "Unknown parameter: 'tools[0].function.x'.",
    "See https://example.invalid/anyOf for help.",
]

OF_STRICT_MODE = [
    (
        "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required"
        " to be supplied and to be false."
    ),
    (
        "Invalid schema for response_format 'x': In context=(), 'required' is required to be"
        " supplied and to be an array including every key. Missing 'title'."
    ),
    (
        "Invalid schema for response_format 'x': In context=('properties', 'x'), $ref cannot have"
        " keywords {'description'}."
    ),
    "Invalid schema for function 'x': In context=('properties', 'd'), 'format' is not permitted.",
]


def refused(message: str, strict: bool = False) -> str | None:
    return None if has_another_reason(message, strict) else refused_keyword(USED, message)


@pytest.mark.parametrize(("keyword", "message"), REFUSED)
@pytest.mark.parametrize("strict", [False, True])
def test_a_message_refuses_a_keyword(keyword: str, message: str, strict: bool) -> None:
    assert refused(message, strict) == keyword


@pytest.mark.parametrize("message", OTHER_REASONS)
@pytest.mark.parametrize("strict", [False, True])
def test_a_message_has_another_reason(message: str, strict: bool) -> None:
    assert refused(message, strict) is None


@pytest.mark.parametrize("message", OF_STRICT_MODE)
def test_what_strict_mode_asks_for_is_a_reason(message: str) -> None:
    assert refused(message, strict=True) is None


@pytest.mark.parametrize(
    "message",
    [
        "Function calling with a response mime type: 'application/json' is unsupported",
        (
            "For controlled generation of only function calls (forced function calling), please set"
            " 'tool_config.function_calling_config.mode' field to ANY instead of populating"
            " 'response_mime_type' and 'response_schema' fields."
        ),
        "json mode cannot be combined with tool/function calling",
        "`response_format` json_object cannot be combined with tool/function calling",
        "Grammar and tools are mutually exclusive",
        "Cannot use custom grammar constraints with tools.",
        '"tools" is incompatible with "response_format"',
    ],
)
def test_tools_are_refused_beside_a_format(message: str) -> None:
    assert refuses_tools_beside_format(message)


@pytest.mark.parametrize(
    "message",
    [
        (
            "Invalid schema for response_format 'ToolResult': In context=(), 'additionalProperties'"
            " is required to be supplied and to be false."
        ),
        "response_format 'tool result' is not supported",
        "Invalid schema in tools[0]: structured output does not take it together with anyOf.",
        (
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type"
            " 'json_object'."
        ),
        (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this"
            " model. Learn more: https://example.invalid/function-calling"
        ),
        (
            "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more"
            " details."
        ),
        "Tool choice is none, but model called a tool",
        "This response_format type is unavailable now",
    ],
)
def test_tools_are_not_refused_beside_a_format(message: str) -> None:
    assert not refuses_tools_beside_format(message)


@pytest.mark.parametrize(
    "piece",
    [
        "schema features ",
        "unknown json schema keyword ",
        "in context=(",
        "function '",
        "must be type ",
        "properties.",
    ],
)
def test_no_message_takes_long(piece: str) -> None:
    message = piece * 2_000 + "x"
    with hang_guard():
        refused(message)
        refuses_tools_beside_format(message)
