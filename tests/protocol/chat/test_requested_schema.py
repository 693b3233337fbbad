"""Schemas of requests: legal ones are used, hostile ones are not; none raises or takes long."""

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from conformance.protocol.chat.requested_schema import compile_check, keywords
from conformance.protocol.exchange import Json
from tests.helpers.hang_guard import hang_guard

NODE = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}},
    "required": ["value"],
}


def meets(schema: Json, value: Json) -> bool:
    """Return whether the value matches the schema, which must compile."""
    check = compile_check(schema)
    assert check is not None
    return check(value) is None


def doubled(levels: int, way: str) -> dict[str, Any]:
    """Return a short schema in which each definition refers twice to the next one.

    ``way`` is the keyword around each reference, "" for none.
    """

    def to(number: int) -> Json:
        reference = {"$ref": f"#/$defs/d{number}"}
        return {way: reference} if way else reference

    defs = {f"d{number}": {"allOf": [to(number + 1), to(number + 1)]} for number in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**defs, f"d{levels}": {"type": "integer"}}}


def nested(levels: int, value: Json = 1) -> Json:
    """Return a value nested in this many arrays."""
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "object", "required": ["a"]}, {"a": 1}, {}),
        (
            {"type": "object", "additionalProperties": False, "properties": {"a": {}}},
            {"a": 1},
            {"b": 1},
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"b": 1}, {"b": "1"}),
        ({"enum": [1, 2, 3]}, 2, ""),
        ({"const": "a"}, "a", "b"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, "x"),
        ({"type": ["integer", "null"]}, None, "x"),
        ({"type": "integer", "minimum": 1, "maximum": 5}, 5, 6),
        ({"type": "string", "pattern": "^a+$"}, "aa", "b"),
        ({"patternProperties": {"^a": {"type": "integer"}}}, {"ab": 1}, {"ab": "1"}),
        (
            {"type": "array", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"type": "integer"}}},
            [1],
            ["1"],
        ),
        (
            {
                "properties": {"a": {"$ref": "#/definitions/a"}},
                "definitions": {"a": {"type": "integer"}},
            },
            {"a": 1},
            {"a": "1"},
        ),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/List%5Bx~1y%5D"}},
                "$defs": {"List[x/y]": {"type": "integer"}},
            },
            {"a": 1},
            {"a": "1"},
        ),
        (
            {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
            {"value": 1, "next": {"value": 2}},
            {"value": 1, "next": {}},
        ),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "required": ["a"]}, {"a": 1}, {}),
        ({"$schema": "https://example.invalid/mine", "required": ["a"]}, {"a": 1}, {}),
        (
            {
                "$id": "https://example.invalid/mine",
                "$ref": "#/$defs/a",
                "$defs": {"a": {"type": "integer"}},
            },
            1,
            "1",
        ),
    ],
)
def test_a_legal_schema_judges_right(schema: Json, right: Json, wrong: Json) -> None:
    assert meets(schema, right)
    assert not meets(schema, wrong)


@pytest.mark.parametrize("kind", ["date-time", "uri", "email", "int64", "regex"])
def test_format_is_an_annotation(kind: str) -> None:
    assert meets({"type": "string", "format": kind}, "((")
    assert meets(
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string", "format": kind},
        "((",
    )


def test_nullable_is_read_as_openapi_has_it() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "enum": ["x"], "nullable": True}},
        "required": ["a"],
    }
    assert meets(schema, {"a": None})
    assert meets(schema, {"a": "x"})
    assert not meets(schema, {"a": "y"})
    assert not meets({"type": "string", "nullable": False}, None)


def test_nullable_is_left_alone_where_it_is_no_keyword() -> None:
    assert not meets({"type": "object", "properties": {"nullable": True}}, None)
    assert meets({"type": "object", "properties": {"nullable": True}}, {"nullable": 1})
    assert not meets({"const": {"nullable": True}}, None)


def test_a_violation_says_what_is_wrong_and_where() -> None:
    check = compile_check({"properties": {"a/b": {"items": {"type": "integer"}}}})
    assert check is not None
    violation = check({"a/b": [1, "x"]})
    assert violation is not None
    assert violation.pointer == "/a~1b/1"
    assert "integer" in violation.message


def test_a_long_message_is_shortened() -> None:
    violation = (compile_check({"type": "integer"}) or (lambda _: None))("x" * 5000)
    assert violation is not None
    assert len(violation.message) <= 200


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        "object",
        7,
        [{}],
        {1: 2},
        {"a": object()},
        {"type": "OBJECT"},
        {"type": "strin"},
        {"required": "a"},
        {"pattern": "("},
        {"pattern": "(?=a)a"},
        {"pattern": "((a{1000}){1000}){1000}"},
        {"multipleOf": 0},
        {"$ref": "#/$defs/absent"},
        {"$ref": "#/items/x", "items": [1]},
        {"$ref": "other.json"},
        {"$ref": "file:///etc/hostname"},
        {"$ref": "#anchored", "$defs": {"a": {"$anchor": "anchored"}}},
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "minimum": 1,
            "exclusiveMinimum": True,
        },
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "integer"}]},
        {"enum": ["x" * 300_000]},
        doubled(40, ""),
        doubled(40, "items"),
    ],
    ids=lambda schema: json.dumps(schema, default=lambda each: type(each).__name__)[:60],
)
def test_a_schema_that_cannot_be_judged_by_judges_nothing(schema: Json) -> None:
    assert compile_check(schema) is None


@pytest.mark.parametrize("levels", [300, 3000, 100_000])
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda schema: {"properties": {"a": schema}},
        lambda schema: {"allOf": [schema]},
        lambda schema: {"not": schema},
    ],
)
def test_a_schema_nested_very_deeply_judges_nothing(
    wrapped: Callable[[Json], Json], levels: int
) -> None:
    schema: Json = {}
    for _ in range(levels):
        schema = wrapped(schema)
    assert compile_check(schema) is None


def test_a_schema_nested_deeply_is_judged_by() -> None:
    schema: Json = {"type": "integer"}
    for _ in range(60):
        schema = {"items": schema}
    assert meets(schema, nested(60))
    assert not meets(schema, nested(60, "x"))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$dynamicRef": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        {"if": {"$ref": "#"}, "then": {"$ref": "#"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {
            "dependentSchemas": {"a": {"$ref": "#"}},
            "propertyNames": {"$ref": "#"},
            "unevaluatedProperties": {"$ref": "#"},
        },
    ],
    ids=json.dumps,
)
def test_a_reference_that_leads_back_to_itself_comes_to_an_end(schema: Json) -> None:
    assert meets(schema, {"a": {"a": 1}}) is ("not" not in schema)


def test_a_violation_of_a_schema_that_refers_to_itself_is_told_without_its_place() -> None:
    violation = (
        compile_check({"properties": {"value": {"type": "integer"}, "next": {"$ref": "#"}}})
        or (lambda _: None)
    )({"next": {"value": "x"}})
    assert violation is not None
    assert violation.pointer == ""
    assert "refers to itself" in violation.message


def test_a_long_chain_of_references_is_followed_or_left() -> None:
    defs = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(5000)}
    check = compile_check({"$ref": "#/$defs/d0", "$defs": {**defs, "d5000": {"type": "integer"}}})
    assert check is None or check("x") is not None


SLOW = [
    ({"pattern": "^(a+)+$"}, "a" * 5000 + "!"),
    ({"pattern": r"^(a*)*\1$"}, "a" * 5000 + "!"),
    ({"patternProperties": {"^(a+)+$": False}}, {"a" * 5000 + "!": 1}),
    ({"type": "array", "allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}, nested(60)),
    ({"items": {"$ref": "#"}, "contains": {"$ref": "#"}, "maxItems": 0}, nested(60)),
    (
        {
            "properties": {"a": {"$ref": "#/$defs/n"}, "b": False},
            "$defs": {"n": {"allOf": [{"items": {"$ref": "#/$defs/n"}}] * 2}},
        },
        {"a": nested(60), "b": 1},
    ),
    (doubled(15, ""), "x"),
    ({"additionalProperties": {"type": "integer"}}, {str(number): "x" for number in range(50_000)}),
    ({"uniqueItems": True}, [{"a": number} for number in range(20_000)]),
]


@pytest.mark.parametrize(
    ("schema", "value"), SLOW, ids=[json.dumps(schema)[:60] for schema, _ in SLOW]
)
def test_nothing_takes_long(schema: Json, value: Json) -> None:
    with hang_guard():
        check = compile_check(schema)
        if check:
            check(value)


def test_nothing_is_ever_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
        for schema in (
            {"$ref": url},
            {"$dynamicRef": f"{url}#a"},
            {"properties": {"a": {"$ref": f"{url}#/$defs/a"}}},
            {"$schema": url, "type": "object"},
            {"$id": url, "$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}},
            {"$id": url, "$ref": "other.json"},
            {"$defs": {"a": {"$schema": url}}},
        ):
            check = compile_check(schema)
            if check:
                check({"a": 1})
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_schema_is_compiled_once() -> None:
    assert compile_check({"type": "object", "title": "once"}) is compile_check(
        {"type": "object", "title": "once"}
    )


def test_keywords_are_not_names_or_values() -> None:
    schema = {
        "type": "object",
        "properties": {"anyOf": {"enum": ["const", {"not": 1}]}, "b": {"oneOf": [{"minimum": 1}]}},
        "$defs": {"pattern": {"items": {"maxLength": 2}}},
        "additionalProperties": {"format": "date"},
        "required": ["b"],
        "default": {"if": 1},
    }
    assert keywords(schema) == {
        "type",
        "properties",
        "$defs",
        "additionalProperties",
        "required",
        "default",
        "enum",
        "oneOf",
        "minimum",
        "items",
        "maxLength",
        "format",
    }
    assert keywords(None) == keywords(True) == set()


def test_a_value_with_too_many_alternatives_to_try_is_not_judged() -> None:
    schema = {"type": "array", "items": {"enum": list(range(4_000))}}
    assert not meets(schema, [-1] * 2_000)
    assert meets(schema, [-1] * 4_000)


def test_a_long_value_is_judged_by_a_schema_with_few_alternatives() -> None:
    schema = {"type": "array", "items": {"enum": [1, 2]}}
    assert not meets(schema, [1] * 100_000 + [3])
