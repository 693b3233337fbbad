"""SSE: the framing of event streams."""

from collections.abc import Iterator
from itertools import pairwise

from conformance.judging.predicates.conditions import (
    asks_plain,
    asks_stream,
    is_cut_again,
    is_whole_or_cut_again,
)
from conformance.judging.rule import ANSWER, STREAM, end_of, finding, rule, start_of
from conformance.judging.rules.timing import arrivals, text_said
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import function_of
from conformance.protocol.event_stream import FIELDS
from conformance.protocol.exchange import Finding

MANY, LONG = 10, 1000.0
"""Text deltas and milliseconds: the text of a shorter stream may come in one read by chance."""

SILENCE = 30_000.0
"""Milliseconds: twice the time after which the standard advises to send a comment.

Proxies close connections on which nothing is sent.
"""

_REPLACED = "\ufffd"


def has_events(facts: Facts) -> bool:
    """The stream has an event that is not ``[DONE]``, or may have had one that was cut off."""
    return is_cut_again(facts) or bool(facts.chunks or facts.failures or facts.non_chunk_events)


def done_is_joined(facts: Facts) -> bool:
    """Return whether a missing blank line keeps the last ``[DONE]`` from being an event.

    SSE-009 or SSE-002 reports that.
    """
    ends = (facts.exchange.response.body or b"")[-40:].rstrip().endswith(b"[DONE]")
    return ends and (
        facts.stream.unterminated
        or any(event == len(facts.events) - 1 for event, _ in facts.non_chunk_events)
    )


@rule("SSE-001", STREAM, lambda facts: "content-type" in facts.headers, needs=("headers",))
def content_type_is_event_stream(facts: Facts) -> Iterator[Finding]:
    if not facts.headers["content-type"].lower().startswith("text/event-stream"):
        yield finding(
            "the content type of the event stream is not text/event-stream",
            expected="text/event-stream",
            actual=facts.headers["content-type"],
        )


@rule("SSE-002", STREAM)
def data_is_json_object_or_done(facts: Facts) -> Iterator[Finding]:
    failures = {event for event, _ in facts.failures}
    for event, reason in facts.non_chunk_events:
        if event in failures:
            continue  # ERR-015 reports an array with an error
        yield finding(
            f"event {event} is {reason}",
            expected="one JSON object or [DONE]",
            actual=facts.events[event or 0].data[:200],
            event=event,
        )


@rule("SSE-003", STREAM, is_whole_or_cut_again, has_events)
def done_comes_once_and_last(facts: Facts) -> Iterator[Finding]:
    last = len(facts.events) - 1
    if is_cut_again(facts):
        if not facts.done:
            yield finding(
                "the connection ends inside the stream, also when asked again",
                expected="[DONE]",
                actual=facts.events[last].data[:200] if facts.events else start_of(facts, 200),
                event=last if facts.events else None,
            )
    elif not facts.done:
        if not done_is_joined(facts):
            yield finding(
                "the stream does not end with [DONE]",
                expected="[DONE]",
                actual=facts.events[last].data[:200] if facts.events else start_of(facts, 200),
                event=last if facts.events else None,
            )
    elif len(facts.done) > 1:
        yield finding(
            f"the stream has {len(facts.done)} [DONE] events",
            expected=1,
            actual=len(facts.done),
            event=facts.done[1],
        )
    elif facts.done[0] != last:
        yield finding(
            "events follow [DONE]",
            expected="[DONE] as the last event",
            actual=facts.events[facts.done[0] + 1].data[:200],
            event=facts.done[0] + 1,
        )


@rule("SSE-005", STREAM)
def no_character_is_broken(facts: Facts) -> Iterator[Finding]:
    if facts.stream.replaced:
        yield finding("the body is not valid UTF-8", expected="UTF-8")
        return
    for choice in facts.choices:
        texts = (
            choice.text,
            choice.reasoning,
            choice.refusal,
            *[call.arguments or "" for call in choice.calls],
        )
        if _REPLACED in "".join(texts):
            if _REPLACED in facts.chat_request.messages_text:
                return
            for pieces in _texts(choice):
                yield from _broken(pieces, choice.finished_early)


def _texts(choice: Choice) -> Iterator[list[tuple[int | None, str]]]:
    """Yield each text of a choice (content, reasoning, refusal, arguments) as its pieces.

    Each piece comes with its event.
    """
    for key in ("content", "reasoning_content", "reasoning", "refusal"):
        yield [
            (piece.event, text)
            for piece in choice.messages
            if (text := piece.value.get(key)) and isinstance(text, str)
        ]
    for call in choice.calls:
        yield [
            (fragment.event, text)
            for fragment in call.fragments
            if (text := function_of(fragment).get("arguments")) and isinstance(text, str)
        ]


def _broken(pieces: list[tuple[int | None, str]], finished_early: bool) -> Iterator[Finding]:
    for number, (event, text) in enumerate(pieces):
        start = text.find(_REPLACED)
        at_the_end = number == len(pieces) - 1 and text.rstrip(_REPLACED) == text[:start]
        if start >= 0 and not (finished_early and at_the_end):  # a limit may split a character
            yield finding(
                "a delta has a replacement character (U+FFFD)",
                expected="the character itself",
                actual=text[max(0, start - 20) : start + 20],
                event=event,
            )


@rule("SSE-007", ANSWER, asks_plain, needs=("request",))
def plain_request_has_plain_answer(facts: Facts) -> Iterator[Finding]:
    if facts.kind == "stream":
        yield finding(
            "the answer is an event stream, which the request does not ask for",
            expected="application/json",
            actual=facts.media_type or "an event stream",
        )


@rule("SSE-008", STREAM)
def events_are_messages_or_errors(facts: Facts) -> Iterator[Finding]:
    for number, event in enumerate(facts.events if "event" in facts.stream.fields else ()):
        if event.name not in ("message", "error"):
            yield finding(
                "the event has a name that clients do not listen for",
                expected="message or error",
                actual=event.name,
                event=number,
            )


@rule("SSE-009", STREAM, needs=("end", "text"))
def last_event_is_ended(facts: Facts) -> Iterator[Finding]:
    if facts.stream.unterminated:
        tail = end_of((facts.exchange.response.body or b"")[-400:].decode(errors="replace"), 80)
        yield finding(
            "the body ends inside an event, so clients drop that event",
            expected="a blank line at the end",
            actual=tail,
        )


@rule("SSE-010", STREAM, needs=("text",))
def only_data_fields(facts: Facts) -> Iterator[Finding]:
    for name in sorted(facts.stream.fields & FIELDS - {"data"}):
        yield finding(
            f"the stream has fields named {name}",
            expected="only fields named data",
            actual=name,
        )


@rule("SSE-011", ANSWER, asks_stream)
def stream_request_has_stream_answer(facts: Facts) -> Iterator[Finding]:
    if facts.kind == "completion":
        yield finding(
            "the answer is one body, although the request asks for a stream",
            expected="text/event-stream",
            actual=start_of(facts),
        )


@rule("SSE-012", STREAM, needs=("text",))
def field_names_are_known(facts: Facts) -> Iterator[Finding]:
    for name in sorted(facts.stream.fields - FIELDS):
        yield finding(
            "the stream has a field with a name that clients ignore",
            expected="a field named data, event, id or retry",
            actual=name[:80],
        )


@rule(
    "SSE-013",
    STREAM,
    arrivals,
    lambda facts: len(text_said(facts)) >= MANY and arrivals(facts)[-1] >= LONG,
    needs=("timing", "end"),
)
def stream_is_not_held_back(facts: Facts) -> Iterator[Finding]:
    times = sorted({piece.at for piece in text_said(facts)})
    if len(times) == 1:
        yield finding(
            "all text arrives at once, as if a proxy buffers the stream",
            expected="text as it is generated",
            actual=f"one read after {times[0]:.0f} ms",
        )


def waits(facts: Facts) -> list[float]:
    """Return the milliseconds before each read: since the request, then since the read before."""
    times = (0.0, *(offset for offset, _ in facts.exchange.response.reads))
    return [after - before for before, after in pairwise(times)]


@rule("SSE-014", STREAM, waits, needs=("timing",))
def stream_is_not_silent(facts: Facts) -> Iterator[Finding]:
    longest = max(waits(facts))
    if longest > SILENCE:
        yield finding(
            "the stream sends nothing for so long that a proxy may close it",
            expected="at least a comment",
            actual=f"nothing for {longest / 1000:.0f} s",
        )


RULES = (
    content_type_is_event_stream,
    data_is_json_object_or_done,
    done_comes_once_and_last,
    no_character_is_broken,
    plain_request_has_plain_answer,
    events_are_messages_or_errors,
    last_event_is_ended,
    only_data_fields,
    stream_request_has_stream_answer,
    field_names_are_known,
    stream_is_not_held_back,
    stream_is_not_silent,
)
