"""ENV: conforming answers give no finding, violations give one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]

GOOGLE = {
    "id": "Zm9vYmFyYmF6cXV4MTIzNA",
    "model": "google/gemini-2.5-flash",
    "system_fingerprint": "",
    "request": {"model": "google/gemini-2.5-flash"},
}
LATIN = "Gr\u00fc\u00dfe".encode("latin-1")

CONFORMING: dict[str, tuple[str, Build]] = {
    "ordinary": ("openai", lambda make: make.completion()),
    "a charset": (
        "openai",
        lambda make: make.completion(content_type="application/json; charset=utf-8"),
    ),
    "a media type in capitals": (
        "openai",
        lambda make: make.completion(content_type="Application/JSON"),
    ),
    "no headers recorded": ("openai", lambda make: make.completion(headers={})),
    "no request recorded": ("openai", lambda make: make.completion(request=None)),
    "optional keys left out": (
        "openai",
        lambda make: make.completion(system_fingerprint=..., service_tier=...),
    ),
    "optional keys null": (
        "openai",
        lambda make: make.completion(system_fingerprint=None, service_tier=None),
    ),
    "keys that nobody knows": (
        "openai",
        lambda make: make.completion(
            moderation={"flagged": False}, timings={"predicted_ms": 12.5}, x_groq={"id": "req_1"}
        ),
    ),
    "spaces round everything": ("openai", lambda make: make.edited(make.completion(), ":", " : ")),
    "text beyond ASCII": ("openai", lambda make: make.completion("Grüße 👋 \u2028")),
    "NaN and twice the same in a text": (
        "openai",
        lambda make: make.completion('{"a": NaN, "a": NaN}'),
    ),
    "the same keys in two objects": (
        "openai",
        lambda make: make.completion("a", "b", request={"n": 2}),
    ),
    "an id of another form": ("openai-compatible", lambda make: make.completion(id="42")),
    "another model": ("openai", lambda make: make.completion(model="gpt-4.1-nano")),
    "a path that was asked for": (
        "openai-compatible",
        lambda make: make.completion(model="meta/llama-3", request={"model": "meta/llama-3:free"}),
    ),
    "an empty stream": ("openai", lambda make: make.stream(system_fingerprint=...)),
    "a stream with nulls": (
        "openai",
        lambda make: make.stream(system_fingerprint=None, service_tier=None),
    ),
    "an error": ("openai", lambda make: make.error()),
    "Vertex": ("vertex-gemini", lambda make: make.completion(**GOOGLE)),
    "Vertex, 17 bytes": (
        "vertex-gemini",
        lambda make: make.completion(**GOOGLE | {"id": "Zm9vYmFyYmF6cXV4MTIzNDU"}),
    ),
    "Vertex, streamed": ("vertex-gemini", lambda make: make.stream(**GOOGLE)),
    "vLLM": (
        "vertex-vllm",
        lambda make: make.completion(
            model="smollm2", request={"model": "smollm2"}, system_fingerprint=None
        ),
    ),
    "duplicate keys in a body that was written anew": (
        "openai",
        lambda make: make.edited(make.completion(fidelity="values"), '"id"', '"id":1,"id"'),
    ),
    "bytes of a body that was decoded on the way": (
        "openai",
        lambda make: make.edited(make.completion("Grüße", fidelity="text"), "Grüße", LATIN),
    ),
}

BODY = (None, "")
VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "no JSON": ("openai", lambda make: make.raw("Bad gateway"), "ENV-001", BODY),
    "no body": ("openai", lambda make: make.raw(""), "ENV-001", BODY),
    "half a body": (
        "openai",
        lambda make: make.edited(make.completion(), ',"usage"', '",'),
        "ENV-001",
        BODY,
    ),
    "two bodies": (
        "openai",
        lambda make: make.raw(make.completion().response.body * 2),
        "ENV-001",
        BODY,
    ),
    "an array": (
        "openai",
        lambda make: make.raw(b"[" + make.completion().response.body + b"]"),
        "ENV-001",
        BODY,
    ),
    "a text": ("openai", lambda make: make.raw('"Hello!"'), "ENV-001", BODY),
    "plain text by its type": (
        "openai",
        lambda make: make.completion(content_type="text/plain; charset=utf-8"),
        "ENV-001",
        BODY,
    ),
    "another object": (
        "openai",
        lambda make: make.completion(object="text_completion"),
        "ENV-002",
        (None, "/object"),
    ),
    "no object": ("openai", lambda make: make.completion(object=...), "ENV-002", BODY),
    "a number as id": ("openai", lambda make: make.completion(id=1), "ENV-003", (None, "/id")),
    "a null as id": ("openai", lambda make: make.completion(id=None), "ENV-003", (None, "/id")),
    "no id": ("openai", lambda make: make.completion(id=...), "ENV-003 ENV-004 ENV-007", BODY),
    "an empty id": (
        "openai",
        lambda make: make.completion(id=""),
        "ENV-004 ENV-007",
        (None, "/id"),
    ),
    "an empty id from any server": (
        "openai-compatible",
        lambda make: make.completion(id=""),
        "ENV-004",
        (None, "/id"),
    ),
    "a short id on Vertex": (
        "vertex-gemini",
        lambda make: make.completion(**GOOGLE | {"id": "chatcmpl-1"}),
        "ENV-005",
        (None, "/id"),
    ),
    "an id without its prefix": (
        "openai",
        lambda make: make.completion(id="cmpl-1"),
        "ENV-007",
        (None, "/id"),
    ),
    "created is 0": (
        "openai",
        lambda make: make.completion(created=0),
        "ENV-008",
        (None, "/created"),
    ),
    "created in milliseconds": (
        "openai",
        lambda make: make.completion(created=1735689600123),
        "ENV-008",
        (None, "/created"),
    ),
    "created is text": (
        "openai",
        lambda make: make.completion(created="1735689600"),
        "ENV-008",
        (None, "/created"),
    ),
    "created has a fraction": (
        "openai",
        lambda make: make.completion(created=1735689600.5),
        "ENV-008",
        (None, "/created"),
    ),
    "no created": ("openai", lambda make: make.completion(created=...), "ENV-008", BODY),
    "an empty model": (
        "openai",
        lambda make: make.completion(model=""),
        "ENV-009",
        (None, "/model"),
    ),
    "a null as model": (
        "openai",
        lambda make: make.completion(model=None),
        "ENV-009",
        (None, "/model"),
    ),
    "no model": ("openai", lambda make: make.completion(model=...), "ENV-009", BODY),
    "a model without publisher on Vertex": (
        "vertex-gemini",
        lambda make: make.completion(**GOOGLE | {"model": "gemini-2.5-flash"}),
        "ENV-010 ENV-014",
        (None, "/model"),
    ),
    "a number as fingerprint": (
        "openai",
        lambda make: make.completion(system_fingerprint=44),
        "ENV-011",
        (None, "/system_fingerprint"),
    ),
    "a number as fingerprint, streamed": (
        "openai",
        lambda make: make.stream(system_fingerprint=44),
        "ENV-011",
        (0, "/system_fingerprint"),
    ),
    "an object as service tier": (
        "openai",
        lambda make: make.completion(service_tier={}),
        "ENV-013",
        (None, "/service_tier"),
    ),
    "an object as service tier, streamed": (
        "openai",
        lambda make: make.stream(service_tier={}),
        "ENV-013",
        (0, "/service_tier"),
    ),
    "another model on Vertex": (
        "vertex-gemini",
        lambda make: make.completion(**GOOGLE | {"model": "google/gemini-2.5-pro"}),
        "ENV-014",
        (None, "/model"),
    ),
    "another model on Vertex, streamed": (
        "vertex-gemini",
        lambda make: make.stream(**GOOGLE | {"model": "google/gemini-2.5-pro"}),
        "ENV-014",
        (0, "/model"),
    ),
    "a path nobody asked for": (
        "openai",
        lambda make: make.completion(model="models/gpt-4o"),
        "ENV-015",
        (None, "/model"),
    ),
    "a path nobody asked for, streamed": (
        "openai",
        lambda make: make.stream(model="models/gpt-4o"),
        "ENV-015",
        (0, "/model"),
    ),
    "a key twice": (
        "openai",
        lambda make: make.edited(make.completion(), '"id":', '"id":"chatcmpl-0","id":'),
        "ENV-016",
        BODY,
    ),
    "a key twice, once with an escape": (
        "openai",
        lambda make: make.edited(make.completion(), '"id":', '"\\u0069d":"chatcmpl-0","id":'),
        "ENV-016",
        BODY,
    ),
    "a key twice, deep inside": (
        "openai",
        lambda make: make.edited(make.completion(), '"role":', '"role":"user","role":'),
        "ENV-016",
        BODY,
    ),
    "a key twice in an event": (
        "openai",
        lambda make: make.edited(
            make.stream(), '"content":"lo!"', '"content":"lo!","content":"lo!"'
        ),
        "ENV-016",
        (2, ""),
    ),
    "a key twice in an error": (
        "openai",
        lambda make: make.edited(make.error(), '"param":', '"param":null,"param":'),
        "ENV-016",
        BODY,
    ),
    "NaN": (
        "openai",
        lambda make: make.edited(make.completion(timings=7), ":7", ":NaN"),
        "ENV-016",
        BODY,
    ),
    "infinity": (
        "openai",
        lambda make: make.edited(make.completion(timings=7), ":7", ":Infinity"),
        "ENV-016",
        BODY,
    ),
    "minus infinity in an event": (
        "openai",
        lambda make: make.edited(make.stream(timings=7), ":7", ":-Infinity"),
        "ENV-016",
        (0, ""),
    ),
    "Latin-1": (
        "openai",
        lambda make: make.edited(make.completion("Grüße"), "Grüße", LATIN),
        "ENV-017",
        BODY,
    ),
    "Latin-1 in an error": (
        "openai",
        lambda make: make.edited(make.error(400, "Grüße"), "Grüße", LATIN),
        "ENV-017",
        BODY,
    ),
    "Latin-1 in a stream": (
        "openai",
        lambda make: make.edited(make.stream("Grüße"), "Grüße", LATIN),
        "ENV-017 SSE-005",
        BODY,
    ),
}


def cut(exchange: Exchange, size: int) -> Exchange:
    """The exchange whose connection ended after so many bytes of the body."""
    return replace(
        exchange,
        response=replace(
            exchange.response, body=(exchange.response.body or b"")[:size], truncated=True
        ),
    )


@pytest.mark.parametrize("size", [0, 1, 20, 120])
def test_an_end_that_is_missing_is_held_against_nothing(
    size: int, make: Any, findings: Any
) -> None:
    assert findings(cut(make.completion("Grüße"), size)) == {}


def test_a_cut_inside_a_character_breaks_no_encoding(make: Any, findings: Any) -> None:
    whole = make.edited(make.completion("Gr#?e"), "#", "ü".encode())
    assert findings(cut(whole, (whole.response.body or b"").index(b"\xc3") + 1)) == {}


def test_what_is_wrong_before_the_cut_is_told(make: Any, findings: Any) -> None:
    latin = make.edited(make.completion("Grüße und mehr"), "Grüße", LATIN)
    assert set(findings(cut(latin, (latin.response.body or b"").index(LATIN) + 8))) == {"ENV-017"}
    assert set(findings(cut(make.completion(content_type="text/html"), 20))) == {"ENV-001"}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, place = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == place


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("ENV", conforming, violating) == set()


@pytest.mark.parametrize(
    ("body", "start"), [(b"\xff" + b"x" * 100, "\ufffd" + "x" * 79), (b"", "")]
)
def test_the_evidence_of_what_is_no_json_is_its_start(
    body: bytes, start: str, make: Any, findings: Any
) -> None:
    assert findings(make.raw(body))["ENV-001"].actual == start


def test_the_evidence_of_a_path_is_the_name_without_it(make: Any, findings: Any) -> None:
    found = findings(make.completion(model="publishers/openai/models/gpt-4o"))["ENV-015"]
    assert (found.expected, found.actual) == ("gpt-4o", "publishers/openai/models/gpt-4o")


@pytest.mark.parametrize("model", ["", 7, None, ["models/gpt-4o"]])
def test_the_path_of_what_is_no_name_is_not_judged(model: Any, make: Any, outcomes: Any) -> None:
    assert outcomes(make.completion(model=model))["ENV-015"] == "not exercised"


@pytest.mark.parametrize(
    ("build", "row", "message", "expected"),
    [
        (
            VIOLATING["a key twice"][1],
            "ENV-016",
            "the JSON has a duplicate key id",
            "each key once, finite numbers",
        ),
        (VIOLATING["NaN"][1], "ENV-016", "the JSON has NaN", "each key once, finite numbers"),
        (VIOLATING["Latin-1"][1], "ENV-017", "the body is not valid UTF-8", "UTF-8"),
        (
            VIOLATING["plain text by its type"][1],
            "ENV-001",
            "the content type is not application/json",
            "application/json",
        ),
    ],
)
def test_a_finding_says_what_was_expected(
    build: Build, row: str, message: str, expected: str, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert (found.message, found.expected) == (message, expected)
