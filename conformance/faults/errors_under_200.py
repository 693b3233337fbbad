"""ERR: errors and failures with status 200, and rejected legal requests."""

import orjson

from conformance.faults.dialects import google_error, openai_error, refused_by_google
from conformance.faults.errors import message_of, refuses
from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import (
    Frame,
    dumped,
    map_body,
    map_frames,
    request_body,
    with_error,
    with_frames,
    with_response,
)
from conformance.faults.kit.conditions import is_answer, is_completion
from conformance.faults.kit.event_edits import before_done, event, positions
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices_of
from conformance.protocol.exchange import Exchange, Json

_SKIPPED = ("SEQ-014", "SEQ-015", "SSE-003")


def _as_event(exchange: Exchange, value: Json, *rest: Frame) -> Exchange:
    """Replace the stream by an event with this value and the events in `rest`."""
    return with_frames(exchange, [event(dumped(value).decode()), *rest])


@fault(
    "validation-error-in-a-stream", "ERR-014", also=_SKIPPED, report="B038", applies=(is_framed,)
)
def validation_error_in_a_stream(exchange: Exchange) -> Exchange | None:
    """The server rejects a request with status 200 and a stream of one error event."""
    return _as_event(
        exchange,
        {
            "error": "Input validation error: `top_p` must be > 0.0 and < 1.0",
            "error_type": "validation",
        },
    )


@fault("overflow-in-a-stream", "ERR-014", also=_SKIPPED, report="B202", applies=(is_framed,))
def overflow_in_a_stream(exchange: Exchange) -> Exchange | None:
    """The server reports a too long prompt in the first event of a stream with status 200."""
    return _as_event(
        exchange, {"error": {"message": "This model's maximum context length is 4096 tokens."}}
    )


@fault(
    "google-error-in-a-stream",
    "ERR-014",
    also=("ERR-015", "SSE-002", *_SKIPPED),
    applies=(is_framed,),
)
def google_error_in_a_stream(exchange: Exchange) -> Exchange | None:
    """The stream with status 200 contains only Google's error in an array."""
    return _as_event(
        exchange, [google_error("Resource exhausted.", 429, "RESOURCE_EXHAUSTED")], event("[DONE]")
    )


@fault("refusal-in-a-stream", "ERR-014", applies=(is_framed,))
def refusal_in_a_stream(exchange: Exchange) -> Exchange | None:
    """The server rejects a request with a stream of the error and `[DONE]`."""
    return _as_event(exchange, openai_error("Invalid value."), event("[DONE]"))


def _failing(exchange: Exchange, value: Json) -> Exchange | None:
    """Insert a failure after the second chunk; None if there are fewer than three chunks."""

    def failed(events: list[Frame]) -> list[Frame] | None:
        chunks = positions(events, choices_of)
        return (
            [*events[: chunks[1] + 1], event(dumped(value).decode()), *events[chunks[1] + 1 :]]
            if len(chunks) > 2
            else None
        )

    return map_frames(exchange, failed)


_FAILURE = openai_error("The server had an error while processing your request.", "server_error")


@fault("chunks-after-a-failure", "ERR-015", applies=(is_framed,))
def chunks_after_a_failure(exchange: Exchange) -> Exchange | None:
    """The stream continues with chunks after an error event."""
    return _failing(exchange, _FAILURE)


@fault(
    "failure-without-error",
    "ERR-015",
    also=("SEQ-001", "SEQ-003", "SEQ-022", "SEQ-023", "SEQ-024"),
    applies=(is_framed,),
)
def failure_without_error(exchange: Exchange) -> Exchange | None:
    """The stream ends with a failure object that has no `error` key."""
    made = _failing(exchange, {"object": "error", **_FAILURE["error"]})
    return made and map_frames(
        made,
        lambda events: [
            *events[
                : 1 + next(n for n, frame in enumerate(events) if '"server_error"' in frame.data)
            ],
            *events[before_done(events) :],
        ],
    )


@fault(
    "error-without-data-field",
    "ERR-015",
    also=("SSE-003", "SSE-009", "SSE-010", "SSE-012"),
    applies=(is_framed,),
)
def error_without_data_field(exchange: Exchange) -> Exchange | None:
    """The stream ends halfway with a pretty-printed error whose lines do not begin with `data:`."""
    error = orjson.dumps(
        [google_error("Resource exhausted.", 429, "RESOURCE_EXHAUSTED")],
        option=orjson.OPT_INDENT_2,
    )

    def failed(events: list[Frame]) -> list[Frame]:
        return [*events[: max(1, before_done(events) // 2)], Frame(error, "")]

    return map_frames(exchange, failed)


def _rejects_missing_messages(exchange: Exchange) -> bool:
    """Return whether the server rejects the request with 400 or 422 because it has no messages."""
    return (
        refuses(exchange)
        and exchange.response.status in (400, 422)
        and not (
            isinstance(request_body(exchange).get("messages"), list)
            and request_body(exchange)["messages"]
        )
    )


@fault(
    "bad-request-as-server-error",
    "ERR-022",
    also=("MM-013",),
    report="B039",
    applies=(_rejects_missing_messages,),
)
def bad_request_as_server_error(exchange: Exchange) -> Exchange | None:
    """The server reports an invalid request as its own failure, with status 502."""
    return with_error(exchange, 502, openai_error(message_of(exchange), "server_error"))


@fault(
    "error-beside-null-choices",
    "ERR-023",
    also=("CHO-001",),
    report="B163",
    applies=(is_completion,),
)
def error_beside_null_choices(exchange: Exchange) -> Exchange | None:
    """The server sends status 200 with an `error` and null `choices`."""
    error = {"message": "Provider returned error", "code": 400}
    return map_body(exchange, lambda body: body | {"choices": None, "error": error})


@fault("error-under-status-200", "ERR-023", also=("CHO-001", "SSE-011"), applies=(refuses,))
def error_under_status_200(exchange: Exchange) -> Exchange | None:
    """The server sends an error with status 200."""
    return with_response(exchange, 200, exchange.response.body or b"")


def _rejected_parameter(exchange: Exchange) -> str:
    """Return a parameter of the request that compatible servers often reject, or ""."""
    return next(
        (
            name
            for name in (
                "frequency_penalty",
                "parallel_tool_calls",
                "seed",
                "logprobs",
                "n",
                "stop",
                "stream_options",
            )
            if name in request_body(exchange)
        ),
        "",
    )


@fault(
    "parameter-unknown",
    "ERR-027",
    also=("ERR-007", "ERR-018", "ERR-019"),
    applies=(is_answer, _rejected_parameter),
)
def parameter_unknown(exchange: Exchange) -> Exchange | None:
    """The server rejects a documented parameter as unknown."""
    message = (
        f'Invalid JSON payload received. Unknown name "{_rejected_parameter(exchange)}": Cannot'
        " find field."
    )
    return refused_by_google(exchange, message)


@fault("parameter-unknown-in-due-form", "ERR-027", applies=(is_answer, _rejected_parameter))
def parameter_unknown_in_due_form(exchange: Exchange) -> Exchange | None:
    """The server rejects a documented parameter as unknown, with a well-formed error."""
    name = _rejected_parameter(exchange)
    return with_error(
        exchange,
        400,
        openai_error(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter"),
    )


FAULTS = (
    validation_error_in_a_stream,
    overflow_in_a_stream,
    google_error_in_a_stream,
    refusal_in_a_stream,
    chunks_after_a_failure,
    failure_without_error,
    error_without_data_field,
    bad_request_as_server_error,
    error_beside_null_choices,
    error_under_status_200,
    parameter_unknown,
    parameter_unknown_in_due_form,
)
