"""Check the body of a request against schemas/request.json, and for unknown fields."""

import re
from functools import cache
from typing import Any

import orjson

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_field
from conformance.protocol import schema
from conformance.protocol.exchange import Json


def checked(body: Json, dialect: Dialect) -> dict[str, Any]:
    """Return the body of a request as an object without its null fields.

    Raises:
        Refused: The body is not a JSON object, breaks the request schema, or has an unknown field
            that the dialect rejects.
    """
    value = _as_json(body)
    if not isinstance(value, dict):
        raise Refused("The body of the request is not a JSON object.")
    for error in _validator().iter_errors(value):
        raise _breaks_schema(error)
    documented = _documented() | _NEWER
    for name in value:
        if (
            name not in documented
            and not (dialect.options and name == "extra_body")
            and dialect.refuses_unknown
        ):
            raise unknown_field(name, dialect)
    return {name: field for name, field in value.items() if field is not None}


def _as_json(body: Json) -> Json:
    """Return the value as a JSON parser reads it.

    Raises:
        Refused: The body was not JSON (it is still text), or is nested too deeply.
    """
    if isinstance(body, str):
        raise Refused("The body of the request is not JSON.")
    try:
        return orjson.loads(orjson.dumps(body))
    except (TypeError, ValueError):
        raise Refused("The body of the request is not JSON, or is nested too deeply.") from None


_NEWER = frozenset({"moderation", "prompt_cache_options"})
"""Fields that OpenAI added after its last public schema."""


@cache
def _validator() -> Any:
    return schema.compiled("request", ()).validator


@cache
def _documented() -> frozenset[str]:
    return frozenset(schema.document("request")["$defs"]["openai"]["properties"])


def _breaks_schema(error: Any) -> Refused:
    """Return the error for a value that breaks the schema.

    It never repeats the value, which may be long or secret.
    """
    path = dotted(error.instance_path)
    kind, limit = error.kind.name, error.kind.value
    if kind == "required":
        path = f"{path}.{limit}" if path else limit
        return Refused(
            f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
        )
    expected = _EXPECTED.get(kind, "another value")
    return Refused(
        f"Invalid value for '{path or 'body'}': expected {expected.format(_listed(limit))}.",
        param=path or None,
        code="invalid_value",
    )


_EXPECTED = {
    "type": "a value of type {}",
    "enum": "one of {}",
    "minimum": "{} or more",
    "maximum": "{} or less",
    "minItems": "at least {} item(s)",
    "maxItems": "at most {} items",
    "minLength": "at least {} character(s)",
    "not": "a value that is not null",
}


def _listed(limit: Json) -> str:
    values = limit if isinstance(limit, list) else [limit]
    return ", ".join("null" if value is None else str(value) for value in values)


def dotted(path: list[str | int]) -> str:
    """Return a path into the request as error messages write it: ``messages[0].role``."""
    return re.sub(
        r"\.?\[",
        "[",
        ".".join(f"[{step}]" if isinstance(step, int) else step[:60] for step in path),
    )
