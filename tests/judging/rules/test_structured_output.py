"""SO: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

WITH_USAGE = {"stream": True, "stream_options": {"include_usage": True}}
OBJECT: dict[str, Any] = {"response_format": {"type": "json_object"}}
CITY = {
    "type": "object",
    "required": ["name", "size"],
    "additionalProperties": False,
    "properties": {
        "name": {"$ref": "#/$defs/name"},
        "size": {"anyOf": [{"enum": [1, 2, 3]}, {"type": "null"}]},
        "kind": {"const": "city"},
    },
    "$defs": {"name": {"type": "string", "maxLength": 9}},
}
PARIS = '{"name":"Paris","size":1}'
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.invalid/image.png"}}
PLACE = (None, "/choices/0/finish_reason")
STREAMED = (3, "/choices/0/finish_reason")
NOWHERE = (None, "")

ASKS_MORE = (
    "Invalid schema for response_format 'city': In context=(), 'additionalProperties' is required"
    " to be supplied and to be false."
)
NOT_PERMITTED = (
    "Invalid schema for function 'f': In context=('properties', 'a'), 'minimum' is not permitted."
)
NO_OBJECT = (
    "Invalid schema for function 'f': schema must have type 'object' and not have"
    " 'oneOf'/'anyOf'/'enum' at the top level."
)
MISMADE = "Tool call validation failed: did not match schema: additionalProperties 'a' not allowed"
NOT_HERE = (
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
)
NAMED_TOOL = (
    "Invalid schema for response_format 'tool_result': In context=(), 'required' is required to be"
    " supplied."
)
UNKNOWN_NAME = (
    'Invalid JSON payload received. Unknown name "$schema" at'
    " 'tools[0].function_declarations[0].parameters': Cannot find field."
)
OF_A_TOOL = (
    'Invalid JSON payload received. Unknown name "additionalProperties" at'
    " 'tools[0].function_declarations[0].parameters'"
)
NO_NUMBER = (
    "json: cannot unmarshal number into Go struct field .tools.function.parameters.properties.enum"
    " of type string"
)
NOT_WITH_JSON = "Function calling with a response mime type: 'application/json' is unsupported"


def schema(asked: Json = CITY, **more: Json) -> dict[str, Any]:
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": asked, **more},
        }
    }


STRICT = schema(strict=True)
STOP = {"stop": [" is", "###"]}


def taking(parameters: Json, **more: Json) -> dict[str, Any]:
    """A request with a function of these parameters."""
    return {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": parameters, **more}}]
    }


def json(
    make: Any, *texts: str, asked: Json = None, finish: Json = "stop", **rest: Any
) -> Exchange:
    """A completion of these texts that was to be JSON of the schema."""
    made: Exchange = make.completion(
        *texts,
        finish=finish,
        request=(schema() if asked is None else asked)
        | ({"n": len(texts)} if len(texts) > 1 else {}),
        **rest,
    )
    return made


def streamed(make: Any, *texts: str, asked: Json = None, **rest: Any) -> Exchange:
    made: Exchange = make.stream(
        *texts, request=(schema() if asked is None else asked) | WITH_USAGE, **rest
    )
    return made


def refused(make: Any, message: str, asked: Json, status: int = 400) -> Exchange:
    made: Exchange = make.error(status, message, request=asked)
    return made


BLOCKED = "The prompt could not be submitted. The prompt contains sensitive words."

CONFORMING: dict[str, tuple[str, Build]] = {
    "a blocked prompt instead of any JSON": (
        "openai",
        lambda make: json(make, BLOCKED, asked=OBJECT),
    ),
    "a blocked prompt instead of the schema": ("openai", lambda make: json(make, BLOCKED)),
    "a blocked prompt instead of the schema, streamed": (
        "openai",
        lambda make: streamed(make, BLOCKED),
    ),
    "JSON of the schema": ("openai", lambda make: json(make, PARIS)),
    "JSON of the schema, streamed": (
        "openai",
        lambda make: streamed(make, '{"name":"Pa', 'ris","size":null}'),
    ),
    "any JSON": ("openai", lambda make: json(make, '{"a": [1, "b"]}\n', asked=OBJECT)),
    "any JSON, streamed": ("openai", lambda make: streamed(make, '{"a"', ": 1}", asked=OBJECT)),
    "white space round the JSON": ("openai", lambda make: json(make, f"\n  {PARIS}\n")),
    "a fence inside of the JSON": (
        "openai",
        lambda make: json(make, '{"a": "```json\\n{}\\n```"}', asked=OBJECT),
    ),
    "a fence round an object inside of the JSON": (
        "openai",
        lambda make: json(make, '{"a": "```{}```"}', asked=OBJECT),
    ),
    "JSON that a stop string may have cut": (
        "openai",
        lambda make: json(make, '{"name": "Par', asked=OBJECT | STOP),
    ),
    "JSON of the schema that a stop string may have cut, streamed": (
        "openai",
        lambda make: streamed(make, '{"na', 'me":', asked=schema() | STOP),
    ),
    "JSON that ended before any stop string": (
        "openai",
        lambda make: json(make, PARIS, asked=schema() | STOP),
    ),
    "a surrogate half": ("openai", lambda make: json(make, '{"a": "\\ud83d"}', asked=OBJECT)),
    "a schema that cannot be judged by": (
        "openai",
        lambda make: json(make, '{"a":1}', asked=schema({"type": "OBJECT"})),
    ),
    "a refusal": (
        "openai",
        lambda make: make.completion({"refusal": "I cannot."}, request=schema()),
    ),
    "a refusal, streamed": (
        "openai",
        lambda make: make.stream(
            {"refusal": "I "}, {"refusal": "cannot."}, request=schema() | WITH_USAGE
        ),
    ),
    "cut JSON": ("openai", lambda make: json(make, '{"name":"Pa', finish="length")),
    "cut JSON, streamed": ("openai", lambda make: streamed(make, '{"name":', finish="length")),
    "filtered JSON": ("openai", lambda make: json(make, '{"name":', finish="content_filter")),
    "a call instead": (
        "openai",
        lambda make: make.completion(
            {"tool_calls": [make.call()]}, request=schema() | {"tools": make.tools()}
        ),
    ),
    "tools and a format": (
        "openai",
        lambda make: json(
            make,
            PARIS,
            asked=schema() | taking({"type": "object", "properties": {"a": {"minimum": 1}}}),
        ),
    ),
    "a text": (
        "openai",
        lambda make: json(make, "```json\n{}\n```", asked={"response_format": {"type": "text"}}),
    ),
    "strict mode asks for additionalProperties": (
        "openai",
        lambda make: refused(make, ASKS_MORE, STRICT),
    ),
    "strict mode knows no such keyword": (
        "openai",
        lambda make: refused(make, NOT_PERMITTED, taking({"minimum": 1}, strict=True)),
    ),
    "strict mode permits no such key": (
        "openai",
        lambda make: refused(make, "'additionalProperties' is not permitted.", STRICT),
    ),
    "additionalProperties in a failure": (
        "openai",
        lambda make: refused(make, "Failed at additionalProperties", schema(), status=503),
    ),
    "tools and a format in a failure": (
        "openai",
        lambda make: refused(make, NOT_WITH_JSON, OBJECT | taking({}), status=503),
    ),
    "a root that is no object": (
        "openai",
        lambda make: refused(make, NO_OBJECT, taking({"anyOf": [{}]})),
    ),
    "an illegal schema": (
        "openai",
        lambda make: refused(
            make,
            "Invalid schema for function 'f': 'minimum' must be a number.",
            taking({"minimum": "1"}),
        ),
    ),
    "a model that made no such call": (
        "openai",
        lambda make: refused(make, MISMADE, taking({"additionalProperties": False})),
    ),
    "a limit of tokens": (
        "openai",
        lambda make: refused(
            make, "max_tokens is too large: the maximum is 4096", taking({"maximum": 1})
        ),
    ),
    "a reasonless refusal of a broken request": (
        "openai",
        lambda make: refused(make, "Invalid request", taking({"anyOf": []}) | {"n": 0}),
    ),
    "a reasonless refusal of a request that is broken elsewhere": (
        "openai",
        lambda make: refused(make, "Invalid request", schema() | {"n": 0}),
    ),
    "a format this model has not": (
        "openai",
        lambda make: refused(make, NOT_HERE, schema() | taking({})),
    ),
    "a schema named after a tool": (
        "openai",
        lambda make: refused(make, NAMED_TOOL, STRICT | taking({})),
    ),
    "another status": (
        "openai",
        lambda make: refused(make, "Service unavailable: anyOf", schema(), status=503),
    ),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "prose instead of any JSON": (
        "openai",
        lambda make: json(make, "Paris it is.", asked=OBJECT),
        "SO-001 SO-011",
        PLACE,
    ),
    "prose, whatever a stop string may have cut off": (
        "openai",
        lambda make: json(make, "Paris it", asked=OBJECT | STOP),
        "SO-001 SO-011",
        PLACE,
    ),
    "two documents, whatever a stop string may have cut off": (
        "openai",
        lambda make: json(make, "{}\n{", asked=OBJECT | STOP),
        "SO-001 SO-011",
        PLACE,
    ),
    "a fence that a stop string may have cut": (
        "openai",
        lambda make: json(make, "```json\n{", asked=OBJECT | STOP),
        "SO-007 SO-001 SO-011",
        PLACE,
    ),
    "JSON of another schema that no stop string has cut": (
        "openai",
        lambda make: json(make, '{"city":"Paris"}', asked=schema() | STOP),
        "SO-002",
        PLACE,
    ),
    "prose instead of any JSON, streamed": (
        "openai",
        lambda make: streamed(make, "Paris", " it is.", asked=OBJECT),
        "SO-001 SO-011",
        STREAMED,
    ),
    "two documents": (
        "openai",
        lambda make: json(make, "{}\n{}", asked=OBJECT),
        "SO-001 SO-011",
        PLACE,
    ),
    "NaN": ("openai", lambda make: json(make, '{"a": NaN}', asked=OBJECT), "SO-001 SO-011", PLACE),
    "JSON of another schema": (
        "openai",
        lambda make: json(make, '{"city":"Paris"}'),
        "SO-002",
        PLACE,
    ),
    "a wrapper in place of its schema": (
        "openai",
        lambda make: json(make, f'{{"name":"city","schema":{PARIS}}}'),
        "SO-002",
        PLACE,
    ),
    "a value outside of its enum": (
        "openai",
        lambda make: json(make, '{"name":"Paris","size":""}'),
        "SO-002",
        PLACE,
    ),
    "a value that is too long": (
        "openai",
        lambda make: json(make, '{"name":"Llanfairpwll","size":1}'),
        "SO-002",
        PLACE,
    ),
    "a key too many": (
        "openai",
        lambda make: json(make, '{"name":"Paris","size":1,"river":"Seine"}'),
        "SO-002",
        PLACE,
    ),
    "prose instead of the schema": (
        "openai",
        lambda make: json(make, "Paris it is."),
        "SO-002 SO-011",
        PLACE,
    ),
    "the second choice breaks the schema": (
        "openai",
        lambda make: json(make, PARIS, "{}"),
        "SO-002",
        (None, "/choices/1/finish_reason"),
    ),
    "a schema with additionalProperties refused": (
        "openai",
        lambda make: refused(make, "additionalProperties is not supported", schema()),
        "SO-006 SO-009",
        NOWHERE,
    ),
    "additional_properties refused": (
        "openai",
        lambda make: refused(make, "response_schema.additional_properties: unexpected", schema()),
        "SO-006",
        NOWHERE,
    ),
    "a fence": (
        "openai",
        lambda make: json(make, f"```json\n{PARIS}\n```"),
        "SO-007 SO-011",
        PLACE,
    ),
    "a fence without language": (
        "openai",
        lambda make: json(make, f"```\n{PARIS}\n```\n", asked=OBJECT),
        "SO-007 SO-001 SO-011",
        PLACE,
    ),
    "a fence after prose": (
        "openai",
        lambda make: json(make, f"Here it is: ```json\n{PARIS}\n```\nEnjoy!"),
        "SO-007 SO-011",
        PLACE,
    ),
    "a fence, streamed": (
        "openai",
        lambda make: streamed(make, "```json\n", f"{PARIS}\n```"),
        "SO-007 SO-011",
        STREAMED,
    ),
    "a fence round another schema": (
        "openai",
        lambda make: json(make, "```json\n{}\n```"),
        "SO-007 SO-002 SO-011",
        PLACE,
    ),
    "a fence round prose": (
        "openai",
        lambda make: json(make, " ```\nParis\n```", asked=OBJECT),
        "SO-007 SO-001 SO-011",
        PLACE,
    ),
    "JSON of another schema, streamed": (
        "openai",
        lambda make: streamed(make, '{"city":', '"Paris"}'),
        "SO-008",
        STREAMED,
    ),
    "prose instead of the schema, streamed": (
        "openai",
        lambda make: streamed(make, "Paris", " it is."),
        "SO-008 SO-011",
        STREAMED,
    ),
    "anyOf refused": (
        "openai",
        lambda make: refused(
            make, "Unknown name \"anyOf\" at 'response_schema': Cannot find field.", schema()
        ),
        "SO-009",
        NOWHERE,
    ),
    "$schema of a function refused": (
        "openai",
        lambda make: make.error(
            400,
            [{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": UNKNOWN_NAME}}],
            request=taking({"$schema": "https://json-schema.org/draft/2020-12/schema"}),
        ),
        "SO-009 ERR-018 ERR-007 ERR-019",
        NOWHERE,
    ),
    "a keyword of a strict schema refused": (
        "openai",
        lambda make: refused(make, "'const' is not supported", STRICT),
        "SO-009",
        NOWHERE,
    ),
    "a numeric enum refused": (
        "openai",
        lambda make: refused(make, NO_NUMBER, taking({"enum": [1]})),
        "SO-009",
        NOWHERE,
    ),
    "a schema refused without a reason": (
        "openai",
        lambda make: refused(make, "Request contains an invalid argument.", schema()),
        "SO-009",
        NOWHERE,
    ),
    "some features refused": (
        "openai",
        lambda make: refused(
            make, "The provided JSON schema contains features not supported by xgrammar.", schema()
        ),
        "SO-009",
        NOWHERE,
    ),
    "tools refused beside a format": (
        "openai",
        lambda make: refused(make, NOT_WITH_JSON, OBJECT | taking({})),
        "SO-010",
        NOWHERE,
    ),
    "tools refused beside JSON mode": (
        "openai",
        lambda make: refused(
            make, "json mode cannot be combined with tool/function calling", OBJECT | taking({})
        ),
        "SO-010",
        NOWHERE,
    ),
    "additionalProperties of a tool refused": (
        "openai",
        lambda make: refused(make, OF_A_TOOL, schema() | taking(CITY)),
        "SO-009",
        NOWHERE,
    ),
    "no reason for an image of the web": (
        "openai",
        lambda make: refused(
            make,
            "Invalid request",
            taking(CITY) | {"messages": [{"role": "user", "content": [IMAGE]}]},
        ),
        "MM-004",
        NOWHERE,
    ),
    "no reason for an effort": (
        "openai",
        lambda make: refused(make, "Invalid request", schema() | {"reasoning_effort": "low"}),
        "THK-019",
        NOWHERE,
    ),
    "a little text after the JSON": (
        "openai",
        lambda make: json(make, f"{PARIS} Done."),
        "SO-011 SO-002",
        PLACE,
    ),
}

THOUGHTS = {"thinking_config": {"include_thoughts": True}}
UNJUDGED: dict[str, tuple[str, Build]] = {
    "JSON, request unknown": ("SO-011", lambda make: make.completion("Paris.", request=None)),
    "JSON of a schema that cannot be judged by": (
        "SO-002",
        lambda make: json(make, "{}", asked=schema({"$ref": "https://example.invalid/city.json"})),
    ),
    "JSON of a stream that was cut": (
        "SO-008",
        lambda make: streamed(make, '{"name"', finish="stop", done=False, truncated=True),
    ),
    "JSON that a stop string may have cut": (
        "SO-011",
        lambda make: json(make, '{"name": "Par', asked=OBJECT | STOP),
    ),
    "JSON after thoughts": (
        "SO-001",
        lambda make: json(make, "I think. {}", asked=OBJECT | {"extra_body": {"google": THOUGHTS}}),
    ),
    "JSON quoted in part": (
        "SO-002",
        lambda make: json(make, '{"name": ...', meta={"partial": True}),
    ),
    "a fence where no JSON was asked": ("SO-007", lambda make: make.completion("```json\n{}\n```")),
    "additionalProperties of a tool": (
        "SO-006",
        lambda make: refused(make, "additionalProperties", taking({"additionalProperties": False})),
    ),
    "a format without tools": ("SO-010", lambda make: json(make, PARIS)),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, place = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == place


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def test_a_finding_says_where_the_json_breaks_its_schema(make: Any, findings: Any) -> None:
    assert "/size" in findings(json(make, '{"name":"Paris","size":"big"}'))["SO-002"].message


@pytest.mark.parametrize(
    ("build", "row", "message", "actual"),
    [
        (
            lambda make: json(make, "x" * 500, asked=OBJECT),
            "SO-001",
            "the text is not one JSON document: ",
            "x" * 400,
        ),
        (
            lambda make: json(make, "[" + " " * 500 + "]"),
            "SO-002",
            "the text does not match the schema: at the root: ",
            "[" + " " * 399,
        ),
        (
            lambda make: json(make, "```" + "x" * 500, asked=OBJECT),
            "SO-007",
            "the JSON is in a Markdown fence",
            "```" + "x" * 77,
        ),
        (
            lambda make: refused(make, "additionalProperties " + "x" * 300, schema()),
            "SO-006",
            "a schema with additionalProperties is rejected",
            None,
        ),
        (
            lambda make: refused(make, "'const' is not supported " + "x" * 300, schema()),
            "SO-009",
            "a legal schema is rejected for const",
            None,
        ),
        (
            lambda make: refused(make, "Invalid request", schema()),
            "SO-009",
            "a legal schema is rejected without a reason",
            "Invalid request",
        ),
        (
            lambda make: refused(make, NOT_WITH_JSON + "x" * 300, OBJECT | taking({})),
            "SO-010",
            "a request with tools and response_format is rejected",
            None,
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, message: str, actual: str | None, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert found.message.startswith(message)
    assert found.actual == actual if actual else len(found.actual) == 200


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("SO", conforming, violating) == set()


def test_json_is_expected_where_a_fence_stands(make: Any, findings: Any) -> None:
    assert findings(json(make, f"```json\n{PARIS}\n```"))["SO-007"].expected == "JSON"
