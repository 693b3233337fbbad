"""Controls: what is legal, or normal for OpenAI, and must not be reported."""

import codecs

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import Frame, Object, map_frames, with_body, with_header
from conformance.faults.kit.conditions import (
    has_calls,
    has_headers,
    has_no_logprobs,
    is_answer,
    is_stream,
)
from conformance.faults.kit.event_edits import finishing, insert_chunk, positions, says
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import (
    choices_of,
    map_choices,
    map_envelopes,
    map_messages,
    without,
)
from conformance.protocol.exchange import Exchange


@fault("comments-between-events", None, report="B072", applies=(is_framed,))
def comments_between_events(exchange: Exchange) -> Exchange | None:
    """The stream has keep-alive comments between events."""
    return map_frames(
        exchange,
        lambda events: [Frame(b": keep-alive\n\n" + frame.raw, frame.data) for frame in events],
    )


def _replaced(exchange: Exchange, old: bytes, new: bytes) -> Exchange | None:
    return with_body(exchange, (exchange.response.body or b"").replace(old, new))


@fault("no-space-after-data", None, report="B075", applies=(is_framed,))
def no_space_after_data(exchange: Exchange) -> Exchange | None:
    """The `data:` fields have no space after the colon."""
    return map_frames(
        exchange,
        lambda events: [
            Frame(frame.raw.replace(b"data: ", b"data:", 1), frame.data) for frame in events
        ],
    )


@fault("last-fragment-finishes", None, report="B134", applies=(is_framed, has_calls))
def last_fragment_finishes(exchange: Exchange) -> Exchange | None:
    """The last fragment of a tool call and the finish reason are in the same chunk."""

    def merged(events: list[Frame]) -> list[Frame] | None:
        finish, spoken = positions(events, finishing), positions(events, says("tool_calls"))
        if (
            len(finish) != 1
            or finish[0] != spoken[-1] + 1
            or events[finish[0]].chunk is None
            or events[spoken[-1]].chunk is None
        ):
            return None
        last, chunk = events[finish[0]].chunk or {}, events[spoken[-1]].chunk or {}
        if len(choices_of(chunk)) != 1 or choices_of(chunk)[0].get("index") != choices_of(last)[
            0
        ].get("index"):
            return None
        made = last | {"choices": [choices_of(last)[0] | {"delta": choices_of(chunk)[0]["delta"]}]}
        return [*events[: spoken[-1]], events[spoken[-1]].with_data(made), *events[finish[0] + 1 :]]

    return map_frames(exchange, merged)


@fault("no-logprobs-and-no-fingerprint", None, report="B140", applies=(is_answer, has_no_logprobs))
def no_logprobs_and_no_fingerprint(exchange: Exchange) -> Exchange | None:
    """The response has neither `logprobs` nor `system_fingerprint`."""
    made = map_choices(exchange, lambda choice: without(choice, "logprobs"))
    return map_envelopes(made or exchange, lambda envelope: without(envelope, "system_fingerprint"))


@fault("charset-in-content-type", None, report="B217", applies=(is_stream, has_headers))
def charset_in_content_type(exchange: Exchange) -> Exchange | None:
    """The content type of the stream has a `charset`."""
    kind = dict(exchange.response.headers).get("content-type", "").partition(";")[0]
    return with_header(exchange, "content-type", f"{kind}; charset=utf-8")


@fault("lines-end-with-crlf", None, applies=(is_framed,))
def lines_end_with_crlf(exchange: Exchange) -> Exchange | None:
    """The lines of the stream end with CR LF."""
    return _replaced(exchange, b"\n", b"\r\n")


@fault("byte-order-mark", None, applies=(is_framed,))
def byte_order_mark(exchange: Exchange) -> Exchange | None:
    """The stream starts with a byte order mark."""
    return with_body(exchange, codecs.BOM_UTF8 + (exchange.response.body or b""))


@fault("unknown-keys", None, applies=(is_answer,))
def unknown_keys(exchange: Exchange) -> Exchange | None:
    """The response has unknown keys at every level."""
    new: Object = {"x_new": {"deep": [None, 1.5, "é"]}}
    made = map_messages(exchange, lambda message: message | new if message else message) or exchange
    made = map_choices(made, lambda choice: choice | new) or made
    return map_envelopes(made, lambda envelope: envelope | new | {"obfuscation": "aX9"})


@fault("no-refusal-key", None, applies=(is_answer,))
def no_refusal_key(exchange: Exchange) -> Exchange | None:
    """The message has no `refusal` key."""
    return map_messages(
        exchange,
        lambda message: without(message, "refusal") if message.get("refusal") is None else message,
    )


@fault("first-content-null", None, applies=(is_framed,))
def first_content_null(exchange: Exchange) -> Exchange | None:
    """The `content` of the first delta is null."""
    return map_messages(
        exchange,
        lambda message: (
            message | {"content": None}
            if message.get("content") == "" and message.get("role")
            else message
        ),
    )


@fault("moderation-before-the-end", None, applies=(is_framed,))
def moderation_before_the_end(exchange: Exchange) -> Exchange | None:
    """A chunk without choices has a moderation result."""
    moderation = {"choices": [], "moderation": {"flagged": False}}
    return insert_chunk(
        exchange,
        lambda events: positions(events, finishing)[-1],
        lambda chunk: without(chunk, "usage") | moderation,
    )


FAULTS = (
    comments_between_events,
    no_space_after_data,
    last_fragment_finishes,
    no_logprobs_and_no_fingerprint,
    charset_in_content_type,
    lines_end_with_crlf,
    byte_order_mark,
    unknown_keys,
    no_refusal_key,
    first_content_null,
    moderation_before_the_end,
)
