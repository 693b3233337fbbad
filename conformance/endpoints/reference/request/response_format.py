"""Read ``response_format``, and check the JSON Schemas of a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.generators.schemas import is_recursive, plain
from conformance.protocol.chat.requested_schema import compile_check

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_PATH = "response_format"


@dataclass(frozen=True, slots=True)
class Format:
    """The form of an answer: text, any JSON object, or JSON that satisfies a schema."""

    kind: Literal["text", "object", "schema"]
    schema: Mapping[str, Any] | None = None


def format_of(wanted: Mapping[str, Any] | None, dialect: Dialect) -> Format:
    """Return the form that a ``response_format`` asks for, text for None.

    Raises Refused for a type or a schema that the dialect does not accept.
    """
    kind = wanted["type"] if wanted else "text"
    if kind == "json_schema" and wanted:
        schema = wanted["json_schema"].get("schema")
        return (
            Format("object")
            if schema is None
            else Format("schema", legal(schema, f"{_PATH}.json_schema.schema", dialect))
        )
    if kind == "json_object" or (kind == "application/json" and dialect.profile == "vertex-gemini"):
        return Format("object")
    if kind == "text" or (dialect.profile == "vertex-gemini" and _MEDIA_TYPE.fullmatch(kind)):
        return Format("text")
    raise Refused(
        f"Invalid value for '{_PATH}.type': expected one of text, json_object, json_schema.",
        param=f"{_PATH}.type",
        code="invalid_value",
    )


def legal(schema: Mapping[str, Any], path: str, dialect: Dialect) -> Mapping[str, Any]:
    """Return a schema of the request, for Google with its types in lower case.

    Raises:
        Refused: It is not a valid JSON Schema, or the dialect is Google's and it is recursive.
    """
    schema = plain(schema) if dialect.is_google else schema
    if compile_check(schema) is None:
        raise Refused(f"Invalid schema at '{path}'.", param=path, code="invalid_json_schema")
    if dialect.is_google and is_recursive(schema):
        raise Refused(
            f"The schema at '{path}' refers to itself, which is too deep for this model.",
            param=path,
        )
    return schema
