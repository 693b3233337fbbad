"""ENV: faults of the envelope of a completion."""

from dataclasses import replace

from conformance.faults.kit.body_edits import (
    frames,
    map_body,
    request_body,
    with_body,
    with_frames,
    with_header,
)
from conformance.faults.kit.conditions import (
    asks,
    has_headers,
    is_answer,
    is_completion,
    is_stream,
    is_verbatim,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import map_envelopes, without
from conformance.protocol.exchange import Exchange


@fault("completion-as-plain-text", "ENV-001", applies=(is_completion, has_headers))
def completion_as_plain_text(exchange: Exchange) -> Exchange | None:
    """The server sends the completion with the content type `text/plain`."""
    return with_header(exchange, "content-type", "text/plain")


@fault("completion-in-an-array", "ENV-001", applies=(is_completion,))
def completion_in_an_array(exchange: Exchange) -> Exchange | None:
    """The completion is wrapped in an array with one element."""
    return with_body(exchange, b"[" + (exchange.response.body or b"") + b"]")


@fault("completion-cut-in-half", "ENV-001", applies=(is_completion,))
def completion_cut_in_half(exchange: Exchange) -> Exchange | None:
    """The body stops halfway through the JSON, but the connection closes normally."""
    body = (exchange.response.body or b"").rstrip()
    return with_body(exchange, body[: len(body) // 2])


@fault("no-object", "ENV-002", applies=(is_completion,))
def no_object(exchange: Exchange) -> Exchange | None:
    """The completion has no `object`."""
    return map_body(exchange, lambda body: without(body, "object"))


@fault(
    "text-completion-object",
    "ENV-002",
    also=("ENV-004", "ENV-007"),
    report="B167",
    applies=(is_completion,),
)
def text_completion_object(exchange: Exchange) -> Exchange | None:
    """The completion has the `object` `text_completion` and an empty `id`."""
    return map_body(exchange, lambda body: body | {"object": "text_completion", "id": ""})


@fault("numeric-id", "ENV-003", applies=(is_completion,))
def numeric_id(exchange: Exchange) -> Exchange | None:
    """The `id` of the completion is a number."""
    return map_body(exchange, lambda body: body | {"id": 1735689600})


@fault("no-id", "ENV-003", also=("ENV-004", "ENV-007"), applies=(is_completion,))
def no_id(exchange: Exchange) -> Exchange | None:
    """The completion has no `id`."""
    return map_body(exchange, lambda body: without(body, "id"))


@fault("empty-id", "ENV-004", profile="openai-compatible", applies=(is_completion,))
def empty_id(exchange: Exchange) -> Exchange | None:
    """The `id` of the completion is an empty string."""
    return map_body(exchange, lambda body: body | {"id": ""})


@fault("google-id-with-prefix", "ENV-005", profile="vertex-gemini", applies=(is_completion,))
def google_id_with_prefix(exchange: Exchange) -> Exchange | None:
    """A gateway puts OpenAI's prefix `chatcmpl-` before Google's `id`."""
    return map_body(exchange, lambda body: body | {"id": f"chatcmpl-{body.get('id')}"})


@fault("id-without-prefix", "ENV-007", applies=(is_completion,))
def id_without_prefix(exchange: Exchange) -> Exchange | None:
    """The `id` of the completion lacks the prefix `chatcmpl-`."""
    return map_body(
        exchange, lambda body: body | {"id": str(body.get("id")).removeprefix("chatcmpl-")}
    )


@fault("completion-created-0", "ENV-008", applies=(is_completion,))
def completion_created_0(exchange: Exchange) -> Exchange | None:
    """The `created` time of the completion is 0."""
    return map_body(exchange, lambda body: body | {"created": 0})


@fault("completion-created-in-milliseconds", "ENV-008", applies=(is_completion,))
def completion_created_in_milliseconds(exchange: Exchange) -> Exchange | None:
    """The `created` time of the completion is in milliseconds instead of seconds."""
    return map_body(exchange, lambda body: body | {"created": 1735689600000})


@fault("completion-created-as-text", "ENV-008", applies=(is_completion,))
def completion_created_as_text(exchange: Exchange) -> Exchange | None:
    """The `created` time of the completion is a date string."""
    return map_body(exchange, lambda body: body | {"created": "2025-01-01T00:00:00Z"})


@fault("completion-without-model", "ENV-009", applies=(is_completion,))
def completion_without_model(exchange: Exchange) -> Exchange | None:
    """The completion has no `model`."""
    return map_body(exchange, lambda body: without(body, "model"))


@fault("completion-with-empty-model", "ENV-009", applies=(is_completion,))
def completion_with_empty_model(exchange: Exchange) -> Exchange | None:
    """The `model` of the completion is an empty string."""
    return map_body(exchange, lambda body: body | {"model": ""})


@fault(
    "model-without-publisher",
    "ENV-010",
    also=("ENV-014",),
    profile="vertex-gemini",
    applies=(is_completion,),
)
def model_without_publisher(exchange: Exchange) -> Exchange | None:
    """The `model` of the completion lacks the publisher before the slash."""
    return map_body(
        exchange, lambda body: body | {"model": str(body.get("model")).rpartition("/")[2]}
    )


@fault("numeric-fingerprint", "ENV-011", applies=(is_answer,))
def numeric_fingerprint(exchange: Exchange) -> Exchange | None:
    """The `system_fingerprint` of the response is a number."""
    return map_envelopes(exchange, lambda envelope: envelope | {"system_fingerprint": 44709})


@fault("numeric-service-tier", "ENV-013", applies=(is_answer,))
def numeric_service_tier(exchange: Exchange) -> Exchange | None:
    """The `service_tier` of the response is a number."""
    return map_envelopes(exchange, lambda envelope: envelope | {"service_tier": 1})


@fault(
    "another-model-answers", "ENV-014", profile="vertex-gemini", applies=(is_answer, asks("model"))
)
def another_model_answers(exchange: Exchange) -> Exchange | None:
    """The response comes from a different model than the request names."""
    return map_envelopes(
        exchange, lambda envelope: envelope | {"model": f"{envelope.get('model')}-lite"}
    )


@fault(
    "models-prefix",
    "ENV-015",
    report="B111",
    applies=(is_answer, lambda exchange: "/" not in str(request_body(exchange).get("model", "/"))),
)
def models_prefix(exchange: Exchange) -> Exchange | None:
    """The server adds the prefix `models/` to the requested model's name."""
    return map_envelopes(
        exchange,
        lambda envelope: (
            envelope | {"model": f"models/{envelope['model']}"}
            if envelope.get("model")
            else envelope
        ),
    )


def _opened_with(exchange: Exchange, pair: str) -> Exchange:
    """Insert a key and value, given as JSON text, at the start of the first JSON object."""
    if is_stream(exchange):
        first, *rest = frames(exchange)
        return with_frames(
            exchange, [first.with_data(first.data.replace("{", f"{{{pair},", 1)), *rest]
        )
    return with_body(
        exchange, (exchange.response.body or b"").replace(b"{", b"{" + pair.encode() + b",", 1)
    )


@fault("duplicate-key", "ENV-016", applies=(is_answer, is_verbatim))
def duplicate_key(exchange: Exchange) -> Exchange | None:
    """A JSON object in the response has the same key twice."""
    return _opened_with(exchange, '"object":"chat"')


@fault("nan-in-json", "ENV-016", applies=(is_answer, is_verbatim))
def nan_in_json(exchange: Exchange) -> Exchange | None:
    """The response contains `NaN`, which is not valid JSON."""
    return _opened_with(exchange, '"tokens_per_second":NaN')


@fault(
    "latin-1-body",
    "ENV-017",
    also=("LOG-005", "SSE-005"),
    applies=(is_answer, lambda exchange: "bytes" in exchange.evidence),
)
def latin_1_body(exchange: Exchange) -> Exchange | None:
    """The server encodes the response as Latin-1 instead of UTF-8."""
    body = (
        _opened_with(exchange, '"note":"caf\N{LATIN SMALL LETTER E WITH ACUTE}"').response.body
        or b""
    )
    return replace(
        exchange,
        response=replace(
            exchange.response,
            body=body.replace("\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"\xe9"),
        ),
    )


FAULTS = (
    completion_as_plain_text,
    completion_in_an_array,
    completion_cut_in_half,
    no_object,
    text_completion_object,
    numeric_id,
    no_id,
    empty_id,
    google_id_with_prefix,
    id_without_prefix,
    completion_created_0,
    completion_created_in_milliseconds,
    completion_created_as_text,
    completion_without_model,
    completion_with_empty_model,
    model_without_publisher,
    numeric_fingerprint,
    numeric_service_tier,
    another_model_answers,
    models_prefix,
    duplicate_key,
    nan_in_json,
    latin_1_body,
)
