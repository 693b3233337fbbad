import base64
import gzip
import io
import tracemalloc
from typing import Any

import orjson
import pytest

from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, Skipped, Unreadable
from conformance.traffic.formats import har

CHAT = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi/chat/completions"


def entry(
    content: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **members: Any
) -> dict[str, Any]:
    fields = [{"name": name, "value": value} for name, value in (headers or {}).items()]
    return {
        "startedDateTime": "2026-11-22T15:00:00.000Z",
        "time": 12.5,
        "_webSocketMessages": [],
        "request": {
            "method": "POST",
            "url": CHAT,
            "headers": [{"name": "Accept", "value": "*/*"}],
            "postData": {"mimeType": "x", "text": '{"model": "m"}'},
        },
        "response": {"status": 200, "headers": fields, "content": content or {}},
        **members,
    }


def outcomes(*listed: Any) -> list[Outcome]:
    data = b",".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in listed)
    return list(
        har.read(
            io.BytesIO(b'{"log": {"version": "1.2", "entries": [' + data + b"]}}"), "saved/page.har"
        )
    )


def exchange(one: Any) -> Exchange:
    (outcome,) = outcomes(one)
    assert isinstance(outcome, Exchange), outcome
    return outcome


def test_an_entry_becomes_an_exchange() -> None:
    read = exchange(
        entry(
            {"text": "data: 1\n\n", "mimeType": "text/event-stream"},
            {"Content-Type": "text/event-stream", ":status": "200"},
        )
    )
    assert (read.id, read.origin, read.meta) == ("page-1", "saved/page.har#1", {})
    assert (read.request.method, read.request.url, read.request.headers, read.request.body) == (
        "POST",
        CHAT,
        (("accept", "*/*"),),
        {"model": "m"},
    )
    assert read.response.headers == (("content-type", "text/event-stream"),)
    assert (read.response.body, read.response.fidelity) == (b"data: 1\n\n", "text")


@pytest.mark.parametrize(
    ("wire", "headers", "fidelity"),
    [
        (b'{"id": "\xff"}', {}, "bytes"),
        (b'{"id": "\xff"}', {"Content-Encoding": "gzip"}, "text"),
        (gzip.compress(b'{"id": "\xff"}'), {"Content-Encoding": "gzip"}, "text"),
    ],
    ids=["plain", "decoded by the exporter", "still encoded"],
)
def test_base64_is_the_bytes_of_the_wire_unless_they_were_encoded(
    wire: bytes, headers: dict[str, str], fidelity: str
) -> None:
    read = exchange(entry({"text": base64.b64encode(wire).decode(), "encoding": "base64"}, headers))
    assert (read.response.body, read.response.fidelity) == (b'{"id": "\xff"}', fidelity)


def test_a_body_that_was_not_saved_is_not_known() -> None:
    assert exchange(entry({"size": 120, "mimeType": "text/event-stream"})).response.body is None
    assert exchange(entry({"text": ""})).response.body == b""


def test_a_request_without_its_body_is_not_known() -> None:
    assert exchange(entry(request={"method": "POST", "url": CHAT})).request.body is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (entry(response=None), "response is missing"),
        (
            entry(response={"status": 0, "headers": [], "content": {}}),
            "response.status is 0: there was no response",
        ),
        (
            entry(response={"status": 1000, "headers": [], "content": {}}),
            "response.status has more than three digits",
        ),
        (
            entry(response={"status": -(2**63), "headers": [], "content": {}}),
            "response.status has more than three digits",
        ),
        (entry(response={"headers": []}), "response.status is missing"),
        (entry(response={"status": 200, "headers": {"a": "b"}}), "response.headers is not a list"),
        (entry(response={"status": 200, "headers": ["a"]}), "response.headers is not an object"),
        (entry({"text": "@", "encoding": "base64"}), "response.content.text is not base64"),
        (entry({"text": 1}), "response.content.text is not a string"),
        (entry(request=None), "request is missing"),
        (
            entry(request={"method": "POST", "url": CHAT, "postData": "x"}),
            "request.postData is not an object",
        ),
        (17, "the entry is not an object"),
        (b'{"request": tru}', "not JSON"),
        (b'{"request": "\xff"}', "not valid UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_by_field_and_the_rest_is_read(
    wrong: Any, said: str
) -> None:
    first, outcome, last = outcomes(entry(), wrong, entry())
    assert isinstance(outcome, Unreadable)
    assert outcome.where == "saved/page.har#2"
    assert said in outcome.why
    assert isinstance(first, Exchange)
    assert isinstance(last, Exchange)


def test_a_lone_surrogate_in_an_entry_is_replaced() -> None:
    text = orjson.dumps(entry({"text": "half"})).replace(b"half", b"\\ud83d")
    assert exchange(text).response.body == "\ufffd".encode()


def test_other_calls_of_the_page_are_skipped() -> None:
    image = {"request": {"method": "GET", "url": "https://h/logo.png"}, "response": {"status": 0}}
    asked_before = {"request": {"method": "OPTIONS", "url": CHAT}, "response": {"status": 204}}
    first, second, chat = outcomes(image, asked_before, entry())
    assert first == Skipped("saved/page.har#1", "not a Chat Completions call: GET /logo.png")
    assert isinstance(second, Skipped)
    assert isinstance(chat, Exchange)


def test_a_file_that_ends_early_gives_the_entries_before() -> None:
    data = b'{"log": {"entries": [' + orjson.dumps(entry()) + b"," + orjson.dumps(entry())[:100]
    first, wrong = har.read(io.BytesIO(data), "page.har")
    assert isinstance(first, Exchange)
    assert wrong == Unreadable("page.har", "the file ends before the end of log.entries")


def test_memory_stays_flat_over_many_entries() -> None:
    data = (
        b'{"log": {"entries": ['
        + b",".join([orjson.dumps(entry({"text": "data: 1\n\n" * 1000}))] * 3000)
        + b"]}}"
    )
    assert len(data) > 30 << 20
    tracemalloc.start()
    try:
        assert sum(1 for _ in har.read(io.BytesIO(data), "x.har")) == 3000
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
