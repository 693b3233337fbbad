"""Features of response_format: the format of the answer and the shape of its schema."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.request_access import Object, asked_schema, subschemas
from conformance.protocol.json_access import get_path


def _has_type(*kinds: str) -> Callable[[Body], bool]:
    return lambda body: get_path(body, "response_format", "type") in kinds


def _has_subschema(test: Callable[[Object], bool]) -> Callable[[Body], bool]:
    """Test for a subschema, below the root of the requested schema, that passes ``test``."""
    return lambda body: any(test(schema) for schema in subschemas(asked_schema(body)))


def _is_nullable(schema: Object) -> bool:
    return isinstance(schema.get("type"), list) and "null" in schema["type"]


def _shape(
    name: str, phrase: str, source: str, is_in: Callable[[Body], bool], excludes: str = ""
) -> Feature:
    return Feature(
        f"schema-{name}",
        "response-format",
        phrase,
        source,
        is_in,
        words("json-schema"),
        excludes=words(excludes),
        implies=(("json-schema",),),
    )


FEATURES = (
    Feature(
        "format-text",
        "response-format",
        "response_format text",
        "2, V-OV, OA-SPEC",
        _has_type("text"),
        factor="format",
    ),
    Feature(
        "json-object",
        "response-format",
        "json_object",
        "2, V-OV, OA-SPEC",
        _has_type("json_object"),
        words("json-object"),
        "format",
    ),
    Feature(
        "json-schema",
        "response-format",
        "json_schema",
        "2, V-OV, OA-SPEC",
        _has_type("json_schema"),
        words("json-schema"),
        "format",
    ),
    Feature(
        "media-type",
        "response-format",
        "a media type as response_format",
        "2, V-OV",
        _has_type("application/json", "text/plain"),
        words("json-object safety-settings"),
        "format",
    ),
    _shape(
        "nested",
        "a nested object",
        "OA-SPEC",
        _has_subschema(lambda schema: schema.get("type") == "object" and "properties" in schema),
    ),
    _shape(
        "array", "an array", "OA-SPEC", _has_subschema(lambda schema: schema.get("type") == "array")
    ),
    _shape(
        "enum",
        "an enum",
        "OA-SPEC",
        _has_subschema(lambda schema: isinstance(schema.get("enum"), list)),
    ),
    _shape(
        "any-of",
        "anyOf",
        "OA-SPEC",
        _has_subschema(lambda schema: isinstance(schema.get("anyOf"), list)),
    ),
    _shape(
        "ref",
        "$ref and $defs",
        "OA-SPEC",
        _has_subschema(lambda schema: isinstance(schema.get("$ref"), str)),
    ),
    _shape("nullable", "a type that may be null", "OA-SPEC", _has_subschema(_is_nullable)),
    _shape(
        "open",
        "additionalProperties",
        "2, V-OV",
        lambda body: isinstance(asked_schema(body).get("additionalProperties"), dict),
        "schema-strict",
    ),
    _shape(
        "strict",
        "a strict schema",
        "OA-SPEC",
        lambda body: get_path(body, "response_format", "json_schema", "strict") is True,
    ),
)
"""From simple to special. A media type needs Vertex AI, hence the capability safety-settings, which
only Vertex AI has. A strict schema allows no additional properties."""
