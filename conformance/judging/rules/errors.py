"""ERR: HTTP errors and errors inside a stream; schemas/error.json states their forms."""

from collections.abc import Iterator
from typing import Any

from conformance.judging.predicates.error_wording import (
    gives_no_reason,
    refused_as_unknown,
    tells_of_outage,
)
from conformance.judging.rule import COMPLETION, ERROR, STREAM, finding, rule, start_of
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_schema import breaks_schema, legal_parameters
from conformance.protocol.exchange import Finding
from conformance.protocol.json_access import dict_items, get_path

STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""The HTTP status of each code of google.rpc."""

LONGEST = 20_000
"""The most characters of an error message that are judged."""

_OF_THE_MODEL = frozenset(
    {"reasoning_effort", "verbosity", "prediction", "functions", "function_call"}
)
"""Parameters that OpenAI calls unrecognized if the model does not support them."""


def error_object(facts: Facts) -> tuple[dict[str, Any], str]:
    """Return the object under ``error`` and its JSON pointer, also from an array of one item.

    ({}, "") if there is none.
    """
    body, pointer = facts.body, "/error"
    if isinstance(body, list) and len(body) == 1:
        body, pointer = body[0], "/0/error"
    error = body.get("error") if isinstance(body, dict) else None
    return (error, pointer) if isinstance(error, dict) else ({}, "")


def error_message(facts: Facts) -> str:
    """Return the message of an error in any known form; "" if it has none.

    A message without a reason is completed by the details of the error; a body that is not JSON is
    returned itself, up to 2000 bytes. Of a longer message the first ``LONGEST`` characters are
    returned, as its words are looked for in many ways.
    """
    message = _message(facts)[:LONGEST]
    if not gives_no_reason(message):
        return message
    return " ".join([message, *_details(facts)]).strip()[:LONGEST]


def has_long_message(facts: Facts) -> bool:
    """Return whether the message of an error has more characters than are judged."""
    return facts.kind == "error" and len(_message(facts)) > LONGEST


def _message(facts: Facts) -> str:
    error, _ = error_object(facts)
    body = facts.body[0] if isinstance(facts.body, list) and facts.body else facts.body
    flat = body if isinstance(body, dict) else {}
    for text in (
        error.get("message"),
        flat.get("error"),
        flat.get("message"),
        flat.get("detail"),
        flat.get("errors"),
    ):
        if text and text is not error:
            return str(text)
    return "" if isinstance(facts.body, dict | list) else start_of(facts, 2000)


def is_bare_error(body: object) -> bool:
    """Return whether a body is an error and has no choices."""
    return isinstance(body, dict) and body.get("error") is not None and "choices" not in body


def _details(facts: Facts) -> Iterator[str]:
    """Yield reasons outside the message: Google's field violations, OpenRouter's provider error."""
    error, _ = error_object(facts)
    for detail in dict_items(error.get("details")):
        for violation in dict_items(detail.get("fieldViolations")):
            if isinstance(text := violation.get("description"), str):
                yield text
    if isinstance(raw := get_path(error, "metadata", "raw"), str):
        yield raw


def refuses_request(facts: Facts) -> bool:
    """The status says that the request is rejected for its content."""
    return facts.status in (400, 415, 422)


@rule("ERR-001", ERROR, needs=("end",))
def error_is_json(facts: Facts) -> Iterator[Finding]:
    if facts.text is not None and facts.text.failure:
        start = start_of(facts)
        yield finding(
            "the body of the error is not JSON" if start else "the error has no body",
            expected="JSON",
            actual=start,
        )


@rule("ERR-004", ERROR, lambda facts: error_object(facts)[0])
def code_is_the_status(facts: Facts) -> Iterator[Finding]:
    error, pointer = error_object(facts)
    if type(error.get("code")) is not int or error["code"] != facts.status:
        yield finding(
            "error.code is not the HTTP status",
            expected=facts.status,
            actual=error.get("code"),
            pointer=f"{pointer}/code",
        )


@rule("ERR-005", ERROR, lambda facts: error_object(facts)[0])
def status_is_a_code_of_google_rpc(facts: Facts) -> Iterator[Finding]:
    error, pointer = error_object(facts)
    fits = [name for name, status in STATUS_OF.items() if status == facts.status] or list(STATUS_OF)
    if error.get("status") not in fits:
        yield finding(
            "error.status does not match the HTTP status",
            expected=" or ".join(fits),
            actual=error.get("status"),
            pointer=f"{pointer}/status",
        )


@rule(
    "ERR-014",
    STREAM | ERROR,
    lambda facts: facts.failures or (facts.kind == "error" and facts.chat_request.streams),
)
def early_failure_is_a_status(facts: Facts) -> Iterator[Finding]:
    first = facts.chunk_events[0] if facts.chunks else len(facts.events)
    failures = [event for event, _ in facts.failures if event is not None]
    strays = [stray for stray in facts.stray_errors if stray.before <= first]
    if strays or (failures and min(failures) < first):
        event = min(failures) if failures else None
        yield finding(
            "the stream begins with an error, although its status is 200",
            expected="a status of 400 or above",
            actual=strays[0].text[:200] if event is None else facts.events[event].data[:200],
            event=event,
        )


@rule("ERR-015", STREAM, lambda facts: facts.failures)
def failure_inside_is_the_last_word(facts: Facts) -> Iterator[Finding]:
    for stray in facts.stray_errors:
        yield finding(
            "the error is outside of an event: its lines do not begin with data:",
            expected='data: {"error": ...}',
            actual=stray.text[:200],
        )
        yield from _chunk_after(facts, stray.before)
    for event, value in facts.failures:
        if event is None:
            continue
        if event in [number for number, _ in facts.non_chunk_events]:
            yield finding(
                "the error in the stream is an array",
                expected="an object with error",
                actual=facts.events[event].data[:200],
                event=event,
            )
        elif value.get("error") is None:
            yield finding(
                "the error in the stream has no `error` field",
                expected="an object with error",
                actual=value,
                event=event,
            )
        yield from _chunk_after(facts, event + 1)


def _chunk_after(facts: Facts, first: int) -> Iterator[Finding]:
    """Yield a finding if a chunk comes in the event ``first`` or later."""
    after = next((chunk for chunk in facts.chunk_events if chunk >= first), None)
    if after is not None:
        yield finding(
            "chunks follow the error in the stream",
            expected="the end of the stream",
            actual=facts.events[after].data[:200],
            event=after,
        )


@rule(
    "ERR-022", ERROR, lambda facts: breaks_schema(facts.exchange.request.body), needs=("request",)
)
def broken_request_is_no_server_error(facts: Facts) -> Iterator[Finding]:
    if facts.status >= 500 and not tells_of_outage(error_message(facts)):
        yield finding(
            "an invalid request is answered with a server error",
            expected="400 or 422",
            actual=facts.status,
        )


@rule("ERR-023", COMPLETION, lambda facts: facts.media_type != "text/event-stream")
def success_has_no_error(facts: Facts) -> Iterator[Finding]:
    body, pointer = (
        (facts.body[0], "/0/error")
        if isinstance(facts.body, list) and facts.body
        else (facts.body, "/error")
    )
    if isinstance(body, dict) and body.get("error") is not None:
        yield finding(
            "the answer is an error, although its status is 200",
            expected="a status of 400 or above",
            actual=body["error"],
            pointer=pointer,
        )


@rule(
    "ERR-027",
    ERROR,
    refuses_request,
    lambda facts: legal_parameters(facts.request),
    needs=("request",),
)
def documented_parameter_is_known(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts)
    of_the_model = "unrecognized request argument" in message.lower()
    for name in legal_parameters(facts.request):
        if refused_as_unknown(name, message) and not (of_the_model and name in _OF_THE_MODEL):
            yield finding(
                f"the documented parameter {name} is rejected as unknown",
                expected="the parameter is accepted or ignored",
                actual=message[:200],
            )


RULES = (
    error_is_json,
    code_is_the_status,
    status_is_a_code_of_google_rpc,
    early_failure_is_a_status,
    failure_inside_is_the_last_word,
    broken_request_is_no_server_error,
    success_has_no_error,
    documented_parameter_is_known,
)
