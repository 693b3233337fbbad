"""Faults in the responses to probes, the requests made to test one requirement.

The server rejects what it must accept, or accepts what it must reject.
"""

from collections.abc import Callable
from typing import NamedTuple

from conformance.faults.dialects import google_error, refused_by_openai
from conformance.faults.errors import refuses
from conformance.faults.kit.body_edits import (
    dumped,
    map_body,
    request_body,
    with_error,
    with_response,
)
from conformance.faults.kit.conditions import finishes, has_usage, is_answer, is_completion, probes
from conformance.faults.kit.event_edits import event
from conformance.faults.kit.fault import Fault, Predicate, fault
from conformance.faults.kit.part_edits import finish_reasons_become, map_messages
from conformance.protocol.exchange import Exchange

_NO_REASON = "Extra inputs are not permitted"
_USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def refused(exchange: Exchange) -> Exchange:
    """Reject the request in OpenAI's format, for a reason that names nothing in the request."""
    return refused_by_openai(exchange, _NO_REASON)


def _refused_by_google(exchange: Exchange) -> Exchange:
    """Reject the request in Google's format, for a reason that names nothing in the request."""
    return with_error(exchange, 400, google_error(_NO_REASON))


def answered(exchange: Exchange, text: str = "Fine.") -> Exchange:
    """Answer the request with a normal completion or stream of this text."""
    head = {
        "id": "chatcmpl-AbCdEfGhIjKlM",
        "created": 1770000000,
        "model": request_body(exchange).get("model") or "google/gemini-2.5-flash",
    }
    choice = {"index": 0, "logprobs": None, "finish_reason": "stop"}
    if request_body(exchange).get("stream") is True:
        chunk = head | {
            "object": "chat.completion.chunk",
            "choices": [choice | {"delta": {"role": "assistant", "content": text}}],
        }
        return with_response(
            exchange,
            200,
            event(dumped(chunk).decode()).raw + event("[DONE]").raw,
            "text/event-stream",
        )
    message = {"role": "assistant", "content": text}
    return with_response(
        exchange,
        200,
        dumped(
            head
            | {
                "object": "chat.completion",
                "choices": [choice | {"message": message}],
                "usage": _USAGE,
            }
        ),
    )


class _Row(NamedTuple):
    """A fault in the response to a probe; the fields are those of `Fault`."""

    name: str
    caught_by: str
    does: str
    also: tuple[str, ...] = ()
    profile: str = "openai"
    report: str = ""
    note: str = ""


VG, GA = "vertex-gemini", "gemini-api"

REFUSED = (
    _Row(
        "text-parts-refused",
        "MM-012",
        "The server rejects content that is an array of text parts.",
        ("META-005",),
        report="B096",
    ),
    _Row(
        "calls-without-content-refused",
        "TOOL-030",
        "The server rejects a replayed message with tool calls and null `content`.",
        ("ERR-018",),
        report="B098",
    ),
    _Row(
        "calls-without-content-key-refused",
        "TOOL-030",
        "The server rejects a replayed message with tool calls and no `content` key.",
        ("ERR-018",),
        report="B100",
    ),
    _Row(
        "assistants-in-a-row-refused",
        "TOOL-033",
        "The server rejects a history with two assistant messages in a row.",
        ("ERR-018",),
        report="B213",
    ),
    _Row("plain-request-refused", "ERR-031", "The server rejects a plain request."),
    _Row(
        "numeric-enum-refused",
        "TOOL-034",
        "The server rejects a tool whose parameter has a numeric `enum`.",
        ("SO-009",),
        report="B205",
    ),
    _Row(
        "unknown-message-field-refused",
        "ERR-030",
        "The server rejects an unknown field in a message.",
        ("ERR-011",),
        VG,
        "B194",
    ),
    _Row(
        "unknown-field-refused",
        "ERR-011",
        "The server rejects an unknown field of the request.",
        ("ERR-030",),
        VG,
    ),
    _Row(
        "validated-refused", "TOOL-015", "The server rejects the `tool_choice` `validated`.", (), VG
    ),
    _Row("functions-refused", "TOOL-019", "The server rejects the older `functions` parameter."),
    _Row(
        "results-in-another-order-refused",
        "TOOL-031",
        "The server rejects tool results in a different order than the calls.",
    ),
    _Row(
        "plain-tool-result-refused",
        "TOOL-032",
        "The server rejects a tool result that is not JSON.",
    ),
    _Row(
        "response-format-text-refused", "SO-003", "The server rejects the `response_format` `text`."
    ),
    _Row(
        "media-type-format-refused",
        "SO-004",
        "The server rejects a media type as `response_format`.",
        (),
        VG,
    ),
    _Row(
        "gs-string-refused",
        "MM-001",
        "The server rejects an image that is a plain `gs://` string.",
        (),
        VG,
    ),
    _Row("data-image-refused", "MM-002", "The server rejects an image that is a `data:` URI."),
    _Row("gs-object-refused", "MM-003", "The server rejects an image with a `gs://` URI.", (), VG),
    _Row(
        "other-data-refused",
        "MM-005",
        "The server rejects a `data:` URI of another media type.",
        (),
        VG,
    ),
    _Row("gs-audio-refused", "MM-006", "The server rejects audio with a `gs://` URI.", (), VG),
    _Row("wav-refused", "MM-007", "The server rejects WAV audio."),
    _Row(
        "tool-parts-refused",
        "MM-011",
        "The server rejects content parts in a tool message.",
        (),
        VG,
    ),
    _Row(
        "upper-case-data-refused",
        "MM-016",
        "The server rejects a `data:` URI with upper-case letters or a parameter.",
    ),
    _Row(
        "dummy-signature-refused",
        "THK-013",
        "The server rejects the documented dummy signature.",
        (),
        VG,
    ),
    _Row(
        "extra-content-refused",
        "THK-014",
        "The server rejects `extra_content` in a request.",
        (),
        VG,
    ),
    _Row("safety-settings-refused", "THK-017", "The server rejects `safety_settings`.", (), VG),
    _Row("cached-content-refused", "THK-022", "The server rejects `cached_content`.", (), VG),
    _Row("developer-refused", "ERR-028", "The server rejects a developer message."),
)
"""Requests that the server must accept but rejects."""

ANSWERED = (
    _Row(
        "n-0-answered",
        "ERR-026",
        "The server answers a request for 0 choices with one choice.",
        report="B104",
    ),
    _Row(
        "no-credential-answered",
        "AUTH-001",
        "The server accepts a request without a credential.",
        ("AUTH-007",),
    ),
    _Row(
        "sibling-route-open",
        "AUTH-006",
        "The server accepts a request to a sibling route without a credential.",
        ("AUTH-001",),
        report="B155",
    ),
    _Row(
        "other-scheme-answered",
        "AUTH-003",
        "The server accepts a request with another scheme than Bearer.",
    ),
    _Row("unknown-route-answered", "AUTH-005", "The server accepts a request to an unknown route."),
    _Row(
        "both-thinking-controls-answered",
        "THK-008",
        "The server accepts a request with two thinking options that exclude each other.",
        (),
        VG,
        "B178",
    ),
    _Row(
        "long-prompt-cut-silently",
        "ERR-025",
        "The server truncates a prompt that is longer than the context and answers it.",
        ("ERR-024",),
        report="B203",
    ),
    _Row(
        "long-prompt-answered",
        "ERR-024",
        "The server accepts a prompt that is longer than the context.",
        ("ERR-025",),
    ),
    _Row(
        "unmatched-results-answered",
        "TOOL-018",
        "The server accepts a request with tool results that match no call.",
    ),
    _Row(
        "malformed-data-answered",
        "MM-010",
        "The server accepts a request with a malformed `data:` URI.",
    ),
    _Row("broken-json-answered", "ERR-008", "The server accepts a request that is not JSON."),
    _Row(
        "no-messages-answered",
        "ERR-009",
        "The server accepts a request that has no messages.",
        ("ERR-020",),
    ),
    _Row(
        "empty-messages-answered",
        "ERR-020",
        "The server accepts a request whose `messages` are missing.",
        ("ERR-009",),
    ),
    _Row(
        "unknown-model-answered",
        "ERR-010",
        "The server accepts a request for an unknown model.",
        ("ERR-021",),
    ),
    _Row(
        "unknown-model-replaced",
        "ERR-021",
        "The server replaces a model that does not exist by another one.",
        ("ERR-010",),
    ),
    _Row("wrong-type-answered", "ERR-013", "The server ignores a field of the wrong type."),
    _Row(
        "unknown-field-ignored",
        "ERR-012",
        "The server ignores an unknown field of the request.",
        (),
        GA,
    ),
    _Row(
        "wrong-credential-let-in",
        "AUTH-002",
        "The server accepts a wrong credential as a right one.",
        ("AUTH-008",),
    ),
    _Row(
        "wrong-credential-answered",
        "AUTH-008",
        "The server accepts a request with a wrong credential.",
        ("AUTH-002",),
    ),
)
"""Requests that the server must reject but answers."""


def _fault_of(
    row: _Row, change: Callable[[Exchange], Exchange], applies: Predicate
) -> Fault[Exchange]:
    def changed(exchange: Exchange) -> Exchange | None:
        return change(exchange)

    changed.__doc__ = row.does
    return fault(
        row.name,
        row.caught_by,
        also=row.also,
        profile=row.profile,
        report=row.report,
        note=row.note,
        applies=(probes(row.caught_by), applies),
    )(changed)


@fault(
    "wrong-credential-empty-answer",
    "AUTH-002",
    also=("AUTH-008", "MSG-005"),
    report="B156",
    note="the text is empty, which MSG-005 reports for any request",
    applies=(probes("AUTH-002"), refuses),
)
def wrong_credential_empty_answer(exchange: Exchange) -> Exchange | None:
    """The server hides a wrong key upstream behind an empty answer."""
    return map_body(
        answered(exchange, ""),
        lambda body: body | {"usage": _USAGE | {"completion_tokens": 0, "total_tokens": 9}},
    )


@fault("no-credential-called-a-bad-request", "AUTH-007", applies=(probes("AUTH-007"), refuses))
def no_credential_called_a_bad_request(exchange: Exchange) -> Exchange | None:
    """The server rejects a request without a credential with status 400."""
    return refused(exchange)


@fault(
    "small-limit-told-as-stop",
    "CHO-008",
    also=("CHO-014",),
    applies=(probes("CHO-008"), finishes("length")),
)
def small_limit_told_as_stop(exchange: Exchange) -> Exchange | None:
    """A response that a small token limit truncated has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault(
    "filter-told-as-stop",
    "CHO-011",
    also=("MSG-005", "MSG-010"),
    profile=VG,
    applies=(probes("CHO-011"), is_answer),
)
def filter_told_as_stop(exchange: Exchange) -> Exchange | None:
    """A filtered response has the finish reason `stop`."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault(
    "sure-stop-told-as-length", "CHO-017", applies=(probes("CHO-017"), finishes("stop"), has_usage)
)
def sure_stop_told_as_length(exchange: Exchange) -> Exchange | None:
    """A response that a stop string ended has the finish reason `length`."""
    return finish_reasons_become(exchange, {"*": "length"})


@fault(
    "recursive-schema-answered-wrong",
    "SO-005",
    also=("SO-002", "SO-011"),
    profile=VG,
    applies=(probes("SO-005"), refuses),
)
def recursive_schema_answered_wrong(exchange: Exchange) -> Exchange | None:
    """The server answers a recursive schema with text that breaks it."""
    return answered(exchange, "12")


@fault("recursive-schema-fails", "SO-005", profile=VG, applies=(probes("SO-005"), refuses))
def recursive_schema_fails(exchange: Exchange) -> Exchange | None:
    """The server answers a recursive schema with status 500."""
    return with_error(exchange, 500, google_error("Internal error encountered.", 500, "INTERNAL"))


@fault("mixed-details-refused", "MM-008", profile=VG, applies=(probes("MM-008"), is_answer))
def mixed_details_refused(exchange: Exchange) -> Exchange | None:
    """The server rejects images with different values of `detail` for Gemini 3."""
    return _refused_by_google(exchange)


@fault("image-beside-text", "MM-009", profile=VG, applies=(probes("MM-009"), is_completion))
def image_beside_text(exchange: Exchange) -> Exchange | None:
    """The message with a generated image has text in its `content`."""
    return map_messages(exchange, lambda message: message | {"content": "Here is your image."})


@fault("image-as-a-link", "MM-009", profile=VG, applies=(probes("MM-009"), is_completion))
def image_as_a_link(exchange: Exchange) -> Exchange | None:
    """The generated image is a link instead of data."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"audio": message["audio"] | {"data": "https://example.com/cat.png"}}
            if message.get("audio")
            else message
        ),
    )


@fault("unknown-google-option-fails", "THK-015", profile=VG, applies=(probes("THK-015"), is_answer))
def unknown_google_option_fails(exchange: Exchange) -> Exchange | None:
    """The server answers an unknown key in `extra_body.google` with status 500."""
    return with_error(exchange, 500, google_error("Internal error encountered.", 500, "INTERNAL"))


@fault("upstream-failure-as-an-answer", "ERR-029", applies=(probes("ERR-029"), refuses))
def upstream_failure_as_an_answer(exchange: Exchange) -> Exchange | None:
    """The server reports an upstream failure as the text of a normal answer."""
    return answered(exchange, "Error: upstream returned status 502.")


FAULTS = (
    *(
        _fault_of(row, _refused_by_google if row.profile in (VG, GA) else refused, is_answer)
        for row in REFUSED
    ),
    *(_fault_of(row, answered, refuses) for row in ANSWERED),
    wrong_credential_empty_answer,
    no_credential_called_a_bad_request,
    small_limit_told_as_stop,
    filter_told_as_stop,
    sure_stop_told_as_length,
    recursive_schema_answered_wrong,
    recursive_schema_fails,
    mixed_details_refused,
    image_beside_text,
    image_as_a_link,
    unknown_google_option_fails,
    upstream_failure_as_an_answer,
)
