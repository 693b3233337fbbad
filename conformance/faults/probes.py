"""Faults that only the answer to a request made on purpose shows: what is to be accepted is
refused, and what is to be refused is answered."""

from collections.abc import Callable
from typing import NamedTuple

from conformance.faults.dialects import google_error, refused_by_openai
from conformance.faults.errors import refuses
from conformance.faults.kit.body_edits import asked, dumped, map_body, with_error, with_response
from conformance.faults.kit.conditions import finishes, has_usage, is_answer, is_completion, probes
from conformance.faults.kit.event_edits import event
from conformance.faults.kit.fault import Predicate, fault
from conformance.faults.kit.part_edits import finish_reasons_become, map_said
from conformance.protocol.exchange import Exchange

_NO_REASON = "Extra inputs are not permitted"
_USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def refused(exchange: Exchange) -> Exchange:
    """The request refused in OpenAI's dialect, for a reason that names nothing in it."""
    return refused_by_openai(exchange, _NO_REASON)


def _refused_by_google(exchange: Exchange) -> Exchange:
    """The request refused in Google's dialect, for a reason that names nothing in it."""
    return with_error(exchange, 400, google_error(_NO_REASON))


def answered(exchange: Exchange, text: str = "Fine.") -> Exchange:
    """The request answered as if nothing were wrong with it."""
    head = {
        "id": "chatcmpl-AbCdEfGhIjKlM",
        "created": 1770000000,
        "model": asked(exchange).get("model") or "google/gemini-2.5-flash",
    }
    choice = {"index": 0, "logprobs": None, "finish_reason": "stop"}
    if asked(exchange).get("stream") is True:
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
    """A fault of the answer to a probe."""

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
        "Content as an array of text parts is refused.",
        ("META-005",),
        report="B096",
    ),
    _Row(
        "calls-without-content-refused",
        "TOOL-030",
        "A replayed message with tool calls and content null is refused.",
        ("ERR-018",),
        report="B098",
    ),
    _Row(
        "calls-without-content-key-refused",
        "TOOL-030",
        "A replayed message with tool calls and no key content is refused.",
        ("ERR-018",),
        report="B100",
    ),
    _Row(
        "assistants-in-a-row-refused",
        "TOOL-033",
        "A history with two assistant messages in a row is refused.",
        ("ERR-018",),
        report="B213",
    ),
    _Row("plain-request-refused", "ERR-031", "A plain request is refused."),
    _Row(
        "numeric-enum-refused",
        "TOOL-034",
        "A tool whose parameter has a numeric enum is refused.",
        ("SO-009",),
        report="B205",
    ),
    _Row(
        "unknown-message-field-refused",
        "ERR-030",
        "An unknown field inside a message is refused.",
        ("ERR-011",),
        VG,
        "B194",
    ),
    _Row(
        "unknown-field-refused",
        "ERR-011",
        "An unknown field of the request is refused.",
        ("ERR-030",),
        VG,
    ),
    _Row("validated-refused", "TOOL-015", "The tool_choice validated is refused.", (), VG),
    _Row("functions-refused", "TOOL-019", "The older functions are refused."),
    _Row(
        "results-in-another-order-refused",
        "TOOL-031",
        "Tool results in another order than the calls are refused.",
    ),
    _Row("plain-tool-result-refused", "TOOL-032", "A tool result that is no JSON is refused."),
    _Row("response-format-text-refused", "SO-003", "The response_format text is refused."),
    _Row(
        "media-type-format-refused", "SO-004", "A media type as response_format is refused.", (), VG
    ),
    _Row("gs-string-refused", "MM-001", "An image as a plain gs:// string is refused.", (), VG),
    _Row("data-image-refused", "MM-002", "An image as a data: URI is refused."),
    _Row("gs-object-refused", "MM-003", "An image by a gs:// URI is refused.", (), VG),
    _Row("other-data-refused", "MM-005", "A data: URI of another media type is refused.", (), VG),
    _Row("gs-audio-refused", "MM-006", "Audio by a gs:// URI is refused.", (), VG),
    _Row("wav-refused", "MM-007", "Audio as wav is refused."),
    _Row("tool-parts-refused", "MM-011", "Parts in a tool message are refused.", (), VG),
    _Row(
        "upper-case-data-refused",
        "MM-016",
        "A data: URI with upper-case letters or a parameter is refused.",
    ),
    _Row(
        "dummy-signature-refused", "THK-013", "The documented dummy signature is refused.", (), VG
    ),
    _Row("extra-content-refused", "THK-014", "The extra_content of a request is refused.", (), VG),
    _Row("safety-settings-refused", "THK-017", "The safety_settings are refused.", (), VG),
    _Row("cached-content-refused", "THK-022", "The cached_content is refused.", (), VG),
    _Row("developer-refused", "ERR-028", "A developer message is refused."),
)
"""Requests that are to be accepted, and are refused."""

ANSWERED = (
    _Row("n-0-answered", "ERR-026", "A request for no choice is answered with one.", report="B104"),
    _Row(
        "no-credential-answered",
        "AUTH-001",
        "A request without a credential is answered.",
        ("AUTH-007",),
    ),
    _Row(
        "sibling-route-open",
        "AUTH-006",
        "A sibling route is answered without a credential.",
        ("AUTH-001",),
        report="B155",
    ),
    _Row("other-scheme-answered", "AUTH-003", "A scheme other than Bearer is answered."),
    _Row("unknown-route-answered", "AUTH-005", "An unknown route is answered."),
    _Row(
        "both-thinking-controls-answered",
        "THK-008",
        "Two controls of thinking that exclude each other are answered.",
        (),
        VG,
        "B178",
    ),
    _Row(
        "long-prompt-cut-silently",
        "ERR-025",
        "A prompt longer than the context is cut and answered.",
        ("ERR-024",),
        report="B203",
    ),
    _Row(
        "long-prompt-answered",
        "ERR-024",
        "A prompt longer than the context is answered.",
        ("ERR-025",),
    ),
    _Row("unmatched-results-answered", "TOOL-018", "Tool results that match no call are answered."),
    _Row("malformed-data-answered", "MM-010", "A malformed data: URI is answered."),
    _Row("broken-json-answered", "ERR-008", "A request that is no JSON is answered."),
    _Row(
        "no-messages-answered", "ERR-009", "A request without messages is answered.", ("ERR-020",)
    ),
    _Row(
        "empty-messages-answered",
        "ERR-020",
        "A request whose messages are missing is answered.",
        ("ERR-009",),
    ),
    _Row(
        "unknown-model-answered",
        "ERR-010",
        "An unknown model is answered by another one.",
        ("ERR-021",),
    ),
    _Row(
        "unknown-model-replaced",
        "ERR-021",
        "Another model answers for one that does not exist.",
        ("ERR-010",),
    ),
    _Row("wrong-type-answered", "ERR-013", "A field of the wrong type is ignored."),
    _Row("unknown-field-ignored", "ERR-012", "An unknown field of the request is ignored.", (), GA),
    _Row(
        "wrong-credential-let-in",
        "AUTH-002",
        "A wrong credential is taken for a right one.",
        ("AUTH-008",),
    ),
    _Row("wrong-credential-answered", "AUTH-008", "A wrong credential is let in.", ("AUTH-002",)),
)
"""Requests that are to be refused, and are answered."""


def _register(row: _Row, change: Callable[[Exchange], Exchange], applies: Predicate) -> None:
    def changed(exchange: Exchange) -> Exchange | None:
        return change(exchange)

    changed.__doc__ = row.does
    fault(
        row.name,
        row.caught_by,
        also=row.also,
        profile=row.profile,
        report=row.report,
        note=row.note,
        applies=(probes(row.caught_by), applies),
    )(changed)


for _row in REFUSED:
    _register(_row, _refused_by_google if _row.profile in (VG, GA) else refused, is_answer)
for _row in ANSWERED:
    _register(_row, answered, refuses)


@fault(
    "wrong-credential-empty-answer",
    "AUTH-002",
    also=("AUTH-008", "MSG-005"),
    report="B156",
    note="the text is empty, of which MSG-005 speaks in an answer to whatever request",
    applies=(probes("AUTH-002"), refuses),
)
def wrong_credential_empty_answer(exchange: Exchange) -> Exchange | None:
    """A wrong key upstream is hidden behind an empty answer."""
    return map_body(
        answered(exchange, ""),
        lambda body: body | {"usage": _USAGE | {"completion_tokens": 0, "total_tokens": 9}},
    )


@fault("no-credential-called-a-bad-request", "AUTH-007", applies=(probes("AUTH-007"), refuses))
def no_credential_called_a_bad_request(exchange: Exchange) -> Exchange | None:
    """A request without a credential is called a bad one."""
    return refused(exchange)


@fault(
    "small-limit-told-as-stop",
    "CHO-008",
    also=("CHO-014",),
    applies=(probes("CHO-008"), finishes("length")),
)
def small_limit_told_as_stop(exchange: Exchange) -> Exchange | None:
    """An answer that a small limit cut finishes stop."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault(
    "filter-told-as-stop",
    "CHO-011",
    also=("MSG-005", "MSG-010"),
    profile=VG,
    applies=(probes("CHO-011"), is_answer),
)
def filter_told_as_stop(exchange: Exchange) -> Exchange | None:
    """An answer that was filtered finishes stop."""
    return finish_reasons_become(exchange, {"*": "stop"})


@fault(
    "sure-stop-told-as-length", "CHO-017", applies=(probes("CHO-017"), finishes("stop"), has_usage)
)
def sure_stop_told_as_length(exchange: Exchange) -> Exchange | None:
    """An answer that a stop string ended finishes length."""
    return finish_reasons_become(exchange, {"*": "length"})


@fault(
    "recursive-schema-answered-wrong",
    "SO-005",
    also=("SO-002", "SO-011"),
    profile=VG,
    applies=(probes("SO-005"), refuses),
)
def recursive_schema_answered_wrong(exchange: Exchange) -> Exchange | None:
    """A recursive schema is answered by a text that breaks it."""
    return answered(exchange, "12")


@fault("recursive-schema-fails", "SO-005", profile=VG, applies=(probes("SO-005"), refuses))
def recursive_schema_fails(exchange: Exchange) -> Exchange | None:
    """A recursive schema is a server error."""
    return with_error(exchange, 500, google_error("Internal error encountered.", 500, "INTERNAL"))


@fault("mixed-details-refused", "MM-008", profile=VG, applies=(probes("MM-008"), is_answer))
def mixed_details_refused(exchange: Exchange) -> Exchange | None:
    """Gemini 3 refuses mixed values of detail."""
    return _refused_by_google(exchange)


@fault("image-beside-text", "MM-009", profile=VG, applies=(probes("MM-009"), is_completion))
def image_beside_text(exchange: Exchange) -> Exchange | None:
    """A generated image has text in its content."""
    return map_said(exchange, lambda said: said | {"content": "Here is your image."})


@fault("image-as-a-link", "MM-009", profile=VG, applies=(probes("MM-009"), is_completion))
def image_as_a_link(exchange: Exchange) -> Exchange | None:
    """A generated image is a link."""
    return map_said(
        exchange,
        lambda said: (
            said | {"audio": said["audio"] | {"data": "https://example.com/cat.png"}}
            if said.get("audio")
            else said
        ),
    )


@fault("unknown-google-option-fails", "THK-015", profile=VG, applies=(probes("THK-015"), is_answer))
def unknown_google_option_fails(exchange: Exchange) -> Exchange | None:
    """An unknown key in extra_body.google is a server error."""
    return with_error(exchange, 500, google_error("Internal error encountered.", 500, "INTERNAL"))


@fault("upstream-failure-as-an-answer", "ERR-029", applies=(probes("ERR-029"), refuses))
def upstream_failure_as_an_answer(exchange: Exchange) -> Exchange | None:
    """An upstream failure is told as the text of an answer."""
    return answered(exchange, "Error: upstream returned status 502.")
