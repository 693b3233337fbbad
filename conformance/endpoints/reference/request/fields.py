"""The fields of a request: JSON that keeps to schemas/request.json, and no unknown ones where the
dialect refuses them."""

import re
from functools import cache
from typing import Any

import orjson

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_field
from conformance.protocol import schema
from conformance.protocol.exchange import Json


def checked(body: Json, dialect: Dialect) -> dict[str, Any]:
    """The body of a request as a JSON object that keeps to the schema of requests; keys that are
    null are left out. Raises Refused."""
    value = _as_json(body)
    if not isinstance(value, dict):
        raise Refused("The body of the request is JSON, but no object.")
    for error in _validator().iter_errors(value):
        raise _breaks_schema(error)
    known = _known()
    for name in value:
        if (
            name not in known
            and not (dialect.options and name == "extra_body")
            and dialect.refuses_unknown
        ):
            raise unknown_field(name, dialect)
    return {name: each for name, each in value.items() if each is not None}


def _as_json(body: Json) -> Json:
    """The value as a JSON parser reads it. Raises Refused for text that is no JSON, and for values
    that JSON cannot hold or that are nested too deeply."""
    if isinstance(body, str):
        raise Refused("The body of the request is no JSON.")
    try:
        return orjson.loads(orjson.dumps(body))
    except (TypeError, ValueError):
        raise Refused("The body of the request is no JSON, or nested too deeply.") from None


@cache
def _validator() -> Any:
    return schema.compiled("request", ()).validator


@cache
def _known() -> frozenset[str]:
    return frozenset(schema.document("request")["$defs"]["openai"]["properties"])


def _breaks_schema(error: Any) -> Refused:
    """The refusal of a value that breaks the schema; it repeats nothing of the value, which may be
    long or secret."""
    path = dotted(error.instance_path)
    kind, limit = error.kind.name, error.kind.value
    if kind == "required":
        path = f"{path}.{limit}" if path else limit
        return Refused(
            f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter"
        )
    wanted = _WANTED.get(kind, "another value")
    return Refused(
        f"Invalid value for '{path or 'body'}': expected {wanted.format(_listed(limit))}.",
        param=path or None,
        code="invalid_value",
    )


_WANTED = {
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
    return ", ".join("null" if each is None else str(each) for each in values)


def dotted(path: list[str | int]) -> str:
    """A path into the request as errors write it: ``messages[0].role``."""
    return re.sub(
        r"\.?\[",
        "[",
        ".".join(f"[{step}]" if isinstance(step, int) else step[:60] for step in path),
    )
