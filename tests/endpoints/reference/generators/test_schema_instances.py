"""Generated values satisfy their schema; NoInstance is raised if none is found."""

import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.pattern_strings import NoMatch, matching
from conformance.endpoints.reference.generators.schema_instances import NoInstance, instance_of
from conformance.endpoints.reference.generators.schemas import is_recursive, plain
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.exchange import Json

Ask = Callable[..., Facts]
WORDS = ["Paris", "Oslo"]

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"leaves": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["leaves"],
        }
    },
    "$ref": "#/$defs/node",
}
SATISFIABLE: list[dict[str, Any]] = [
    {},
    {
        "type": "object",
        "properties": {
            "a": {"type": "object", "properties": {"b": {"type": "null"}}, "required": ["b"]}
        },
        "required": ["a"],
    },
    {
        "type": "array",
        "items": {"type": "integer", "minimum": 3, "maximum": 4},
        "minItems": 3,
        "maxItems": 5,
    },
    {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": ["a", "b", "c"]}},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False},
    {"type": "array", "items": False},
    {"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}},
    {"enum": [None, {"a": [1]}]},
    {"const": {"deep": ["value"]}},
    {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
    {"oneOf": [{"type": "integer", "maximum": 0}, {"type": "integer", "minimum": 1}]},
    {"type": ["string", "null"]},
    {"type": "string", "nullable": True},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "boolean"}}},
    {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"const": 1}}},
    {
        "allOf": [
            {"properties": {"a": {"type": "integer", "minimum": 2}}, "required": ["a"]},
            {"properties": {"a": {"maximum": 3}}},
        ],
        "type": "object",
    },
    {"type": "object", "minProperties": 3, "additionalProperties": {"type": "boolean"}},
    {
        "type": "object",
        "properties": {"a": {}, "b": {}, "c": {}},
        "maxProperties": 1,
        "required": ["b"],
    },
    {"type": "object", "required": ["not declared"]},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "minimum": -9, "maximum": -7, "multipleOf": 4},
    {"type": "number", "minimum": 0.25, "maximum": 0.5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "multipleOf": 0.5, "minimum": 7.2},
    {"type": "number", "minimum": 7, "maximum": 7},
    {"type": "number", "maximum": -1e6},
    {"type": "string", "minLength": 40, "maxLength": 45},
    {"type": "string", "maxLength": 0},
    {"type": "string", "pattern": "^[A-Z]{2}-\\d{3,}(a|b)?$"},
    {"type": "string", "pattern": "^[^\\s@]+@[^\\s@]+$"},
    {"not": {"type": "string"}},
    {
        "if": {"properties": {"a": {"const": 1}}},
        "then": {"required": ["b"]},
        "type": "object",
        "properties": {"a": {"enum": [1, 2]}},
        "required": ["a"],
    },
    {
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["next"],
    },
    TREE,
    *(
        {"type": "string", "format": name}
        for name in (
            "date",
            "date-time",
            "time",
            "email",
            "uri",
            "uuid",
            "ipv4",
            "ipv6",
            "hostname",
            "duration",
        )
    ),
]


def instance(schema: dict[str, Any], number: int = 0) -> Json:
    return instance_of(schema, WORDS, Dice(bytes([number])))


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("schema", SATISFIABLE, ids=str)
def test_a_satisfiable_schema_is_satisfied(schema: dict[str, Any], number: int) -> None:
    check = compile_check(schema)
    assert check
    made = instance(schema, number)
    assert check(made) is None
    assert check(orjson.loads(orjson.dumps(made))) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "no such type"},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
        {"type": "string", "minLength": 1_000_000},
        {"type": "array", "minItems": 1_000_000},
        {"type": "object", "minProperties": 1_000_000},
        {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}},
        {"enum": []},
        {"type": "number", "minimum": 1e300},
        {"type": "string", "pattern": "((a{9999}){9999}){9999}"},
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "string", "pattern": "^\ud800$"},
        {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "boolean"}},
    ],
    ids=str,
)
def test_what_cannot_be_satisfied_or_is_too_large_gives_nothing(schema: dict[str, Any]) -> None:
    with pytest.raises(NoInstance):
        instance(schema)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a|b|",
        "[a-z]+?",
        "^\\w{2}\\W\\s\\S\\D$",
        "(?:ab)+\\.[^a-z]",
        "[\\d.]{3}",
        "x*y{2,4}",
        "[^\\d\\w]",
        "[^a]",
        "[a-z-]+\\W",
    ],
)
def test_a_pattern_is_matched(pattern: str) -> None:
    for number in range(5):
        assert re.search(pattern, matching(pattern, lambda below, at=number: at % below))  # type: ignore[misc]


def test_a_pattern_that_is_none_is_not_matched() -> None:
    with pytest.raises(NoMatch):
        matching("(", lambda below: 0)


SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(
                [
                    "string",
                    "integer",
                    "number",
                    "boolean",
                    "null",
                    "object",
                    "array",
                    ["string", "null"],
                ]
            ),
            "enum": st.lists(st.integers(0, 5) | st.text(max_size=3), min_size=1, max_size=3),
            "minimum": st.integers(-5, 5),
            "maximum": st.integers(-5, 9) | st.floats(-5, 9),
            "exclusiveMinimum": st.integers(-5, 5),
            "multipleOf": st.sampled_from([1, 2, 0.5, 3]),
            "minLength": st.integers(0, 9),
            "maxLength": st.integers(0, 12),
            "pattern": st.sampled_from(["^a+$", "[0-9]{3}", "x|y"]),
        },
    ),
    lambda below: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string"]),
            "properties": st.dictionaries(st.sampled_from("abc"), below, max_size=3),
            "required": st.lists(st.sampled_from("abcd"), unique=True, max_size=3),
            "additionalProperties": st.booleans() | below,
            "items": below,
            "minItems": st.integers(0, 3),
            "maxItems": st.integers(0, 3),
            "uniqueItems": st.booleans(),
            "anyOf": st.lists(below, min_size=1, max_size=2),
            "allOf": st.lists(below, min_size=1, max_size=2),
            "oneOf": st.lists(below, min_size=1, max_size=2),
            "$ref": st.sampled_from(["#", "#/properties/a", "#/items"]),
            "not": below,
        },
    ),
    max_leaves=8,
)


@given(SCHEMAS, st.binary(min_size=1, max_size=4))
def test_an_instance_of_any_schema_satisfies_it(schema: dict[str, Any], seed: bytes) -> None:
    try:
        made = instance_of(schema, WORDS, Dice(seed))
    except NoInstance:
        return
    check = compile_check(schema)
    assert check
    assert check(made) is None


@pytest.mark.parametrize(
    ("schema", "recursive"),
    [
        (TREE, True),
        ({"properties": {"a": {"$ref": "#"}}}, True),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {
                    "a": {"items": {"$ref": "#/$defs/b"}},
                    "b": {"items": {"$ref": "#/$defs/a"}},
                },
            },
            True,
        ),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {}},
            },
            False,
        ),
        ({"enum": [{"$ref": "#"}]}, False),
        ({}, False),
    ],
)
def test_a_schema_that_leads_back_to_itself_is_known(
    schema: dict[str, Any], recursive: bool
) -> None:
    assert is_recursive(schema) is recursive


def test_googles_types_are_written_plainly_and_values_are_left_alone() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {"type": {"type": "STRING", "enum": ["STRING"]}},
        "required": ["type"],
    }
    assert plain(schema) == {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": ["STRING"]}},
        "required": ["type"],
    }


def schema_asked(schema: Json) -> dict[str, Any]:
    return {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema},
        }
    }


@pytest.mark.parametrize(
    ("profile", "status"),
    [("vertex-gemini", 400), ("gemini-api", 400), ("vertex-vllm", 200), ("openai", 200)],
)
def test_google_refuses_a_recursive_schema_and_others_keep_to_it(
    profile: str, status: int, ask: Ask
) -> None:
    facts = ask(profile, **schema_asked(TREE))
    assert facts.status == status
    check = compile_check(TREE)
    assert status == 400 or (check and check(orjson.loads(facts.choices[0].text)) is None)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_schema_that_cannot_be_satisfied_is_refused(profile: str, ask: Ask) -> None:
    assert (
        ask(profile, **schema_asked({"type": "integer", "minimum": 2, "maximum": 1})).status == 400
    )


@pytest.mark.parametrize(
    ("kind", "profile", "status", "is_json"),
    [
        ("json_object", "openai", 200, True),
        ("application/json", "vertex-gemini", 200, True),
        ("application/json", "openai", 400, False),
        ("text/plain", "vertex-gemini", 200, False),
        ("text/x.enum", "gemini-api", 400, False),
        ("text", "vertex-vllm", 200, False),
    ],
)
def test_the_form_of_the_answer(
    kind: str, profile: str, status: int, is_json: bool, ask: Ask
) -> None:
    facts = ask(profile, response_format={"type": kind})
    assert facts.status == status
    if status == 200:
        assert facts.choices[0].text.startswith("{") is is_json
