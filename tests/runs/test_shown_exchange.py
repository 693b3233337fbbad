"""An exchange in a report has no secret, is shortened, and has the events around a finding."""

from dataclasses import replace

import pytest

from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.shown_exchange import (
    LARGEST_BODY,
    LONGEST_TEXT,
    MOST_EVENTS,
    ShownEvent,
    ShownExchange,
    shown_exchange,
)
from tests.judging.conftest import completion, raw, stream

KEY = "sk-proj-" + "a1B2c3D4" * 5


def shown(exchange: Exchange, *numbers: int) -> ShownExchange:
    return shown_exchange("t", "c#2", exchange, numbers)


def events(count: int, *numbers: int) -> list[int]:
    """Return which events of a stream are shown if the events ``numbers`` have findings."""
    body = "".join(f'data: {{"number":{number}}}\n\n' for number in range(count))
    found = shown(raw(body, "text/event-stream"), *numbers)
    assert found.all_events == count
    return [event.number for event in found.events]


def test_a_completion_has_its_body_as_text() -> None:
    exchange = completion("Hi.")
    found = shown(exchange)
    assert exchange.response.body
    assert found == ShownExchange(
        "t",
        "c#2",
        "POST",
        "https://api.openai.com/v1/chat/completions",
        exchange.request.body,
        200,
        (("content-type", "application/json"),),
        exchange.response.body.decode(),
    )


def test_a_stream_has_its_events_instead_of_a_text() -> None:
    found = shown(stream())
    assert found.text == ""
    assert found.events[-1].data == "[DONE]"
    assert (found.all_events, len(found.events)) == (5, 4)


def test_a_response_without_a_body_has_an_empty_text() -> None:
    found = shown(Exchange("x", Request(), Response(500)))
    assert (found.request, found.status, found.text, found.events) == (None, 500, "", ())


def test_bytes_that_are_not_text_are_replaced() -> None:
    assert shown(raw(b"a\xff", "text/plain")).text == "a\ufffd"


def test_secrets_are_redacted() -> None:
    exchange = completion(f"Your key is {KEY}.")
    request = replace(
        exchange.request,
        url=f"{exchange.request.url}?key={KEY}",
        headers=(("authorization", f"Bearer {KEY}"),),
    )
    assert KEY not in repr(shown(replace(exchange, request=request)))
    assert KEY not in repr(shown(replace(stream(f"It is {KEY}."), request=request)))


def test_long_texts_are_shortened() -> None:
    assert len(shown(raw("x" * LONGEST_TEXT, "text/plain")).text) == LONGEST_TEXT
    cut = shown(raw("x " * LONGEST_TEXT, "text/plain")).text
    assert len(cut) == LONGEST_TEXT
    assert cut.endswith("…")
    (event,) = shown(raw(f"data: {'x ' * LONGEST_TEXT}\n\n", "text/event-stream")).events
    assert len(event.data) == LONGEST_TEXT


@pytest.mark.parametrize("body", [{"a": "x y " * (LARGEST_BODY // 4)}, "x y " * LARGEST_BODY])
def test_a_request_that_is_too_large_to_send_again_is_left_out(body: object) -> None:
    assert shown(raw("{}", request=body)).request is None
    assert shown(raw("{}", request=None)).request is None


@pytest.mark.parametrize(
    ("count", "numbers", "kept"),
    [
        (1, (), [0]),
        (3, (), [0, 1, 2]),
        (100, (), [0, 1, 98, 99]),
        (100, (50,), [0, 1, 48, 49, 50, 51, 52, 98, 99]),
        (100, (0, 99), [0, 1, 2, 97, 98, 99]),
        (100, (500,), [0, 1, 98, 99]),
    ],
)
def test_the_first_the_last_and_those_around_a_finding_are_shown(
    count: int, numbers: tuple[int, ...], kept: list[int]
) -> None:
    assert events(count, *numbers) == kept


def test_at_most_a_dozen_events_are_shown_those_of_findings_first() -> None:
    kept = events(100, 20, 40, 60, 80)
    assert len(kept) == MOST_EVENTS
    assert {20, 40} <= set(kept)


def test_an_event_has_the_time_at_which_it_was_complete() -> None:
    body = "data: one\n\ndata: two\n\ndata: end"
    reads = ((5.0, 4), (7.5, len("data: one\n\n") - 4), (9.0, 11), (12.0, 9))
    found = shown(raw(body, "text/event-stream", reads=reads))
    assert found.events[:2] == (ShownEvent(0, "one", 7.5), ShownEvent(1, "two", 9.0))
    assert {event.at for event in shown(raw(body, "text/event-stream")).events} == {None}
