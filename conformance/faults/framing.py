"""SSE: faults of the framing of a stream."""

from collections.abc import Callable

from conformance.faults.dialects import openai_error
from conformance.faults.kit.body_edits import (
    Frame,
    Object,
    dumped,
    json_of,
    map_frames,
    with_body,
    with_header,
    with_response,
)
from conformance.faults.kit.conditions import (
    asks,
    asks_no_json,
    every_choice_finishes,
    finishes,
    has_headers,
    has_no_logprobs,
    has_text,
    is_complete,
    is_completion,
    is_stream,
    is_verbatim,
    knows_request,
)
from conformance.faults.kit.event_edits import before_done, event, moved, positions
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices, choices_of, map_messages, messages
from conformance.faults.kit.stream_to_completion import completion_of
from conformance.protocol.exchange import Exchange

_FAILED = openai_error("The upstream connection was lost.", "server_error")


def is_framed(exchange: Exchange) -> bool:
    """Return whether a stream was recorded verbatim up to its end and has a chunk."""
    return (
        is_stream(exchange)
        and is_verbatim(exchange)
        and is_complete(exchange)
        and any(True for _ in choices(exchange))
    )


def _lines_end(frame: Frame) -> bytes:
    """Return the line end of the event: CR LF or LF."""
    return b"\r\n" if frame.raw.endswith(b"\r\n") else b"\n"


def _inserted(exchange: Exchange, made: Frame, at: Callable[[list[Frame]], int]) -> Exchange | None:
    """Insert an event at the position that `at` returns."""
    return map_frames(exchange, lambda events: [*events[: at(events)], made, *events[at(events) :]])


@fault("stream-as-json", "SSE-001", applies=(is_stream, has_headers))
def stream_as_json(exchange: Exchange) -> Exchange | None:
    """The server sends the stream with the content type `application/json`."""
    return with_header(exchange, "content-type", "application/json")


@fault("stream-as-plain-text", "SSE-001", applies=(is_stream, has_headers))
def stream_as_plain_text(exchange: Exchange) -> Exchange | None:
    """The server sends the stream with the content type `text/plain`."""
    return with_header(exchange, "content-type", "text/plain; charset=utf-8")


@fault("events-glued-together", "SSE-002", also=("SEQ-010",), report="B070", applies=(is_framed,))
def events_glued_together(exchange: Exchange) -> Exchange | None:
    """The blank line between the last two chunks is missing, so they form one event."""

    return map_frames(exchange, lambda events: _glued(events, positions(events, choices_of)[-2:]))


def _glued(events: list[Frame], pair: list[int]) -> list[Frame] | None:
    """Merge two neighbouring events into one; None if `pair` is not two neighbours."""
    if len(pair) < 2 or pair[1] != pair[0] + 1:
        return None
    first, second = events[pair[0]], events[pair[1]]
    joined = Frame(
        first.raw[: -len(_lines_end(first))] + second.raw, f"{first.data}\n{second.data}"
    )
    return [*events[: pair[0]], joined, *events[pair[1] + 1 :]]


@fault("first-events-glued-together", "SSE-002", applies=(is_framed,))
def first_events_glued_together(exchange: Exchange) -> Exchange | None:
    """The blank line between the first two chunks is missing, so they form one event."""
    return map_frames(exchange, lambda events: _glued(events, positions(events, choices_of)[:2]))


@fault("comment-as-data", "SSE-002", report="B071", applies=(is_framed,))
def comment_as_data(exchange: Exchange) -> Exchange | None:
    """The server sends a keep-alive comment as `data`."""
    return _inserted(exchange, event(": PROCESSING"), lambda events: 0)


@fault("number-as-data", "SSE-002", applies=(is_framed,))
def number_as_data(exchange: Exchange) -> Exchange | None:
    """The `data` of an event is a JSON number instead of an object."""
    return _inserted(exchange, event("0"), before_done)


@fault("no-done", "SSE-003", applies=(is_framed,))
def no_done(exchange: Exchange) -> Exchange | None:
    """The stream ends without `[DONE]`."""
    return map_frames(
        exchange, lambda events: [frame for frame in events if frame.data != "[DONE]"]
    )


@fault("done-twice", "SSE-003", applies=(is_framed,))
def done_twice(exchange: Exchange) -> Exchange | None:
    """The stream contains `[DONE]` twice."""
    return _inserted(exchange, event("[DONE]"), before_done)


@fault("chunk-after-done", "SSE-003", applies=(is_framed,))
def chunk_after_done(exchange: Exchange) -> Exchange | None:
    """The last chunk comes after `[DONE]`."""

    def changed(events: list[Frame]) -> list[Frame] | None:
        done = before_done(events)
        return moved(events, done, done - 1) if 0 < done == len(events) - 1 else None

    return map_frames(exchange, changed)


@fault(
    "character-broken-over-deltas",
    "SSE-005",
    report="B080",
    applies=(is_framed, has_text, has_no_logprobs, asks_no_json),
)
def character_broken_over_deltas(exchange: Exchange) -> Exchange | None:
    """The server splits an emoji over two deltas, so each delta has replacement characters."""
    if sum(1 for message in messages(exchange) if message.get("content")) < 2:
        return None
    marks = iter(("\ufffd\ufffd", "\ufffd"))
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": message["content"] + next(marks, "")}
            if message.get("content")
            else message
        ),
    )


@fault(
    "streamed-latin-1",
    "SSE-005",
    also=("ENV-017",),
    applies=(is_framed, lambda exchange: "bytes" in exchange.evidence),
)
def streamed_latin_1(exchange: Exchange) -> Exchange | None:
    """The server encodes the stream as Latin-1 instead of UTF-8."""
    return map_frames(
        exchange,
        lambda events: [
            Frame(events[0].raw.replace(b"{", b'{"note":"caf\xe9",', 1), ""),
            *events[1:],
        ],
    )


@fault(
    "stream-unasked",
    "SSE-007",
    also=("SSE-005", "TOOL-004"),
    applies=(is_completion, knows_request, lambda exchange: not asks("stream")(exchange)),
)
def stream_unasked(exchange: Exchange) -> Exchange | None:
    """The server sends a stream although the request does not ask for one."""
    return with_response(
        exchange,
        200,
        b"".join([event(chunk).raw for chunk in _chunks_of(exchange)]),
        "text/event-stream",
    )


def _chunks_of(exchange: Exchange) -> list[str]:
    """Turn a completion into the data of a stream: one chunk per choice, then `[DONE]`."""
    body: Object = json_of(exchange)
    made = []
    for choice in choices_of(body):
        message = dict(choice.get("message") or {})
        message |= (
            {
                "tool_calls": [
                    {"index": number} | call for number, call in enumerate(message["tool_calls"])
                ]
            }
            if message.get("tool_calls")
            else {}
        )
        entry = {
            "index": choice.get("index"),
            "delta": {key: value for key, value in message.items() if value is not None},
            "logprobs": choice.get("logprobs"),
        }
        made.append(entry | {"finish_reason": choice.get("finish_reason")})
    head = {key: body.get(key) for key in ("id", "created", "model")} | {
        "object": "chat.completion.chunk"
    }
    return [*(dumped(head | {"choices": [entry]}).decode() for entry in made), "[DONE]"]


def _led_by(exchange: Exchange, lines: bytes) -> Exchange | None:
    """Put these lines before each event."""
    return map_frames(
        exchange, lambda events: [Frame(lines + frame.raw, frame.data) for frame in events]
    )


@fault("events-with-names", "SSE-008", also=("SSE-010",), applies=(is_framed,))
def events_with_names(exchange: Exchange) -> Exchange | None:
    """Every event has an `event` field, as in OpenAI's Responses API."""
    return _led_by(exchange, b"event: response.output_text.delta\n")


@fault(
    "last-event-not-ended",
    "SSE-009",
    applies=(is_framed, lambda exchange: (exchange.response.body or b"").endswith(b"\n\n")),
)
def last_event_not_ended(exchange: Exchange) -> Exchange | None:
    """The last event lacks the blank line that ends it."""
    return with_body(exchange, (exchange.response.body or b"")[:-1])


@fault("blank-line-after-event-name", "SSE-010", report="B077", applies=(is_framed,))
def blank_line_after_event_name(exchange: Exchange) -> Exchange | None:
    """A blank line separates the `event` field of each event from its `data`."""
    return _led_by(exchange, b"event: message\n\n")


@fault("events-with-ids", "SSE-010", applies=(is_framed,))
def events_with_ids(exchange: Exchange) -> Exchange | None:
    """Every event has an `id` field."""
    return _led_by(exchange, b"id: 1\n")


@fault(
    "stream-ignored",
    "SSE-011",
    report="B128",
    applies=(
        is_framed,
        asks("stream", True),
        every_choice_finishes,
        finishes("stop", "length", "tool_calls", "content_filter"),
    ),
)
def stream_ignored(exchange: Exchange) -> Exchange | None:
    """The server sends one JSON body although the request asks for a stream."""
    return with_response(exchange, 200, dumped(completion_of(exchange)))


@fault(
    "bare-error-in-a-stream",
    "SSE-011",
    also=(
        "CHO-001",
        "ENV-001",
        "ENV-002",
        "ENV-003",
        "ENV-004",
        "ENV-007",
        "ENV-008",
        "ENV-009",
        "SEQ-015",
        "SEQ-019",
        "SSE-010",
        "SSE-012",
    ),
    report="B034",
    applies=(is_framed, asks("stream", True)),
)
def bare_error_in_a_stream(exchange: Exchange) -> Exchange | None:
    """The server reports a rate limit as bare JSON in an event stream with status 200."""
    return with_response(
        exchange,
        200,
        dumped({"code": 429, "message": "Resource has been exhausted.", "details": []}),
        "text/event-stream",
    )


@fault(
    "error-in-a-field-of-its-own",
    "SSE-012",
    also=("ERR-015", "SEQ-010", "SEQ-014", "SEQ-015", "SSE-003", "SSE-010", "TOOL-009", "TOOL-012"),
    report="B066",
    applies=(is_framed,),
)
def error_in_a_field_of_its_own(exchange: Exchange) -> Exchange | None:
    """The stream stops halfway with the error in an `error` field, which clients ignore."""

    def failed(events: list[Frame]) -> list[Frame]:
        kept = events[: max(1, before_done(events) // 2)]
        return [*kept, Frame(b"error: " + dumped(_FAILED) + b"\n\n", "")]

    return map_frames(exchange, failed)


@fault(
    "error-in-a-field-after-the-first-chunk",
    "SSE-012",
    also=("ERR-015", "SSE-003"),
    applies=(is_framed,),
)
def error_in_a_field_after_the_first_chunk(exchange: Exchange) -> Exchange | None:
    """The stream stops after the first chunk with the error in an `error` field."""
    return map_frames(
        exchange, lambda events: [events[0], Frame(b"error: " + dumped(_FAILED) + b"\n\n", "")]
    )


@fault("field-of-a-name-of-its-own", "SSE-012", applies=(is_framed,))
def field_of_a_name_of_its_own(exchange: Exchange) -> Exchange | None:
    """Every event has a field that the SSE standard does not define."""
    return _led_by(exchange, b"trace: 7f3a\n")


FAULTS = (
    stream_as_json,
    stream_as_plain_text,
    events_glued_together,
    first_events_glued_together,
    comment_as_data,
    number_as_data,
    no_done,
    done_twice,
    chunk_after_done,
    character_broken_over_deltas,
    streamed_latin_1,
    stream_unasked,
    events_with_names,
    last_event_not_ended,
    blank_line_after_event_name,
    events_with_ids,
    stream_ignored,
    bare_error_in_a_stream,
    error_in_a_field_of_its_own,
    error_in_a_field_after_the_first_chunk,
    field_of_a_name_of_its_own,
)
