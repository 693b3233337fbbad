"""SO: faults of structured output, and rejected schemas."""

import json
from collections.abc import Callable

from conformance.faults.dialects import refused_by_google, refused_by_openai
from conformance.faults.kit.body_edits import Object, request_body
from conformance.faults.kit.conditions import (
    asks_json,
    asks_tools,
    finishes,
    has_no_calls,
    has_no_logprobs,
    has_one_choice,
    has_text,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
    response_format,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    map_choices,
    parsed,
    requested_functions,
    text,
    without,
)
from conformance.faults.kit.schema_samples import forbidden, properties_of, required_of
from conformance.protocol.exchange import Exchange, Json
from conformance.protocol.json_access import get_path


def _schema(exchange: Exchange) -> Json:
    """Return the JSON Schema in the request's `response_format`, or None."""
    return get_path(request_body(exchange), "response_format", "json_schema", "schema")


_JSON = (
    is_answer,
    is_complete,
    asks_json,
    has_text,
    has_one_choice,
    has_no_calls,
    has_no_logprobs,
    finishes("stop"),
)


def with_text(exchange: Exchange, content: str) -> Exchange | None:
    """Replace the text of the response: in its message, or in its first delta with text."""
    texts = [content]

    def changed(choice: Object) -> Object:
        key = "delta" if "delta" in choice else "message"
        message = choice.get(key)
        if not (isinstance(message, dict) and message.get("content")):
            return choice
        return choice | {key: message | {"content": texts.pop() if texts else ""}}

    return map_choices(exchange, changed)


@fault(
    "words-around-the-json",
    "SO-001",
    also=("SO-011",),
    applies=(*_JSON, lambda exchange: response_format(exchange) == "json_object"),
)
def words_around_the_json(exchange: Exchange) -> Exchange | None:
    """The response has words before the requested JSON object."""
    return with_text(exchange, f"Sure! Here is the JSON: {text(exchange)}")


def _asks_schema(exchange: Exchange) -> bool:
    return isinstance(_schema(exchange), dict) and isinstance(parsed(text(exchange)), dict)


_KEPT = (*_JSON, _asks_schema)


def _with_value(exchange: Exchange, change: Callable[[dict[str, Json]], Json]) -> Exchange | None:
    value = change(parsed(text(exchange)))
    return None if value is None else with_text(exchange, json.dumps(value, ensure_ascii=False))


def _without_required(exchange: Exchange) -> Exchange | None:
    missing = required_of(_schema(exchange))[:1]
    return _with_value(exchange, lambda value: without(value, *missing)) if missing else None


def _with_other_keys(exchange: Exchange) -> Exchange | None:
    closed = _schema(exchange).get("additionalProperties") not in (None, True) or required_of(
        _schema(exchange)
    )
    return (
        _with_value(exchange, lambda value: {"anything": [1, 2], "else": True}) if closed else None
    )


def _with_forbidden(exchange: Exchange) -> Exchange | None:
    """Give a property the first value that its schema forbids; None if there is none."""
    properties = properties_of(_schema(exchange))
    spoilt = next(
        (
            (name, value)
            for name, of in properties.items()
            if name in parsed(text(exchange))
            for value in forbidden(of)
        ),
        None,
    )
    return _with_value(exchange, lambda value: value | {spoilt[0]: spoilt[1]}) if spoilt else None


@fault("schema-misread", "SO-002", report="B175", applies=(*_KEPT, is_completion))
def schema_misread(exchange: Exchange) -> Exchange | None:
    """The JSON lacks a key that the schema requires."""
    return _without_required(exchange)


@fault("schema-downgraded", "SO-002", report="B206", applies=(*_KEPT, is_completion))
def schema_downgraded(exchange: Exchange) -> Exchange | None:
    """The JSON ignores the schema, as if the request asked for any JSON."""
    return _with_other_keys(exchange)


@fault("enum-value-empty", "SO-002", report="B207", applies=(*_KEPT, is_completion))
def enum_value_empty(exchange: Exchange) -> Exchange | None:
    """A value with an `enum` in the schema is an empty string."""
    names = [
        name
        for name, of in properties_of(_schema(exchange)).items()
        if isinstance(of, dict) and of.get("enum")
    ]
    return _with_value(exchange, lambda value: value | dict.fromkeys(names, "")) if names else None


@fault("value-out-of-bounds", "SO-002", report="B208", applies=(*_KEPT, is_completion))
def value_out_of_bounds(exchange: Exchange) -> Exchange | None:
    """The JSON has the right keys but a value that the schema forbids."""
    return _with_forbidden(exchange)


_REFUSED = ("ERR-007", "ERR-018", "ERR-019")


@fault(
    "additional-properties-refused",
    "SO-006",
    also=("SO-009", *_REFUSED),
    applies=(is_answer, lambda exchange: "additionalProperties" in (_schema(exchange) or {})),
)
def additional_properties_refused(exchange: Exchange) -> Exchange | None:
    """The server rejects a schema with `additionalProperties`."""
    return refused_by_google(
        exchange,
        "Unknown name \"additionalProperties\" at 'generation_config.response_schema': Cannot find"
        " field.",
    )


@fault(
    "json-in-a-fence", "SO-007", also=("SO-011", "SO-002", "SO-001"), report="B081", applies=_JSON
)
def json_in_a_fence(exchange: Exchange) -> Exchange | None:
    """The JSON is in a Markdown code fence."""
    return with_text(exchange, f"```json\n{text(exchange)}\n```")


@fault("streamed-schema-misread", "SO-008", applies=(*_KEPT, is_stream))
def streamed_schema_misread(exchange: Exchange) -> Exchange | None:
    """The streamed JSON lacks a key that the schema requires."""
    return _without_required(exchange)


@fault("streamed-value-out-of-bounds", "SO-008", applies=(*_KEPT, is_stream))
def streamed_value_out_of_bounds(exchange: Exchange) -> Exchange | None:
    """The streamed JSON has a value that the schema forbids."""
    return _with_forbidden(exchange)


_KEYWORDS = (
    "$schema",
    "additionalProperties",
    "propertyNames",
    "const",
    "$ref",
    "anyOf",
    "minimum",
    "default",
)


def _keyword(exchange: Exchange) -> str | None:
    """Return a keyword of the request's schemas that some servers do not support, or None."""
    schemas = json.dumps(
        [
            _schema(exchange),
            *(function.get("parameters") for function in requested_functions(exchange).values()),
        ]
    )
    return next((keyword for keyword in _KEYWORDS if f'"{keyword}":' in schemas), None)


@fault(
    "schema-keyword-refused",
    "SO-009",
    also=("SO-006", *_REFUSED),
    report="B084",
    note="if the keyword is `additionalProperties`, SO-006 also reports it",
    applies=(is_answer, _keyword),
)
def schema_keyword_refused(exchange: Exchange) -> Exchange | None:
    """The server rejects a legal schema because its backend lacks a keyword."""
    place = (
        "request.generation_config.response_schema"
        if _schema(exchange)
        else "request.tools[0].function_declarations[0].parameters"
    )
    return refused_by_google(
        exchange,
        f"Invalid JSON payload received. Unknown name \"{_keyword(exchange)}\" at '{place}': Cannot"
        " find field.",
    )


@fault(
    "tools-beside-format-refused",
    "SO-010",
    also=_REFUSED,
    report="B085",
    applies=(is_answer, asks_json, asks_tools),
)
def tools_beside_format_refused(exchange: Exchange) -> Exchange | None:
    """The server rejects a request with both tools and `response_format`."""
    return refused_by_google(
        exchange, "Function calling with a response mime type: 'application/json' is unsupported"
    )


@fault(
    "schema-keyword-refused-in-due-form", "SO-009", also=("SO-006",), applies=(is_answer, _keyword)
)
def schema_keyword_refused_in_due_form(exchange: Exchange) -> Exchange | None:
    """The server rejects a keyword of a legal schema with a well-formed error."""
    return refused_by_openai(
        exchange, f"Invalid schema: unsupported keyword '{_keyword(exchange)}'"
    )


@fault(
    "tools-beside-format-refused-in-due-form", "SO-010", applies=(is_answer, asks_json, asks_tools)
)
def tools_beside_format_refused_in_due_form(exchange: Exchange) -> Exchange | None:
    """The server rejects tools with `response_format` with a well-formed error."""
    return refused_by_openai(exchange, "Cannot use response_format together with tools")


@fault("two-json-documents", "SO-011", also=("SO-001", "SO-002", "SO-008"), applies=_JSON)
def two_json_documents(exchange: Exchange) -> Exchange | None:
    """The response contains the JSON twice."""
    return with_text(exchange, f"{text(exchange)}\n{text(exchange)}")


@fault(
    "prose-instead-of-json",
    "SO-011",
    also=("SO-001", "SO-002", "SO-008"),
    profile="vertex-gemini",
    applies=_JSON,
)
def prose_instead_of_json(exchange: Exchange) -> Exchange | None:
    """The response is prose although the request asks for JSON."""
    return with_text(exchange, "The fair is on the twelfth.")


FAULTS = (
    words_around_the_json,
    schema_misread,
    schema_downgraded,
    enum_value_empty,
    value_out_of_bounds,
    additional_properties_refused,
    json_in_a_fence,
    streamed_schema_misread,
    streamed_value_out_of_bounds,
    schema_keyword_refused,
    tools_beside_format_refused,
    schema_keyword_refused_in_due_form,
    tools_beside_format_refused_in_due_form,
    two_json_documents,
    prose_instead_of_json,
)
