"""Edits of response_format: each shape adds a property to the requested schema."""

from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.cases.strategies.edits import (
    Edit,
    Edits,
    always,
    append_text,
    one_of,
    set_question,
)
from conformance.protocol.exchange import Json

_NAME = {"type": "string", "maxLength": 12}
_PLACE = {
    "type": "object",
    "properties": {"city": _NAME},
    "required": ["city"],
    "additionalProperties": False,
}


def _json_object(body: Body) -> None:
    set_question(body, "Where is the Louvre?")
    append_text(body, " Answer with a JSON object that has the key city.")
    body["response_format"] = {"type": "json_object"}


def _media_type(body: Body, kind: str) -> None:
    if kind == "application/json":
        _json_object(body)
    body["response_format"] = {"type": kind}


def _json_schema(body: Body) -> None:
    set_question(body, "Alice is 30 years old and lives in Paris.")
    append_text(body, " Give it as JSON.")
    schema = {
        "type": "object",
        "properties": {"name": _NAME},
        "required": ["name"],
        "additionalProperties": False,
    }
    body["response_format"] = {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema},
    }


def _schema(body: Body) -> dict[str, Any]:
    found: dict[str, Any] = body["response_format"]["json_schema"]["schema"]
    return found


def _add(body: Body, name: str, schema: Json) -> None:
    _schema(body)["properties"][name] = schema
    _schema(body)["required"].append(name)


def _property(name: str, *schemas: Json) -> SearchStrategy[Edit]:
    return one_of(lambda body, schema: _add(body, name, schema), *schemas)


def _refer(body: Body) -> None:
    _schema(body)["$defs"] = {"place": _PLACE}
    _add(body, "home", {"$ref": "#/$defs/place"})


def _open(body: Body, others: Json) -> None:
    _schema(body)["additionalProperties"] = others


def _be_strict(body: Body) -> None:
    body["response_format"]["json_schema"]["strict"] = True


EDITS: Edits = {
    "format-text": always(lambda body: body.update({"response_format": {"type": "text"}})),
    "json-object": always(_json_object),
    "json-schema": always(_json_schema),
    "media-type": one_of(_media_type, "application/json", "text/plain"),
    "schema-nested": _property(
        "address",
        {
            "type": "object",
            "properties": {"city": _NAME},
            "required": ["city"],
            "additionalProperties": False,
        },
    ),
    "schema-array": _property("tags", {"type": "array", "items": _NAME, "maxItems": 2}),
    "schema-enum": _property(
        "kind",
        {"type": "string", "enum": ["person", "place"]},
        {"enum": ["Paris", "Rome", "Oslo"]},
        {"type": "integer", "enum": [29, 30]},
    ),
    "schema-any-of": _property(
        "age", {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 4}]}
    ),
    "schema-ref": always(_refer),
    "schema-nullable": _property("nickname", {"type": ["string", "null"], "maxLength": 8}),
    "schema-open": one_of(_open, {"type": "integer"}, {"type": "string", "maxLength": 8}),
    "schema-strict": always(_be_strict),
}
"""Every schema allows no additional properties and requires all its own, as strict ones must,
except with ``schema-open``."""
