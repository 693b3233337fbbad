"""ERR: faults of HTTP error responses."""

from conformance.faults.dialects import openai_error
from conformance.faults.kit.body_edits import Object, json_of, map_body, with_error, with_response
from conformance.faults.kit.conditions import is_complete, is_error
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import without
from conformance.protocol.exchange import Exchange, Json


def error_of(exchange: Exchange) -> Object:
    """Return the `error` object of the body, also from an array; an empty dict without one."""
    body = json_of(exchange)
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def message_of(exchange: Exchange) -> str:
    """Return the message of the error, or a default text."""
    return str(error_of(exchange).get("message", "Something is wrong."))


def refuses(exchange: Exchange) -> bool:
    """Return whether the response is a complete error in the format of OpenAI or Google."""
    return is_error(exchange) and is_complete(exchange) and bool(error_of(exchange))


def _with_error(exchange: Exchange, **changed: Json) -> Exchange | None:
    """Replace these fields of the error; a value of `...` removes the field."""
    gone = [key for key, value in changed.items() if value is ...]
    return map_body(
        exchange, lambda body: body | {"error": without(body["error"] | changed, *gone)}
    )


@fault(
    "error-as-plain-text",
    "ERR-001",
    also=("ERR-022",),
    report="B136",
    applies=(refuses, lambda exchange: exchange.response.status in (400, 422)),
)
def error_as_plain_text(exchange: Exchange) -> Exchange | None:
    """The server reports an unreadable request as plain text with status 503."""
    return with_response(
        exchange,
        503,
        b"processing failed: failed to parse request: missing field `tool_call_id`",
        "text/plain",
    )


@fault("error-without-body", "ERR-001", report="B137", applies=(refuses,))
def error_without_body(exchange: Exchange) -> Exchange | None:
    """The error response has no body."""
    return with_response(exchange, exchange.response.status, b"", "")


@fault("error-as-a-page", "ERR-001", also=("HDR-002",), applies=(refuses,))
def error_as_a_page(exchange: Exchange) -> Exchange | None:
    """The error response is an HTML page."""
    return with_response(
        exchange,
        exchange.response.status,
        b"<html><title>Error</title><h1>Error</h1></html>",
        "text/html; charset=UTF-8",
    )


@fault(
    "two-errors-in-an-array",
    "ERR-002",
    also=("ERR-018",),
    profile="vertex-gemini",
    applies=(refuses,),
)
def two_errors_in_an_array(exchange: Exchange) -> Exchange | None:
    """The error body is an array of two errors."""
    return with_error(exchange, exchange.response.status, [{"error": error_of(exchange)}] * 2)


@fault(
    "error-object-bare", "ERR-002", also=("ERR-018",), profile="vertex-gemini", applies=(refuses,)
)
def error_object_bare(exchange: Exchange) -> Exchange | None:
    """The error body is the error itself, without the `error` key around it."""
    return with_error(exchange, exchange.response.status, error_of(exchange))


@fault("error-is-a-string", "ERR-003", also=("ERR-018",), report="B037", applies=(refuses,))
def error_is_a_string(exchange: Exchange) -> Exchange | None:
    """The `error` is a string instead of an object."""
    return with_error(exchange, exchange.response.status, {"error": message_of(exchange)})


@fault("error-without-message", "ERR-003", applies=(refuses,))
def error_without_message(exchange: Exchange) -> Exchange | None:
    """The `message` of the error is an empty string."""
    return _with_error(exchange, message="")


@fault("code-of-another-status", "ERR-004", profile="vertex-gemini", applies=(refuses,))
def code_of_another_status(exchange: Exchange) -> Exchange | None:
    """The `code` of the error is not the HTTP status."""
    return _with_error(exchange, code=exchange.response.status + 1)


@fault("code-as-text", "ERR-004", profile="gemini-api", applies=(refuses,))
def code_as_text(exchange: Exchange) -> Exchange | None:
    """The `code` of the error is a string."""
    return _with_error(exchange, code=str(exchange.response.status))


@fault("status-in-lower-case", "ERR-005", profile="vertex-gemini", applies=(refuses,))
def status_in_lower_case(exchange: Exchange) -> Exchange | None:
    """The `status` of the error is in lower case, so it is not a google.rpc name."""
    return _with_error(exchange, status=str(error_of(exchange).get("status")).lower())


@fault("status-of-another-code", "ERR-005", profile="gemini-api", applies=(refuses,))
def status_of_another_code(exchange: Exchange) -> Exchange | None:
    """The `status` of the error does not match the HTTP status."""
    return _with_error(exchange, status="ALREADY_EXISTS")


@fault("details-without-type", "ERR-006", profile="vertex-gemini", applies=(refuses,))
def details_without_type(exchange: Exchange) -> Exchange | None:
    """The `details` of the error lack `@type`."""
    return _with_error(exchange, details=[{"reason": "UNKNOWN"}])


@fault("details-as-an-object", "ERR-006", profile="gemini-api", applies=(refuses,))
def details_as_an_object(exchange: Exchange) -> Exchange | None:
    """The `details` of the error are an object instead of a list."""
    return _with_error(exchange, details={"@type": "type.googleapis.com/google.rpc.ErrorInfo"})


@fault("error-of-google", "ERR-007", also=("ERR-019",), report="B033", applies=(refuses,))
def error_of_google(exchange: Exchange) -> Exchange | None:
    """The error has Google's format, without `type` and `param`."""
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"description": message_of(exchange)}],
        }
    ]
    error = {
        "code": exchange.response.status,
        "message": message_of(exchange),
        "status": "INVALID_ARGUMENT",
        "details": details,
    }
    return with_error(exchange, exchange.response.status, {"error": error})


@fault(
    "overflow-without-code",
    "ERR-007",
    also=("ERR-024",),
    report="B201",
    applies=(refuses, lambda exchange: error_of(exchange).get("code") == "context_length_exceeded"),
)
def overflow_without_code(exchange: Exchange) -> Exchange | None:
    """The error for a too long prompt has the backend's message and no `code`."""
    return _with_error(exchange, message="context/cache: Job requires 1027 pages", code=...)


@fault("error-without-param", "ERR-007", applies=(refuses,))
def error_without_param(exchange: Exchange) -> Exchange | None:
    """The error has no `param`."""
    return _with_error(exchange, param=...)


@fault("tgi-error-without-type", "ERR-017", profile="vertex-tgi", applies=(is_error,))
def tgi_error_without_type(exchange: Exchange) -> Exchange | None:
    """The error of TGI has no `error_type`."""
    return map_body(exchange, lambda body: without(body, "error_type"))


@fault("error-in-an-array", "ERR-018", applies=(refuses,))
def error_in_an_array(exchange: Exchange) -> Exchange | None:
    """The error body is wrapped in an array with one element."""
    return with_error(exchange, exchange.response.status, [json_of(exchange)])


_ENVELOPE = ("ERR-002",)


@fault("envelope-of-a-gateway", "ERR-018", also=_ENVELOPE, report="B138", applies=(refuses,))
def envelope_of_a_gateway(exchange: Exchange) -> Exchange | None:
    """The error body has a gateway's own format."""
    body = {
        "success": False,
        "errors": [{"code": 7000, "message": "No route for that URI"}],
        "messages": [],
        "result": None,
    }
    return with_error(exchange, 400, body)


@fault(
    "detail-of-a-server-error",
    "ERR-018",
    also=(*_ENVELOPE, "MM-013"),
    report="B153",
    applies=(refuses, lambda exchange: exchange.response.status == 401),
)
def detail_of_a_server_error(exchange: Exchange) -> Exchange | None:
    """The server turns a wrong key upstream into status 500 with only a `detail`."""
    return with_error(
        exchange, 500, {"detail": "Internal server error: An unexpected error occurred."}
    )


@fault("message-alone", "ERR-018", also=_ENVELOPE, report="B158", applies=(refuses,))
def message_alone(exchange: Exchange) -> Exchange | None:
    """The error body is only a `message`, without an `error` object."""
    return with_error(exchange, exchange.response.status, {"message": message_of(exchange)})


@fault("detail-of-fastapi", "ERR-018", also=_ENVELOPE, report="B196", applies=(refuses,))
def detail_of_fastapi(exchange: Exchange) -> Exchange | None:
    """The server reports a rejected request in FastAPI's default format."""
    detail = [
        {
            "type": "enum",
            "loc": ["body", "messages", 0, "role"],
            "msg": "Input should be 'system', 'user' or 'assistant'",
            "input": "tool",
        }
    ]
    return with_error(exchange, 422, {"detail": detail})


@fault("rate-limit-as-server-error", "ERR-019", also=("MM-013",), report="B157", applies=(refuses,))
def rate_limit_as_server_error(exchange: Exchange) -> Exchange | None:
    """The server turns a rate limit upstream into status 500, with its error as text."""
    message = (
        "Error code: 429 - {'error': {'message': 'Rate limit exceeded', 'code':"
        " 'rate_limit_exceeded'}}"
    )
    return with_error(exchange, 500, openai_error(message, None, code=500))


@fault("code-is-a-number", "ERR-019", applies=(refuses,))
def code_is_a_number(exchange: Exchange) -> Exchange | None:
    """The `code` of the error is a number."""
    return _with_error(exchange, code=exchange.response.status)


FAULTS = (
    error_as_plain_text,
    error_without_body,
    error_as_a_page,
    two_errors_in_an_array,
    error_object_bare,
    error_is_a_string,
    error_without_message,
    code_of_another_status,
    code_as_text,
    status_in_lower_case,
    status_of_another_code,
    details_without_type,
    details_as_an_object,
    error_of_google,
    overflow_without_code,
    error_without_param,
    tgi_error_without_type,
    error_in_an_array,
    envelope_of_a_gateway,
    detail_of_a_server_error,
    message_alone,
    detail_of_fastapi,
    rate_limit_as_server_error,
    code_is_a_number,
)
